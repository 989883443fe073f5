"""How large an answer becomes: what is read once may stand in it many times.

A contact's parent's contacts are a few records, and as many objects as the square of them.
It must not know how anything is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...protocol.errors import TooLarge
from .reader import MAX_NESTED
from .selection import Selection

#: Characters of text and binary content that an answer may hold, where records stand in it repeatedly.
MAX_CHARACTERS = 32 * 1024 * 1024


def check_answer_size(selection: Selection, records: Sequence[dict[str, Any]]) -> None:
    """Refuse an answer before it is encoded, if it would be out of proportion to what was read.

    :param records: as they were read, each as often as the answer has it
    :raises TooLarge: too many nested objects, or too much text in all of them
    """
    if not selection.nested and len({record["id"] for record in records}) == len(records):
        return
    sizes = _Sizes()
    found = [sizes.of(selection, record) for record in records]
    if sum(nested for nested, _characters in found) > MAX_NESTED:
        raise TooLarge(f"The answer would hold more than {MAX_NESTED} nested records")
    if sum(characters for _nested, characters in found) > MAX_CHARACTERS:
        raise TooLarge(f"The answer would hold more than {MAX_CHARACTERS} characters")


class _Sizes:
    """Looks at each object once, however often it stands in the answer."""

    def __init__(self) -> None:
        # By identity: the answer holds all objects while they are looked at.
        self._known: dict[int, tuple[int, int]] = {}

    def of(self, selection: Selection, record: dict[str, Any]) -> tuple[int, int]:
        """The objects within a record, and the characters of all of them."""
        size = self._known.get(id(record))
        if size is None:
            nested, characters = 0, sum(len(value) for value in record.values() if type(value) is str)
            for name, inner in selection.nested.items():
                value = record[name]
                for child in value if isinstance(value, list) else [value] if value else []:
                    within, more = self.of(inner, child)
                    nested += 1 + within
                    characters += more
            size = self._known[id(record)] = nested, characters
        return size
