"""The wizard that replaces an API key by a new one with the same settings.

It knows what people are asked; what it takes is :meth:`JsonrpcKey._rotate`'s business.
"""

from datetime import timedelta

from odoo import fields, models

from odoo.addons.base.models.res_users import check_identity


class JsonrpcKeyRotate(models.TransientModel):
    _name = "jsonrpc.key.rotate"
    _inherit = "jsonrpc.key.duration"
    _description = "Replace a JSON-RPC API Key"
    _transient_max_hours = 0.2

    key_id = fields.Many2one("jsonrpc.key", required=True, readonly=True, ondelete="cascade")
    overlap = fields.Selection(
        [
            ("0", "At once"),
            ("1", "In 1 hour"),
            ("24", "In 1 day"),
            ("168", "In 1 week"),
            ("720", "In 1 month"),
        ],
        string="The old key ends",
        required=True,
        default="24",
        help="Until then both keys are good: give the system that holds the old one the new one meanwhile.",
    )

    @check_identity
    def action_rotate(self):
        """Issue the successor and open the page that shows its token.

        :returns: a window action
        :raises AccessError: the current user may not issue such a key
        :raises UserError: the key is revoked, or replaced already
        """
        self.ensure_one()
        successor, token = self.key_id._rotate(overlap=timedelta(hours=int(self.overlap)), expires_at=self._expiry())
        # sudo: users cannot delete wizards, and one that is done must not issue a second key.
        self.sudo().unlink()
        return self.env["jsonrpc.key.show"]._show(successor, token)
