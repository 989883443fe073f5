"""Field definitions -> the pydantic types that check values, and the JSON Schema that documents them.

One source for both, so that they cannot disagree. Relational and binary values are only
documented here: what makes one right depends on the database (:mod:`.change.incoming`). It must not
know operations.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Optional

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import NotRequired, Required, TypedDict

from ..protocol.annotation import json_schema
from .definition import FieldDef
from .kinds import INT4, KINDS, parse_date, parse_datetime
from .view import View

#: Bytes of content that a binary value may have to be sent or taken.
MAX_BINARY = 1_048_576
#: Significant decimal digits of a float: more are not what they seem.
_MAX_DIGITS = 15

_REFERENCE = {
    "type": "object",
    "properties": {"id": {"type": "integer", "exclusiveMinimum": 0}, "name": {"type": ["string", "null"]}},
    "required": ["id"],
}


def values_type(view: View, *, create: bool) -> Any:
    """The type of the ``values`` of a record.

    :param create: for a new record: what is required must be there, and what can only be
        read must not. A record that was read may be written back whole: an update takes what
        can only be read, for :mod:`.writer` to see that it is unchanged.
    """
    word = "create" if create else "update"
    kind = f"values.{word}"
    if kind not in view.types:
        members: dict[str, Any] = {}
        for name, line in view.writable.items():
            value = Annotated[
                value_type(line, required=create and line.required),
                Field(title=line.label or None, description=line.help or None),
            ]
            members[name] = Required[value] if create and line.required else NotRequired[value]
        if not create:
            for name, line in view.readable.items():
                if name not in members:
                    members[name] = NotRequired[
                        Annotated[Any, WithJsonSchema({**_read_schema(view, line), "readOnly": True})]
                    ]
        view.types[kind] = TypedDict(f"{view.resource.name}_{word}", members)
    return view.types[kind]


def values_schema(view: View, *, create: bool) -> dict[str, Any]:
    """JSON Schema of the ``values`` of a record, made once; it refers to no definitions."""
    kind = f"schema.{'create' if create else 'update'}"
    if kind not in view.types:
        view.types[kind] = json_schema(values_type(view, create=create), "validation")
    return view.types[kind]


def record_schema(view: View) -> dict[str, Any]:
    """JSON Schema of a record as it is read; which members it has, the call decides."""
    properties = {"id": KINDS["id"].schema}
    for name, line in view.readable.items():
        if name != "id":
            properties[name] = _read_schema(view, line)
    return {
        "type": "object",
        "title": view.resource.name,
        "properties": properties,
        "required": ["id"],
        "additionalProperties": False,
    }


def value_type(line: FieldDef, *, required: bool = False) -> Any:
    """The type of one value that is written.

    :param required: an empty value is none
    """
    nullable = line.nullable and not required
    value = _annotation(line, 0 if nullable else 1)
    if line.type in ("many2one", "one2many", "many2many", "binary"):
        return value
    return Optional[value] if nullable and KINDS[line.type].empty else value


def _annotation(line: FieldDef, min_length: int) -> Any:
    if line.type in ("char", "text", "html"):
        return Annotated[str, Field(min_length=min_length, max_length=line.size)]
    if line.type == "selection" and line.options:
        return Literal[line.options]
    if line.type in ("float", "monetary"):
        return Annotated[float, Field(allow_inf_nan=False), AfterValidator(_DIGITS(line.digits))]
    if line.comodel:
        return Annotated[Any, WithJsonSchema(_write_schema(line))]
    return ANNOTATIONS[line.type]


class _DIGITS:
    """Refuses decimals that would be rounded away without a word."""

    def __init__(self, digits: int | None):
        self._digits = digits

    def __call__(self, value: float) -> float:
        if self._digits is not None:
            if round(value, self._digits) != value:
                raise PydanticCustomError(
                    "decimal_places", "At most {digits} decimal places are taken", {"digits": self._digits}
                )
            if abs(value) >= 10 ** (_MAX_DIGITS - self._digits):
                raise PydanticCustomError(
                    "number_too_large", "At most {digits} digits are taken", {"digits": _MAX_DIGITS}
                )
        return value


def _date(value: str) -> Any:
    try:
        return parse_date(value)
    except ValueError:
        raise PydanticCustomError("date", "Write a date as 2026-01-31") from None


def _datetime(value: str) -> Any:
    try:
        return parse_datetime(value)
    except ValueError:
        raise PydanticCustomError("datetime", "Write a moment as 2026-01-31T12:00:00Z") from None


#: Of the types whose values are the same in every field.
ANNOTATIONS: dict[str, Any] = {
    "selection": str,
    "boolean": bool,
    "integer": INT4,
    "many2one_reference": INT4,
    "date": Annotated[str, AfterValidator(_date), WithJsonSchema(KINDS["date"].schema)],
    "datetime": Annotated[str, AfterValidator(_datetime), WithJsonSchema(KINDS["datetime"].schema)],
    "binary": Annotated[Any, WithJsonSchema({"anyOf": [KINDS["binary"].schema, {"type": "null"}]})],
}


def _write_schema(line: FieldDef) -> dict[str, Any]:
    """JSON Schema of a relational value that is written."""
    existing = {"anyOf": [KINDS["id"].schema, _REFERENCE]}
    if not line.multiple:
        return {"anyOf": [*existing["anyOf"], *([{"type": "null"}] if line.nullable else [])]}
    ids = {"type": "array", "items": existing}
    created = {"type": "array", "items": {"type": "object"}}
    changes = {
        "type": "object",
        "properties": {"set": ids, "add": ids, "remove": ids, "create": created},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"anyOf": [ids, changes]}


def _read_schema(view: View, line: FieldDef) -> dict[str, Any]:
    """JSON Schema of one value that is read."""
    about = {key: text for key, text in (("title", line.label), ("description", line.help)) if text}
    if line.multiple:
        items = {"anyOf": [KINDS["id"].schema, {"type": "object", "required": ["id"]}]}
        return {"type": "array", "items": items, **about}
    schemas = [_REFERENCE if line.comodel else dict(KINDS[line.type].schema)]
    if line.options:
        schemas[0]["enum"] = list(line.options)
    if line.type == "binary":
        schemas.append({"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]})
    if KINDS[line.type].empty:
        schemas.append({"type": "null"})
    return {**(schemas[0] if len(schemas) == 1 else {"anyOf": schemas}), **about}
