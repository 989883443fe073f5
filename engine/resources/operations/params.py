"""A param of an operation, and those that several operations take.

It must not know what an operation does with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Annotated, Any

from pydantic import Field

from ...protocol.annotation import json_schema
from ...protocol.binding import Binder
from ...protocol.errors import InvalidParams
from ...protocol.spec import ParamSpec
from ...protocol.values import ABSENT
from ..environment import ContextParam
from ..kinds import NamedId
from ..query.cursor import MAX_LENGTH
from ..query.selection import MAX_DEPTH
from ..view import View


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

    :param params: in the order of their positions, without ``context``, which all operations take
    """

    def __init__(self, params: list[Param]):
        self._params = [*params, _CONTEXT]

    @cached_property
    def specs(self) -> tuple[ParamSpec, ...]:
        """What documents them."""
        return tuple(param.spec for param in self._params)

    @cached_property
    def check(self) -> Binder:
        """What checks those of a call."""
        annotations = {param.name: param.annotation for param in self._params}
        return Binder([param.unwritten for param in self._params], annotations)


def name_positions(names: tuple[str, ...]) -> Callable[[Any], dict[str, Any]]:
    """What gives positional params their names; who they are for decides whether they are right.

    :returns: the ``bind`` of a :class:`~...protocol.spec.MethodSpec`
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


_CONTEXT = Param("context", ContextParam, "Language, time zone and companies of this call", default={})
_DOMAIN = {"type": "array", "items": {}}
ID_PARAM = Param("id", NamedId, "One record")


def domain_param(view: View) -> Param:
    """``domain``: which records."""
    names = ", ".join(sorted(view.filterable))
    text = f"Which records, as Odoo writes domains. Names: {names}"
    return Param("domain", list[Any], text, default=[], documented=lambda: _DOMAIN)


def fields_param(view: View) -> Param:
    """``fields``: what to read of them."""
    text = (
        "What to read: names, and for a relation an object of its name to the names on the other side, at most"
        f" {MAX_DEPTH} deep. Without it, everything but binary content"
    )
    names: dict[str, Any] = {"enum": list(view.readable)}
    relations = {name: {"type": "array"} for name, line in view.readable.items() if line.target}
    nested = {"type": "object", "minProperties": 1, "properties": relations, "additionalProperties": False}
    documented = {"type": "array", "items": {"anyOf": [names, nested]} if relations else names}
    return Param("fields", list[Any], text, documented=lambda: documented)


# Cached, as limit_param is: resources have the same few sizes, and a type takes long to make.
@cache
def ids_param(most: int) -> Param:
    """``ids``: several records, at most ``most``."""
    many = Annotated[list[NamedId], Field(min_length=1, max_length=most)]
    return Param("ids", many, "Several records, in place of `id`")


@cache
def limit_param(default: int, most: int, description: str = "Most records in the answer") -> Param:
    """``limit``: how many of a page."""
    return Param("limit", Annotated[int, Field(ge=1, le=most)], description, default=default)


def cursor_param(description: str) -> Param:
    """``cursor``: where a page starts."""
    return Param("cursor", Annotated[str, Field(max_length=MAX_LENGTH)], description)
