"""The call of a door whose answer is no JSON-RPC: a file for example. It goes through the pipeline like any other.

So it needs the grant, a key that only reads changes nothing, and it has a row in the log. It must not know what
the controller answers.
"""

from http import HTTPStatus

from ..engine.dispatch.pipeline import Pipeline
from ..engine.protocol.errors import (
    Conflict,
    Forbidden,
    InternalError,
    NotFound,
    RpcError,
    Unauthenticated,
    Unavailable,
)
from ..engine.protocol.jsonrpc.message import Request
from ..engine.protocol.spec import MethodSpec
from . import single
from .refusal import BEARER_CHALLENGE, Refusal

#: HTTP statuses of what ends the one call of a request; all else is a bad request.
_STATUSES = {
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def call_controller(context, log, door, endpoint, url_arguments):
    """Make the call that a door stands for.

    :param context: the :class:`~..engine.dispatch.context.CallContext` of the request
    :param log: what the call leaves behind
    :param Door door: which names one method in ``calls``
    :param endpoint: the controller method of the route
    :param dict url_arguments: the parts of the URL that the route names
    :returns: what the controller gave back
    :raises Refusal: the caller may not, or the controller refuses
    """
    responses = []

    def invoke(context, values):
        responses.append(single.invoke(endpoint, (), context, values))

    (name,) = door.calls
    spec = MethodSpec(name=name, params=(), result={}, bind=dict, invoke=invoke, access=door.access)
    pipeline = Pipeline(context, lambda call: (spec, url_arguments), log)
    try:
        pipeline(Request(method=name, params=url_arguments, id=None))
    except RpcError as error:
        status = next((_STATUSES[cls] for cls in type(error).__mro__ if cls in _STATUSES), HTTPStatus.BAD_REQUEST)
        raise Refusal(error, status, [BEARER_CHALLENGE] if status == HTTPStatus.UNAUTHORIZED else []) from error
    return responses[-1]
