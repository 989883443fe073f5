"""The auth method ``jsonrpc``: who calls, by API key, Odoo session, or nobody in particular.

Any addon may put ``auth="jsonrpc"`` on its own routes. It must not decide what a caller
may do: that is :meth:`Credential.refusal`.
"""

import logging
import re
from typing import NamedTuple

from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import InternalServerError, Unauthorized

from odoo import api, models
from odoo.http import request

from ..engine.access.credential import REALM, Credential
from ..engine.compat import odoo_base, odoo_http

_logger = logging.getLogger(__name__)

# RFC 6750 section 2.1; the scheme's case does not matter (RFC 9110 section 11.1).
_BEARER = re.compile(r"bearer(?: +(.*))?", re.IGNORECASE)

#: Characters that are kept of a path.
_LONGEST_PATH = 200
#: How the paths of remote procedure calls of Odoo begin (``addons/rpc``).
_ODOO_RPC = ("/xmlrpc/", "/jsonrpc", "/json/")


def _is_door(routing):
    """Whether a route is served by a dispatcher that asks what a caller may do (``controllers/border.py``)."""
    return hasattr(odoo_http.dispatcher_of(routing), "door")


class Door(NamedTuple):
    """By which way something was asked for.

    :ivar str door: a value of the field ``door`` of ``jsonrpc.audit``
    :ivar path: of the URL, or ``None`` where there is no request
    :ivar address: of the client, the same
    :ivar by_key: name and id of the gateway's key that was sent, or ``None``
    """

    door: str
    path: str | None = None
    address: str | None = None
    by_key: str | None = None


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def _generate_routing_rules(self, modules, converters):
        """Leave out the routes that take our credentials and would not ask what these may do.

        Grants, kinds of keys, origins, limits, read-only keys and the log are looked after by the dispatchers
        of our doors. Odoo's own types ``http`` and ``jsonrpc`` would let a key do all that its user may.
        """
        for url, endpoint in super()._generate_routing_rules(modules, converters):
            if endpoint.routing.get("auth") == "jsonrpc" and not _is_door(endpoint.routing):
                _logger.warning(
                    'The route %s is not served: auth="jsonrpc" needs type="jsonrpc2", or a routing type'
                    " of a door (see docs/methods.rst), and its type is %r",
                    url,
                    endpoint.routing.get("type", "http"),
                )
                continue
            yield url, endpoint

    @classmethod
    def _auth_method_jsonrpc(cls):
        """Authenticate by ``Authorization: Bearer``, else by the session, else as the public user.

        :raises Unauthorized: a key was sent and is not good
        :raises InternalServerError: whoever called this serves no door of ours, and would not ask what the
            caller may do
        """
        if not hasattr(request.dispatcher, "border"):
            raise InternalServerError("This route must not take the gateway's credentials")
        credential = request.jsonrpc_credential = cls._jsonrpc_credential()
        if credential.kind == "key":
            request.update_env(user=credential.user_id, context={})
            request.update_context(**request.env["res.users"].context_get())
            if credential.company_ids:
                request.update_context(allowed_company_ids=list(credential.company_ids))
        elif credential.kind == "public":
            cls._auth_method_public()

    @classmethod
    def _jsonrpc_credential(cls):
        """What the request's headers prove about the caller.

        :returns: a :class:`Credential`
        :raises Unauthorized: a key was sent and is not good
        """
        credential = cls._jsonrpc_key_credential()
        if credential is not None:
            return credential
        if request.session.uid is not None:
            return Credential(kind="session", user_id=request.session.uid)
        return Credential(kind="public", user_id=None)

    @classmethod
    def _jsonrpc_key_credential(cls):
        """The credential of the API key in the request's headers.

        :returns: a :class:`Credential`, or ``None`` when no key was sent
        :raises Unauthorized: a key was sent and is not good; which of the reasons it was
            is not told (RFC 6750 section 3.1, ``invalid_token``)
        """
        bearer = _BEARER.fullmatch(request.httprequest.headers.get("Authorization", "").strip())
        if bearer is None:
            return None
        # A request that proves itself by a key must leave no session behind.
        request.session.can_save = False
        credential = request.env["jsonrpc.key"]._authenticate(
            bearer[1] or "", request.httprequest.remote_addr, request.httprequest.headers.get("Origin")
        )
        if credential is None:
            challenge = WWWAuthenticate("bearer", {"realm": REALM, "error": "invalid_token"})
            raise Unauthorized("Invalid API key", www_authenticate=challenge)
        return credential

    @api.model
    def _jsonrpc_door(self):
        """By which way the running code was asked to run.

        The context has no say where there is a request: clients send it.

        :rtype: Door
        """
        if not request:
            return self._jsonrpc_door_without_request()
        path = request.httprequest.path
        credential = getattr(request, "jsonrpc_credential", None)
        by_key = f"{credential.name} ({credential.key_id})" if credential and credential.key_id else None
        door = "page"
        if not self.env.registry.ready:
            door = "module"
        elif path.startswith("/jsonrpc/2/") or by_key:
            door = "gateway"
        elif path.startswith(_ODOO_RPC):
            door = "rpc"
        elif path.startswith("/web/"):
            called = request.params.get("model"), request.params.get("method")
            door = "import" if called[0] == "base_import.import" or called[1] == "load" else "web"
        return Door(door, path[:_LONGEST_PATH], request.httprequest.remote_addr, by_key)

    @api.model
    def _jsonrpc_identity_proved(self):
        """Whether somebody at a screen has given their password within ten minutes, as Odoo asks for it elsewhere.

        Scripts, scheduled actions and upgrades have nobody to ask: who runs them has the database. A
        remote procedure call has a session without that, and a key proves no person.
        """
        if self._jsonrpc_door().door in ("script", "cron", "module"):
            return True
        return bool(request) and odoo_base.is_identity_fresh(request.session)

    @api.model
    def _jsonrpc_door_without_request(self):
        """:meth:`_jsonrpc_door` where there is no request, or Odoo hides it."""
        path = odoo_http.path_of_hidden_request()
        if not self.env.registry.ready:
            return Door("module")
        if path is not None:
            return Door("rpc" if path.startswith(_ODOO_RPC) else "page", path[:_LONGEST_PATH])
        return Door("cron" if "cron_id" in self.env.context else "script")
