"""A stream as the body of an HTTP response: headers, and a client that takes nothing any more.

Odoo's server sends it in chunks (HTTP/1.1), or with ``workers`` until the end of the connection
(HTTP/1.0). It must not know what the lines are about, nor how they are made.
"""

from odoo.http import request

from ..engine.compat import odoo_http
from ..engine.dispatch import streaming

_HEADERS = [
    ("Content-Type", "application/x-ndjson"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    # nginx would gather it, on its disk if need be, and not tell us of a client that left.
    ("X-Accel-Buffering", "no"),
]


def make_stream_response(stream, headers):
    """The response that sends a stream, once the request's transaction has ended.

    :param stream: a :class:`~..engine.dispatch.answer.Stream`
    :param headers: more headers, as ``(name, value)`` pairs
    :rtype: odoo.http.Response
    """
    sending = streaming.Sending(stream)
    _limit_stall()
    response = request.make_response(sending.lines(), [*headers, *_HEADERS])
    response.call_on_close(sending.close)
    return response


def _limit_stall():
    """Let the server give up a client that takes nothing; with ``workers`` Odoo itself does, after 2 seconds."""
    socket = odoo_http.wsgi_environ(request.httprequest).get("socket")
    if socket is not None:
        socket.settimeout(streaming.MAX_STALL)
