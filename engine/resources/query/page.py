"""A domain and an order -> one page of records, found by key and not by counting.

It must not know params, nor the text of cursors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from ...compat import odoo_orm
from .lean import lean
from .order import Term, key_texts, order_clause, page_segments, sort_keys
from .plan import PagePlan, asked_condition, page_query, plans_of
from .reader import Reader
from .selected_columns import SelectedColumns, select_columns
from .selection import Selection

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel

    #: The sort keys of the last record that was given out; ``None`` for the first page.
    After = Sequence[str | None] | None
    #: What the columns are, and the rows.
    Found = tuple[SelectedColumns, list[tuple]]
    #: Takes which part of what comes after a position, the position, and how many rows; ``None``: there is none.
    RowsOf = Callable[[int, After, int], Found | None]


class Page(NamedTuple):
    """One page.

    :ivar records: objects
    :ivar end: the sort keys of the last one; ``None`` where nothing comes after it
    """

    records: list[dict[str, Any]]
    end: tuple[str | None, ...] | None


def read_page(
    env: Environment,
    selection: Selection,
    domain: Domain,
    terms: Sequence[Term],
    limit: int,
    after: Sequence[str | None] | None,
) -> Page:
    """Read a page.

    :param domain: what is asked for on the model, the resource's own left out
    :param after: the sort keys to continue after
    """
    model = selection.view.model(env)
    plan = plans_of(env).page(env, selection, terms, _says_which(model, domain))
    asked = None if plan is None else asked_condition(lean(model), domain)
    if plan is None or asked is None:
        rows_of = _unplanned(env, selection, domain, terms)
    else:
        rows_of = _planned(env, plan, asked)
    reader = Reader(env)
    records: list[dict[str, Any]] = []
    end: tuple[str | None, ...] = ()
    more = False
    # What comes after a position is found in two parts at most; see page_segments.
    for part in range(1 if after is None else 2):
        left = limit - len(records)
        # One more than is given out tells whether there is a next page.
        found = rows_of(part, after, left + 1)
        if found is None:
            break
        columns, rows = found
        read, last, more = reader.page(selection, columns, rows, len(terms), left)
        records += read
        end = last or end
        if more:
            break
    return Page(records, end if more else None)


def _says_which(model: BaseModel, domain: Domain) -> bool:
    """Whether a domain says itself whether archived records are meant: else they are not."""
    active = odoo_orm.active_field(model)
    return active is None or any(condition.field_expr == active for condition in domain.iter_conditions())


def _planned(env: Environment, plan: PagePlan, asked: SQL) -> RowsOf:
    def rows_of(part: int, after: After, limit: int) -> Found | None:
        conditions = [asked]
        if after is not None:
            segments = page_segments(plan.keys, after)
            if part >= len(segments):
                return None
            conditions.append(segments[part])
        return plan.columns, plan.read(env, conditions, limit)

    return rows_of


def _unplanned(env: Environment, selection: Selection, domain: Domain, terms: Sequence[Term]) -> RowsOf:
    model = selection.view.model(env)
    whole = domain & selection.view.resource.domain

    def rows_of(part: int, after: After, limit: int) -> Found | None:
        query = lean(model)._search(whole)
        if query.is_empty():
            return None
        keys = sort_keys(model, query, terms)
        if after is not None:
            segments = page_segments(keys, after)
            if part >= len(segments):
                return None
            query.add_where(segments[part])
        query.order = order_clause(keys)
        # Not as a param of _search: an override of it may filter what it found.
        query.limit = limit
        if len(keys) > 1:
            query, keys = page_query(model, query, terms)
        columns = select_columns(model, selection, query)
        id_ = SQL.identifier(model._table, "id")
        return columns, env.execute_query(query.select(id_, *key_texts(keys), *columns.sql))

    return rows_of
