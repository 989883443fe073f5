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
    state = fields.Selection(
        [("open", "Open"), ("back", "Came back"), ("resolved", "Resolved"), ("muted", "Muted")],
        default="open",
        readonly=True,
        help="A resolved error that happens again comes back. Nobody is told of a muted one.",
    )
    resolved_at = fields.Datetime("Resolved", readonly=True)
    is_new = fields.Boolean(
        "New since the last upgrade",
        compute="_compute_is_new",
        search="_search_is_new",
        help="It happened for the first time after a module was installed or upgraded.",
    )

    _digest_unique = models.UniqueIndex("(digest)")
    _seen_index = models.Index("(last_seen DESC, id DESC)")

    @api.depends("exception", "place")
    def _compute_display_name(self):
        for error in self:
            error.display_name = f"{error.exception} ({error.place})"

    @api.depends("first_seen")
    def _compute_is_new(self):
        upgraded = self._last_upgrade()
        for error in self:
            error.is_new = bool(upgraded and error.first_seen and error.first_seen >= upgraded)

    def _search_is_new(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Before the first upgrade, nothing is new.
        moment = self._last_upgrade() or fields.Datetime.now()
        return [("first_seen", ">=", moment)] if True in value else [("first_seen", "<", moment)]

    @api.model
    def _last_upgrade(self):
        """When a module was installed or upgraded last, as the list of modules tells.

        :returns: a naive UTC datetime, or ``False``
        """
        # sudo: managers of the gateway may not read the list of modules.
        modules = self.env["ir.module.module"].sudo()
        return modules.search([("state", "=", "installed")], order="write_date desc", limit=1).write_date

    def action_resolve(self):
        """Take the errors for mended; one that happens again comes back."""
        self._decide("resolved", resolved_at=fields.Datetime.now())

    def action_mute(self):
        """Tell nobody of the errors any more."""
        self._decide("muted")

    def action_reopen(self):
        """Look at the errors again."""
        self._decide("open")

    def _decide(self, state, **values):
        """:raises AccessError: only managers decide"""
        self.check_access("unlink")
        # sudo: managers may remove errors, and change nothing of them but this.
        self.sudo().write({"state": state, **values})

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
