"""A hand-written controller as one JSON-RPC method: its signature validates the params.

It must not know how the call came in, nor what becomes of the result.
"""

from functools import lru_cache, partial
from http import HTTPStatus

from werkzeug.exceptions import HTTPException

from odoo.http import request

from ..engine.access.credential import Credential
from ..engine.compat import odoo_http
from ..engine.protocol import signature
from ..engine.protocol.errors import (
    Conflict,
    Forbidden,
    InternalError,
    InvalidParams,
    MethodNotFound,
    NotFound,
    Unauthenticated,
    UserRefused,
)
from ..engine.protocol.values import ABSENT

# What Odoo's own clients send on every route: there the URL alone names the method.
_ANY = "call"

_MEANINGS = {
    HTTPStatus.UNAUTHORIZED: Unauthenticated,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
}


def resolve(endpoint, url_arguments, call):
    """Find the method behind a route that is one method.

    :param endpoint: the controller method, with its ``routing``
    :param dict url_arguments: the parts of the URL that the route names
    :param call: the :class:`~..engine.protocol.jsonrpc.message.Request`
    :returns: the method's specification and its params
    :raises MethodNotFound: the request names another method than the route
    """
    spec = _specification(odoo_http.function_of(endpoint), endpoint)
    if call.method not in (spec.name, _ANY):
        raise MethodNotFound(f"This URL serves {spec.name}", data={"method": spec.name})
    return spec, _with_url_arguments(spec, call.params, url_arguments)


def method_name(endpoint):
    """The name of the method that a route is, whatever its callers call it."""
    return endpoint.routing.get("jsonrpc_method") or odoo_http.function_of(endpoint).__name__


@lru_cache(maxsize=1024)
def _specification(function, endpoint):
    routing = endpoint.routing
    return signature.describe(
        function,
        name=method_name(endpoint),
        invoke=partial(invoke, endpoint, tuple(signature.injected_names(function, (Credential,)))),
        injected=(Credential,),
        errors=routing.get("jsonrpc_errors", ()),
        access=routing.get("jsonrpc_access", "write"),
        # Under another auth method, that method has said already who may call.
        public=routing.get("jsonrpc_public", routing["auth"] != "jsonrpc"),
    )


def invoke(endpoint, injected, context, values):
    """Call the controller the way that Odoo does, with everything that addons hang into it.

    :param endpoint: the controller method
    :param injected: names of the arguments that stand for who calls
    :param context: of the call
    :param dict values: the other arguments
    :raises RpcError: what the controller means by werkzeug's exceptions
    """
    request.params = values | dict.fromkeys(injected, context.credential)
    try:
        if context.env is None:
            return endpoint(**request.params)
        return odoo_http.call_endpoint(request, endpoint)
    except HTTPException as exc:
        raise _refusal(exc) from exc


def _refusal(exc):
    """What a controller means by werkzeug's exceptions, which many of Odoo's raise."""
    if exc.code in _MEANINGS:
        return _MEANINGS[exc.code](exc.description)
    if exc.code and HTTPStatus.BAD_REQUEST <= exc.code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return UserRefused(exc.description)
    return InternalError()


def _with_url_arguments(spec, params, url_arguments):
    """The params of the body and those of the URL, which take no position.

    :raises InvalidParams: the body repeats a part of the URL
    """
    if not url_arguments:
        return params
    if isinstance(params, list):
        names = [param.name for param in spec.params if param.name not in url_arguments]
        if len(params) > len(names):
            raise InvalidParams(f"{spec.name} takes {len(names)} positional params here, not {len(params)}")
        params = dict(zip(names, params, strict=False))
    named = {} if params is ABSENT else params
    if twice := sorted(named.keys() & url_arguments.keys()):
        errors = [{"path": name, "type": "in_url", "message": "Given by the URL already"} for name in twice]
        raise InvalidParams(data={"errors": errors})
    return named | url_arguments
