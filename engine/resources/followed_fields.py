"""Which models and fields can be followed at all, and how a field is stored. It must not know definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odoo.tools.sql import TableKind, table_kind

from ..compat import odoo_orm

if TYPE_CHECKING:
    from odoo.fields import Field
    from odoo.models import BaseModel

#: Types whose values are kept as they were before a change, to tell who could see the record.
_KEPT = frozenset(
    {
        "boolean", "char", "date", "datetime", "float", "integer", "many2one", "many2one_reference", "monetary",
        "selection",
    }
)  # fmt: skip
#: Where a model has its own, only its code knows who sees a record.
_DECIDING = ("_check_access", "_search")


def can_be_followed(model: BaseModel) -> bool:
    """Whether it is told by a model's table, its record rules and nothing else who sees its records."""
    if any(odoo_orm.is_overridden(model, name) for name in _DECIDING):
        return False
    return table_kind(model.env.cr, model._table) == TableKind.Regular


def is_column_of(model: BaseModel, field: Field) -> bool:
    """Whether a field is a column of the model's own table."""
    return bool(field.store and field.column_type and not (field.type == "binary" and field.attachment))


def is_kept(model: BaseModel, field: Field) -> bool:
    """Whether the value of a field before a change can be kept: small, and the same for everybody."""
    return (
        is_column_of(model, field) and field.type in _KEPT and not field.translate and not field.company_dependent
    ) or field.name == "id"


def is_followed(model: BaseModel, field: Field) -> bool:
    """Whether a change of the value of a field is one of the record, for those who follow it."""
    if is_column_of(model, field) or (field.store and field.type == "many2many"):
        return True
    if field.store and field.type == "binary":
        return True
    return parent_column(model, field) is not None


def parent_column(model: BaseModel, field: Field) -> tuple[str, str] | None:
    """Where an inherited field (``_inherits``) is a column: the field that leads there, and the column."""
    if not field.inherited or field.store:
        return None
    link, _, name = field.related.partition(".")
    if "." in name or not model._fields[link].store:
        return None
    parent = model.env[model._fields[link].comodel_name]
    return (link, name) if is_column_of(parent, parent._fields[name]) else None
