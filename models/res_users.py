"""Changes of users that change what their API keys may do hold at the next call, in every worker."""

from odoo import models

from ..engine.compat import odoo_base
from .registry_cache import forget_caches


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Archived users lose their keys, and users who leave a company lose it in their calls."""
        result = super().write(vals)
        if odoo_base.session_fields(self) & vals.keys():
            forget_caches(self.env)
        return result

    def unlink(self):
        """The keys go with their user (``ondelete``), past :meth:`JsonrpcKey.unlink`."""
        result = super().unlink()
        forget_caches(self.env)
        return result

    def _compute_share(self):
        """Internal users who become portal users lose their keys; every change of groups comes by here."""
        result = super()._compute_share()
        forget_caches(self.env)
        return result
