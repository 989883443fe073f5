"""Private parts of ``odoo/orm`` and of ``odoo/service/model.py``: models, fields, queries, methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from odoo.models import BaseModel
from odoo.service.model import call_kw, get_public_method
from odoo.tools import Query

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.fields import Domain, Field
    from odoo.modules.registry import Registry
    from odoo.sql_db import BaseCursor
    from odoo.tools import SQL

T = TypeVar("T")

#: Methods by which a model reads and shows its records; where a model overrides one, only it knows
#: whose value is what, and who sees it. All are methods of ``BaseModel`` (``orm/models.py``).
READING = ("_check_access", "_compute_display_name", "_fetch_query", "_search", "fetch", "search_fetch")


def is_overridden(model: BaseModel, name: str) -> bool:
    """Whether a model has a method of its own in the place of ``BaseModel``'s.

    Relies on ``BaseModel`` having a method of this name: it fails for one that it has no longer.

    :raises AttributeError: it has not
    """
    return getattr(type(model), name) is not getattr(BaseModel, name)


def public_method(model: BaseModel, name: str) -> Callable[..., Any]:
    """The method that remote callers may call under a name, unbound.

    Relies on ``odoo.service.model.get_public_method``.

    :raises AttributeError: there is none
    :raises odoo.exceptions.AccessError: it is private
    """
    return get_public_method(model, name)


def call_public_method(records: BaseModel, name: str, args: list, kwargs: dict[str, Any]) -> Any:
    """Call a public method as remote callers do: ids first, the context in ``kwargs``.

    Relies on ``odoo.service.model.call_kw``.
    """
    return call_kw(records, name, args, kwargs)


def takes_no_ids(method: Callable[..., Any]) -> bool:
    """Whether a method is called on the model, and not on records (``@api.model``).

    Relies on ``_api_model``, which the decorator sets (``orm/decorators.py``).
    """
    return getattr(method, "_api_model", False)


def reads_only(model: BaseModel, name: str) -> bool:
    """Whether a model's method is marked as one that only reads (``@api.readonly``).

    Relies on ``_readonly``, which the decorator sets (``orm/decorators.py``), and which the nearest
    class that says anything decides, as in ``addons/web/controllers/dataset.py``.
    """
    for cls in type(model).__mro__:
        readonly = getattr(vars(cls).get(name), "_readonly", None)
        if readonly is not None:
            return bool(readonly)
    return False


def act_as(env: Environment) -> None:
    """Make an environment the one that the transaction flushes and computes with.

    Relies on ``Transaction.default_env`` (``orm/environments.py``:566).
    """
    env.transaction.default_env = env


def label(field: Field, env: Environment) -> str:
    """A field's label, in the language of the environment.

    Relies on ``Field._description_string`` (``orm/fields.py``:957).
    """
    return field._description_string(env) or ""


def help_text(field: Field, env: Environment) -> str:
    """A field's help, in the language of the environment; empty if there is none.

    Relies on ``Field._description_help`` (``orm/fields.py``:964).
    """
    return field._description_help(env) or ""


def is_searchable(field: Field) -> bool:
    """Whether a field can stand in a domain.

    Relies on ``Field._description_searchable`` (``orm/fields.py``:908).
    """
    return bool(field._description_searchable)


def active_field(model: BaseModel) -> str | None:
    """The field by which records are archived, where the model has one.

    Relies on ``BaseModel._active_name`` (``orm/models.py``), as ``_search`` does.
    """
    return model._active_name


def is_never_null(model: BaseModel, name: str) -> bool:
    """Whether the column of a stored field has a NOT NULL constraint in this database.

    Relies on ``Registry.not_null_fields`` (``orm/registry.py``:283).
    """
    return model._fields[name] in model.env.registry.not_null_fields


def rule_domain(model: BaseModel, operation: str) -> Domain:
    """The record rules that hold for the user on a model, as one domain.

    Relies on ``ir.rule._compute_domain`` (``base/models/ir_rule.py``:139).

    :param operation: ``"read"`` or another of the four
    """
    return model.env["ir.rule"]._compute_domain(model._name, operation)


def rule_dependencies(env: Environment) -> tuple[Any, ...]:
    """What record rules depend on besides the user: Odoo keeps their domains apart by it.

    Relies on ``ir.rule._compute_domain_context_values`` (``base/models/ir_rule.py``), part of the key under
    which ``_compute_domain`` is cached; addons add to it.
    """
    return tuple(env["ir.rule"]._compute_domain_context_values())


def domain_sql(domain: Domain, model: BaseModel, alias: str, query: Query) -> SQL:
    """The SQL of a domain on any table that has the columns of a model.

    Relies on ``Domain._to_sql`` (``orm/domains.py``), as ``BaseModel._search`` does.

    :param domain: fully optimised
    :param alias: of the table in the query
    """
    return domain._to_sql(model, alias, query)


def fetch_unchecked(records: BaseModel, fields: Sequence[Field]) -> None:
    """Load fields of records that were searched with access rules just now, without checking them again.

    Relies on ``BaseModel._as_query`` (``orm/models.py``:5394) and ``_fetch_query`` (3879).
    """
    records._fetch_query(records._as_query(ordered=False), fields)


def empty_query(model: BaseModel) -> Query:
    """A query of a model that finds nothing, without asking the database.

    Relies on ``BaseModel._as_query`` (``orm/models.py``:5394).
    """
    return model.browse()._as_query()


def table_query(model: BaseModel) -> Query:
    """A query of all rows of a model's table, without its record rules: for records that another query found.

    Relies on ``BaseModel._table_sql`` (``orm/models.py``), which stands for SQL views too.
    """
    return Query(model.env, model._table, model._table_sql)


def is_table(model: BaseModel) -> bool:
    """Whether a model's rows are those of a table, and not of a statement that the model makes.

    Relies on ``BaseModel._table_query`` (``orm/models.py``:478), as ``_table_sql`` does.
    """
    return not (model._abstract or model._table_query)


def reads_own_column(model: BaseModel, name: str) -> bool:
    """Whether SQL reads a stored field as of any model, and not in a way of this model's own.

    Relies on ``BaseModel._field_to_sql`` (``orm/models.py``:2910), which many models override for some
    fields and leave alone for all others.
    """
    if not is_overridden(model, "_field_to_sql"):
        return True
    queries = table_query(model), table_query(model)
    own = model._field_to_sql(model._table, name, queries[0])
    return own == BaseModel._field_to_sql(model, model._table, name, queries[1]) and not has_joins(queries[0])


def has_joins(query: Query) -> bool:
    """Whether a query reads more tables than one.

    Relies on ``Query._joins`` and ``Query._tables`` (``tools/query.py``).
    """
    return bool(query._joins) or len(query._tables) > 1


def forget_undone_changes(cr: BaseCursor) -> None:
    """Drop what this process remembers of changes to the registry and its caches that were rolled back.

    The other processes are told when the transaction ends, as of any invalidation.

    Relies on ``Registry.registry_invalidated``, ``cache_invalidated`` and ``_setup_models__``
    (``orm/registry.py``:999, 1008, 399), as ``Registry.reset_changes``, which forgets to tell them.
    """
    registry = cr.transaction.registry
    if registry.registry_invalidated:
        registry._setup_models__(cr)
    if registry.cache_invalidated:
        registry.clear_cache(*registry.cache_invalidated)


def kept_with_registry(registry: Registry, name: str, make: Callable[[], T]) -> T:
    """What one process keeps for one database for as long as its registry lives.

    That ends when an addon is installed or uninstalled, or the database is dropped; Odoo empties the
    registry's caches far more often.

    Relies on ``Registry`` taking attributes of others.

    :param name: of what is kept, without a prefix
    :param make: makes it at first
    """
    key = f"_jsonrpc_{name}"
    kept = vars(registry).get(key)
    return kept if kept is not None else vars(registry).setdefault(key, make())
