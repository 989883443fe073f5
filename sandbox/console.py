"""Progress for people, on standard error, so that standard output stays clean."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

#: Seconds between two signs of life of one long step.
HEARTBEAT = 10.0


def say(text: str) -> None:
    """Print one line of progress.

    :param text: the line
    """
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step and say how long it took when it was not instant.

    :param title: what is being done, e.g. ``"Unpacking Odoo 19"``
    """
    say(f"- {title} ...")
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    if seconds >= 1:
        say(f"  done in {seconds:.1f} s")


class Heartbeat:
    """Say that a long step still runs, every :data:`HEARTBEAT` seconds.

    :param detail: returns a few words on how far it has come, or ``""``
    """

    def __init__(self, detail: Callable[[], str] | None = None) -> None:
        self._detail = detail
        self._started = self._last = time.monotonic()

    def beat(self) -> None:
        """Print a line if the last one is long enough ago."""
        now = time.monotonic()
        if now - self._last < HEARTBEAT:
            return
        self._last = now
        detail = self._detail() if self._detail else ""
        say(f"  still at it after {now - self._started:.0f} s" + (f": {detail}" if detail else ""))
