"""Which fields of a selection stand in the SELECT of its records, and by which SQL.

It must not know how the records are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..definition import FieldDef
from .joined_names import name_column
from .selection import Selection

if TYPE_CHECKING:
    from odoo.models import BaseModel
    from odoo.tools import SQL, Query


@dataclass(frozen=True, slots=True)
class SelectedColumns:
    """The columns of one SELECT, the id and sort keys left out.

    :ivar lines: fields whose values are columns, in the order of the columns
    :ivar named: of these, the many2ones whose names follow, in the order in which they do
    :ivar sql: all of them
    """

    lines: tuple[FieldDef, ...]
    named: tuple[str, ...]
    sql: tuple[SQL, ...]


def direct_lines(selection: Selection) -> tuple[FieldDef, ...]:
    """The fields of a selection that SQL can read with the record."""
    return tuple(line for line in selection.lines if line.column) if selection.view.resource.direct else ()


def select_columns(model: BaseModel, selection: Selection, query: Query) -> SelectedColumns:
    """The columns for a selection.

    :param model: with the environment of the caller
    :param query: of ``_search`` on the model; gets the joins that columns need
    """
    lines = direct_lines(selection)
    columns = [model._field_to_sql(model._table, line.field, query) for line in lines]
    plain = [line for line in lines if line.comodel and line.name not in selection.nested]
    names = {line.name: name_column(model, line, selection.view, query) for line in plain}
    joined = {name: column for name, column in names.items() if column is not None}
    return SelectedColumns(lines, tuple(joined), (*columns, *joined.values()))
