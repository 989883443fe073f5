"""Who was seen a moment ago: a memory that is short, bounded, and no promise.

It must not know whose memory it is.
"""

from __future__ import annotations

import time
from collections.abc import Hashable


class Recent:
    """Remembers for some seconds that something has happened.

    :param seconds: how long
    :param most: of these are remembered at a time; beyond it all are forgotten
    """

    __slots__ = ("_most", "_seconds", "_until")

    def __init__(self, seconds: float, most: int):
        self._seconds = seconds
        self._most = most
        self._until: dict[Hashable, float] = {}

    def __contains__(self, what: Hashable) -> bool:
        return time.monotonic() < self._until.get(what, 0.0)

    def __len__(self) -> int:
        return len(self._until)

    def add(self, what: Hashable) -> None:
        """Note that it happens now."""
        if len(self._until) >= self._most and what not in self._until:
            self._until.clear()
        self._until[what] = time.monotonic() + self._seconds

    def is_first(self, what: Hashable) -> bool:
        """Note that it happens now, unless it did recently; tell whether it is noted.

        So something that happens all the time is noted once in so many seconds.
        """
        if what in self:
            return False
        self.add(what)
        return True

    def discard(self, what: Hashable) -> None:
        """Forget one."""
        self._until.pop(what, None)

    def clear(self) -> None:
        """Forget all."""
        self._until.clear()


class PerSecond:
    """Counts what happens within one second of the clock."""

    __slots__ = ("_count", "_second")

    def __init__(self):
        self._second = self._count = 0

    def count(self) -> int:
        """Note that it happens now.

        :returns: how often it has within this second, this time included
        """
        second = int(time.monotonic())
        self._second, self._count = second, self._count + 1 if second == self._second else 1
        return self._count

    def clear(self) -> None:
        """Forget what was counted."""
        self._count = 0
