"""Fields and models that go: no trigger may name them any more, or every write to their table would fail."""

from odoo import models

from ...engine.events import triggers


class IrModelFields(models.Model):
    _inherit = "ir.model.fields"

    def unlink(self):
        """Follow without the fields."""
        tables = {self.env[field.model]._table for field in self if field.model in self.env}
        columns = [name for field in self for name in (field.name, field.column1) if name]
        tables.update(field.relation_table for field in self if field.relation_table)
        followed = triggers.drop_mentioning(self.env.cr, tables, columns)
        result = super().unlink()
        if followed:
            self.env["jsonrpc.change.source"]._follow_again()
        return result


class IrModel(models.Model):
    _inherit = "ir.model"

    def unlink(self):
        """Follow without the models."""
        tables = [self.env[model.model]._table for model in self if model.model in self.env]
        followed = triggers.drop_mentioning(self.env.cr, tables)
        result = super().unlink()
        if followed:
            self.env["jsonrpc.change.source"]._follow_again()
        return result
