"""A field, or one behind the many2ones that lead to it -> the SQL of its values, as the caller may see them.

``country.code`` is the code of the country if the caller sees that country and NULL otherwise. It must not
know what is done with the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from odoo.tools import SQL

from ..definition import FieldDef
from ..failures import Failures
from ..kinds import KINDS
from ..view import View
from .domain import MAX_DEPTH
from .lean import lean

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel
    from odoo.tools import Query

_ZERO = SQL("0")
#: What stands for an empty value, as reading gives it; elsewhere that is NULL.
_EMPTY = {
    "boolean": SQL("FALSE"),
    **dict.fromkeys(("integer", "many2one_reference", "float", "monetary"), _ZERO),
}
_TEXTS = frozenset({"char", "text", "html", "selection"})


@dataclass(frozen=True, slots=True)
class Step:
    """A many2one that a path follows.

    :ivar view: what it is a field of
    :ivar target: what the caller sees of its other side
    """

    view: View
    line: FieldDef
    target: View


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A field of a resource, or one behind its relations."""

    steps: tuple[Step, ...]
    view: View
    line: FieldDef


def parse_field_path(env: Environment, view: View, text: str, failures: Failures, path: str) -> FieldPath | None:
    """Check a path.

    :param text: external names joined by dots
    :param failures: gets what is wrong: what is no readable field here, or cannot be read in a SELECT
    :returns: ``None`` where something is wrong
    """
    steps: list[Step] = []
    *relations, last = text.split(".")
    for name in relations:
        line = _column_field(view, name, failures, path)
        if line is None:
            return None
        target = view.target(env, line)
        if target is None:
            failures.unknown(path)
            return None
        if len(steps) == MAX_DEPTH:
            failures.add(path, "too_deep", f"At most {MAX_DEPTH} relations can be followed")
            return None
        steps.append(Step(view, line, target))
        view = target
    line = _column_field(view, last, failures, path)
    return None if line is None else FieldPath(tuple(steps), view, line)


def _column_field(view: View, name: str, failures: Failures, path: str) -> FieldDef | None:
    line = view.readable.get(name)
    if line is None:
        failures.unknown(path)
        return None
    # What a model reads in a way of its own has no value that SQL could tell.
    if not line.column or not view.resource.direct or line.type not in KINDS:
        failures.add(path, "not_groupable", f"Records cannot be grouped by {name}, nor measured by it")
        return None
    return line


class PathColumns:
    """The SQL of paths, within one query.

    :param model: with the environment of the caller
    :param query: of ``_search`` on the model; gets the joins that paths need
    """

    def __init__(self, model: BaseModel, query: Query):
        self._model = model
        self._query = query
        self._joined: dict[tuple[Step, ...], tuple[BaseModel, str]] = {(): (model, model._table)}

    def value(self, path: FieldPath) -> SQL:
        """The value of a field as reading gives it: 0 for an empty number, NULL for an empty text.

        Behind a relation it is NULL where there is no record that the caller sees.
        """
        model, alias = self._followed(path.steps)
        value = model._field_to_sql(alias, path.line.field, self._query)
        if path.line.type in _TEXTS:
            value = SQL("NULLIF(%s, '')", value)
        elif path.line.type in _EMPTY:
            value = SQL("COALESCE(%s, %s)", value, _EMPTY[path.line.type])
        if path.steps:
            value = SQL("CASE WHEN %s IS NOT NULL THEN %s END", SQL.identifier(alias, "id"), value)
        return value

    def beside(self, path: FieldPath, field: str) -> SQL:
        """The column of another field of the record that a path's field belongs to.

        :param field: its name in the model
        """
        model, alias = self._followed(path.steps)
        return model._field_to_sql(alias, field, self._query)

    def _followed(self, steps: tuple[Step, ...]) -> tuple[BaseModel, str]:
        """The model and the alias behind some relations; joins them."""
        if steps not in self._joined:
            model, alias = self._followed(steps[:-1])
            self._joined[steps] = self._join(model, alias, steps[-1])
        return self._joined[steps]

    def _join(self, model: BaseModel, alias: str, step: Step) -> tuple[BaseModel, str]:
        comodel = step.target.model(model.env)
        coalias = self._query.make_alias(alias, f"{step.line.field}__seen_{step.line.name}")
        condition = SQL(
            "%s = %s",
            model._field_to_sql(alias, step.line.field, self._query),
            SQL.identifier(coalias, "id"),
        )
        if not comodel.has_access("read"):
            condition = SQL("FALSE")
        else:
            seen = lean(comodel)._search(step.view.target_domain(step.line), active_test=False)
            if seen.where_clause:
                condition = SQL("%s AND %s IN %s", condition, SQL.identifier(coalias, "id"), seen.subselect())
        self._query.add_join("LEFT JOIN", coalias, comodel._table, condition)
        return comodel, coalias
