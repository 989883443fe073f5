"""What the log of calls adds to an API key: how much of its calls is kept, and the way to them."""

from odoo import fields, models

from .jsonrpc_call import LEVELS


class JsonrpcKey(models.Model):
    _inherit = "jsonrpc.key"

    # For managers: nobody hides what their own key does.
    log_level = fields.Selection(
        LEVELS,
        string="Log of calls",
        groups="jsonrpc_gateway.jsonrpc_gateway_group_manager",
        help="What is kept of the calls with this key; empty for what the settings say. Secrets are never kept.",
    )

    def action_open_calls(self):
        """The calls that were made with the keys."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Calls"),
            "res_model": "jsonrpc.call",
            "views": [(False, "list"), (False, "form"), (False, "graph"), (False, "pivot")],
            "domain": [("key_id", "in", self.ids)],
            "context": {"search_default_today": 1},
        }
