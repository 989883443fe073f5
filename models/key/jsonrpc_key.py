"""The model ``jsonrpc.key``: an API key that acts as one user, what it may do, and who may change it."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.base.models.res_users import check_identity

from ...engine.access import network, origin, token_format
from ...engine.protocol.spec import ACTIONS
from ..call.jsonrpc_call import LEVELS
from ..registry_cache import forget_caches

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
    _inherit = [
        "jsonrpc.key.lifetime",
        "jsonrpc.key.issuing",
        "jsonrpc.key.power",
        "jsonrpc.key.risk",
        "jsonrpc.key.rotation",
        "jsonrpc.key.authentication",
        "jsonrpc.audited",
        "jsonrpc.plain.text",
    ]
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
    token_hint = fields.Char(string="Token", readonly=True, help="The first characters of the token.")
    digest = fields.Char(required=True, readonly=True, copy=False, groups=fields.NO_ACCESS)
    last_used_at = fields.Datetime(string="Last used", readonly=True, copy=False)
    last_used_from = fields.Char(string="Last used from", readonly=True, copy=False)
    company_ids = fields.Many2many(
        "res.company",
        relation="jsonrpc_key_company_rel",
        column1="key_id",
        column2="company_id",
        # A company that goes must not leave a key without its restriction.
        ondelete="restrict",
        string="Only in these companies",
        help="Calls see and change records of these companies only. Empty: all companies of the user.",
    )
    addresses = fields.Char(
        string="Only from these addresses",
        help="IPv4 and IPv6 addresses or networks, for example 192.0.2.7, 2001:db8::/32. Empty: from everywhere.",
    )
    origins = fields.Char(
        string="Only from pages of",
        help="Origins of web pages, for example https://shop.example.com. Browsers let them call the gateway with "
        "this key. Empty: programs and pages that are allowed in the settings.",
    )
    # For managers: nobody hides what their own key does.
    log_level = fields.Selection(
        LEVELS,
        string="Log of calls",
        groups="jsonrpc_gateway.jsonrpc_gateway_group_manager",
        help="What is kept of the calls with this key; empty for what the settings say. Secrets are never kept.",
    )
    client_id = fields.Char(
        compute="_compute_client_id",
        string="Client ID",
        help="For OAuth 2.0 clients: with the token as client secret, /jsonrpc/2/token gives out access tokens "
        "that live for minutes.",
    )

    #: They tell of the use of a key, not of a change.
    _audit_ignored = frozenset({"last_used_at", "last_used_from", "warned_days", "warned_of"})
    #: Names of the fields that may be changed once a key is issued.
    _settings = SETTINGS

    _digest_unique = models.UniqueIndex("(digest)")
    _origins_index = models.Index("(origins) WHERE active AND origins IS NOT NULL")

    def _compute_client_id(self):
        for key in self:
            key.client_id = token_format.client_id_of_key(key.id)

    @api.depends(
        "kind",
        "access",
        "reach",
        "full_orm",
        "grant_ids.namespace",
        *(f"grant_ids.may_{action}" for action in ACTIONS),
    )
    def _compute_rights(self):
        for key in self:
            if key.full_orm:
                read = key.access == "read"
                key.rights = self.env._("Full ORM access, read-only") if read else self.env._("Full ORM access")
            elif key.reach == "restricted":
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
    # Checks
    # ------------------------------------------------------------------

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
            if key.kind == "publishable" and not origin.split_origins(key.origins or ""):
                raise ValidationError(
                    self.env._("%s: name the origins of the pages that the publishable key stands in.", key.name)
                )

    @api.constrains("origins", "addresses")
    def _check_where(self):
        """:raises ValidationError: an item is no origin of pages, or no address or network"""
        for key in self:
            check_origins(self.env, key.origins or "")
            for text in network.split_networks(key.addresses or ""):
                try:
                    network.parse_network(text)
                except ValueError as exc:
                    raise ValidationError(
                        self.env._(
                            "%s is neither an address nor a network: write it as 192.0.2.7, 192.0.2.0/24 "
                            "or 2001:db8::/32.",
                            text,
                        )
                    ) from exc

    @api.constrains("company_ids", "user_id")
    def _check_companies(self):
        """:raises ValidationError: the user does not belong to a company"""
        for key in self:
            # sudo: a manager of keys need not belong to the companies of all users.
            foreign = key.sudo().company_ids - key.user_id.sudo().company_ids
            if foreign:
                names = {"user": key.user_id.name, "company": foreign[0].name}
                raise ValidationError(self.env._("%(user)s does not belong to %(company)s.", **names))

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------

    def write(self, vals):
        """Change the settings of keys.

        :raises AccessError: what identifies a key, or whether it is revoked, was to be changed
            by hand, or a key was to be given more than the current user may give
        :raises RedirectWarning: the change gives a key more, and asks for the password
        :raises UserError: the key is revoked
        :raises ValidationError: the key would live longer than the current user may let it
        """
        if not self.env.su:
            fixed = vals.keys() - SETTINGS
            if fixed:
                names = ", ".join(sorted(fixed))
                raise AccessError(self.env._("These fields of an API key cannot be changed: %s", names))
        self._check_changeable()
        before = {key.id: key.expires_at for key in self}
        with self._power_kept():
            result = super().write(vals)
        self._check_later_expiry(before)
        forget_caches(self.env)
        return result

    def _grants_changed(self):
        """Let changed lines hold from the next call on, everywhere.

        :raises UserError: a key is revoked
        """
        self._check_changeable()
        forget_caches(self.env)

    def unlink(self):
        """Delete keys; their tokens are refused like unknown ones."""
        result = super().unlink()
        forget_caches(self.env)
        return result

    def _audit_holder(self):
        return self.user_id

    def _audit_action(self, action, changes):
        if action == "changed" and any(change["field"] == "active" and not change["new"] for change in changes):
            return "revoked"
        return "issued" if action == "created" else action

    def copy(self, default=None):
        """:raises UserError: always; a copy would be a key whose token nobody has"""
        raise UserError(self.env._("API keys cannot be duplicated. Issue a new one."))

    @check_identity
    def action_confirm_identity(self):
        """Ask for the user's password, unless it was given within ten minutes; then say what to do next."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Thank you. Now save your change."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_calls(self):
        """The calls that were made with the keys."""
        facet = (", ".join(self.mapped("name")), [("key_id", "in", self.ids)])
        return self.env["jsonrpc.call"]._action_open(facet, search_default_today=1)


def check_origins(env, text):
    """Check that every item of a list is an origin.

    :param text: separated by commas
    :raises ValidationError: an item is no origin of web pages
    """
    for item in origin.split_origins(text):
        if not origin.is_origin(item):
            raise ValidationError(
                env._(
                    "%s is not the origin of a web page: write it as https://shop.example.com, "
                    "without a path, in lower case.",
                    item,
                )
            )
