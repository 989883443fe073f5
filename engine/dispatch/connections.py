"""Connections to databases beside Odoo's pool: counted, bounded, and named so that an administrator finds them.

What must not wait for, nor end with, the transaction of a request has a connection of its own. Odoo's
pool resets a connection each time it hands it out, which costs more than such a statement, and counts
it as one of the workers' (``db_maxconn``). ``pg_stat_activity`` shows ours by their ``application_name``::

    SELECT datname, application_name FROM pg_stat_activity WHERE application_name LIKE 'jsonrpc_gateway%'

It must not know what they are used for.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2

from ..compat import odoo_db

#: Seconds after which a connection that is not made gives up.
_CONNECT_TIMEOUT = 5


class OwnConnection:
    """A connection of this process to one database, for one purpose; made when it is needed, used by one at a time.

    :param connections: of this process
    :param database: name of the database
    :param purpose: a word, for ``application_name``
    :param settings: of PostgreSQL, for the whole session
    :param autocommit: whether each statement is a transaction of its own
    :param prepare: SQL that each new connection runs first
    :ivar used_at: when it was taken last, on the clock of the process
    """

    def __init__(
        self,
        connections: Connections,
        database: str,
        purpose: str,
        *,
        settings: dict[str, Any],
        autocommit: bool = False,
        prepare: str = "",
    ):
        self._connections = connections
        self._database = database
        self._purpose = purpose
        self._options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._autocommit = autocommit
        self._prepare = prepare
        self._lock = threading.Lock()
        self._connection: Any = None
        self.used_at = 0.0

    @contextlib.contextmanager
    def in_use(self) -> Iterator[Any]:
        """Hold the connection; the body has it alone.

        :returns: a ``psycopg2`` connection
        :raises psycopg2.Error: it cannot be made, or there are too many
        """
        with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = None
                self._connection = self._connections.connect(self, self._made)
            self.used_at = time.monotonic()
            yield self._connection

    def close(self) -> None:
        """Close it; the next use makes a new one."""
        with self._lock:
            self._closed()
            self._connections.forget(self)

    def close_unless_in_use(self) -> bool:
        """Close it if nobody has it, and tell whether that is so; for :class:`Connections`, which counts it."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            self._closed()
        finally:
            self._lock.release()
        return True

    def _closed(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _made(self) -> Any:
        info = odoo_db.connection_info(self._database)
        info["application_name"] = f"jsonrpc_gateway-{self._purpose}-{os.getpid()}"
        connection = psycopg2.connect(**info, options=self._options, connect_timeout=_CONNECT_TIMEOUT)
        try:
            connection.autocommit = self._autocommit
            if self._prepare:
                with connection.cursor() as cursor:
                    cursor.execute(self._prepare)
        except BaseException:
            connection.close()
            raise
        return connection


class Connections:
    """All of this process's, of which there are never more than a bound.

    :param most: the bound; before it is passed, the one that nobody has used for longest is closed
    """

    def __init__(self, most: int):
        self.most = most
        self._lock = threading.Lock()
        # Whoever has forgotten one has no use for it: psycopg2 closes it then.
        self._open: weakref.WeakSet[OwnConnection] = weakref.WeakSet()

    def __len__(self) -> int:
        """How many there are now, those that are just being made too."""
        return len(self._open)

    def connect(self, own: OwnConnection, make: Callable[[], Any]) -> Any:
        """Make a connection, once there is room for it.

        :param own: whose it is
        :param make: makes it
        :raises psycopg2.OperationalError: all others are in use, or it cannot be made
        """
        with self._lock:
            self._open.discard(own)
            self._make_room()
            self._open.add(own)
        try:
            return make()
        except BaseException:
            self.forget(own)
            raise

    def forget(self, own: OwnConnection) -> None:
        """A connection is closed."""
        with self._lock:
            self._open.discard(own)

    def _make_room(self) -> None:
        for other in sorted(self._open, key=lambda other: other.used_at):
            if len(self._open) < self.most:
                return
            if other.close_unless_in_use():
                self._open.discard(other)
        if len(self._open) >= self.most:
            raise psycopg2.OperationalError(f"All {self.most} connections beside Odoo's pool are in use")
