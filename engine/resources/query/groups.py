"""A domain and columns -> one page of groups of records, in one SELECT over the query of ``_search``.

Values are those that reading gives: an empty number is 0, an empty text is NULL. Numbers are added as
decimals, so a sum is exact. It must not know params, nor the text of cursors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from ..failures import Failures
from ..kinds import KINDS
from ..view import View
from .field_path import FieldPath, PathColumns
from .lean import lean
from .order import Key, key_texts, order_clause, page_segments
from .prefix import combine_conditions
from .reader import Reader
from .selection import Selection

if TYPE_CHECKING:
    from odoo.api import Environment

#: By operator of a condition, its SQL; with these two ``null`` is a value.
COMPARISONS = {
    "=": SQL("IS NOT DISTINCT FROM"),
    "!=": SQL("IS DISTINCT FROM"),
    "<": SQL("<"),
    "<=": SQL("<="),
    ">": SQL(">"),
    ">=": SQL(">="),
}
#: By function of a measure, its SQL.
FUNCTION_SQL = {
    "count_distinct": "COUNT(DISTINCT %s)",
    "sum": "COALESCE(SUM(%s), 0)",
    "avg": "AVG(%s)",
    "min": "MIN(%s)",
    "max": "MAX(%s)",
}
_COMBINED = {
    "&": lambda one, other: SQL("(%s AND %s)", one, other),
    "|": lambda one, other: SQL("(%s OR %s)", one, other),
    "!": lambda one: SQL("(NOT %s)", one),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A member of the answer's groups.

    :ivar name: as the caller wrote it
    :ivar path: ``None`` for the number of records
    :ivar function: for a measure
    :ivar bucket: for dates that are grouped by
    :ivar currency: the field beside it that tells the currency of an amount
    """

    name: str
    path: FieldPath | None = None
    function: str | None = None
    bucket: str | None = None
    currency: str | None = None

    @property
    def type(self) -> str:
        """The type of its SQL values, a key of :data:`~..kinds.KINDS`."""
        if self.path is None or self.function == "count_distinct":
            return "integer"
        if self.bucket:
            return "datetime"
        return "float" if self.function == "avg" else self.path.line.type


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a measure."""

    measure: Column
    operator: str
    value: Any


class Groups(NamedTuple):
    """One page.

    :ivar groups: objects
    :ivar end: the sort keys of the last one; ``None`` where nothing comes after it
    """

    groups: list[dict[str, Any]]
    end: tuple[str | None, ...] | None


@dataclass(frozen=True, slots=True)
class Grouping:
    """What to group and how.

    :ivar domain: on the model, the resource's own included
    :ivar having: conditions, and operators before them
    :ivar order: all of ``by`` are in it, so that there are no ties; with "is it descending"
    """

    view: View
    domain: Domain
    by: Sequence[Column]
    measures: Sequence[Column]
    having: Sequence[Condition | str]
    order: Sequence[tuple[Column, bool]]


def read_groups(
    env: Environment, grouping: Grouping, limit: int, after: Sequence[str | None] | None, failures: Failures
) -> Groups:
    """Read a page of groups.

    :param after: the sort keys to continue after
    :param failures: gets measures of amounts in several currencies, with their path
    :raises InvalidParams: a group holds such amounts
    """
    _refuse_mixed_currencies(env, grouping, failures)
    select = _Select(env, grouping)
    columns = [*grouping.by, *grouping.measures]
    keys = [select.key(column, descending) for column, descending in grouping.order]
    query = select.query
    having = [item if isinstance(item, str) else select.condition(item) for item in grouping.having]
    conditions = combine_conditions(having, _COMBINED, failures, "having")
    if after is not None:
        conditions.append(SQL("(%s)", SQL(" OR ").join(page_segments(keys, after))))
    query.having = SQL(" AND ").join(conditions) if conditions else None
    query.order = order_clause(keys) if keys else None
    # One more than is given out tells whether there is a next page.
    query.limit = limit + 1
    rows = env.execute_query(query.select(*map(select.sql, columns), *key_texts(keys)))
    page = rows[:limit]
    if not page:
        return Groups([], None)
    reader = Reader(env)
    values = [_shown(reader, column, found) for column, found in zip(columns, zip(*page, strict=True), strict=False)]
    names = [column.name for column in columns]
    groups = [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
    return Groups(groups, page[-1][len(columns) :] if len(rows) > limit else None)


class _Select:
    """The parts of a SELECT of groups."""

    def __init__(self, env: Environment, grouping: Grouping):
        model = grouping.view.model(env)
        self._time_zone = str(env.tz)
        self.query = lean(model)._search(grouping.domain)
        # A model's own _search may sort what it found; groups have another order.
        self.query.order = None
        self.paths = PathColumns(model, self.query)
        if grouping.by:
            self.query.groupby = SQL(", ").join(map(self.sql, grouping.by))

    def sql(self, column: Column) -> SQL:
        """The expression of a column."""
        if column.path is None:
            return SQL("COUNT(*)")
        value, kind = self.paths.value(column.path), column.path.line.type
        if column.function is None:
            return self._bucket(value, kind, column.bucket) if column.bucket else value
        if kind == "datetime":
            # As it is read: in whole seconds.
            value = SQL("date_trunc('second', %s)", value)
        elif kind in ("float", "monetary"):
            value = SQL("(%s)::numeric", value)
        return SQL(FUNCTION_SQL[column.function], value)  # pylint: disable=sql-injection

    def key(self, column: Column, descending: bool) -> Key:
        """The same, to sort by."""
        kind = "id" if column.type == "many2one" else column.type
        return Key(self.sql(column), SQL(KINDS[kind].sort_type), descending, nullable=True)

    def condition(self, condition: Condition) -> SQL:
        """A condition on a measure, true or false."""
        kind = KINDS[condition.measure.type].sort_type
        operand = SQL("%s::%s", condition.value, SQL("numeric" if kind == "int8" else kind))
        comparison = COMPARISONS[condition.operator]
        return SQL("COALESCE(%s %s %s, FALSE)", self.sql(condition.measure), comparison, operand)

    def _bucket(self, value: SQL, kind: str, bucket: str) -> SQL:
        """The start of the first day of the bucket that a date is in; weeks start on Monday, as in ISO 8601."""
        # Moments are stored in UTC; converting each of them to it again would cost time.
        if kind == "datetime" and self._time_zone != "UTC":
            value = SQL("timezone(%s, timezone('UTC', %s))", self._time_zone, value)
        return SQL("date_trunc(%s, (%s)::timestamp)", bucket, value)


def _refuse_mixed_currencies(env: Environment, grouping: Grouping, failures: Failures) -> None:
    """Refuse measures of amounts that are in several currencies, in any of the groups."""
    grouped = {(column.path.steps, column.path.line.field) for column in grouping.by}
    measures = {
        position: column
        for position, column in enumerate(grouping.measures)
        if column.currency and (column.path.steps, column.currency) not in grouped
    }
    if not measures:
        return
    select = _Select(env, grouping)
    mixed = []
    for column in measures.values():
        currency = SQL("COALESCE(%s, 0)", select.paths.beside(column.path, column.currency))
        # Nothing is as much in any currency.
        some = SQL("FILTER (WHERE %s <> 0)", select.paths.value(column.path))
        mixed.append(SQL("MIN(%s) %s <> MAX(%s) %s", currency, some, currency, some))
    names = [f"measure_{position}" for position in measures]
    inner = select.query.select(
        *(SQL("%s AS %s", sql, SQL.identifier(name)) for sql, name in zip(mixed, names, strict=True))
    )
    any_mixed = SQL(", ").join(SQL("COALESCE(bool_or(mixed.%s), FALSE)", SQL.identifier(name)) for name in names)
    (row,) = env.execute_query(SQL("SELECT %s FROM (%s) AS mixed", any_mixed, inner))
    for position, is_mixed in zip(measures, row, strict=True):
        if is_mixed:
            message = "These amounts are in several currencies: group by the currency, or ask for one"
            failures.add(f"measures.{position}", "currencies", message)
    failures.refuse()


def _shown(reader: Reader, column: Column, values: Sequence[Any]) -> Sequence[Any]:
    """Values as the answer has them."""
    if column.path is None or column.function in ("avg", "count_distinct"):
        return values
    if column.bucket:
        return [value and value.date() for value in values]
    line = column.path.line
    shown = reader.dump_column(Selection(column.path.view, (line,)), line, values)
    # Where there is no record, there is no value: not an empty one.
    return [None if value is None else dumped for value, dumped in zip(values, shown, strict=True)]
