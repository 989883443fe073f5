"""What the log of calls adds to a resource: how much of its calls is kept, and which fields never are."""

from odoo import fields, models

from .jsonrpc_call import LEVELS


class JsonrpcResource(models.Model):
    _inherit = "jsonrpc.resource"

    log_level = fields.Selection(
        LEVELS,
        string="Log of calls",
        help="The most that is kept of the calls of this resource, whatever their key says; empty for no limit.",
    )

    def action_open_calls(self):
        """The calls of the resource's methods."""
        self.ensure_one()
        domain = [("method", "=like", self.name.replace("_", "\\_") + ".%")]
        return self.env["jsonrpc.call"]._action_open((self.name, domain), search_default_today=1)


class JsonrpcResourceField(models.Model):
    _inherit = "jsonrpc.resource.field"

    sensitive = fields.Boolean(help="Its values are kept in no log of calls.")
