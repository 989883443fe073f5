"""The name behind a many2one, read with the record itself where it is one column that every reader may see.

That is so for countries, currencies, stages and most of what many2ones point to; it saves a search
with its access rules and a query. Everything else is :class:`~.reader.Reader`'s business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...compat import odoo_orm
from ..definition import FieldDef
from ..view import View

if TYPE_CHECKING:
    from odoo.models import BaseModel
    from odoo.tools import SQL, Query


def name_column(model: BaseModel, line: FieldDef, view: View, query: Query) -> SQL | None:
    """The column with the names, joined to a query; ``None`` where they have to be asked for.

    :param model: with the environment of the caller
    :param line: a many2one of the resource, stored in a column
    :param query: of ``_search`` on the model; only changed if there is a column
    """
    comodel = model.env[line.comodel]
    if not _is_column(comodel) or not comodel.has_access("read") or not view.target_domain(line).is_true():
        return None
    if not odoo_orm.rule_domain(comodel, "read").is_true():
        return None
    _comodel, alias = model._fields[line.field].join(model, model._table, query)
    return comodel._field_to_sql(alias, comodel._rec_name, query)


def _is_column(comodel: BaseModel) -> bool:
    name = comodel._fields.get(comodel._rec_name)
    return (
        name is not None
        and name.store
        and name.type == "char"
        and not name.groups
        and not name.company_dependent
        and not any(odoo_orm.is_overridden(comodel, way) for way in odoo_orm.READING)
    )
