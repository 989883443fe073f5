"""Keys go with their user, resources with their model, lines with their field: the trail says so.

PostgreSQL deletes them (``ondelete="cascade"``), past the ORM.
"""

from odoo import models

from .jsonrpc_audited import deletions_recorded


class ResUsers(models.Model):
    _inherit = "res.users"

    def unlink(self):
        """Delete users; the rows of their keys tell who held them."""
        with deletions_recorded(self):
            return super().unlink()


class IrModel(models.Model):
    _inherit = "ir.model"

    def unlink(self):
        """Delete models, as the uninstallation of an addon does."""
        if self.env["jsonrpc.audit"]._is_being_uninstalled():
            return super().unlink()
        with deletions_recorded(self):
            return super().unlink()


class IrModelFields(models.Model):
    _inherit = "ir.model.fields"

    def unlink(self):
        """Delete fields, as the uninstallation of an addon does."""
        if self.env["jsonrpc.audit"]._is_being_uninstalled():
            return super().unlink()
        with deletions_recorded(self):
            return super().unlink()
