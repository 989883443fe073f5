"""Turn the signals that end the sandbox into one exception, exactly once.

The first signal raises :class:`~sandbox.errors.Interrupted` in the main
thread; the ones after it are ignored, because they would cut short the
clean-up that the first one started.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from .errors import Interrupted

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    fired: int | None = None
    pending: int | None = None
    depth: int = 0


def _handle(signum: int, frame: FrameType | None) -> None:
    if _State.fired is not None:
        return
    if _State.depth:
        _State.pending = signum
        return
    _State.fired = signum
    raise Interrupted(signum)


def install() -> None:
    """Install the handlers, also where SIGINT came in ignored (``command &``)."""
    for signum in ENDING_SIGNALS:
        signal.signal(signum, _handle)


def has_fired() -> bool:
    """Tell whether a signal has already ended the sandbox."""
    return _State.fired is not None


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Hold signals back over a few statements that must happen together.

    Starting a child and noting that it was started, for instance: a signal
    between the two would leave a process that nobody stops.
    """
    _State.depth += 1
    try:
        yield
    finally:
        _State.depth -= 1
        if not _State.depth and _State.pending is not None:
            signum, _State.pending = _State.pending, None
            _handle(signum, None)


@contextlib.contextmanager
def keyboard_is_for_the_child() -> Iterator[None]:
    """Leave Ctrl-C to an interactive child (the Odoo shell)."""
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
