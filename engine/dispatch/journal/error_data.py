"""What of an error's ``data`` is kept: what helps to understand a refusal later, without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .redaction import Redaction

#: Members that other columns hold, or that only repeat the message in the shape of Odoo's clients.
_ELSEWHERE = frozenset({"type", "request_id", "name", "message", "arguments", "context", "debug", "replayed"})
#: Members of one failure that never carry a value of the call.
_OF_FAILURE = ("path", "type", "message")


def kept_error_data(data: Mapping[str, Any], redaction: Redaction, *, whole: bool) -> str | None:
    """What is kept of an error's ``data``, as JSON text.

    :param data: as the caller got it
    :param redaction: knows the secrets of the call, and how much is kept
    :param whole: whether values may be kept; else only where the call is wrong and why, and which call
        of a batch failed
    :returns: ``None`` where nothing is left
    """
    members = {name: value for name, value in data.items() if name not in _ELSEWHERE}
    if not whole:
        members = {name: _without_values(members[name]) for name in ("errors", "failed") if name in members}
    if not members:
        return None
    return orjson.dumps(redaction.value(members)).decode()


def _without_values(found: Any) -> Any:
    if not isinstance(found, list):
        return found
    return [{name: item[name] for name in _OF_FAILURE if name in item} for item in found if isinstance(item, dict)]
