"""The controller that the documentation shows (``docs/methods.rst``)."""

from odoo.http import Controller, request, route


class BusinessCardController(Controller):
    @route("/my_custom_api/business_card", type="jsonrpc2", auth="jsonrpc", jsonrpc_access="read")
    def business_card(self, partner_id: int) -> dict:
        """The name and the e-mail address of a partner."""
        partner = request.env["res.partner"].browse(partner_id)
        return {"name": partner.name, "email": partner.email or None}
