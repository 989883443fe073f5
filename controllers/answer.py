"""JSON-RPC answers as HTTP responses: bytes, headers, compression.

It must not know how the answer came to be.
"""

import gzip

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from odoo.http import request

from ..engine.protocol.jsonrpc import codec
from ..engine.protocol.values import ABSENT

# Below a packet's worth, compression only costs.
_MIN_COMPRESSED = 1400
# The fastest level already makes repetitive JSON five to ten times smaller.
_LEVEL = 1


def make(answered, request_id, status=200, headers=()):
    """The HTTP response for what :func:`batch.run` gave back.

    :param answered: a response object, an array of them, or ``ABSENT``: then the body is
        empty and has no media type, for a notification is not answered
    :param str request_id: sent as ``X-Request-Id``
    :param int status: HTTP status
    :param headers: more headers, as ``(name, value)`` pairs
    :returns: an :class:`odoo.http.Response`
    """
    body = b"" if answered is ABSENT else codec.encode(answered)
    headers = [
        *headers,
        ("X-Request-Id", request_id),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept-Encoding"),
    ]
    if body:
        headers.append(("Content-Type", "application/json"))
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
