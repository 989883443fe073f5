"""``read`` and ``search_read`` of stored columns: one SELECT, and the values as Odoo gives them.

The ORM puts each value of each record into its cache, takes it out again and converts it alone; of thousands
of records that is most of the time. Rights are Odoo's own: the query comes from ``_search``, with the record
rules in it. Whatever is not plain, or not found for everybody who was asked for, is left to the ORM, errors
and their words included.

It must not know who calls, nor what becomes of the values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from odoo.exceptions import MissingError
from odoo.fields import Domain
from odoo.tools import SQL

from ...compat import odoo_orm

if TYPE_CHECKING:
    from odoo.fields import Field
    from odoo.models import BaseModel
    from odoo.tools import Query

#: By method, its params in their order.
_PARAMS = {"read": ("ids", "fields"), "search_read": ("domain", "fields", "offset", "limit", "order")}
#: What of these a model overrides, only it knows how its records are read.
_OWN_WAYS = (
    "_check_access", "_determine_fields_to_fetch", "_fetch_query", "_has_field_access", "_read_format", "_search",
    "fetch", "read",
)  # fmt: skip
_SEARCHING = ("search_fetch", "search_read")
#: Keys of the context that change neither what a column is nor how it is shown.
_HARMLESS = frozenset({"active_test", "allowed_company_ids", "company_id", "lang", "prefetch_fields", "tz", "uid"})


def _or_false(values: Sequence[Any]) -> list[Any]:
    return [False if value is None else value for value in values]


def _or_zero(values: Sequence[Any]) -> list[Any]:
    return [value or 0 for value in values]


def _or_zero_float(values: Sequence[Any]) -> list[Any]:
    return [value or 0.0 for value in values]


#: By type of field, what its values in PostgreSQL are in Odoo's answer; dates are left to the encoder.
_SHOWN: dict[str, Callable[[Sequence[Any]], list[Any]]] = {
    **dict.fromkeys(("boolean", "char", "date", "datetime", "selection", "text"), _or_false),
    "integer": _or_zero,
    "float": _or_zero_float,
    "monetary": _or_zero_float,
}


def plain_read(records: BaseModel, method: str, args: list, kwargs: dict[str, Any]) -> list[dict[str, Any]] | None:
    """What a call reads.

    :param records: any records of the model, in the environment of the user, without the context of the call
    :param method: ``read`` or ``search_read``
    :param args: its positional arguments, the ids or the domain first; they fit the method, and so do the named
    :param kwargs: its named arguments, ``fields`` here or there
    :returns: ``None`` where the ORM is to do it
    """
    sent = dict(zip(_PARAMS[method], args, strict=False)) | kwargs
    context = sent.pop("context", None) or {}
    if len(args) > len(_PARAMS[method]) or sent.keys() - set(_PARAMS[method]) or context.keys() - _HARMLESS:
        return None
    model = records.browse().with_context(context)
    fields = [model._fields[name] for name in dict.fromkeys(sent["fields"])]
    if not _is_plain(model, method, fields):
        return None
    query = _by_ids(model, sent) if method == "read" else _searched(model, sent)
    if query is None or query.is_empty():
        return None
    columns = [model._field_to_sql(model._table, field.name, query) for field in fields]
    rows = model.env.execute_query(query.select(SQL.identifier(model._table, "id"), *columns))
    if method == "read":
        found = {row[0]: row for row in rows}
        if len(found) < len(sent["ids"]):
            return None
        rows = [found[id_] for id_ in sent["ids"]]
    return _shown(model, fields, rows)


def _is_plain(model: BaseModel, method: str, fields: Sequence[Field]) -> bool:
    ways = _OWN_WAYS if method == "read" else (*_OWN_WAYS, *_SEARCHING)
    if any(odoo_orm.is_overridden(model, way) for way in ways) or not odoo_orm.is_table(model):
        return False
    if not model.has_access("read"):
        return False
    return all(
        (field.type in _SHOWN or field.type == "many2one")
        and not callable(getattr(field, "translate", False))
        # A type of an addon may show its values in its own way.
        and type(field).__module__.startswith("odoo.orm.")
        and model._has_field_access(field, "read")
        for field in fields
    )


def _by_ids(model: BaseModel, sent: dict[str, Any]) -> Query | None:
    ids = sent["ids"]
    if not isinstance(ids, list) or not ids or len(set(map(repr, ids))) < len(ids):
        return None
    if not all(type(id_) is int and 0 < id_ < 2**31 for id_ in ids):
        return None
    return model._search(Domain("id", "in", ids), active_test=False)


def _searched(model: BaseModel, sent: dict[str, Any]) -> Query | None:
    offset, limit, order = sent.get("offset", 0), sent.get("limit"), sent.get("order")
    if type(offset) is not int or offset < 0 or not (limit is None or (type(limit) is int and limit > 0)):
        return None
    if not (order is None or isinstance(order, str)):
        return None
    return model._search(sent.get("domain") or [], offset=offset, limit=limit, order=order or model._order)


def _shown(model: BaseModel, fields: Sequence[Field], rows: Sequence[tuple]) -> list[dict[str, Any]] | None:
    """The objects, as ``_read_format`` gives them; ``None`` where a many2one points to nothing."""
    if not rows:
        return []
    ids, *columns = zip(*rows, strict=True)
    shown: dict[str, Sequence[Any]] = {"id": ids}
    for field, column in zip(fields, columns, strict=True):
        if field.type == "many2one":
            # sudo: the name of what a record points to is shown to whoever sees the record, as everywhere in
            # Odoo (Many2one.convert_to_read).
            others = model.env[field.comodel_name].browse({id_ for id_ in column if id_}).sudo()
            try:
                names = {other.id: (other.id, other.display_name) for other in others}
            except MissingError:
                return None
            shown[field.name] = [names[id_] if id_ else False for id_ in column]
        elif field.name != "id":
            shown[field.name] = _SHOWN[field.type](column)
    names = list(shown)
    return [dict(zip(names, row, strict=True)) for row in zip(*shown.values(), strict=True)]
