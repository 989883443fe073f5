"""A JSON Schema that an administrator wrote -> the types that check params.

The part of JSON Schema 2020-12 that describes params, and no keyword in silence: one that
is not in the table is refused, for the administrator would think that it is checked. It
must not know methods.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Optional

from pydantic import Field, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError
from typing_extensions import NotRequired, Required, TypedDict

from .schema import ANNOTATIONS

_MAX_DEPTH = 8
_NOTES = frozenset({"title", "description", "default", "examples"})
_BOUNDS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    # Matched in linear time, so that no caller can make it take forever.
    "pattern": "pattern",
}
_KEYWORDS = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "boolean": set(),
    "array": {"items", "minItems", "maxItems"},
    "object": {"properties", "required", "additionalProperties"},
}
_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool}
_FORMATS = {"date": ANNOTATIONS["date"], "date-time": ANNOTATIONS["datetime"]}


def read_params_schema(text: str) -> dict[str, Any]:
    """The schema in a text, checked.

    :raises ValueError: it is no JSON, or no schema that :func:`schema_parameters` can make types of
    """
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ValueError("this is not JSON") from exc
    for parameter in schema_parameters(schema):
        try:
            TypeAdapter(parameter.annotation)
        except (SchemaError, PydanticUserError, TypeError) as exc:
            raise ValueError(f"{parameter.name}: a limit or pattern does not fit its type") from exc
    return schema


#: The default of an optional param whose schema tells none.
UNSET = object()


def schema_parameters(schema: Mapping[str, Any]) -> list[inspect.Parameter]:
    """The parameters that a schema of an object describes.

    :returns: keyword-only; the default of an optional one may be :data:`UNSET`
    :raises ValueError: it describes no params; the message names the place
    """
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise ValueError('the schema has to be of {"type": "object"}')
    members = _members(schema, "", 0)
    found = []
    for name, (annotation, required, default) in members.items():
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name of a param")
        found.append(
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=annotation,
                default=inspect.Parameter.empty if required else default,
            )
        )
    return found


def _members(schema: Mapping[str, Any], path: str, depth: int) -> dict[str, tuple[Any, bool, Any]]:
    _check_keywords(schema, "object", path)
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, Mapping) or not isinstance(required, list) or set(required) - properties.keys():
        raise ValueError(f"{path or 'the schema'}: required names one of the properties each")
    if schema.get("additionalProperties", False) is not False:
        raise ValueError(f"{path or 'the schema'}: other properties are always refused")
    return {
        name: (
            _annotation(inner, f"{path}.{name}".lstrip("."), depth + 1),
            name in required,
            inner.get("default", UNSET),
        )
        for name, inner in properties.items()
    }


def _annotation(schema: Any, path: str, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        raise ValueError(f"{path}: write a schema, at most {_MAX_DEPTH} deep")
    if "enum" in schema:
        return _enumeration(schema, path)
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(kinds, list):
        raise ValueError(f"{path}: say its type")
    others = [kind for kind in kinds if kind != "null"]
    if len(others) != 1 or len(kinds) > 2 or others[0] not in _KEYWORDS:
        raise ValueError(f"{path}: its type is one of {', '.join(_KEYWORDS)}, and null if it may be")
    (kind,) = others
    _check_keywords(schema, kind, path)
    annotation = _of_kind(schema, kind, path, depth)
    bounds = {_BOUNDS[word]: schema[word] for word in schema.keys() & _BOUNDS.keys()}
    annotation = Annotated[
        annotation, Field(description=schema.get("description"), title=schema.get("title"), **bounds)
    ]
    return Optional[annotation] if len(kinds) == 2 else annotation


def _of_kind(schema: Mapping[str, Any], kind: str, path: str, depth: int) -> Any:
    if kind == "object":
        members = _members(schema, path, depth)
        return TypedDict(
            path.replace(".", "_") or "params",
            {
                name: (Required if required else NotRequired)[inner]
                for name, (inner, required, _default) in members.items()
            },
        )
    if kind == "array":
        if "items" not in schema:
            raise ValueError(f"{path}: say the type of its items")
        return list[_annotation(schema["items"], f"{path}.items", depth + 1)]  # type: ignore[misc]
    if kind == "number":
        return Annotated[float, Field(allow_inf_nan=False)]
    if "format" in schema:
        if schema["format"] not in _FORMATS:
            raise ValueError(f"{path}: its format is one of {', '.join(_FORMATS)}")
        return _FORMATS[schema["format"]]
    return _TYPES[kind]


def _enumeration(schema: Mapping[str, Any], path: str) -> Any:
    values = schema["enum"]
    if (
        not isinstance(values, list)
        or not values
        or not all(type(value) in (str, int, bool, type(None)) for value in values)
    ):
        raise ValueError(f"{path}: enum lists strings, integers, booleans or null")
    if others := schema.keys() - _NOTES - {"enum", "type"}:
        raise ValueError(f"{path}: {min(others)} does not go with enum")
    return Literal[tuple(values)]


def _check_keywords(schema: Mapping[str, Any], kind: str, path: str) -> None:
    if others := schema.keys() - _NOTES - _KEYWORDS[kind] - {"type"}:
        raise ValueError(f"{path or 'the schema'}: {min(others)} is not supported for {kind}")
