"""Params that point at what an earlier call of the same batch answered.

In place of any value, ``{"$ref": "/0/partner_id"}`` stands for a part of the result of the first
call: the call's position in the batch, then a JSON Pointer (RFC 6901) into its result.

It must not know how calls are made, nor what the values mean.
"""

from __future__ import annotations

from typing import Any

from ..errors import InvalidParams
from . import codec
from .message import Encoded

#: Bytes of JSON that all references of one batch together may stand for: what a body may have at
#: first. Without a bound, a value that is referred to twice by each next call is doubled by each.
MAX_SIZE = 1_048_576
#: Arrays and objects of params within each other, with what was referred to: as in a body.
MAX_DEPTH = 64
_MEMBER = "$ref"


class References:
    """What the calls of one batch answered, for those after them to point at.

    :param most: bytes that all references together may stand for
    """

    def __init__(self, most: int = MAX_SIZE):
        self._results: dict[int, Any] = {}
        self._left = most

    def keep(self, position: int, result: Any) -> None:
        """Let later calls point at the result of the call at a position of the batch.

        :param position: of the call, from 0
        :param result: a value, or :class:`~.message.Encoded`: it is decoded when one points at it
        """
        self._results[position] = result

    def substitute(self, params: Any) -> Any:
        """Return the params of the next call with every reference replaced by what it points at.

        :param params: of any type, ABSENT too
        :raises InvalidParams: for references that are none, that point forwards, at a call that
            failed or was not answered, at nothing or at too much; all of them at once, each
            with its path
        """
        errors: list[dict[str, str]] = []
        replaced = self._replaced(params, (), errors)
        if errors:
            raise InvalidParams.listing(errors)
        return replaced

    def _replaced(self, value: Any, path: tuple[str, ...], errors: list) -> Any:
        if isinstance(value, list):
            return [self._replaced(item, (*path, str(at)), errors) for at, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if value.keys() != {_MEMBER}:
            return {name: self._replaced(item, (*path, name), errors) for name, item in value.items()}
        try:
            target = self._target(value[_MEMBER])
            self._check_size(target, len(path))
        except LookupError as error:
            errors.append({"path": ".".join(path), "type": "reference", "message": error.args[0]})
            return None
        return target

    def _check_size(self, target: Any, depth: int) -> None:
        """:raises LookupError: what a reference stands for is too much in its place"""
        if self._left >= 0:
            text = codec.encode(target)
            self._left -= len(text)
            if depth + codec.depth(text) > MAX_DEPTH:
                raise LookupError(f"With it, arrays and objects nest deeper than {MAX_DEPTH}")
        if self._left < 0:
            raise LookupError("The references of this batch stand for too much together")

    def _target(self, pointer: Any) -> Any:
        """Return what a pointer points at.

        :raises LookupError: it points at nothing, with the reason
        """
        if not isinstance(pointer, str) or not pointer.startswith("/"):
            raise LookupError('A reference is a String like "/0/id"')
        position, *tokens = (token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))
        if not _is_index(position):
            raise LookupError("A reference starts with the position of a call in the batch")
        if int(position) not in self._results:
            raise LookupError(f"No earlier call at position {position} has a result")
        value = self._value(int(position))
        for token in tokens:
            if isinstance(value, dict) and token in value:
                value = value[token]
            elif isinstance(value, list) and _is_index(token) and int(token) < len(value):
                value = value[int(token)]
            else:
                raise LookupError(f"The result of call {position} has nothing at {pointer!r}")
        return value

    def _value(self, position: int) -> Any:
        """The result of a call, decoded at its first reference."""
        result = self._results[position]
        if isinstance(result, Encoded):
            result = self._results[position] = result.value()
        return result


def _is_index(text: str) -> bool:
    """RFC 6901, section 4: digits without leading zeros; no more of them than a batch is long."""
    return text.isascii() and text.isdigit() and len(text) <= 9 and (text == "0" or text[0] != "0")
