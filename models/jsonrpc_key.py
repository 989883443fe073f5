"""The model ``jsonrpc.key``: an API key that acts as one user, and how a token finds it.

It knows what a key is and who may manage it; it must not know HTTP.
"""

import logging
import time
from datetime import datetime
from typing import NamedTuple

import psycopg2
import psycopg2.errors

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, ormcache
from odoo.tools.misc import consteq

from ..protocol.credential import Credential
from . import key_token

_logger = logging.getLogger(__name__)

#: Seconds between two writes of a key's last use, by one worker.
_TOUCH_INTERVAL = 60.0

#: The most that methods called with a key may do.
ACCESS = [("read", "Read"), ("write", "Read and write")]

#: What may be changed of a key once it is issued.
_SETTINGS = frozenset({"name", "access", "full_orm", "expires_at"})


class _StoredKey(NamedTuple):
    """What authentication needs of a key, kept in the registry's cache under its digest."""

    key_id: int
    digest: str
    user_id: int
    name: str
    access: str
    full_orm: bool
    expires_at: datetime | None


class JsonrpcKey(models.Model):
    _name = "jsonrpc.key"
    _description = "JSON-RPC API Key"
    _order = "create_date desc, id desc"
    _allow_sudo_commands = False

    name = fields.Char(
        required=True,
        help="What the key is for: the system that holds it, and where.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Acts as",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        help="Calls with this key have the rights of this user, and never more.",
    )
    access = fields.Selection(
        ACCESS,
        required=True,
        default="read",
        help="A key that reads is stopped by the database itself when a method tries to change something.",
    )
    full_orm = fields.Boolean(
        string="Full ORM access",
        help="Also accept the key on /jsonrpc/2/object, where every model and public method "
        "that the user may use can be called. Leave it off for keys of the curated API.",
    )
    expires_at = fields.Datetime(
        string="Expires",
        help="The key is refused from this moment on. Empty: it never expires.",
    )
    active = fields.Boolean(default=True, readonly=True, help="A revoked key is refused, for good.")
    token_hint = fields.Char(string="Token", readonly=True, help="The first characters of the token.")
    digest = fields.Char(required=True, readonly=True, copy=False, groups=fields.NO_ACCESS)
    last_used_at = fields.Datetime(string="Last used", readonly=True, copy=False)
    last_used_from = fields.Char(string="Last used from", readonly=True, copy=False)
    revoked_at = fields.Datetime(string="Revoked", readonly=True, copy=False)
    state = fields.Selection(
        [("active", "Active"), ("expired", "Expired"), ("revoked", "Revoked")],
        compute="_compute_state",
        search="_search_state",
    )

    _digest_unique = models.UniqueIndex("(digest)")

    @api.depends("active", "expires_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for key in self:
            if not key.active:
                key.state = "revoked"
            elif key.expires_at and key.expires_at <= now:
                key.state = "expired"
            else:
                key.state = "active"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        alive = Domain("active", "=", True)
        expired = Domain("expires_at", "<=", now)
        domains = {
            "revoked": Domain("active", "=", False),
            "expired": alive & expired,
            "active": alive & ~expired,
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    # ------------------------------------------------------------------
    # Management
    # ------------------------------------------------------------------

    @api.model
    def _issue(self, *, name, user, access="read", full_orm=False, expires_at=None):
        """Make a key; the only moment at which its token is known.

        :param str name: what the key is for
        :param user: the ``res.users`` record that the key acts as; an internal user, and
            only a Settings administrator may choose another one than themselves
        :param str access: ``"read"`` or ``"write"``
        :param bool full_orm: also accept the key on ``/jsonrpc/2/object``
        :param expires_at: naive UTC datetime, or ``None`` for a key that never expires
        :returns: ``(key, token)``; the token is stored nowhere
        :raises AccessError: the current user may not issue this key
        :raises ValidationError: the key could never be used, or would live longer than core
            allows the current user's own API keys (``api_key_duration`` of their groups)
        """
        self._check_may_issue(user, full_orm)
        self.env["res.users.apikeys"]._check_expiration_date(expires_at)
        if expires_at and expires_at <= fields.Datetime.now():
            raise ValidationError(self.env._("The key would expire in the past."))
        token = key_token.generate()
        # sudo: nobody has the right to create keys, so that none exists without its token
        # having been made here and its issuer checked above.
        key = self.sudo().create(
            {
                "name": name,
                "user_id": user.id,
                "access": access,
                "full_orm": full_orm,
                "expires_at": expires_at,
                "token_hint": key_token.hint(token),
                "digest": key_token.digest(token),
            }
        )
        _logger.info("API key %s issued for user %s by user %s", key.id, user.id, self.env.uid)
        return key.sudo(False), token

    def _check_may_issue(self, user, full_orm):
        """:raises AccessError: see :meth:`_issue`"""
        if self.env.su:
            return
        if not self.env.user.has_group("jsonrpc_gateway.jsonrpc_gateway_group_user"):
            raise AccessError(self.env._("Only users of the JSON-RPC Gateway can issue API keys."))
        if user != self.env.user and not self.env.is_system():
            raise AccessError(self.env._("Only a Settings administrator can issue a key for another user."))
        if full_orm and not self.env.user.has_group("jsonrpc_gateway.jsonrpc_gateway_group_manager"):
            raise AccessError(self.env._("Only a manager of the JSON-RPC Gateway can give a key full ORM access."))

    def action_revoke(self):
        """Refuse the keys from now on, for good, in every worker."""
        self.check_access("write")
        # sudo: `active` is readonly to everybody, this method is the way to change it.
        self.sudo().filtered("active").write({"active": False, "revoked_at": fields.Datetime.now()})
        _logger.info("API keys %s revoked by user %s", self.ids, self.env.uid)
        return True

    @api.constrains("user_id")
    def _check_user(self):
        """:raises ValidationError: no key may act as this user

        The superuser is no one to act as: an environment of theirs skips all access rights.
        """
        for user in self.user_id:
            if user.share or not user.active or user.id == SUPERUSER_ID:
                message = self.env._("API keys act as active internal users only, and %s is none.", user.name)
                raise ValidationError(message)

    def _check_later_expiry(self, before):
        """To bring an expiry forward is everybody's right; a later one obeys the rule of issuing.

        :param dict before: expiry of each key before the change
        :raises ValidationError: the current user may not let a key live that long
        """
        for key in self:
            old, new = before[key.id], key.expires_at
            if new != old and old and (not new or new > old):
                self.env["res.users.apikeys"]._check_expiration_date(new)

    def write(self, vals):
        """Change the settings of keys.

        :raises AccessError: what identifies a key, or whether it is revoked, was to be changed
            by hand, or full ORM access was to be given by someone who may not
        :raises UserError: the key is revoked
        :raises ValidationError: the key would live longer than the current user may let it
        """
        if not self.env.su:
            fixed = vals.keys() - _SETTINGS
            if fixed:
                names = ", ".join(sorted(fixed))
                raise AccessError(self.env._("These fields of an API key cannot be changed: %s", names))
            if vals.get("full_orm"):
                self._check_may_issue(self.env.user, full_orm=True)
        if any(not key.active for key in self):
            raise UserError(self.env._("A revoked API key cannot be changed. Issue a new one."))
        before = {key.id: key.expires_at for key in self}
        result = super().write(vals)
        self._check_later_expiry(before)
        self._forget_cached()
        return result

    def unlink(self):
        """Delete keys; their tokens are refused like unknown ones."""
        result = super().unlink()
        self._forget_cached()
        return result

    def copy(self, default=None):
        """:raises UserError: always; a copy would be a key whose token nobody has"""
        raise UserError(self.env._("API keys cannot be duplicated. Issue a new one."))

    def _forget_cached(self):
        """Drop what authentication remembers, in every worker, now and again once the change is visible.

        Until the commit, another thread of this worker may read and cache the old state. The
        other workers are told at once: who commits by hand, in a shell, tells nobody.
        """
        registry = self.env.registry
        registry.clear_cache()

        @self.env.cr.postcommit.add
        def forget_for_good():
            registry.clear_cache()
            if registry.ready:
                registry.signal_changes()

    # ------------------------------------------------------------------
    # Authentication
    # ------------------------------------------------------------------

    @api.model
    def _authenticate(self, token, remote_addr=None):
        """Find whom a token stands for.

        A token that is not well-formed costs no query, an unknown one costs one, a known one
        none while the registry's cache holds it.

        :param str token: what the caller sent
        :param remote_addr: address of the caller, for "last used"
        :returns: a :class:`Credential`, or ``None`` for a token that is malformed, unknown,
            revoked, expired, or of a user who is archived or no longer internal: the caller
            learns nothing of which
        """
        if not key_token.well_formed(token):
            return None
        digest = key_token.digest(token)
        try:
            stored = self._stored_key(digest)
        except KeyError:
            return None
        if not consteq(stored.digest, digest):
            return None
        if stored.expires_at and stored.expires_at <= fields.Datetime.now():
            return None
        self._touch(stored.key_id, remote_addr)
        return Credential(
            kind="key",
            user_id=stored.user_id,
            key_id=stored.key_id,
            name=stored.name,
            access=stored.access,
            full_orm=stored.full_orm,
        )

    @api.model
    @ormcache("digest")
    def _stored_key(self, digest):
        """The usable key with this digest.

        Raises for an unknown one, so that guesses do not fill the cache.

        :raises KeyError: there is none
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT k.id, k.digest, k.user_id, k.name, k.access, COALESCE(k.full_orm, FALSE), k.expires_at
                  FROM jsonrpc_key k
                  JOIN res_users u ON u.id = k.user_id
                 WHERE k.digest = %s AND k.active AND u.active AND NOT COALESCE(u.share, FALSE)
                """,
                digest,
            )
        )
        row = self.env.cr.fetchone()
        if row is None:
            raise KeyError
        return _StoredKey(*row)

    @api.model
    def _touch(self, key_id, remote_addr):
        """Note the use of a key, at most once a minute, without making the caller wait.

        In a transaction of its own: the request's may be read-only, rolled back or replayed.
        A row that another worker holds is skipped rather than waited for.
        """
        now = time.monotonic()
        touched = self.env.registry.__dict__.setdefault("_jsonrpc_key_touched", {})
        if now - touched.get(key_id, -_TOUCH_INTERVAL) < _TOUCH_INTERVAL:
            return
        touched[key_id] = now
        try:
            with self.env.registry.cursor() as cr:
                cr.execute(
                    SQL(
                        """
                        SET LOCAL synchronous_commit TO off;
                        UPDATE jsonrpc_key
                           SET last_used_at = date_trunc('second', now() AT TIME ZONE 'UTC'),
                               last_used_from = %(address)s
                         WHERE id = (
                               SELECT id
                                 FROM jsonrpc_key
                                WHERE id = %(key_id)s
                                  AND (last_used_at IS NULL
                                       OR last_used_at < now() AT TIME ZONE 'UTC' - interval %(interval)s)
                                  FOR NO KEY UPDATE SKIP LOCKED)
                        """,
                        address=remote_addr,
                        key_id=key_id,
                        interval=f"{_TOUCH_INTERVAL} seconds",
                    ),
                    log_exceptions=False,
                )
        except psycopg2.errors.SerializationFailure:
            _logger.debug("Another worker has just noted the last use of API key %s", key_id)
        except psycopg2.Error:
            _logger.warning("The last use of API key %s could not be noted", key_id, exc_info=True)
