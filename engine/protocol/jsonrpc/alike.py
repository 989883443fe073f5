"""Calls of a batch that stand next to each other and differ in one param only.

Whoever answers the first of them may look up at once what all of them ask for. Each is still a call of its
own: what was looked up is a saving, and never an answer. It must not know which methods exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .message import Request


class Alike:
    """Some consecutive calls.

    :param positions: of the calls in their batch
    :param values: of the param in which they differ, as they were sent: of any type, references included
    :ivar kept: what the first of them to come that far has found, in the form that it likes; ``None`` before
    """

    __slots__ = ("kept", "positions", "values")

    def __init__(self, positions: range, values: Sequence[Any]):
        self.positions = positions
        self.values = values
        self.kept: Any = None


class Coming:
    """The calls of one batch, before any of them is made.

    :param requests: in their order, what is no request left out
    """

    __slots__ = ("_current", "_places", "_requests")

    def __init__(self, requests: Sequence[Request]):
        self._requests = requests
        self._places = {request.position: place for place, request in enumerate(requests)}
        self._current: Alike | None = None

    def alike(self, request: Request, differing: str) -> Alike | None:
        """The calls that a call is one of; ``None`` where it is the only one.

        :param request: whose turn it is
        :param differing: name of the param in which they may differ
        """
        if self._current is None or request.position not in self._current.positions:
            self._current = self._from(self._places.get(request.position), differing)
        return self._current

    def _from(self, place: int | None, differing: str) -> Alike | None:
        if place is None:
            return None
        first = self._requests[place]
        common = _without(first, differing)
        last = place
        while common is not None and last + 1 < len(self._requests):
            coming = self._requests[last + 1]
            # What stands between them is no call, and yet the calls are no longer next to each other.
            if coming.position != first.position + last + 1 - place:
                break
            if coming.method != first.method or _without(coming, differing) != common:
                break
            last += 1
        if last == place:
            return None
        values = [request.params[differing] for request in self._requests[place : last + 1]]
        return Alike(range(first.position, first.position + len(values)), values)


def _without(request: Request, differing: str) -> dict[str, Any] | None:
    """The other params of a call; ``None`` where it has no such param by name."""
    params = request.params
    if not isinstance(params, dict) or differing not in params:
        return None
    return {name: value for name, value in params.items() if name != differing}
