"""Calls that a process takes from a bucket ahead of time, so that most requests need no statement.

A busy caller's next calls are taken along with the one that is made, and handed out from memory.
What is handed out was taken before, so all processes together never grant more than the bucket
held. Ahead go only few of the many calls that are left, never the last ones; what is not used
within a second is given back with the caller's next call, or once the database is idle.

It must not know what the buckets stand for.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .buckets import Buckets, Demand, Level

#: Of the calls that are left in a bucket, one in so many is taken ahead, and at most so many.
_SHARE, _MOST = 128, 50
#: Seconds after which what was taken ahead is stale.
_LIFETIME = 1.0
#: Callers remembered by one process.
_CALLERS = 10_000


@dataclass(slots=True)
class _Lease:
    """What a process holds of one bucket.

    :ivar demand: the policy under which it was taken
    :ivar calls: taken and not handed out yet
    :ivar level: of the bucket when they were taken
    :ivar until: when they are stale, on the clock of the process
    """

    demand: Demand
    calls: int
    level: Level
    until: float

    def covers(self, demand: Demand, now: float) -> bool:
        own = self.demand
        same = (own.quota, own.window, own.burst) == (demand.quota, demand.window, demand.burst)
        return same and now < self.until and demand.calls <= self.calls


class Leases:
    """Takes from the buckets of one database for one process.

    :param buckets: of the database
    """

    def __init__(self, buckets: Buckets):
        self._buckets = buckets
        self._lock = threading.Lock()
        self._held: dict[str, _Lease] = {}
        self._empty: dict[str, tuple[Level, float]] = {}

    def empty(self, demands: Sequence[Demand]) -> list[Level]:
        """Which of the buckets hold not one call, as far as this process knows without asking.

        For who comes back too soon: a refusal that costs no statement. A bucket that was reset by an
        administrator is asked again after a second at the latest.

        :returns: their levels now; none where that is not known
        """
        now = time.monotonic()
        levels = []
        for demand in demands:
            level, since = self._empty.get(demand.name, (None, 0.0))
            if level is not None and now - since < min(level.next_call, _LIFETIME):
                wait = max(1, math.ceil(level.next_call - (now - since)))
                levels.append(replace(level, demand=demand, granted=False, retry_after=wait))
        return levels

    def take(self, demands: Sequence[Demand]) -> list[Level]:
        """Take from all buckets what is wanted, or from none; as :meth:`Buckets.take`."""
        with self._lock:
            now = time.monotonic()
            held = [self._held.get(demand.name) for demand in demands]
            if all(lease and lease.covers(demand, now) for lease, demand in zip(held, demands, strict=True)):
                return [self._hand_out(lease, demand) for lease, demand in zip(held, demands, strict=True)]
            return self._renew(demands, now)

    def _hand_out(self, lease: _Lease, demand: Demand) -> Level:
        lease.calls -= demand.calls
        return replace(lease.level, demand=demand, remaining=lease.level.remaining + lease.calls)

    def _renew(self, demands: Sequence[Demand], now: float) -> list[Level]:
        """Give back what is left of the leases, and take what is wanted, with more ahead if there is plenty."""
        old = [self._held.pop(demand.name, None) for demand in demands]
        self._give_back(lease for lease in old if lease)
        ahead = [_ahead(lease, now) for lease in old]
        levels = []
        if any(ahead):
            more = [replace(demand, calls=demand.calls + n) for demand, n in zip(demands, ahead, strict=True)]
            levels = self._buckets.take(more)
        if not levels or not all(level.granted for level in levels):
            ahead = [0] * len(demands)
            levels = self._buckets.take(demands)
        if not all(level.granted for level in levels):
            self._note_empty(levels, now)
            return levels
        if len(self._held) > _CALLERS:
            self._held.clear()
        for demand, n, level in zip(demands, ahead, levels, strict=True):
            self._held[demand.name] = _Lease(demand, n, level, now + _LIFETIME)
        return [
            replace(level, demand=demand, remaining=level.remaining + n)
            for demand, n, level in zip(demands, ahead, levels, strict=True)
        ]

    def _note_empty(self, levels: Sequence[Level], now: float) -> None:
        if len(self._empty) > _CALLERS:
            self._empty.clear()
        for level in levels:
            if level.next_call > 0:
                self._empty[level.demand.name] = level, now

    def give_back(self) -> None:
        """Give back all that is held, stale or not.

        :raises psycopg2.Error: the database does not answer
        """
        with self._lock:
            held, self._held = self._held, {}
            self._give_back(held.values())

    def clear(self) -> None:
        """Forget what is held, and fill all buckets."""
        with self._lock:
            self._held.clear()
            self._empty.clear()
            self._buckets.clear()

    def _give_back(self, leases: Iterable[_Lease]) -> None:
        self._buckets.give_back([replace(lease.demand, calls=lease.calls) for lease in leases if lease.calls])


def _ahead(lease: _Lease | None, now: float) -> int:
    """How many calls to take ahead: some for a caller who has just used what was taken, none for others."""
    if lease is None or now >= lease.until or lease.calls > 0:
        return 0
    return min(lease.level.remaining // _SHARE, _MOST)
