"""What happens to users that ends the use of their API keys.

It must not know keys beyond that: authentication itself asks whether the user is active.
"""

from odoo import models

from . import registry_cache


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Archived users lose their keys at the next request, everywhere."""
        result = super().write(vals)
        if "active" in vals:
            registry_cache.forget(self.env)
        return result

    def unlink(self):
        """The keys go with their user (``ondelete``), past :meth:`JsonrpcKey.unlink`."""
        result = super().unlink()
        registry_cache.forget(self.env)
        return result

    def _compute_share(self):
        """Internal users who become portal users lose their keys; a change of groups ends here."""
        result = super()._compute_share()
        registry_cache.forget(self.env)
        return result
