"""The statement of a read, made once: SQL with holes for what differs from call to call.

Table, columns, joins, the record rules of a user in their companies and the domain of a resource are the same
for each call, until Odoo forgets what it knows of rules, access rights, groups, companies or fields. To have
the ORM put them together takes longer than PostgreSQL takes to answer. Plans live in Odoo's own cache
(:meth:`~....models.resource.jsonrpc_resource.JsonrpcResource._jsonrpc_plans`), so they go when it is emptied.
A plan is for one user in one context, restricted by one key or none: for nobody else, whatever their rights.

What is not the same each time (:mod:`.fixed`) has no plan, and is read as the ORM would. It must not know
params, nor what becomes of the rows.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.lru import LRU

from ...access.restriction import restriction_of
from ...compat import odoo_orm
from .fixed import is_fixed_column, is_fixed_search
from .lean import lean
from .order import Key, Term, key_texts, order_clause, order_text, sort_keys
from .selected_columns import SelectedColumns, direct_lines, select_columns
from .selection import Selection

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.fields import Field
    from odoo.models import BaseModel
    from odoo.tools import Query

    Made = TypeVar("Made")

#: Plans that one process keeps for one database, of about 10 kB; beyond it, the least used one goes.
MAX_PLANS = 1_000

_TRUE = SQL("TRUE")


class Hole(enum.Enum):
    """What a call puts into a plan.

    :cvar IDS: a tuple of ids, not empty
    :cvar CONDITION: what the caller asks for, as an :class:`~odoo.tools.SQL`
    :cvar LIMIT: how many rows
    """

    IDS = enum.auto()
    CONDITION = enum.auto()
    LIMIT = enum.auto()


class Statement:
    """SQL with holes.

    :param sql: has members of :class:`Hole` among its parameters
    """

    __slots__ = ("_code", "_flushed", "_params")

    def __init__(self, sql: SQL):
        self._code = sql.code
        self._params = tuple(sql.params)
        # Each once: the statement names most of them several times.
        self._flushed: tuple[Field, ...] = tuple(dict.fromkeys(sql.to_flush))

    def filled(self, values: dict[Hole, Any]) -> SQL:
        """The statement of one call."""
        params = [values[param] if type(param) is Hole else param for param in self._params]
        return SQL(self._code, *params, to_flush=self._flushed)


@dataclass(frozen=True, slots=True)
class IdsPlan:
    """How records are read by their ids, archived ones too.

    :ivar columns: of the rows, behind the id
    """

    columns: SelectedColumns
    statement: Statement

    def is_whole(self, selection: Selection) -> bool:
        """Whether the rows have all that is to be read of a record, but for names behind many2ones."""
        return len(self.columns.lines) == len(selection.lines) and not selection.nested

    def read(self, env: Environment, ids: Sequence[int]) -> list[tuple]:
        """The rows of those that the caller may see.

        :param ids: not empty
        """
        return env.execute_query(self.statement.filled({Hole.IDS: tuple(ids)}))


@dataclass(frozen=True, slots=True)
class PagePlan:
    """How a page is read.

    :ivar columns: of the rows, behind the id and the texts of the keys
    :ivar keys: that the records are sorted by
    """

    columns: SelectedColumns
    keys: tuple[Key, ...]
    statement: Statement

    def read(self, env: Environment, conditions: Sequence[SQL], limit: int) -> list[tuple]:
        """The rows of a page.

        :param conditions: all of them hold
        :param limit: at least 1
        """
        asked = SQL(" AND ").join(conditions) if conditions else _TRUE
        return env.execute_query(self.statement.filled({Hole.CONDITION: asked, Hole.LIMIT: limit}))


class Plans:
    """The plans of one database, in one process, since Odoo forgot its caches."""

    def __init__(self) -> None:
        self._made: LRU[Hashable, IdsPlan | PagePlan | None] = LRU(MAX_PLANS)

    def __len__(self) -> int:
        return len(self._made)

    def by_ids(self, env: Environment, selection: Selection) -> IdsPlan | None:
        """How the caller reads records of a resource by their ids; ``None``: as the ORM would."""
        return self._kept((IdsPlan, *_reader(env, selection)), lambda: _ids_plan(env, selection))

    def page(
        self, env: Environment, selection: Selection, terms: Sequence[Term], with_archived: bool
    ) -> PagePlan | None:
        """How the caller reads a page of a resource; ``None``: as the ORM would.

        :param with_archived: whether what they ask for says itself which of these it means
        """
        key = (PagePlan, *_reader(env, selection), order_text(terms), with_archived)
        return self._kept(key, lambda: _page_plan(env, selection, terms, with_archived))

    def _kept(self, key: Hashable, make: Callable[[], Made]) -> Made:
        try:
            return self._made[key]
        except KeyError:
            # Two threads may make the same one; it is the same.
            made = self._made[key] = make()
            return made


def plans_of(env: Environment) -> Plans:
    """The plans that are right by now. What is made is kept where it was looked for: not beyond the next forgetting."""
    return env["jsonrpc.resource"]._jsonrpc_plans()


def asked_condition(model: BaseModel, domain: Domain) -> SQL | None:
    """The SQL of what a caller asks for, to put into a plan.

    :param model: lean, in the environment of the caller
    :returns: ``None`` where it needs joins, which a plan has no place for; ``FALSE`` where nothing fits
    """
    full = domain.optimize_full(model)
    query = odoo_orm.table_query(model)
    condition = odoo_orm.domain_sql(full, model, model._table, query)
    return None if odoo_orm.has_joins(query) else condition


def _reader(env: Environment, selection: Selection) -> tuple[Hashable, ...]:
    """Who reads what: a plan is for that alone."""
    names = tuple([line.name for line in selection.lines])
    # Not only the context decides: a key may be restricted to companies, whatever its context says, and an addon
    # may have rules depend on more. A view is of one resource, as callers with the same groups and grants see it.
    rights = env.uid, env.su, env.context, restriction_of(env.cr), odoo_orm.rule_dependencies(env)
    return selection.view, rights, names, tuple(selection.nested)


def _ids_plan(env: Environment, selection: Selection) -> IdsPlan | None:
    model = selection.view.model(env)
    query = _fixed_query(model, selection, (), with_archived=True)
    if query is None:
        return None
    id_ = SQL.identifier(model._table, "id")
    query.add_where(SQL("%s IN %s", id_, Hole.IDS))
    columns = _fixed_columns(model, selection, query)
    return columns and IdsPlan(columns, Statement(query.select(id_, *columns.sql)))


def _page_plan(env: Environment, selection: Selection, terms: Sequence[Term], with_archived: bool) -> PagePlan | None:
    model = selection.view.model(env)
    query = _fixed_query(model, selection, terms, with_archived)
    if query is None:
        return None
    query.add_where(SQL("(%s)", Hole.CONDITION))
    keys = sort_keys(model, query, terms)
    query.order = order_clause(keys)
    query.limit = Hole.LIMIT
    whole, whole_keys = (query, keys) if len(keys) == 1 else page_query(model, query, terms)
    columns = _fixed_columns(model, selection, whole)
    id_ = SQL.identifier(model._table, "id")
    return columns and PagePlan(
        columns, tuple(keys), Statement(whole.select(id_, *key_texts(whole_keys), *columns.sql))
    )


def page_query(model: BaseModel, query: Query, terms: Sequence[Term]) -> tuple[Query, list[Key]]:
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


def _fixed_query(model: BaseModel, selection: Selection, terms: Sequence[Term], with_archived: bool) -> Query | None:
    """The query of all records of a resource that the caller may see; ``None`` where it is another one each time."""
    resource = selection.view.resource
    lines = (*direct_lines(selection), *(term.line for term in terms))
    if not resource.direct or not is_fixed_search(model, resource.domain):
        return None
    if not all(is_fixed_column(model, line.field) for line in lines):
        return None
    query = lean(model)._search(resource.domain, active_test=not with_archived)
    return None if query.is_empty() else query


def _fixed_columns(model: BaseModel, selection: Selection, query: Query) -> SelectedColumns | None:
    columns = select_columns(model, selection, query)
    others = [model.env[line.comodel] for line in columns.lines if line.name in columns.named]
    return columns if all(is_fixed_column(other, other._rec_name) for other in others) else None
