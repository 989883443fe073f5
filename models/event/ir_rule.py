"""Record rules decide who sees a record: the columns that they look at are followed, too."""

from odoo import api, models


class IrRule(models.Model):
    _inherit = "ir.rule"

    @api.model_create_multi
    def create(self, vals_list):
        """Follow what the rules look at."""
        rules = super().create(vals_list)
        self.env["jsonrpc.change.source"]._follow_again()
        return rules

    def write(self, vals):
        """Follow what the rules look at."""
        result = super().write(vals)
        self.env["jsonrpc.change.source"]._follow_again()
        return result

    def unlink(self):
        """Follow what the other rules look at."""
        result = super().unlink()
        self.env["jsonrpc.change.source"]._follow_again()
        return result
