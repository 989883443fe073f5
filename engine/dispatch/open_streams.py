"""The streams that one process sends now: no more than it may, and all of them ended when it ends.

It must not know what a stream is made of.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ..protocol.errors import Unavailable


class Cut(Protocol):
    """What is being sent."""

    def cut_off(self) -> None:
        """The server ends: leave what is to be left."""


class OpenStreams:
    """The places of one process.

    :param most: streams at once, whatever their database
    """

    def __init__(self, most: int):
        self._most = most
        self._lock = threading.Lock()
        self._sendings: set[Cut] = set()

    def check_room(self) -> None:
        """:raises Unavailable: there are as many as there may be"""
        if len(self._sendings) >= self._most:
            raise Unavailable("Too many streams are open", data={"retry_after": 1, "limit": self._most})

    @contextmanager
    def place(self, sending: Cut) -> Iterator[None]:
        """A place among them.

        :raises Unavailable: as :meth:`check_room`
        """
        with self._lock:
            self.check_room()
            self._sendings.add(sending)
        try:
            yield
        finally:
            with self._lock:
                self._sendings.discard(sending)

    def stop(self) -> None:
        """The server ends, and its threads with it, wherever they are."""
        with self._lock:
            sendings = list(self._sendings)
        for sending in sendings:
            sending.cut_off()
