"""What the gateway takes with it when it is uninstalled, beyond what Odoo knows to be its own.

It must not know what the parameters mean.
"""

from odoo import models
from odoo.fields import Domain

from ..engine.events import triggers

#: System parameters that General Settings make and unmake lose the XML id that Odoo would
#: find them by.
_PARAMETERS = Domain("key", "=like", "jsonrpc\\_gateway.%") | Domain("key", "=", "web.cors.origins")


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def module_uninstall(self):
        """Leave no system parameter of ours behind, no trigger, nor our scripts in the bundles that Odoo keeps."""
        if "jsonrpc_gateway" in self.mapped("name"):
            # Before their table is gone: every write to a followed table would fail.
            triggers.drop_all(self.env.cr)
            # sudo: uninstalling is asked for by administrators, and goes on as the superuser.
            self.env["ir.config_parameter"].sudo().search(_PARAMETERS).unlink()
            self.env["ir.attachment"].sudo().regenerate_assets_bundles()
        return super().module_uninstall()
