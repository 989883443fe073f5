"""What each type of Odoo field looks like in JSON, and what can be done with it.

One table, read by everything else here. It must not know resources, nor who calls.

==============================  ====================================================
Odoo                            JSON
==============================  ====================================================
char, text, html, selection     string; ``null`` for empty
boolean                         ``true`` or ``false``
integer, many2one_reference     number, 0 for empty, as in Odoo
float, monetary                 number with the field's digits, 0 for empty
date                            ``"2026-01-31"`` or ``null``
datetime                        ``"2026-01-31T12:00:00Z"``, whole seconds, or ``null``
many2one                        ``{"id", "name"}``, or an object of fields, or ``null``
one2many, many2many             array of ids, or of objects
binary                          base64; ``{"size"}`` where it is too large; ``null``
==============================  ====================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Annotated, Any

from pydantic import Field, ValidatorFunctionWrapHandler, WithJsonSchema, WrapValidator

#: Of PostgreSQL's int4, which ids and integers are stored in.
INT4 = Annotated[int, Field(ge=-(2**31), lt=2**31)]
RecordId = Annotated[int, Field(gt=0, lt=2**31, description="Database id of a record")]


def _id_or_object(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """An object names the record, and whether it does depends on the database."""
    return value if isinstance(value, dict) and len(value) == 1 else check(value)


#: An id, or an object of one member that names the record: ``{"external_id": "shop.c900"}`` or a key.
NamedId = Annotated[
    RecordId,
    WrapValidator(_id_or_object),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "exclusiveMinimum": 0, "description": "Database id of a record"},
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "description": "A name of the record: its external_id, or a field that is a key",
                },
            ]
        }
    ),
]

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EQUALITY = frozenset({"=", "!=", "in", "not in"})
_RANGE = _EQUALITY | {"<", "<=", ">", ">="}
_TEXT = _RANGE | {"like", "not like", "ilike", "not ilike", "=like", "not =like", "=ilike", "not =ilike"}
_RELATION = _EQUALITY | {"any", "not any"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What one type of field can do.

    :ivar schema: JSON Schema of a value that is not null
    :ivar operators: of conditions on it
    :ivar empty: ``null`` is a value that is read, and a condition may compare to
    :ivar sort_type: PostgreSQL type of its sort keys; ``None``: it cannot be sorted by
    :ivar dump: values as PostgreSQL or the ORM gives them -> values as orjson takes them
    """

    schema: dict[str, Any]
    operators: frozenset[str] = _EQUALITY
    empty: bool = True
    sort_type: str | None = None
    dump: Callable[[Sequence[Any]], Sequence[Any]] | None = None


def _or_null(values: Sequence[Any]) -> list[Any]:
    return [value or None for value in values]


def _or_zero(values: Sequence[Any]) -> list[Any]:
    return [value or 0 for value in values]


def _or_zero_float(values: Sequence[Any]) -> list[Any]:
    return [value or 0.0 for value in values]


_STRING = {"type": "string"}
_INTEGER = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
_NUMBER = {"type": "number"}
_TEXT_KIND = Kind(_STRING, _TEXT, sort_type="text", dump=_or_null)
_MANY = Kind({"type": "array"}, _RELATION)

#: By type of Odoo field; a type that is not here cannot be exposed.
KINDS: dict[str, Kind] = {
    "id": Kind({"type": "integer", "exclusiveMinimum": 0}, _RANGE, empty=False, sort_type="int8"),
    "char": _TEXT_KIND,
    "text": _TEXT_KIND,
    "html": _TEXT_KIND,
    "selection": Kind(_STRING, _EQUALITY, sort_type="text", dump=_or_null),
    "boolean": Kind({"type": "boolean"}, _EQUALITY, empty=False, sort_type="boolean", dump=lambda v: [*map(bool, v)]),
    "integer": Kind(_INTEGER, _RANGE, empty=False, sort_type="int8", dump=_or_zero),
    "many2one_reference": Kind(_INTEGER, _RANGE, empty=False, sort_type="int8", dump=_or_zero),
    "float": Kind(_NUMBER, _RANGE, empty=False, sort_type="numeric", dump=_or_zero_float),
    "monetary": Kind(_NUMBER, _RANGE, empty=False, sort_type="numeric", dump=_or_zero_float),
    "date": Kind({"type": "string", "format": "date"}, _RANGE, sort_type="date", dump=_or_null),
    "datetime": Kind({"type": "string", "format": "date-time"}, _RANGE, sort_type="timestamp", dump=_or_null),
    "many2one": Kind({"type": "object"}, _RELATION),
    "one2many": _MANY,
    "many2many": _MANY,
    "binary": Kind({"type": "string", "contentEncoding": "base64"}, frozenset({"=", "!="})),
}


def parse_date(text: str) -> date:
    """The date that ``"2026-01-31"`` is.

    :raises ValueError: it is no date, or written otherwise
    """
    if not _DATE.fullmatch(text):
        raise ValueError("a date is written as 2026-01-31")
    return date.fromisoformat(text)


def parse_datetime(text: str) -> datetime:
    """The moment that ``"2026-01-31T12:00:00Z"`` is, as Odoo has it: naive, in UTC, in whole seconds.

    RFC 3339: the zone is not optional, for nobody can tell which one was meant.

    :raises ValueError: it is no moment, is out of range, or written otherwise
    """
    if not _DATETIME.fullmatch(text):
        raise ValueError("a moment is written as 2026-01-31T12:00:00Z")
    # Before Python 3.11, fromisoformat takes neither Z nor any number of decimals.
    seconds, zone = text[:19], text[19:].lstrip(".0123456789")
    moment = datetime.fromisoformat(seconds + ("+00:00" if zone == "Z" else zone))
    try:
        return moment.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError as exc:
        raise ValueError("out of range") from exc
