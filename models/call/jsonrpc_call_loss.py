"""The model ``jsonrpc.call.loss``: how many rows the log of calls lacks, and when it lost them.

Written by ``engine/dispatch/journal/writer.py`` when its buffer was full. It must not know why.
"""

from odoo import api, fields, models
from odoo.tools import SQL


class JsonrpcCallLoss(models.Model):
    _name = "jsonrpc.call.loss"
    _description = "JSON-RPC Calls Missing from the Log"
    _order = "lost_at desc, id desc"
    _rec_name = "lost_at"
    _log_access = False
    _allow_sudo_commands = False

    lost_at = fields.Datetime("Time", required=True, readonly=True, index=True)
    count = fields.Integer("Rows", readonly=True)

    @api.model
    def _vacuum(self, before):
        """Forget what was lost before a moment; ``None`` for nothing."""
        if before:
            self.env.cr.execute(SQL("DELETE FROM jsonrpc_call_loss WHERE lost_at < %s", before))
