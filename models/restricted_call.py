"""What a key must not do, refused by Odoo's own checks while it makes a call: whatever way the call takes.

The companies of its user are those of the key, so that no context opens others; and it has no right on
the models of the gateway, so that none lifts its own restriction, by import or by commands of another record.
"""

from odoo import api, models
from odoo.exceptions import AccessError

from ..engine.access.companies import companies_in_force
from ..engine.access.restriction import restriction_of


class ResUsers(models.Model):
    _inherit = "res.users"

    def _get_company_ids(self):
        """Only those of the key that calls as this user."""
        own, restriction = super()._get_company_ids(), restriction_of(self.env.cr)
        if restriction is None or restriction.company_ids is None or restriction.user_id != self.id:
            return own
        return companies_in_force(own, restriction.company_ids)


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _compute_domain_context_values(self):
        """Domains are cached for each user and context: and for each restriction, which changes the companies."""
        yield from super()._compute_domain_context_values()
        restriction = restriction_of(self.env.cr)
        yield restriction and restriction.company_ids


class IrModelAccess(models.Model):
    _inherit = "ir.model.access"

    @api.model
    def check(self, model, mode="read", raise_exception=True):
        """No right on the gateway's own models, while a key calls; its own bookkeeping does not ask."""
        if not self.env.su and model.startswith("jsonrpc.") and restriction_of(self.env.cr) is not None:
            if raise_exception:
                raise AccessError(self.env._("The gateway is not administered with its own keys (%s).", model))
            return False
        return super().check(model, mode, raise_exception)
