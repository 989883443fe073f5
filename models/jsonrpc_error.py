"""The model ``jsonrpc.error``: faults of ours, the same one collected once, however often it happens.

Written by ``engine/dispatch/journal/writer.py``. It must not know how an exception became an entry.
"""

from odoo import api, fields, models
from odoo.tools import SQL


class JsonrpcError(models.Model):
    _name = "jsonrpc.error"
    _description = "JSON-RPC Error"
    _order = "last_seen desc, id desc"
    _rec_name = "exception"
    _log_access = False
    _allow_sudo_commands = False

    digest = fields.Char(required=True, readonly=True, help="Of the exception's class and the place.")
    exception = fields.Char(readonly=True, help="Class of the exception.")
    place = fields.Char(readonly=True, help="The innermost line of an addon that the exception passed.")
    message = fields.Text(readonly=True, help="Of the last time.")
    traceback = fields.Text(readonly=True, help="Of the last time, without the secrets of its call.")
    method = fields.Char("Last method", readonly=True)
    request_id = fields.Char("Last request ID", readonly=True)
    count = fields.Integer("Times", readonly=True)
    first_seen = fields.Datetime(readonly=True)
    last_seen = fields.Datetime(readonly=True)

    _digest_unique = models.UniqueIndex("(digest)")
    _seen_index = models.Index("(last_seen DESC, id DESC)")

    @api.depends("exception", "place")
    def _compute_display_name(self):
        for error in self:
            error.display_name = f"{error.exception} ({error.place})"

    def action_open_calls(self):
        """The calls that failed this way."""
        self.ensure_one()
        domain = [("error_digest", "=", self.digest)]
        return self.env["jsonrpc.call"]._action_open((self.display_name, domain))

    @api.model
    def _vacuum(self, before):
        """Forget what has not happened since a moment; ``None`` for nothing."""
        if before:
            self.env.cr.execute(SQL("DELETE FROM jsonrpc_error WHERE last_seen < %s", before))
