"""One Python annotation to the JSON Schema that documents it and the type that checks it.

It must not know which function or param the annotation belongs to.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import CoreSchema

#: What TypedDicts and plain dataclasses inherit; see :func:`closed`.
_CLOSED = ConfigDict(extra="forbid")
_NAME_OF_OBJECT = {
    "model-fields": "model_name",
    "dataclass-args": "dataclass_name",
    "typed-dict": "cls_name",
}


def json_schema(annotation: Any, mode: Literal["validation", "serialization"]) -> dict[str, Any]:
    """Return a JSON Schema that stands alone: what it refers to is in its own ``$defs``.

    :param mode: ``validation`` for what a param takes, ``serialization`` for a result
    :raises TypeError: for what JSON cannot express
    """

    class StandsForAnnotation:
        # A type of its own, because a TypeAdapter of a dataclass itself takes no config.
        @classmethod
        def __get_pydantic_core_schema__(
            cls, source: Any, handler: GetCoreSchemaHandler
        ) -> CoreSchema:
            return handler.generate_schema(annotation)

    try:
        return _adapter(StandsForAnnotation).json_schema(mode=mode)
    except PydanticUserError as error:
        raise TypeError(f"JSON cannot express {annotation!r} ({error.message})") from error


def closed(annotation: Any) -> TypeAdapter[Any]:
    """Return what checks values of a type and refuses members that the type does not name.

    TypedDicts and plain dataclasses are closed for their authors. A model or a dataclass of
    pydantic has its own say, and must use it: pydantic's default is to drop unknown members
    in silence, which tells a caller with a typing error that all is well.

    :raises TypeError: for a type that leaves open what happens to unknown members
    """
    adapter = _adapter(annotation)
    if name := _undecided(adapter.core_schema, {}):
        raise TypeError(
            f"{name} would drop unknown members in silence:"
            ' give it model_config = ConfigDict(extra="forbid")'
        )
    return adapter


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation, config=_CLOSED)


def _undecided(node: Any, config: dict[str, Any]) -> str | None:
    """Return the name of the first object type whose ``extra`` is nobody's decision."""
    if isinstance(node, dict):
        config = node.get("config") or config
        kind = node.get("type")
        if (
            isinstance(kind, str)
            and kind in _NAME_OF_OBJECT
            and node.get("extra_behavior", "ignore") == "ignore"
            and "extra_fields_behavior" not in config
        ):
            return node.get(_NAME_OF_OBJECT[kind]) or node["cls"].__name__
        node = list(node.values())
    if isinstance(node, (list, tuple)):
        return next((name for part in node if (name := _undecided(part, config))), None)
    return None
