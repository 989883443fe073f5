"""The namespace ``system``: what the gateway itself answers."""

from typing import Any

from typing_extensions import TypedDict

from odoo import models, release

from .. import api as jsonrpc
from ..engine.compat import odoo_server


class Version(TypedDict):
    gateway: str
    odoo: str


class Reference(TypedDict):
    id: int
    name: str


class Caller(TypedDict):
    credential: str
    key: str | None
    access: str
    user: Reference
    login: str
    company: Reference
    lang: str | None
    tz: str | None


class JsonrpcApiSystem(models.AbstractModel):
    _name = "jsonrpc.api.system"
    _inherit = "jsonrpc.api"
    _description = "JSON-RPC API: system"
    _jsonrpc_namespace = "system"

    @jsonrpc.method(access="read", public=True)
    def echo(self, value: Any) -> Any:
        """Give back what was sent, to try out a client.

        :param value: any JSON value
        :returns: the same value
        """
        return value

    @jsonrpc.method(access="read", public=True)
    def version(self) -> Version:
        """The versions of this gateway and of Odoo.

        :returns: both version numbers
        """
        return {
            "gateway": odoo_server.addon_version("jsonrpc_gateway"),
            "odoo": release.version,
        }

    @jsonrpc.method(access="read", public=True)
    def list_methods(self, caller: jsonrpc.Credential) -> list[str]:
        """The names of the methods that the caller may call.

        :returns: full names, sorted
        """
        methods = self.env["jsonrpc.api"]._jsonrpc_methods()
        return sorted(name for name, spec in methods.items() if caller.may(spec))

    @jsonrpc.method(access="read", needs_grant=False)
    def whoami(self, caller: jsonrpc.Credential) -> Caller:
        """Who the caller is to Odoo, and by which credential.

        :returns: the user whose rights hold, their company, and the credential
        """
        user = self.env.user
        return {
            "credential": caller.kind,
            "key": caller.name or None,
            "access": caller.access,
            "user": {"id": user.id, "name": user.name},
            "login": user.login,
            "company": {"id": self.env.company.id, "name": self.env.company.name},
            "lang": self.env.lang or None,
            "tz": self.env.context.get("tz") or None,
        }
