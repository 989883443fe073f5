"""The params of each operation of a resource: their types, and what documents them.

It must not know what an operation does with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from typing_extensions import NotRequired, TypedDict

from ..protocol.annotation import json_schema
from ..protocol.binding import Binder
from ..protocol.errors import InvalidParams
from ..protocol.spec import ParamSpec
from ..protocol.values import ABSENT
from . import schema
from .environment import CallContext
from .kinds import RecordId
from .query.cursor import MAX_LENGTH
from .query.selection import MAX_DEPTH
from .view import View

_DOMAIN = {"type": "array", "items": {}}
#: ``name`` alone, or ``module.name``.
ExternalId = Annotated[str, StringConstraints(pattern=r"^([a-z_][a-z0-9_]*\.)?[A-Za-z0-9_\-]{1,128}$", max_length=200)]


@dataclass(frozen=True)
class Param:
    """One param, before its JSON Schema is made: that takes ten times as long as a call.

    :ivar documented: gives its JSON Schema, where the annotation does not
    """

    name: str
    annotation: Any
    description: str
    required: bool = False
    default: Any = None
    documented: Callable[[], dict[str, Any]] | None = None

    @property
    def unwritten(self) -> ParamSpec:
        """What is needed of it to check a call."""
        return ParamSpec(self.name, {}, self.required, ABSENT if self.required else self.default, self.description)

    @cached_property
    def spec(self) -> ParamSpec:
        """All of it, for documentation."""
        documented = self.documented() if self.documented else json_schema(self.annotation, "validation")
        if not self.required and self.default is not None:
            documented = {**documented, "default": self.default}
        return replace(self.unwritten, schema=documented)


class Params:
    """The params of one operation, for one view.

    :param params: in the order of their positions
    """

    def __init__(self, params: list[Param]):
        self._params = params

    @cached_property
    def specs(self) -> tuple[ParamSpec, ...]:
        """What documents them."""
        return tuple(param.spec for param in self._params)

    @cached_property
    def check(self) -> Binder:
        """What checks those of a call."""
        annotations = {param.name: param.annotation for param in self._params}
        return Binder([param.unwritten for param in self._params], annotations)


def named(names: tuple[str, ...]) -> Any:
    """What gives positional params their names; who they are for decides whether they are right.

    :returns: the ``bind`` of a :class:`~..protocol.spec.MethodSpec`
    """

    def bind(params: Any) -> dict[str, Any]:
        if params is ABSENT:
            return {}
        if isinstance(params, dict):
            return params
        if len(params) > len(names):
            errors = [
                {
                    "path": str(position),
                    "type": "unexpected_positional_argument",
                    "message": f"At most {len(names)} params are taken",
                }
                for position in range(len(names), min(len(params), len(names) + 100))
            ]
            raise InvalidParams(data={"errors": errors})
        # A param that is not sent has no position.
        return dict(zip(names, params, strict=False))

    return bind


def of(operation: str, view: View) -> Params:
    """The params of an operation, as a caller with this view may send them."""
    if operation not in view.types:
        view.types[operation] = Params([*_PARAMS[operation](view), _CONTEXT])
    return view.types[operation]


_CONTEXT = Param("context", CallContext, "Language, time zone and companies of this call", default={})


def _domain(view: View) -> Param:
    names = ", ".join(sorted(view.filterable))
    text = f"Which records, as Odoo writes domains. Names: {names}"
    return Param("domain", list[Any], text, default=[], documented=lambda: _DOMAIN)


def _fields(view: View) -> Param:
    text = (
        "What to read: names, and for a relation an object of its name to the names on the other side, at most"
        f" {MAX_DEPTH} deep. Without it, everything but binary content"
    )
    names: dict[str, Any] = {"enum": list(view.readable)}
    relations = {name: {"type": "array"} for name, line in view.readable.items() if line.target}
    nested = {"type": "object", "minProperties": 1, "properties": relations, "additionalProperties": False}
    documented = {"type": "array", "items": {"anyOf": [names, nested]} if relations else names}
    return Param("fields", list[Any], text, documented=lambda: documented)


_ID = Param("id", RecordId, "One record")


def _id(view: View) -> Param:
    return _ID


def _ids(view: View) -> Param:
    return _ids_of(view.resource.max_page_size)


# Cached, as _limit is: resources have the same few sizes, and a type takes long to make.
@cache
def _ids_of(most: int) -> Param:
    many = Annotated[list[RecordId], Field(min_length=1, max_length=most)]
    return Param("ids", many, "Several records, in place of `id`")


@cache
def _limit(default: int, most: int) -> Param:
    return Param("limit", Annotated[int, Field(ge=1, le=most)], "Most records in the answer", default=default)


_CURSOR = Param(
    "cursor",
    Annotated[str, Field(max_length=MAX_LENGTH)],
    "`next_cursor` of the page before; domain and order must be the same",
)
_WITH_TOTAL = Param("with_total", bool, "Also count all records of the domain", default=False)


def _search(view: View) -> list[Param]:
    resource = view.resource
    sortable = sorted(view.sortable)
    order = {"type": "string", "examples": [f"{name} desc" for name in sortable[:1]]}
    return [
        _domain(view),
        _fields(view),
        Param("order", str, f"As `name desc, id`. Names: {', '.join(sortable)}", documented=lambda: order),
        _limit(resource.page_size, resource.max_page_size),
        _CURSOR,
        _WITH_TOTAL,
    ]


def _create(view: View) -> list[Param]:
    one = schema.values(view, create=True)
    many = Annotated[list[one], Field(min_length=1, max_length=view.resource.max_page_size)]  # type: ignore[valid-type]
    documented = partial(schema.values_schema, view, create=True)

    def several() -> dict[str, Any]:
        return {"type": "array", "items": documented(), "minItems": 1, "maxItems": view.resource.max_page_size}

    return [
        Param("values", one, "Values of one new record", documented=documented),
        Param("list", many, "Values of several new records, in place of `values`", documented=several),
    ]


def _update(view: View) -> list[Param]:
    values, documented = schema.values(view, create=False), partial(schema.values_schema, view, create=False)
    what = "What to change; what is not here stays as it is"
    return [_id(view), _ids(view), Param("values", values, what, documented=documented)]


def _upsert(view: View) -> list[Param]:
    keys = {name: NotRequired[schema.annotation(line)] for name, line in view.writable.items() if line.key}
    key = TypedDict(f"{view.resource.name}_key", {**keys, "external_id": NotRequired[ExternalId]})
    values, documented = schema.values(view, create=False), partial(schema.values_schema, view, create=False)
    what = "What to write; a new record also gets the key"
    return [
        Param("key", key, "What identifies the record: one field, or its external id", required=True),
        Param("values", values, what, required=True, documented=documented),
    ]


_PARAMS = {
    "search": _search,
    "get": lambda view: [_id(view), _ids(view), _fields(view)],
    "count": lambda view: [_domain(view)],
    "create": _create,
    "update": _update,
    "delete": lambda view: [_id(view), _ids(view)],
    "upsert": _upsert,
}
