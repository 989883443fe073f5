"""The model ``jsonrpc.key``: an API key that acts as one user, and who may manage it.

It knows what a key is; it must not know how a token finds it (``jsonrpc_key_auth.py``), nor HTTP.
"""

import logging
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain

from ..engine.access import origin, token_format
from ..engine.protocol.spec import ACTIONS
from . import registry_cache

_logger = logging.getLogger(__name__)

#: How long before its end a key counts as expiring, and its holder is warned.
EXPIRING = timedelta(days=14)

#: Where a key may be kept.
KINDS = [("secret", "Secret, for servers"), ("publishable", "Publishable, for web pages")]

#: What is open to a key of what its user may do.
REACHES = [("all", "Everything"), ("restricted", "Only what is granted below")]

#: The most that methods called with a key may do.
ACCESS = [("read", "Read"), ("write", "Read and write")]

#: What may be changed of a key once it is issued.
SETTINGS = frozenset(
    {
        "name",
        "access",
        "reach",
        "grant_ids",
        "full_orm",
        "expires_at",
        "company_ids",
        "addresses",
        "origins",
        "log_level",
    }
)


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
    kind = fields.Selection(
        KINDS,
        required=True,
        default="secret",
        readonly=True,
        help="A secret key is kept on a server. A publishable key may stand in a web page, for everybody to read: "
        "it reaches only what is marked for that, and only from pages of its origins.",
    )
    access = fields.Selection(
        ACCESS,
        required=True,
        default="read",
        help="A key that reads is stopped by the database itself when a method tries to change something.",
    )
    reach = fields.Selection(
        REACHES,
        required=True,
        default="all",
        help="Everything that its user may do, or less: a restricted key may do what its lines grant, and nothing "
        "without any. No grant gives it more than its user and its access allow.",
    )
    grant_ids = fields.One2many("jsonrpc.key.grant", "key_id", string="Grants")
    rights = fields.Char(compute="_compute_rights", help="What the key may do, in a few words.")
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
        [("active", "Active"), ("expiring", "Expiring"), ("expired", "Expired"), ("revoked", "Revoked")],
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

    @api.depends("kind", "access", "reach", "grant_ids.namespace", *(f"grant_ids.may_{action}" for action in ACTIONS))
    def _compute_rights(self):
        for key in self:
            if key.reach == "restricted":
                lines = (f"{grant.namespace}: {grant._described()}" for grant in key.grant_ids)
                key.rights = "; ".join(lines) or self.env._("Nothing yet")
            elif key.kind == "publishable":
                read = key.access == "read"
                key.rights = self.env._("What is publishable, read-only") if read else self.env._("What is publishable")
            elif key.access == "read":
                key.rights = self.env._("Everything, read-only")
            else:
                key.rights = self.env._("Everything")

    # ------------------------------------------------------------------
    # Management
    # ------------------------------------------------------------------

    @api.model
    def _issue(
        self,
        *,
        name,
        user=None,
        kind="secret",
        access="read",
        reach=None,
        grants=None,
        full_orm=False,
        expires_at=None,
        **restrictions,
    ):
        """Make a key; the only moment at which its token is known.

        :param str name: what the key is for
        :param user: the ``res.users`` record that the key acts as; an internal user, and
            only a Settings administrator may choose another one than themselves. A publishable
            key acts as the public user unless a Settings administrator chooses another
        :param str kind: ``"secret"`` or ``"publishable"``
        :param str access: ``"read"`` or ``"write"``, the most that methods may do
        :param str reach: ``"all"``, or ``"restricted"`` to the grants; by default the one that
            fits whether there are any
        :param dict grants: actions (:data:`~..engine.protocol.spec.ACTIONS`) by namespace
        :param bool full_orm: also accept the key on ``/jsonrpc/2/object``
        :param restrictions: ``company_ids`` (ids), ``addresses``, ``origins``
        :param expires_at: naive UTC datetime, or ``None`` for a key that never expires
        :returns: ``(key, token)``; the token is stored nowhere
        :raises AccessError: the current user may not issue this key
        :raises ValidationError: the key could never be used, or would live longer than core
            allows the current user's own API keys (``api_key_duration`` of their groups)
        """
        public = self.env["res.users"].browse(self._public_user_id())
        if user is None:
            user = public if kind == "publishable" else self.env.user
        self._check_may_issue(user, full_orm=full_orm, kind=kind)
        self.env["res.users.apikeys"]._check_expiration_date(expires_at)
        if expires_at and expires_at <= fields.Datetime.now():
            raise ValidationError(self.env._("The key would expire in the past."))
        token = token_format.generate(kind)
        company_ids = restrictions.pop("company_ids", ())
        # sudo: nobody has the right to create keys, so that none exists without its token
        # having been made here and its issuer checked above.
        key = self.sudo().create(
            {
                "name": name,
                "user_id": user.id,
                "kind": kind,
                "access": access,
                "reach": reach or ("all" if grants is None else "restricted"),
                "full_orm": full_orm,
                "expires_at": expires_at,
                "token_hint": token_format.hint(token),
                "digest": token_format.digest(token),
                "company_ids": [Command.set(list(company_ids))],
                **restrictions,
            }
        )
        # sudo: the line of a key that acts as another user is the issuer's to make, too.
        lines = self.env["jsonrpc.key.grant"].sudo()
        lines.create([{"key_id": key.id, **lines._values(*grant)} for grant in (grants or {}).items()])
        # Guesses are not remembered, so that there is nothing to forget but the origins of pages.
        if key.origins:
            registry_cache.forget(self.env)
        _logger.info("API key %s issued for user %s by user %s", key.id, user.id, self.env.uid)
        return key.sudo(False), token

    def _check_may_issue(self, user, *, full_orm=False, kind="secret"):
        """:raises AccessError: see :meth:`_issue`"""
        if self.env.su:
            return
        if not self.env.user.has_group("jsonrpc_gateway.jsonrpc_gateway_group_user"):
            raise AccessError(self.env._("Only users of the JSON-RPC Gateway can issue API keys."))
        if kind == "publishable":
            if not self.env.user.has_group("jsonrpc_gateway.jsonrpc_gateway_group_manager"):
                raise AccessError(self.env._("Only a manager of the JSON-RPC Gateway can issue publishable keys."))
            # Whoever reads the page acts as this user.
            if user.id != self._public_user_id() and not self.env.is_system():
                raise AccessError(
                    self.env._("Only a Settings administrator can let a publishable key act as a user.")
                )
        elif user != self.env.user and not self.env.is_system():
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

    @api.model
    def _public_user_id(self):
        """Whom publishable keys act as, unless an administrator chose another user."""
        return self.env["ir.model.data"]._xmlid_to_res_id("base.public_user")

    @api.constrains("user_id", "kind")
    def _check_user(self):
        """:raises ValidationError: no key may act as this user

        The superuser is no one to act as: an environment of theirs skips all access rights.
        """
        for key in self:
            user = key.user_id
            if key.kind == "publishable" and user.id == self._public_user_id():
                continue
            if user.share or not user.active or user.id == SUPERUSER_ID:
                message = self.env._("API keys act as active internal users only, and %s is none.", user.name)
                raise ValidationError(message)

    @api.constrains("kind", "full_orm", "reach", "origins")
    def _check_kind(self):
        """:raises ValidationError: the key would be open to who must not have it, or to nobody"""
        for key in self:
            if key.full_orm and (key.kind == "publishable" or key.reach == "restricted"):
                raise ValidationError(
                    self.env._(
                        "%s: full ORM access reaches every model of the user. It is for secret keys, and goes "
                        "around grants: choose one or the other.",
                        key.name,
                    )
                )
            if key.kind == "publishable" and not origin.split(key.origins or ""):
                raise ValidationError(
                    self.env._("%s: name the origins of the pages that the publishable key stands in.", key.name)
                )

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
            fixed = vals.keys() - SETTINGS
            if fixed:
                names = ", ".join(sorted(fixed))
                raise AccessError(self.env._("These fields of an API key cannot be changed: %s", names))
            if vals.get("full_orm"):
                self._check_may_issue(self.env.user, full_orm=True)
        self._check_changeable()
        before = {key.id: key.expires_at for key in self}
        result = super().write(vals)
        self._check_later_expiry(before)
        registry_cache.forget(self.env)
        return result

    def _check_changeable(self):
        """:raises UserError: a key is revoked"""
        if any(not key.active for key in self):
            raise UserError(self.env._("A revoked API key cannot be changed. Issue a new one."))

    def _grants_changed(self):
        """Let changed lines hold from the next call on, everywhere.

        :raises UserError: a key is revoked
        """
        self._check_changeable()
        registry_cache.forget(self.env)

    def unlink(self):
        """Delete keys; their tokens are refused like unknown ones."""
        result = super().unlink()
        registry_cache.forget(self.env)
        return result

    def copy(self, default=None):
        """:raises UserError: always; a copy would be a key whose token nobody has"""
        raise UserError(self.env._("API keys cannot be duplicated. Issue a new one."))
