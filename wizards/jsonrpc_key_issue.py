"""The wizard that issues an API key, and the page that shows its token, once.

It knows what people are asked; who may issue which key is :meth:`JsonrpcKey._issue`'s
business, and it must not be decided here: a wizard's values are whatever a client sent.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.http import db_list

from odoo.addons.base.models.res_users import check_identity

from ..models.jsonrpc_key import ACCESS

#: The values are core's (``res.users.apikeys.description``): days, and two special ones.
_NEVER, _CUSTOM = "0", "-1"
_USUAL = "90"


class JsonrpcKeyIssue(models.TransientModel):
    _name = "jsonrpc.key.issue"
    _description = "Issue a JSON-RPC API Key"
    _transient_max_hours = 0.2

    name = fields.Char(
        required=True,
        help="The system that will hold the key, and what for: it tells one key from another later.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Acts as",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        ondelete="cascade",
        help="Calls with this key have the rights of this user, and never more. Best is a user made for this system.",
    )
    duration = fields.Selection(
        selection="_selection_duration",
        string="Expires",
        required=True,
        default=lambda self: self._default_duration(),
        help="The key is refused after this time.",
    )
    expires_at = fields.Datetime(string="Expires on")
    access = fields.Selection(ACCESS, required=True, default="read")
    full_orm = fields.Boolean(
        string="Full ORM access",
        help="Also accept the key on /jsonrpc/2/object, where every model and public method that the user may use "
        "can be called. Leave it off for keys of the curated API.",
    )

    @api.model
    def _selection_duration(self):
        """The durations that core allows the current user for its own API keys."""
        labels = {
            "1": self.env._("In 1 day"),
            "7": self.env._("In 1 week"),
            "30": self.env._("In 1 month"),
            "90": self.env._("In 3 months"),
            "180": self.env._("In 6 months"),
            "365": self.env._("In 1 year"),
            _NEVER: self.env._("Never"),
            _CUSTOM: self.env._("On a date of your choice"),
        }
        allowed = self.env["res.users.apikeys.description"]._selection_duration()
        return [(value, labels.get(value, label)) for value, label in allowed]

    @api.model
    def _default_duration(self):
        """Three months, or as long as the current user may."""
        allowed = [value for value, _label in self._selection_duration() if value not in (_NEVER, _CUSTOM)]
        return _USUAL if _USUAL in allowed else (allowed or [_CUSTOM])[-1]

    def _expiry(self):
        """When the key is to expire.

        :returns: a naive UTC datetime, or ``None`` for never
        :raises ValidationError: a date of one's own was chosen, and not given; or a duration that
            is not offered (the ORM does not check selections that are computed)
        """
        if self.duration not in dict(self._selection_duration()):
            raise ValidationError(self.env._("You cannot choose this duration."))
        if self.duration == _NEVER:
            return None
        if self.duration != _CUSTOM:
            return fields.Datetime.now() + timedelta(days=int(self.duration))
        if not self.expires_at:
            raise ValidationError(self.env._("Choose the date on which the key expires."))
        return self.expires_at

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
        _key, token = self.env["jsonrpc.key"]._issue(
            name=self.name,
            user=self.user_id,
            access=self.access,
            full_orm=self.full_orm,
            expires_at=self._expiry(),
        )
        # sudo: users cannot delete wizards, and one that is done must not issue a second key.
        self.sudo().unlink()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Your new API key"),
            "res_model": "jsonrpc.key.show",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_token": token, "default_curl": self._curl(token)},
        }

    @api.model
    def _curl(self, token):
        """A line to paste into a shell that calls this database with the token."""
        url = self.get_base_url()
        # Where several databases answer under this host name, the caller has to say which.
        several = len(db_list(force=True, host=urlsplit(url).netloc)) > 1
        database = f"-H 'X-Odoo-Database: {self.env.cr.dbname}' " if several else ""
        return (
            f"curl {url}/jsonrpc/2/api -H 'Authorization: Bearer {token}' {database}"
            "-H 'Content-Type: application/json' "
            """-d '{"jsonrpc": "2.0", "method": "system.whoami", "id": 1}'"""
        )


class JsonrpcKeyShow(models.AbstractModel):
    """Has no table: the token goes from the action's context to the page, and nowhere else."""

    _name = "jsonrpc.key.show"
    _description = "Show a JSON-RPC API Key"

    # The web client asks for the defaults by ``onchange``, which wants an id.
    id = fields.Id()
    token = fields.Char(string="API key", readonly=True)
    curl = fields.Char(string="Try it in a shell", readonly=True)
