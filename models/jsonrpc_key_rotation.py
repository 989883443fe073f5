"""The end of a key: the successor that takes its place, and the warnings before it expires.

It knows how one key follows another; it must not know what keys may do.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .jsonrpc_key import EXPIRING, SETTINGS

_logger = logging.getLogger(__name__)

#: Days before the end of a key at which whoever holds it is warned, each once.
_WARNINGS = (EXPIRING.days, 3)

#: What a successor does not take over as it stands.
_OWN_OF_EACH = {"expires_at", "grant_ids"}


class JsonrpcKey(models.Model):
    _inherit = "jsonrpc.key"

    predecessor_id = fields.Many2one(
        "jsonrpc.key", string="Replaces", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    successor_ids = fields.One2many("jsonrpc.key", "predecessor_id", context={"active_test": False})
    successor_id = fields.Many2one("jsonrpc.key", string="Replaced by", compute="_compute_successor")
    replaced = fields.Boolean(compute="_compute_successor", help="Its successor is good.")
    warned_days = fields.Integer(readonly=True, copy=False, help="Days before the end at which it was warned of last.")
    warned_of = fields.Datetime(readonly=True, copy=False, help="The end that the last warning was of.")

    @api.depends("successor_ids.state")
    def _compute_successor(self):
        for key in self:
            good = key.successor_ids.filtered(lambda successor: successor.state in ("active", "expiring"))
            key.successor_id = (good or key.successor_ids)[:1]
            key.replaced = bool(good)

    # ------------------------------------------------------------------
    # Rotation
    # ------------------------------------------------------------------

    def action_rotate(self):
        """Ask how the key is to be replaced."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Replace the API key"),
            "res_model": "jsonrpc.key.rotate",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key_id": self.id, "dialog_size": "medium"},
        }

    def _rotate(self, *, overlap, expires_at):
        """Issue a successor with the same settings, and end this key after a while.

        :param timedelta overlap: how long both are good, so that the system that holds the key can
            be given the new one in its own time; this one is revoked at once if it is zero, and
            an earlier end of its own stays
        :param expires_at: of the successor, as in :meth:`_issue`
        :returns: ``(successor, token)``
        :raises AccessError: the current user may not issue such a key
        :raises UserError: the key is revoked, or has a successor that is good
        """
        self.ensure_one()
        self.check_access("write")
        # Two at once would leave two successors.
        self.lock_for_update(allow_referencing=True)
        self._check_changeable()
        if self.replaced:
            raise UserError(self.env._("This key has been replaced already, by %s.", self.successor_id.token_hint))
        # sudo: the key is replaced as it is, also where its restrictions name what the user cannot read.
        key = self.sudo()
        settings = {name: key[name] for name in SETTINGS - _OWN_OF_EACH}
        settings["company_ids"] = key.company_ids.ids
        known = key.grant_ids._grantable_namespaces()
        grants = {grant.namespace: grant._actions() for grant in key.grant_ids if grant.namespace in known}
        successor, token = self._issue(
            user=self.user_id,
            kind=self.kind,
            grants=grants,
            expires_at=expires_at,
            predecessor_id=self.id,
            **settings,
        )
        # sudo: limits are for managers to see, but they follow the key whoever replaces it.
        limits = self.env["jsonrpc.limit"].sudo().with_context(active_test=False)
        limits.search([("key_ids", "in", self.ids)]).key_ids += successor.sudo()
        if not overlap:
            self.action_revoke()
        else:
            end = fields.Datetime.now() + overlap
            if not self.expires_at or self.expires_at > end:
                self.expires_at = end
        _logger.info("API key %s replaced by %s, by user %s", self.id, successor.id, self.env.uid)
        return successor, token

    # ------------------------------------------------------------------
    # Warnings
    # ------------------------------------------------------------------

    @api.model
    def _cron_warn_of_expiry(self):
        """Warn the holders of keys that expire soon, once at each of the times before.

        By plain e-mail, which needs no other addon. What cannot be sent is tried again next time.
        """
        due = self.search([("state", "=", "expiring")]).filtered(lambda key: key._warning_due())
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        if not due:
            return
        mail_server = self.env["ir.mail_server"]
        try:
            session = mail_server._connect__(smtp_from=self._sender())
        except (UserError, OSError) as exc:
            _logger.warning("Nobody can be warned that API keys %s expire: %s", due.ids, exc)
            return
        try:
            for key in due:
                key._warn(session)
                # At once: what has been sent must not be sent again, whatever the next one does.
                cron._commit_progress(1)
        finally:
            if session:
                session.quit()

    def _warning_due(self):
        """How many days before its end the key's holder is to be warned now; 0 for not at all."""
        self.ensure_one()
        left = self.expires_at - fields.Datetime.now()
        days = min((days for days in _WARNINGS if left <= timedelta(days=days)), default=0)
        warned = self.warned_days if self.warned_of == self.expires_at else None
        # Whoever replaced the key knows, and chose when it ends.
        return 0 if self.replaced or (warned and warned <= days) else days

    def _warn(self, session):
        """Send the warning, and note it.

        :param session: an SMTP session
        """
        holder = next((user for user in (self.user_id, self.create_uid) if user.active and user.email), None)
        if holder is None:
            _logger.warning("API key %s expires at %s, and there is nobody to tell by e-mail", self.id, self.expires_at)
        else:
            try:
                self.env["ir.mail_server"].send_email(self._warning(holder), smtp_session=session)
            except (MailDeliveryException, OSError, AssertionError) as exc:
                _logger.warning("User %s could not be warned that API key %s expires: %s", holder.id, self.id, exc)
                return
        self.write({"warned_days": self._warning_due(), "warned_of": self.expires_at})

    def _warning(self, holder):
        """The message to whoever holds the key, in their language and time zone.

        :param holder: a ``res.users`` record
        :returns: an :class:`email.message.EmailMessage`
        """
        key = self.with_context(lang=holder.lang, tz=holder.tz)
        moment = format_datetime(key.env, key.expires_at)
        body = key.env._(
            "The API key “%(name)s” (%(hint)s…) expires on %(moment)s. The system that holds it is refused from "
            "then on.\n\nReplace it before: %(url)s\n",
            name=key.name,
            hint=key.token_hint,
            moment=moment,
            url=f"{key.get_base_url()}/odoo/jsonrpc-keys/{key.id}",
        )
        return self.env["ir.mail_server"]._build_email__(
            email_from=self._sender() or holder.email,
            email_to=[holder.email],
            subject=key.env._("API key “%s” expires soon", key.name),
            body=body,
        )

    @api.model
    def _sender(self):
        """The address that warnings come from, if there is one."""
        return self.env["ir.mail_server"]._get_default_from_address() or self.env.company.email
