"""A request that is turned away at the border: the error, its HTTP status and headers, its JSON-RPC form.

It must not know which check refuses, nor which door asks.
"""

from http import HTTPStatus

import werkzeug.exceptions

from odoo.exceptions import AccessDenied
from odoo.http import SessionExpiredException

from ..engine.access.credential import REALM
from ..engine.dispatch.errors import to_rpc_error
from ..engine.protocol.errors import (
    Forbidden,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    ParseError,
    RpcError,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from ..engine.protocol.jsonrpc import codec
from ..engine.protocol.jsonrpc.message import failure, recover_id
from ..engine.protocol.values import ABSENT
from . import rate_headers

#: RFC 6750 section 3: no error code where no credential was sent.
BEARER_CHALLENGE = ("WWW-Authenticate", f'Bearer realm="{REALM}"')

#: The errors behind the statuses that Odoo and werkzeug refuse with.
_ERRORS: dict[int, type[RpcError]] = {
    HTTPStatus.UNAUTHORIZED: Unauthenticated,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowed,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaType,
    HTTPStatus.SERVICE_UNAVAILABLE: Unavailable,
}

#: A larger body (bytes) is not parsed for the id that a refusal could echo: who is refused
#: has no claim on our time.
_MAX_BODY_FOR_ID = 64 * 1024


class Refusal(werkzeug.exceptions.HTTPException):
    """Ends a request, and takes back what its transaction has written.

    It is one of werkzeug's exceptions because Odoo expects those: it logs no traceback of them.

    :param error: what the caller is told, a :class:`~..engine.protocol.errors.RpcError`
    :param int status: of HTTP
    :param headers: more headers, as ``(name, value)`` pairs
    :param bool guess: whether a wrong secret was sent, which counts towards the lockout of its sender
    """

    def __init__(self, error, status, headers=(), *, guess=False):
        super().__init__(error.message)
        self.error = error
        self.code = status
        self.headers = list(headers)
        self.guess = guess


def too_many(error):
    """The refusal for calls or failures beyond a limit (RFC 6585 section 4).

    :param RateLimited error: why
    """
    return Refusal(error, HTTPStatus.TOO_MANY_REQUESTS, rate_headers.of_refusal(error))


def refusal_of(exc, env, failure_status):
    """The refusal that an exception stands for.

    :param exc: a :class:`Refusal`, an exception by which Odoo or werkzeug refuse, a concurrency
        failure that Odoo gave up on, or a surprise
    :param env: of the request; ``None`` without a database that has the addon
    :param int failure_status: HTTP status of what is no refusal, but went wrong
    """
    if isinstance(exc, Refusal):
        return exc
    if isinstance(exc, (AccessDenied, SessionExpiredException)):
        return Refusal(Unauthenticated(), HTTPStatus.UNAUTHORIZED, [BEARER_CHALLENGE])
    if isinstance(exc, werkzeug.exceptions.HTTPException):
        otherwise = InternalError if exc.code >= HTTPStatus.INTERNAL_SERVER_ERROR else InvalidRequest
        headers = [(name, value) for name, value in exc.get_headers() if name != "Content-Type"]
        return Refusal(_ERRORS.get(exc.code, otherwise)(exc.description), exc.code, headers)
    error = to_rpc_error(exc, env)
    error.__cause__ = exc
    return Refusal(error, failure_status)


def as_jsonrpc(refusal, border):
    """A refusal as a JSON-RPC error; the ``refused`` of a :class:`~.border.Door`.

    :param refusal: the :class:`Refusal`
    :param border: the :class:`~.border.Border` that it was met at
    :returns: HTTP status and body
    """
    id_ = border.call_id
    if id_ is ABSENT:
        id_ = _recovered_id(border.request.httprequest)
    return refusal.code, codec.encode(failure(id_, refusal.error, border.request_id))


def _recovered_id(httprequest):
    """The id of the call in a body that nobody has read; None for a batch, and where nothing can be told."""
    if not 0 < (httprequest.content_length or 0) <= _MAX_BODY_FOR_ID:
        return None
    try:
        return recover_id(codec.decode_payload(httprequest.get_data()))
    except (ParseError, werkzeug.exceptions.HTTPException):
        return None
