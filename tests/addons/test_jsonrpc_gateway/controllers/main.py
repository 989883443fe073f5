"""Hand-written controllers on the gateway's routing type."""

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.jsonrpc_gateway import api as jsonrpc


class Missing(jsonrpc.ApplicationError):
    """There is no such partner."""

    code, message = 1002, "No such partner"


class TestController(Controller):
    @route(
        "/my_custom_api/get_partner_info",
        type="jsonrpc2",
        auth="jsonrpc",
        jsonrpc_access="read",
        jsonrpc_errors=[Missing],
    )
    def get_partner_info(self, partner_id: int) -> dict:
        """The name of a partner."""
        partner = request.env["res.partner"].search([("id", "=", partner_id)])
        if not partner:
            raise Missing(data={"partner_id": partner_id})
        return {"id": partner.id, "name": partner.name, "uid": request.env.uid}

    @route("/my_custom_api/create_partner", type="jsonrpc2", auth="jsonrpc")
    def create_partner(self, name: str, fail: bool = False) -> int:
        """Create a partner, and refuse perhaps."""
        partner = request.env["res.partner"].create({"name": name})
        if fail:
            raise UserError("No.")
        return partner.id

    @route("/my_custom_api/open_http", type="http", auth="jsonrpc", methods=["POST"], csrf=False)
    def open_http(self, name):
        """A mistake: nobody would ask what the key may do."""
        return str(request.env["res.partner"].create({"name": name}).id)

    @route("/my_custom_api/open_jsonrpc", type="jsonrpc", auth="jsonrpc")
    def open_jsonrpc(self, name):
        """The same mistake with Odoo's own JSON."""
        return request.env["res.partner"].create({"name": name}).id

    @route("/my_custom_api/<int:a>/minus", type="jsonrpc2", auth="jsonrpc", jsonrpc_access="read", jsonrpc_public=True)
    def minus(self, a: int, b: int) -> int:
        """A difference, its first part from the URL."""
        return a - b

    @route("/my_custom_api/strings", type="jsonrpc2", auth="public", save_session=False)
    def strings(self, names: "list[str]", caller: "jsonrpc.Credential") -> "dict[str, str]":
        """Annotations as strings."""
        return {"names": ",".join(names), "kind": caller.kind, "login": request.env.user.login}

    @route("/my_custom_api/user", type="jsonrpc2", auth="user", jsonrpc_method="user.name")
    def user(self) -> str:
        """A name for users who are logged in."""
        return request.env.user.login

    @route("/my_custom_api/not_found", type="jsonrpc2", auth="public", save_session=False)
    def not_found(self) -> str:
        """What controllers of Odoo are used to raise."""
        raise NotFound("There is nothing here")

    @route("/my_custom_api/broken", type="jsonrpc2", auth="none", save_session=False)
    def broken(self) -> str:
        """A surprise."""
        raise RuntimeError("secret-of-the-house")
