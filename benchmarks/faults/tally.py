"""What the clients saw: answers, errors, and how long there was no answer at all.

It must not know what was called.
"""

from __future__ import annotations

import threading
import time
from collections import Counter


class Tally:
    """Counted by many threads at once.

    :ivar counts: what happened, by name
    :ivar errors: what was answered in the place of a result, by type; what was no answer, by its reason
    :ivar silence: the longest time between two answers, in seconds
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.silence = 0.0

    def answered(self) -> None:
        """The gateway has answered somebody, with whatever."""
        with self._lock:
            now = time.monotonic()
            self.silence = max(self.silence, now - self._last)
            self._last = now

    def add(self, name: str) -> None:
        """Something happened once more."""
        with self._lock:
            self.counts[name] += 1

    def failed(self, reason: str) -> None:
        """Something else than a result came."""
        with self._lock:
            self.errors[reason] += 1
