"""A model with a field of every type that can be added up or grouped by."""

from odoo import fields, models


class Sale(models.Model):
    _name = "test_jsonrpc_gateway.sale"
    _description = "Sale"

    name = fields.Char()
    state = fields.Selection([("open", "Open"), ("done", "Done")])
    paid = fields.Boolean()
    day = fields.Date()
    moment = fields.Datetime()
    quantity = fields.Integer()
    price = fields.Float(digits=(16, 2))
    ratio = fields.Float()
    currency_id = fields.Many2one("res.currency")
    amount = fields.Monetary()
    partner_id = fields.Many2one("res.partner")
    margin = fields.Float(groups="base.group_system")


class OwnFetch(models.Model):
    """A model that reads in a way of its own, as mail.message does."""

    _name = "test_jsonrpc_gateway.own_fetch"
    _description = "Own Fetch"

    name = fields.Char()
    number = fields.Integer()

    def fetch(self, field_names=None):
        return super().fetch(field_names)
