"""The service endpoints ``/jsonrpc/2/common`` and ``/jsonrpc/2/object``.

They take the envelope that Odoo's integrators know, ``{"method": "call", "params": {"service":
"object", "method": "execute_kw", "args": [...]}}``, and find the method in it. They must not
know what the methods do.
"""

from typing import Any, Literal

from odoo.http import Controller, request, route

from ..engine.access.settings import MAX_SERVICE_BODY
from ..engine.dispatch import settings
from ..engine.dispatch.errors import odoo_members
from ..engine.dispatch.orm.execute import reads_only
from ..engine.protocol import signature
from ..engine.protocol.errors import InvalidParams, MethodNotFound
from . import service_methods
from .database import has_addon


def _envelope(service: Literal["common", "object"], method: str, args: list[Any] = ()):
    """The params of every call to these endpoints."""


#: Bytes of a body, where the headers do not prove who calls: enough for a file of 5 MB in base64. A password
#: inside of the body proves it only when all of it has been read.
UNPROVED_BODY = 8 << 20

_ENVELOPE = signature.describe(_envelope, name="call", invoke=_envelope)


def _without_args(params):
    """The params of a call without the arguments in them, which need no look here, and may be a file.

    :param params: of the envelope, not validated yet
    :returns: the params with ``args`` emptied, and what stood there: a list
    """
    if isinstance(params, dict) and isinstance(params.get("args"), list):
        return {**params, "args": []}, params["args"]
    if isinstance(params, list) and len(params) > 2 and isinstance(params[2], list):
        return [*params[:2], [], *params[3:]], params[2]
    return params, []


def _database_of(payload):
    """The database that the calls of a payload name, as their first argument.

    :param payload: a decoded body, not validated yet
    :returns: the first name found, or ``None``; calls to another database are refused later,
        since one request is one transaction
    """
    for item in payload if isinstance(payload, list) else [payload]:
        params = item.get("params") if isinstance(item, dict) else None
        args = params.get("args") if isinstance(params, dict) else None
        if isinstance(args, list) and args and isinstance(args[0], str):
            return args[0]
    return None


def _name_of(method, params):
    """By which name a call counts, as in the log: ``common/login``, or ``res.partner/write``.

    :param str method: ``"call"``, in a good call
    :param params: of the call, not validated yet
    """
    service, name, args = (
        (params.get("service"), params.get("method"), params.get("args"))
        if isinstance(params, dict)
        else (*params, None, None, None)[:3]
        if isinstance(params, list)
        else (None, None, None)
    )
    if not isinstance(service, str) or not isinstance(name, str):
        return method
    if service == "object" and isinstance(args, list) and len(args) > 4:
        service, name = args[3:5]
    return f"{service}/{name}" if isinstance(service, str) and isinstance(name, str) else method


def _shaped(error):
    """Give an error that no method raised the members that Odoo's clients look for."""
    data = error["data"]
    error["data"] = odoo_members(f"jsonrpc_gateway.{data['type']}", error["message"]) | data


def _max_body(_controller):
    env = request.env if has_addon(request.registry) else None
    return settings.number(env, MAX_SERVICE_BODY)


# auth="none": a call proves who makes it by its arguments; Odoo serves these routes even
# where no database is selected yet, if the addon is server-wide.
_ROUTING = {
    "type": "jsonrpc2",
    "auth": "none",
    "save_session": False,
    "readonly": False,
    "jsonrpc_resolver": True,
    "max_content_length": _max_body,
    "jsonrpc_unproved_body": UNPROVED_BODY,
    "jsonrpc_database": _database_of,
    "jsonrpc_name": _name_of,
    "jsonrpc_error_shape": _shaped,
}


class ServiceController(Controller):
    @route("/jsonrpc/2/common", **_ROUTING)
    def common(self, call):
        """Find a method of the service ``common``: versions, databases, login."""
        return self._resolve("common", call)

    @route("/jsonrpc/2/object", **_ROUTING)
    def object(self, call):
        """Find a method of the service ``object``: any public method of any model."""
        return self._resolve("object", call)

    def _resolve(self, service, call):
        """Open the envelope.

        :param str service: the one that the URL stands for
        :param call: the :class:`~..engine.protocol.jsonrpc.message.Request`
        :returns: the method's specification and its params
        :raises MethodNotFound: not ``call``, or no method of this service
        :raises InvalidParams: an envelope of another form, or for the other service
        """
        if call.method != "call":
            raise MethodNotFound("The only method here is 'call'")
        params, args = _without_args(call.params)
        envelope = _ENVELOPE.bind(params)
        if envelope["service"] != service:
            errors = [{"path": "service", "type": "literal_error", "message": f"This URL serves {service!r}"}]
            raise InvalidParams(data={"errors": errors})
        return service_methods.find_service_method(
            service, envelope["method"], reading=self._reads_only(service, args)
        ), args

    def _reads_only(self, service, args):
        if service != "object" or request.env is None:
            return False
        model, method = (*args[3:5], None, None)[:2]
        return isinstance(model, str) and isinstance(method, str) and reads_only(request.env, model, method)
