"""A request as a line for a shell, for people who look into a call and want to make it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson


def command(
    url: str,
    calls: Sequence[Mapping[str, Any]],
    *,
    headers: Sequence[tuple[str, str]] = (),
    batch: bool = False,
    dry_run: bool = False,
) -> str:
    """Return a ``curl`` command that sends calls.

    :param url: where they are sent
    :param calls: ``method``, and where there are any ``params`` and more members, of each call; a true
        ``notification`` leaves out the id
    :param headers: of HTTP, beside ``Content-Type``
    :param batch: whether they are sent as an array
    :param dry_run: whether all of them are to change nothing (``validate_only``)
    """
    requests = [_request(call, position, dry_run) for position, call in enumerate(calls, 1)]
    body = orjson.dumps(requests if batch else requests[0]).decode()
    lines = [f"curl {_quoted(url)}"]
    lines += [f"-H {_quoted(f'{name}: {value}')}" for name, value in [*headers, ("Content-Type", "application/json")]]
    lines.append(f"-d {_quoted(body)}")
    return " \\\n  ".join(lines)


def _request(call: Mapping[str, Any], position: int, dry_run: bool) -> dict[str, Any]:
    members = {name: value for name, value in call.items() if name != "notification"}
    if dry_run:
        # A dry run is never remembered, so it has no key either.
        members.pop("idempotency_key", None)
        members["validate_only"] = True
    request = {"jsonrpc": "2.0", **members}
    return request if call.get("notification") and not dry_run else request | {"id": position}


def _quoted(text: str) -> str:
    """Return a text as one word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"
