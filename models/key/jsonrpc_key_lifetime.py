"""The abstract model ``jsonrpc.key.lifetime``: until when a key is good, and who is told before it ends."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ...engine.compat import odoo_base
from ...engine.protocol.plain_text import without_control_characters

_logger = logging.getLogger(__name__)

#: How long before its end a key counts as expiring, and its holder is warned.
EXPIRING = timedelta(days=14)
#: Days before the end of a key at which its holder is warned, once at each.
_WARNINGS = (EXPIRING.days, 3)


class JsonrpcKeyLifetime(models.AbstractModel):
    _name = "jsonrpc.key.lifetime"
    _description = "Lifetime of a JSON-RPC API Key"

    active = fields.Boolean(default=True, readonly=True, help="A revoked key is refused, for good.")
    revoked_at = fields.Datetime(string="Revoked", readonly=True, copy=False)
    expires_at = fields.Datetime(
        string="Expires",
        help="The key is refused from this moment on. Empty: it never expires.",
    )
    state = fields.Selection(
        [("active", "Active"), ("expiring", "Expiring"), ("expired", "Expired"), ("revoked", "Revoked")],
        compute="_compute_state",
        search="_search_state",
    )
    warned_days = fields.Integer(readonly=True, copy=False, help="Days before the end at which it was warned of last.")
    warned_of = fields.Datetime(readonly=True, copy=False, help="The end that the last warning was of.")

    @api.depends("active", "expires_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for key in self:
            if not key.active:
                key.state = "revoked"
            elif key.expires_at and key.expires_at <= now:
                key.state = "expired"
            elif key.expires_at and key.expires_at <= now + EXPIRING:
                key.state = "expiring"
            else:
                key.state = "active"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        alive = Domain("active", "=", True)
        expired = Domain("expires_at", "<=", now)
        ending = Domain("expires_at", "<=", now + EXPIRING)
        domains = {
            "revoked": Domain("active", "=", False),
            "expired": alive & expired,
            "expiring": alive & ending & ~expired,
            "active": alive & ~ending,
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    # ------------------------------------------------------------------
    # The end
    # ------------------------------------------------------------------

    def action_revoke(self):
        """Refuse the keys from now on, for good, in every worker."""
        self.check_access("write")
        # sudo: `active` is readonly to everybody, this method is the way to change it.
        self.sudo().filtered("active").write({"active": False, "revoked_at": fields.Datetime.now()})
        _logger.info("API keys %s revoked by user %s", self.ids, self.env.uid)
        return True

    def _check_changeable(self):
        """:raises UserError: a key is revoked"""
        if any(not key.active for key in self):
            raise UserError(self.env._("A revoked API key cannot be changed. Issue a new one."))

    def _check_later_expiry(self, before):
        """Everybody may bring an expiry forward; a later one obeys the rule of issuing.

        :param dict before: expiry of each key before the change
        :raises ValidationError: the current user may not let a key live that long
        """
        for key in self:
            old, new = before[key.id], key.expires_at
            if new != old and old and (not new or new > old):
                odoo_base.check_key_expiry(self.env, new)

    # ------------------------------------------------------------------
    # Warnings
    # ------------------------------------------------------------------

    @api.model
    def _cron_warn_of_expiry(self):
        """Warn the holders of keys that expire soon, by plain e-mail, which needs no other addon.

        A warning that cannot be sent is tried again at the next run.
        """
        due = self.search([("state", "=", "expiring")]).filtered(lambda key: key._warning_due())
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        if not due:
            return
        try:
            with self.env["jsonrpc.notice"]._session() as session:
                for key in due:
                    try:
                        with self.env.cr.savepoint():
                            key._warn(session)
                    except Exception:
                        # Whatever is wrong with one key, the holders of the others are warned.
                        _logger.warning("Nobody could be warned that API key %s expires", key.id, exc_info=True)
                    # At once: a sent warning must not be sent again when the next one fails.
                    cron._commit_progress(1)
        except (UserError, OSError) as exc:
            _logger.warning("Nobody can be warned that API keys %s expire: %s", due.ids, exc)

    def _warning_due(self):
        """The number of days in the warning that is due now; 0 where none is due."""
        self.ensure_one()
        left = self.expires_at - fields.Datetime.now()
        days = min((days for days in _WARNINGS if left <= timedelta(days=days)), default=0)
        warned = self.warned_days if self.warned_of == self.expires_at else None
        # The person who replaced the key has chosen when it ends.
        return 0 if self.replaced or (warned and warned <= days) else days

    def _warn(self, session):
        """Send the warning and remember that it was sent.

        :param session: an SMTP session
        :raises Exception: it could not be made or sent
        """
        holder = next((user for user in (self.user_id, self.create_uid) if user.active and user.email), None)
        if holder is None:
            _logger.warning("API key %s expires at %s, and there is nobody to tell by e-mail", self.id, self.expires_at)
        else:
            self.env["jsonrpc.notice"]._send(session, holder, *self._warning(holder))
        self.write({"warned_days": self._warning_due(), "warned_of": self.expires_at})

    def _warning(self, holder):
        """Subject and body of the message to the holder of the key, in their language and time zone.

        :param holder: a ``res.users`` record
        """
        key = self.with_context(lang=holder.lang, tz=holder.tz)
        moment = format_datetime(key.env, key.expires_at)
        # Names were not always checked.
        name = without_control_characters(key.name)
        body = key.env._(
            "The API key “%(name)s” (%(hint)s…) expires on %(moment)s. The system that holds it is refused from "
            "then on.\n\nReplace it before: %(url)s\n",
            name=name,
            hint=key.token_hint,
            moment=moment,
            url=f"{key.get_base_url()}/odoo/jsonrpc-keys/{key.id}",
        )
        return key.env._("API key “%s” expires soon", name), body
