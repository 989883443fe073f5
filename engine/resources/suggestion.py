"""A model -> the lines that most integrations need of it.

It must not know how lines are stored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..compat import odoo_orm
from . import definition
from .kinds import KINDS

if TYPE_CHECKING:
    from odoo.fields import Field
    from odoo.models import BaseModel

#: Fields that integrations ask for on any model that has them.
_COMMON = (
    "name", "ref", "code", "default_code", "barcode", "email", "phone", "mobile", "website", "vat", "active", "state",
    "date", "company_id", "currency_id", "partner_id", "user_id", "parent_id", "street", "street2", "zip", "city",
    "state_id", "country_id", "lang", "is_company", "write_date",
)  # fmt: skip
_SECRET = re.compile(r"password|passwd|secret|token|api_?key|signature|totp|credential|private", re.IGNORECASE)
#: Written by Odoo, wanted by whoever synchronizes.
_STAMPS = frozenset({"create_date", "write_date"})
_WIDE = frozenset({"html", "binary", "one2many", "many2many"})


def suggested_lines(model: BaseModel, fields_taken: set[str], names_taken: set[str]) -> dict[str, dict[str, object]]:
    """The fields worth a line: required, tracked and common ones.

    Never binary ones, what looks like a secret, what some groups may not see, or what is
    computed at each read: an administrator may choose these by hand.

    :param fields_taken: have a line already
    :param names_taken: external names that lines have already
    :returns: the flags of each line, by name of the field
    """
    wanted = [name for name in _COMMON if name in model._fields]
    wanted += sorted(
        name for name, field in model._fields.items() if field.required or getattr(field, "tracking", False)
    )
    return {
        name: _flags(model, model._fields[name])
        for name in dict.fromkeys(wanted)
        if name not in fields_taken and name not in names_taken and _suggested(model._fields[name])
    }


def _suggested(field: Field) -> bool:
    return (
        definition.exposable(field)
        and bool(field.store or field.inherited)
        and field.type not in _WIDE
        and not field.groups
        and not _SECRET.search(field.name)
        and not (field.relational and field.comodel_name.startswith("ir."))
    )


def _flags(model: BaseModel, field: Field) -> dict[str, object]:
    writable = field.name not in _STAMPS and not field.compute and not field.readonly
    return {
        "writable": writable,
        "required": writable and field.required and field.name not in model.default_get([field.name]),
        "filterable": odoo_orm.is_searchable(field),
        "sortable": KINDS[field.type].sort_type is not None and definition.is_column(model, field),
    }
