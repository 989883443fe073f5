"""A snapshot of the database: which transactions somebody who read then has seen. Pure Python.

``xmin:xmax:running``, as ``pg_current_snapshot()`` writes it. Everything before ``xmin`` has ended, nothing
from ``xmax`` on has begun, and of what lies between all has ended but what is ``running``
(https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = re.compile(r"(\d{1,20}):(\d{1,20}):((?:\d{1,20}(?:,\d{1,20})*)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot.

    :ivar xmin: the oldest transaction that had not ended
    :ivar xmax: the first that had not begun
    :ivar running: those that had begun and not ended, ascending
    """

    xmin: int
    xmax: int
    running: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Snapshot:
        """:raises ValueError: the text is no snapshot"""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("no snapshot")
        running = tuple(map(int, filter(None, match[3].split(","))))
        snapshot = cls(int(match[1]), int(match[2]), running)
        inside = all(snapshot.xmin <= xid < snapshot.xmax for xid in running)
        if snapshot.xmin > snapshot.xmax or not inside or list(running) != sorted(set(running)):
            raise ValueError("no snapshot")
        return snapshot

    def __str__(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, self.running))}"

    def sees(self, xid: int) -> bool:
        """Whether a transaction had ended then."""
        return xid < self.xmin or (xid < self.xmax and xid not in self.running)
