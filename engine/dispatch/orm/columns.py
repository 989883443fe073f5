"""Reads that need no column but those which they name.

With the first field of a record that is not in memory, the ORM fetches all columns of it: the
next field is free then (``_fetch_field`` in ``odoo/orm/models.py``). A read of named columns asks
for no next field, yet passes by records with a hundred columns: the company in a record rule, the
user behind a many2one and that user's partner. Leaving those columns out
(``prefetch_fields=False``, the ORM's own switch) saves a third of such a read.

It knows fields; it must not know who reads, nor what becomes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...compat import odoo_orm

if TYPE_CHECKING:
    from odoo.fields import Field
    from odoo.models import BaseModel

# In both, the second positional argument is "fields".
_READS = frozenset({"read", "search_read"})
_PLAIN_TYPES = frozenset(
    {"boolean", "char", "date", "datetime", "float", "html", "integer", "many2one", "monetary", "selection", "text"}
)


def suffice(records: BaseModel, method: str, args: list, kwargs: dict[str, Any]) -> bool:
    """Whether a call reads stored columns only, all of them named.

    A computed field is not for this: it may look at any number of other fields, which the ORM
    had better fetch at once.

    :param records: any records of the model
    :param method: name of the method
    :param args: its positional arguments, the ids or the domain first
    :param kwargs: its named arguments
    """
    if method not in _READS:
        return False
    names = args[1] if len(args) > 1 else kwargs.get("fields")
    if not names or not isinstance(names, list):
        return False
    fields = records._fields
    return all(isinstance(name, str) and name in fields and _is_plain(records, fields[name]) for name in names)


def _is_plain(records: BaseModel, field: Field) -> bool:
    if not field.store or field.type not in _PLAIN_TYPES:
        return False
    return field.type != "many2one" or _is_named_by_a_column(records.env[field.comodel_name])


def _is_named_by_a_column(comodel: BaseModel) -> bool:
    """Whether the name that a many2one shows is one column, of the record or of one behind it."""
    if odoo_orm.is_overridden(comodel, "_compute_display_name"):
        return False
    name = comodel._fields.get(comodel._rec_name)
    return name is not None and bool(name.store or name.related)
