"""The ``fields`` param -> what to read of a resource and of the records that it refers to.

It must not know how anything is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..definition import FieldDef
from ..failures import Failures
from ..view import View

if TYPE_CHECKING:
    from odoo.api import Environment

#: How many relations deep an answer may nest.
MAX_DEPTH = 4
#: How many names one call may ask for, all levels together.
MAX_FIELDS = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read of a resource.

    :ivar view: the resource as the caller sees it
    :ivar lines: the fields, in the order in which they were asked for, the id left out
    :ivar nested: what to read of the other side, for the relations that are asked for so
    """

    view: View
    lines: tuple[FieldDef, ...]
    nested: dict[str, Selection] = field(default_factory=dict)


def default_selection(view: View) -> Selection:
    """All that is readable, without binary content: that is only sent when it is asked for."""
    lines = (line for line in view.readable.values() if line.type not in ("id", "binary"))
    return Selection(view, tuple(lines))


def parse_selection(
    env: Environment, view: View, raw: list[Any] | None, failures: Failures, path: str = "fields"
) -> Selection:
    """Check which fields are asked for.

    :param raw: names, and objects of name to the names on the other side:
        ``["name", {"country": ["code"]}]``; ``None`` for everything
    :param failures: gets what is wrong
    """
    if raw is None:
        return default_selection(view)
    return _Parser(env, failures).parse(view, raw, path, 0)


class _Parser:
    def __init__(self, env: Environment, failures: Failures):
        self._env = env
        self._failures = failures
        self._left = MAX_FIELDS

    def parse(self, view: View, raw: list[Any], path: str, depth: int) -> Selection:
        if depth > MAX_DEPTH:
            self._failures.add(path, "too_deep", f"At most {MAX_DEPTH} relations deep can be read")
            return Selection(view, ())
        lines: dict[str, FieldDef] = {}
        nested: dict[str, Selection] = {}
        for position, item in enumerate(raw):
            here = f"{path}.{position}"
            if isinstance(item, str):
                self._add(view, item, here, lines)
            elif isinstance(item, dict) and item:
                for name, wanted in item.items():
                    line = self._add(view, name, f"{here}.{name}", lines)
                    if line is not None:
                        self._nest(view, line, wanted, f"{here}.{name}", depth, nested)
            else:
                self._failures.add(here, "type", "Write a name, or an object of name to names")
            if self._left < 0:
                self._failures.add(path, "too_long", f"At most {MAX_FIELDS} fields can be asked for")
                break
        lines.pop("id", None)
        return Selection(view, tuple(lines.values()), nested)

    def _add(self, view: View, name: str, path: str, lines: dict[str, FieldDef]) -> FieldDef | None:
        self._left -= 1
        line = view.readable.get(name)
        if line is None:
            self._failures.unknown(path)
        elif name in lines:
            self._failures.add(path, "duplicate", "This field is asked for twice")
        else:
            lines[name] = line
            return line
        return None

    def _nest(
        self, view: View, line: FieldDef, wanted: Any, path: str, depth: int, nested: dict[str, Selection]
    ) -> None:
        target = view.target(self._env, line)
        if target is None:
            self._failures.add(
                path,
                "not_nested",
                "Only the id and name of this can be read" if line.comodel else "This field has no fields",
            )
        elif not isinstance(wanted, list):
            self._failures.add(path, "type", "Write a list of names")
        else:
            nested[line.name] = self.parse(target, wanted, path, depth + 1)
