"""The bytes of a request's body: all of them or a refusal, and the rest of one that was refused.

It must not know what the bytes mean, nor why a request was refused.
"""

import werkzeug.exceptions

from ..engine.compat import odoo_http

_CHUNK = 64 * 1024
#: Bytes of a refused body that are read for politeness: what Odoo accepts by default as an upload.
_MOST_UNREAD = 128 * 1024 * 1024


def read_body(httprequest):
    """The whole body.

    :param httprequest: the :class:`odoo.http.HTTPRequest`
    :raises werkzeug.exceptions.RequestEntityTooLarge: it is larger than the route's limit
    :raises werkzeug.exceptions.ClientDisconnected: it is shorter than declared, or its chunks are none
    """
    raw = httprequest.get_data()
    stream = _stream(httprequest)
    # A body in chunks declares no length, and werkzeug just stops at the limit.
    if _in_chunks(httprequest) and len(raw) >= httprequest.max_content_length and stream.read(1):
        raise werkzeug.exceptions.RequestEntityTooLarge
    return raw


def discard_body(httprequest):
    """Read the rest of the body, up to a bound, and throw it away.

    A client that is still sending when the connection is closed gets a reset in the place of
    the answer (RFC 9112 section 9.6).

    :param httprequest: the :class:`odoo.http.HTTPRequest`
    """
    if _in_chunks(httprequest):
        left = _MOST_UNREAD
    elif odoo_http.is_body_kept(httprequest):
        left = 0
    else:
        left = min(httprequest.content_length or 0, _MOST_UNREAD)
    stream = _stream(httprequest)
    while left > 0:
        try:
            chunk = stream.read(min(_CHUNK, left))
        except OSError:
            # The client has gone, or its chunks are none.
            return
        if not chunk:
            return
        left -= len(chunk)


def _stream(httprequest):
    return odoo_http.wsgi_environ(httprequest)["wsgi.input"]


def _in_chunks(httprequest):
    """Whether the server itself tells where the body ends."""
    return odoo_http.wsgi_environ(httprequest).get("wsgi.input_terminated", False)
