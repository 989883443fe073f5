"""A model that is a partner and more (``_inherits``), as a product is a product template and more."""

from odoo import fields, models


class Member(models.Model):
    _name = "test_jsonrpc_gateway.member"
    _description = "Member"
    _inherits = {"res.partner": "partner_id"}

    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade", index=True)
    number = fields.Char()
    # As products have it: archived apart from the partner.
    active = fields.Boolean(default=True)
