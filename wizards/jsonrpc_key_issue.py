"""The wizard that issues an API key.

It knows what people are asked; who may issue which key is :meth:`JsonrpcKey._issue`'s
business, and it must not be decided here: a wizard's values are whatever a client sent.
"""

from odoo import api, fields, models

from odoo.addons.base.models.res_users import check_identity

from ..models.key.jsonrpc_key import ACCESS, KINDS, REACHES


class JsonrpcKeyIssue(models.TransientModel):
    _name = "jsonrpc.key.issue"
    _inherit = "jsonrpc.key.duration"
    _description = "Issue a JSON-RPC API Key"
    _transient_max_hours = 0.2

    name = fields.Char(
        required=True,
        help="The system that will hold the key, and what for: it tells one key from another later.",
    )
    kind = fields.Selection(
        KINDS,
        required=True,
        default="secret",
        help="A secret key is kept on a server. A publishable key may stand in a web page, for everybody to read: "
        "it reaches only what is marked for that, and only from pages of its origins.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Acts as",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        ondelete="cascade",
        help="Calls with this key have the rights of this user, and never more. Best is a user made for this system.",
    )
    origins = fields.Char(
        string="Only from pages of",
        help="Origins of the web pages that the key stands in, for example https://shop.example.com, separated by "
        "commas.",
    )
    access = fields.Selection(ACCESS, required=True, default="read")
    reach = fields.Selection(
        REACHES,
        required=True,
        default="all",
        help="Everything that its user may do, or less: a restricted key may do what is granted, and nothing else.",
    )
    grant_ids = fields.One2many("jsonrpc.key.issue.grant", "wizard_id", string="Grants")
    full_orm = fields.Boolean(
        string="Full ORM access",
        help="Also accept the key on /jsonrpc/2/object, where every model and public method that the user may use "
        "can be called. Leave it off for keys of the curated API.",
    )

    @api.onchange("kind")
    def _onchange_kind(self):
        self.user_id = self.env.user if self.kind == "secret" else False

    @api.onchange("kind", "reach")
    def _onchange_full_orm(self):
        if self.kind == "publishable" or self.reach == "restricted":
            self.full_orm = False

    @check_identity
    def action_issue(self):
        """Issue the key and open the page that shows its token.

        Asks for the user's password first, unless it was given within ten minutes. What waits
        for the password in the database is this wizard, which knows no token yet.

        :returns: a window action; its context is the only place where the token ever is
        :raises AccessError: the current user may not issue this key
        :raises ValidationError: the key could never be used, or would live longer than allowed
        """
        self.ensure_one()
        key, token = self.env["jsonrpc.key"]._issue(
            name=self.name,
            user=self.user_id or None,
            kind=self.kind,
            access=self.access,
            reach=self.reach,
            grants={grant.namespace: grant._actions() for grant in self.grant_ids},
            full_orm=self.full_orm,
            expires_at=self._expiry(),
            origins=self.origins,
        )
        # sudo: users cannot delete wizards, and one that is done must not issue a second key.
        self.sudo().unlink()
        return self.env["jsonrpc.key.show"]._show(key, token)


class JsonrpcKeyIssueGrant(models.TransientModel):
    _name = "jsonrpc.key.issue.grant"
    _inherit = "jsonrpc.grant.mixin"
    _description = "Grant of a JSON-RPC API Key to Be Issued"
    _transient_max_hours = 0.2

    wizard_id = fields.Many2one("jsonrpc.key.issue", required=True, index=True, ondelete="cascade")
