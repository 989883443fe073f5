"""What is valid JSON and yet cannot be served: integers beyond 64 bits, U+0000, halves of surrogate pairs.

PostgreSQL stores no such text, and no column holds such an integer. A call that sends one is refused with the
path to it, and its id is told; other calls of its batch are none the worse. It must not know bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import MAX_ERRORS

#: Digits of the longest integer that an answer echoes as its id.
_ID_DIGITS = 400


class BigInteger:
    """An integer beyond 64 bits, which can be an id and nothing else.

    No dataclass, for orjson would encode that by itself.

    :param digits: its text
    """

    __slots__ = ("digits",)

    def __init__(self, digits: str):
        self.digits = digits

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BigInteger) and self.digits == other.digits

    def __hash__(self) -> int:
        return hash(self.digits)


@dataclass(frozen=True, slots=True)
class Unservable:
    """Stands in the place of a member that cannot be served.

    :param errors: what it cannot be served for, each ``{"path", "type", "message"}``
    :param omitted: how many more there are
    """

    errors: list[dict[str, str]]
    omitted: int = 0


def marked(payload: Any) -> Any:
    """Return a body with what cannot be served marked, call by call.

    :param payload: as a lenient decoder gives it: with :class:`BigInteger` and any text
    """
    if isinstance(payload, list):
        return [_marked_call(item) for item in payload]
    return _marked_call(payload)


def _marked_call(call: Any) -> Any:
    if not isinstance(call, dict):
        return None if _failures(call) else call
    if any(_is_bad_text(name) for name in call):
        return None
    return {name: _marked_member(name, value) for name, value in call.items()}


def _marked_member(name: str, value: Any) -> Any:
    if name == "id" and isinstance(value, BigInteger) and len(value.digits) <= _ID_DIGITS:
        return value
    failures = _failures(value)
    return Unservable(failures[:MAX_ERRORS], max(0, len(failures) - MAX_ERRORS)) if failures else value


def _failures(value: Any) -> list[dict[str, str]]:
    return list(_found(value, ()))


def _found(value: Any, path: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if isinstance(value, BigInteger):
        yield _failure(path, "int_too_large", "An integer has at most 64 bits here; send a larger one as a String")
    elif isinstance(value, str):
        if _is_bad_text(value):
            yield _failure(path, "string_unstorable", "A String holds neither U+0000 nor half of a surrogate pair here")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _found(item, (*path, str(position)))
    elif isinstance(value, dict):
        for name, item in value.items():
            if _is_bad_text(name):
                yield _failure(path, "name_unstorable", "The name of a member holds U+0000 or half of a surrogate pair")
            else:
                yield from _found(item, (*path, name))


def _failure(path: tuple[str, ...], type_: str, message: str) -> dict[str, str]:
    return {"path": ".".join(path), "type": type_, "message": message}


def _is_bad_text(text: str) -> bool:
    if "\0" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
