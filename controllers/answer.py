"""Encoded answers as HTTP responses: headers and compression.

It must not know how the answer came to be, nor what it says.
"""

import gzip

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from odoo.http import request

# Below a packet's worth, compression only costs.
_MIN_COMPRESSED = 1400
# The fastest level already makes repetitive JSON five to ten times smaller.
_LEVEL = 1


def make_response(body, status, headers, *, compressed):
    """The HTTP response for an answer in JSON.

    :param bytes body: the answer; an empty one has no media type
    :param int status: HTTP status
    :param headers: more headers, as ``(name, value)`` pairs
    :param bool compressed: whether it may be compressed
    :returns: an :class:`odoo.http.Response`
    """
    headers = [*headers, ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store")]
    if body:
        headers.append(("Content-Type", "application/json"))
    if compressed:
        headers.append(("Vary", "Accept-Encoding"))
        if len(body) >= _MIN_COMPRESSED and accepts_gzip():
            body = gzip.compress(body, _LEVEL)
            headers.append(("Content-Encoding", "gzip"))
    response = request.make_response(body, headers, status=status)
    if not body:
        response.headers.remove("Content-Type")
    return response


def accepts_gzip():
    """Whether the client takes gzip; not with a quality of 0 (RFC 9110 section 12.5.3)."""
    accepted = parse_accept_header(request.httprequest.headers.get("Accept-Encoding", ""), Accept)
    return accepted.quality("gzip") > 0
