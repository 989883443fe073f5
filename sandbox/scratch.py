"""Throw-away workspaces, so that tests and benchmarks disturb no running server."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator

from . import locks, signals
from .files import remove_tree
from .paths import Workspace, own_workspace
from .postgres import discard, of_workspace

_PREFIX = "scratch-"


@contextlib.contextmanager
def workspace() -> Iterator[Workspace]:
    """A workspace that is gone after the ``with`` block, with its cluster."""
    parent = own_workspace().root
    with contextlib.ExitStack() as stack:
        # Without this lock, another sandbox might take the folder for abandoned before it is locked.
        with locks.waiting(parent / "scratch.lock", "Waiting for another sandbox to start"):
            _remove_abandoned()
            made = Workspace(parent / f"{_PREFIX}{secrets.token_hex(4)}")
            stack.callback(_remove, made)
            stack.enter_context(locks.exclusive(made.lock, f"{made.root} is in use."))
        yield made


def _remove(made: Workspace) -> None:
    with signals.deferred():  # a signal now must not leave half of it
        discard(of_workspace(made))
        remove_tree(made.root)


def _remove_abandoned() -> None:
    """Remove what sandboxes that were killed without mercy left."""
    for folder in own_workspace().root.glob(f"{_PREFIX}*"):
        abandoned = Workspace(folder)
        with locks.attempt(abandoned.lock) as free:
            if free:
                _remove(abandoned)
