"""Changed system parameters of the gateway are recorded, and hold from the next call on, in every worker."""

from odoo import api, models

from .registry_cache import forget_caches

#: How the names of the parameters begin that the gateway reads on every call.
_READ_BY_CALLS = ("jsonrpc_gateway.", "web.cors.origins")


class IrConfigParameter(models.Model):
    _name = "ir.config_parameter"
    _inherit = ["ir.config_parameter", "jsonrpc.audited"]

    @api.model_create_multi
    def create(self, vals_list):
        parameters = super().create(vals_list)
        parameters._jsonrpc_forget()
        return parameters

    def write(self, vals):
        self._jsonrpc_forget()
        result = super().write(vals)
        self._jsonrpc_forget()
        return result

    def unlink(self):
        self._jsonrpc_forget()
        return super().unlink()

    def _jsonrpc_forget(self):
        # "stable" is where Odoo keeps parameters.
        if self._audit_recorded():
            forget_caches(self.env, "stable")

    def _audit_recorded(self):
        """The gateway's own."""
        return self.filtered(lambda parameter: (parameter.key or "").startswith(_READ_BY_CALLS))
