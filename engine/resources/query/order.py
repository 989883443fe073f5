"""The ``order`` param -> terms, and the SQL that pages through them by key.

PostgreSQL has NULL last in ascending and first in descending order; so does every page here.
It must not know cursors' text, nor what is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from odoo.tools import SQL

from ...compat import odoo_orm
from ..definition import FieldDef, parse_order
from ..failures import Failures
from ..kinds import KINDS
from ..view import View

if TYPE_CHECKING:
    from odoo.models import BaseModel
    from odoo.tools import Query

#: More terms than anybody reads.
MAX_TERMS = 8


class Term(NamedTuple):
    """One part of an order."""

    line: FieldDef
    descending: bool


class Key(NamedTuple):
    """The SQL of one part of an order.

    :ivar value: the expression that is sorted by
    :ivar type: its PostgreSQL type, that cursors' texts are cast to
    :ivar descending: with NULL first; else NULL last
    :ivar nullable: it may be NULL
    """

    value: SQL
    type: SQL
    descending: bool
    nullable: bool


def parse_order_param(view: View, text: str | None, failures: Failures, path: str = "order") -> tuple[Term, ...]:
    """Check an order.

    :param text: as ``"name desc, id"``; the resource's own order where there is none
    :param failures: gets what is wrong
    :returns: terms of which the last is always the id, so that there are no ties
    """
    if text is None:
        # A default order that this caller may not see is no reason to refuse them.
        names = [term for term in view.resource.order if term[0] in view.sortable]
    else:
        try:
            names = parse_order(text)
        except ValueError as exc:
            failures.add(path, "order", str(exc).capitalize())
            return ()
    if len(names) > MAX_TERMS:
        failures.add(path, "too_long", f"At most {MAX_TERMS} terms are taken")
        return ()
    terms: list[Term] = []
    for name, descending in names:
        line = view.sortable.get(name)
        if name not in view.known:
            failures.unknown(path)
        elif line is None:
            failures.add(path, "not_sortable", f"Records cannot be sorted by {name}")
        elif any(line is term.line for term in terms):
            failures.add(path, "duplicate", f"{name} stands there twice")
        else:
            terms.append(Term(line, descending))
    by_id = next((position for position, term in enumerate(terms) if term.line.name == "id"), None)
    if by_id is None:
        return (*terms, Term(view.sortable["id"], False))
    # Whatever comes after the id decides nothing.
    return tuple(terms[: by_id + 1])


def order_text(terms: Sequence[Term]) -> str:
    """The one way to write an order."""
    return ",".join(f"{term.line.name} {'desc' if term.descending else 'asc'}" for term in terms)


def sort_keys(model: BaseModel, query: Query, terms: Sequence[Term]) -> list[Key]:
    """The SQL of an order's terms; joins what they need to ``query``."""
    found = []
    for line, descending in terms:
        value = model._field_to_sql(model._table, line.field, query)
        nullable = line.name != "id" and not odoo_orm.is_never_null(model, line.field)
        if line.type == "boolean":
            # As Odoo sorts: what was never set is false.
            value, nullable = SQL("COALESCE(%s, FALSE)", value), False
        found.append(Key(value, SQL(KINDS[line.type].sort_type), descending, nullable))
    return found


def order_clause(sorted_by: Sequence[Key]) -> SQL:
    """What stands after ORDER BY."""
    return SQL(", ").join(SQL("%s DESC" if key.descending else "%s ASC", key.value) for key in sorted_by)


def key_texts(sorted_by: Sequence[Key]) -> list[SQL]:
    """Columns with the values to continue after, exact to the last bit in every type."""
    return [SQL("(%s)::text", key.value) for key in sorted_by]


def page_segments(sorted_by: Sequence[Key], after: Sequence[str | None]) -> list[SQL]:
    """Conditions for the records that come after a position, in consecutive parts.

    Each part bounds the first key by one comparison, so that an index on it serves and page
    1,000 costs what page 1 costs; a single condition with OR would make PostgreSQL walk over
    all earlier pages. A second part is only read when the first does not fill a page.

    :param after: the texts of the keys of the last record that was given out
    """
    (first, *others), (value, *values) = sorted_by, after
    rest = _after(others, values)
    if value is None:
        null = SQL("(%s IS NULL AND %s)", first.value, rest)
        return [null, SQL("%s IS NOT NULL", first.value)] if first.descending else [null]
    bound = SQL("%s::%s", value, first.type)
    if not others:
        here = SQL("%s < %s" if first.descending else "%s > %s", first.value, bound)
    else:
        here = SQL(
            "(%s <= %s AND (%s < %s OR %s))" if first.descending else "(%s >= %s AND (%s > %s OR %s))",
            first.value, bound, first.value, bound, rest,
        )  # fmt: skip
    if first.nullable and not first.descending:
        return [here, SQL("%s IS NULL", first.value)]
    return [here]


def _after(sorted_by: Sequence[Key], after: Sequence[str | None]) -> SQL:
    """One condition for the records after a position; FALSE where no key is left to differ."""
    if not sorted_by:
        return SQL("FALSE")
    return SQL("(%s)", SQL(" OR ").join(page_segments(sorted_by, after)))
