"""Values that were sent, beside those that records have: what is different.

It must not write, nor know what becomes of a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from ..definition import FieldDef
from ..query.reader import Reader, encode_result
from ..query.selection import Selection
from ..view import View

if TYPE_CHECKING:
    from odoo.api import Environment


def stored_values(
    env: Environment, view: View, lines: Sequence[FieldDef], ids: Iterable[int]
) -> dict[int, dict[str, Any]]:
    """What records have, as their reader gets it, by id.

    :param lines: the fields to read
    """
    found = Reader(env).by_ids(Selection(view, tuple(lines)), list(ids))
    return dict(zip(found, _as_json(found.values()), strict=True))


def is_stored(line: FieldDef, sent: Any, stored: dict[str, Any]) -> bool:
    """Whether what was sent is what a record has: of records that it refers to, by their ids."""
    return comparable(line, sent) == comparable(line, stored[line.name])


def comparable(line: FieldDef, value: Any) -> Any:
    """A value without the ways in which the same can be written; of records, their ids."""
    if line.multiple and isinstance(value, list):
        return sorted((item.get("id") if isinstance(item, dict) else item for item in value), key=repr)
    if line.comodel and isinstance(value, dict):
        return value.get("id")
    return value


def _as_json(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records as the caller got them."""
    return orjson.loads(orjson.dumps(encode_result(list(records))))
