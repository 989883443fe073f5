"""The model ``jsonrpc.alert``: rules by which managers are told of what goes wrong, by plain e-mail.

What is wrong is told of once, and again when it has been right in between.
"""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

_logger = logging.getLogger(__name__)


class JsonrpcAlert(models.Model):
    _name = "jsonrpc.alert"
    _inherit = ["jsonrpc.audited", "jsonrpc.plain.text", "jsonrpc.alert.watch"]
    _description = "JSON-RPC Alert"
    _order = "name, id"
    _audit_ignored = frozenset({"told", "told_at", "told_text"})

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("error", "A new internal error, or one that came back"),
            ("rate", "Too many errors"),
            ("silence", "A key that fell silent"),
        ],
        string="Tell of",
        required=True,
        default="error",
    )
    percent = fields.Float("Errors (%)", default=10, help="The share of calls that may be errors.")
    minutes = fields.Integer("Of the last minutes", default=15, help="The calls of this time are counted.")
    min_calls = fields.Integer("Calls at least", default=20, help="Fewer calls in this time are no reason to tell.")
    count_refused = fields.Boolean(
        "Count refused calls", default=True, help="Else only faults on our side are counted."
    )
    hours = fields.Integer("Silent for hours", default=24, help="A key without a call for so long is silent.")
    key_ids = fields.Many2many("jsonrpc.key", string="Keys", help="Empty: every key that has made a call before.")
    user_ids = fields.Many2many(
        "res.users",
        string="Who is told",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    told = fields.Json(readonly=True, copy=False, help="What was told of, and is still wrong.")
    told_at = fields.Datetime("Last told", readonly=True, copy=False)
    told_text = fields.Text("Last message", readonly=True, copy=False)

    _window = models.Constraint(
        "CHECK (percent BETWEEN 0 AND 100 AND minutes BETWEEN 1 AND 1440"
        " AND min_calls >= 1 AND hours BETWEEN 1 AND 8760)",
        "The share is up to 100 %, the time up to 1,440 minutes or 8,760 hours, and a call is the least.",
    )

    @api.constrains("user_ids")
    def _check_users(self):
        for alert in self:
            # sudo: whether somebody may see the log does not depend on who asks.
            if any(alert.user_ids.sudo().mapped("share")):
                raise ValidationError(self.env._("%s: only internal users are told.", alert.name))
            if not alert.user_ids:
                raise ValidationError(self.env._("%s: say who is told.", alert.name))

    def action_try(self):
        """Send the current user a message, to see whether it arrives.

        :raises UserError: the user has no address, or the message could not be sent
        """
        self.ensure_one()
        user = self.env.user
        if not user.email:
            raise UserError(self.env._("You have no e-mail address. Set one in your preferences."))
        notice = self.env["jsonrpc.notice"]
        try:
            with notice._session() as session:
                notice._send(session, user, *self._words({"": self.env._("This is a test. Nothing is wrong.")}))
        except OSError as exc:
            raise UserError(self.env._("The mail server cannot be reached: %s", exc)) from exc
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("A test message is on its way to %s.", user.email)},
        }

    @api.model
    def _cron_watch(self):
        """Tell of what is wrong, rule by rule; one that fails stops no other, and is tried again."""
        alerts = self.search([])
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(alerts))
        for alert in alerts:
            try:
                with self.env.cr.savepoint():
                    alert._follow()
            except Exception:
                _logger.warning("The alert %s could not be followed", alert.id, exc_info=True)
            # At once: what was sent must not be sent again when the next rule fails.
            progress(1)

    def _follow(self):
        """Tell of what is wrong and was not told of.

        :raises Exception: a message could not be sent; it is told of the next time
        """
        found = self._findings()
        told = set(self.told or ()) & found.keys()
        new = {subject: words for subject, words in found.items() if subject not in told}
        if new:
            self._tell(new)
            self.write({"told_at": fields.Datetime.now(), "told_text": "\n".join(new.values())})
        subjects = sorted(found)
        if subjects != (self.told or []):
            self.told = subjects

    def _tell(self, findings):
        """Send a message to each user of the rule.

        :param dict findings: words by subject
        """
        holders = self.user_ids.filtered(lambda user: user.active and user.email)
        if not holders:
            _logger.warning("Alert %s: nobody can be told by e-mail: %s", self.id, "; ".join(findings.values()))
            return
        notice = self.env["jsonrpc.notice"]
        with notice._session() as session:
            for holder in holders:
                notice._send(session, holder, *self.with_context(lang=holder.lang, tz=holder.tz)._words(findings))

    def _words(self, findings):
        """Subject and body of a message.

        :param dict findings: words by subject
        """
        path = {"error": "jsonrpc-errors", "rate": "jsonrpc-calls", "silence": "jsonrpc-keys"}[self.kind]
        lines = "\n".join(f"- {words}" for words in findings.values())
        body = self.env._("%(lines)s\n\nLook at it: %(url)s\n", lines=lines, url=f"{self.get_base_url()}/odoo/{path}")
        return self.env._("JSON-RPC Gateway: %s", self.name), body
