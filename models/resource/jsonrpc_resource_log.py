"""The abstract model ``jsonrpc.resource.log``: how much of a resource's calls the log keeps, and where it is read."""

from odoo import fields, models

from ..call.jsonrpc_call import LEVELS


class JsonrpcResourceLog(models.AbstractModel):
    _name = "jsonrpc.resource.log"
    _description = "Log of the Calls of a JSON-RPC Resource"

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
