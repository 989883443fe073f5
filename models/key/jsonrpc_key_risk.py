"""The abstract model ``jsonrpc.key.risk``: how much harm whoever holds a key may do, for people who look over keys."""

from odoo import api, fields, models


class JsonrpcKeyRisk(models.AbstractModel):
    _name = "jsonrpc.key.risk"
    _description = "Risk of a JSON-RPC API Key"

    risk = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High")],
        compute="_compute_risk",
        search="_search_risk",
        help="The harm that whoever holds the key may do, from what it may do and as whom.",
    )
    risk_reason = fields.Char(compute="_compute_risk", help="Why.")

    @api.depends("full_orm", "access", "reach", "kind", "user_id", "expires_at")
    def _compute_risk(self):
        for key in self:
            reason = key._high_risk()
            key.risk_reason = reason
            key.risk = "high" if reason else key._lower_risk()

    def _search_risk(self, operator, value):
        if operator != "in":
            return NotImplemented
        keys = self.with_context(active_test=False).search([])
        return [("id", "in", keys.filtered(lambda key: key.risk in value).ids)]

    def _high_risk(self):
        """Why the risk is high, in a few words; false where it is not."""
        self.ensure_one()
        # sudo: groups of a user are for administrators to read, and no secret to who may see the key.
        administrator = self.user_id.sudo().has_group("base.group_system")
        if self.full_orm and self.access == "write":
            return self.env._("it may change every record that its user may change.")
        if self.full_orm and administrator:
            return self.env._("it may read everything, as an administrator.")
        if self.kind == "publishable" and self.access == "write" and self.user_id.id != self._public_user_id():
            return self.env._("every visitor of its pages may write as its user.")
        if self.reach == "all" and self.access == "write" and administrator:
            return self.env._("it may change everything that is exposed, as an administrator.")
        return False

    def _lower_risk(self):
        self.ensure_one()
        wide = self.reach == "all" and self.access == "write"
        return "medium" if wide or self.full_orm or not self.expires_at else "low"
