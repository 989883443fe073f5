"""A domain and an order -> one page of records, found by key and not by counting.

It must not know params, nor the text of cursors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from ...compat import odoo_orm
from .order import Key, Term, key_texts, order_clause, page_segments, sort_keys
from .reader import Reader, lean
from .selection import Selection

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel
    from odoo.tools import Query


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

    :param domain: on the model, the resource's own included
    :param after: the sort keys to continue after
    """
    reader = Reader(env)
    model = selection.view.model(env)
    records: list[dict[str, Any]] = []
    end: tuple[str | None, ...] = ()
    more = False
    # What comes after a position is found in two parts at most; see page_segments.
    for part in range(1 if after is None else 2):
        query = lean(model)._search(domain)
        if query.is_empty():
            break
        keys = sort_keys(model, query, terms)
        if after is not None:
            segments = page_segments(keys, after)
            if part >= len(segments):
                break
            query.add_where(segments[part])
        query.order = order_clause(keys)
        # Not as a param of _search: an override of it may filter what it found. One more
        # than is given out tells whether there is a next page.
        left = limit - len(records)
        query.limit = left + 1
        if len(keys) > 1:
            query, keys = _of_page(model, query, terms)
        found, last, more = reader.by_query(selection, query, key_texts(keys), left)
        records += found
        end = last or end
        if more:
            break
    return Page(records, end if more else None)


def _of_page(model: BaseModel, query: Query, terms: Sequence[Term]) -> tuple[Query, list[Key]]:
    """The query that reads columns and names of one page only, in the same statement that finds it.

    PostgreSQL sorts what it has joined. Among thousands of equal names, or where no index serves the
    order, it would join all of them for a page of a few.

    :param query: finds the page: with its order and its limit
    :returns: the query to read with, and the keys that it is sorted by
    """
    page = odoo_orm.table_query(model)
    page.add_where(SQL("%s IN %s", SQL.identifier(model._table, "id"), query.subselect()))
    keys = sort_keys(model, page, terms)
    page.order = order_clause(keys)
    return page, keys
