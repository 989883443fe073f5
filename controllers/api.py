"""The curated API: ``/jsonrpc/2/api``."""

from odoo.http import Controller, request, route

from ..engine.access.settings import MAX_BODY
from ..engine.dispatch import settings
from ..engine.protocol.errors import InvalidRequest


class ApiController(Controller):
    def _max_body(self):
        return settings.number(request.env, MAX_BODY)

    @route(
        ["/jsonrpc/2/api", "/jsonrpc/2/api/<string:method>"],
        type="jsonrpc2",
        auth="jsonrpc",
        save_session=False,
        readonly=False,
        max_content_length=_max_body,
        jsonrpc_resolver=True,
    )
    def api(self, call, method=None):
        """Find the method that a call names.

        :param call: the :class:`~..engine.protocol.jsonrpc.message.Request`
        :param method: its name in the URL, for firewalls, logs and people; the two must agree,
            or a rule that looks at the URL could be walked around
        :returns: the method's specification and its params
        :raises MethodNotFound: this database has no such method
        """
        if method not in (None, call.method):
            raise InvalidRequest(data={"member": "method", "reason": f"the URL says {method}"})
        return request.env["jsonrpc.api"]._jsonrpc_method(call.method), call.params
