"""Params that point at what an earlier call of the same batch answered.

In place of any value, ``{"$ref": "/0/partner_id"}`` stands for a part of the result of the first
call: the call's position in the batch, then a JSON Pointer (RFC 6901) into its result.

It must not know how calls are made, nor what the values mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import InvalidParams

_MEMBER = "$ref"


def substitute(params: Any, results: Mapping[int, Any]) -> Any:
    """Return the params with every reference replaced by what it points at.

    :param params: of one call, ABSENT too
    :param results: of the calls before it that worked, by their position in the batch
    :raises InvalidParams: for references that are none, that point forwards, at a call that
        failed or was not answered, or at nothing; all of them at once, each with its path
    """
    errors: list[dict[str, str]] = []
    replaced = _replaced(params, results, (), errors)
    if errors:
        raise InvalidParams(data={"errors": errors})
    return replaced


def _replaced(value: Any, results: Mapping[int, Any], path: tuple[str, ...], errors: list) -> Any:
    if isinstance(value, list):
        return [_replaced(item, results, (*path, str(at)), errors) for at, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value.keys() != {_MEMBER}:
        return {name: _replaced(item, results, (*path, name), errors) for name, item in value.items()}
    try:
        return _target(value[_MEMBER], results)
    except LookupError as error:
        errors.append({"path": ".".join(path), "type": "reference", "message": error.args[0]})
        return None


def _target(pointer: Any, results: Mapping[int, Any]) -> Any:
    """Return what a pointer points at.

    :raises LookupError: it points at nothing, with the reason
    """
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise LookupError('A reference is a String like "/0/id"')
    position, *tokens = (token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))
    if not _is_index(position):
        raise LookupError("A reference starts with the position of a call in the batch")
    if int(position) not in results:
        raise LookupError(f"No earlier call at position {position} has a result")
    value = results[int(position)]
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and _is_index(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise LookupError(f"The result of call {position} has nothing at {pointer!r}")
    return value


def _is_index(text: str) -> bool:
    """RFC 6901, section 4: digits without leading zeros; no more of them than a batch is long."""
    return text.isascii() and text.isdigit() and len(text) <= 9 and (text == "0" or text[0] != "0")
