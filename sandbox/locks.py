"""Locks that cannot go stale: the kernel drops them with the process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from .console import Heartbeat, say
from .errors import SandboxError


def _try(path: Path) -> int | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # close-on-exec is Python's default: no child keeps the lock alive
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextlib.contextmanager
def attempt(path: Path) -> Iterator[bool]:
    """Take a lock if it is free.

    :param path: the lock file; it stays, only the lock on it comes and goes
    :returns: whether the lock was taken
    """
    handle = _try(path)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)


@contextlib.contextmanager
def exclusive(path: Path, busy: str) -> Iterator[None]:
    """Take a lock or refuse.

    :param path: the lock file
    :param busy: the sentence to refuse with
    :raises SandboxError: somebody else holds it
    """
    with attempt(path) as taken:
        if not taken:
            raise SandboxError(busy)
        yield


@contextlib.contextmanager
def waiting(path: Path, reason: str) -> Iterator[None]:
    """Take a lock, waiting for it where necessary.

    :param path: the lock file
    :param reason: what is being waited for, said once
    """
    heartbeat = Heartbeat()
    handle = _try(path)
    if handle is None:
        say(f"- {reason} ...")
    while handle is None:
        time.sleep(0.2)
        heartbeat.beat()
        handle = _try(path)
    try:
        yield
    finally:
        os.close(handle)
