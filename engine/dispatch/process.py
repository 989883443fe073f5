"""What this process holds for each database that it serves, from its first call until it is idle, and at the end.

Nothing else in the addon keeps anything between requests, but for the caches of Odoo's registry and
what stands beside them there (:func:`.odoo_orm.kept_with_registry`): these end with the registry.

Started
    by the first call on a database; in a worker that was forked everything starts anew, for what was
    held belongs to the process that forked it, connections above all.
Bounded
    at most :data:`MOST_CONNECTIONS` connections beside Odoo's pool (``db_maxconn`` does not count
    them): two for each database that is in use, one to count calls and one to write the log. When
    more are wanted, those that nobody has used for longest are closed. A server of W HTTP workers and D
    databases has at most ``W * min(2 * D, MOST_CONNECTIONS)``. The log's is closed after
    ``writer.QUIET`` seconds without a row, all are after :data:`IDLE` seconds without a call.
Forgotten
    after :data:`IDLE` seconds without a call: so is a database that was dropped, or where the addon
    was uninstalled. Calls that were taken ahead are given back.
Ended
    with the process, or with a server that starts itself anew: what waits for the log is written.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time

import psycopg2

from ..access.recent import PerSecond, Recent
from ..compat import odoo_server
from .connections import Connections
from .journal import server_log
from .journal.writer import LogWriter
from .limits.buckets import Buckets
from .limits.leases import Leases
from .open_streams import OpenStreams

_logger = logging.getLogger(__name__)

#: Connections of one process beside Odoo's pool, to all databases together.
MOST_CONNECTIONS = 32
#: Streams of one process at once, whatever their database. Each holds a connection of Odoo's pool, which
#: has 64 by default (``db_maxconn``), and a thread; a prefork worker has one request at a time anyway.
MOST_STREAMS = 8
#: Seconds without a call after which a database is forgotten; all that is remembered is older then.
IDLE = 60.0
#: Seconds between two looks at who is idle.
_ROUND = 15.0
#: Seconds for which a process does not ask again about an address that was free to try.
_CALM = 1.0
#: Addresses of one database remembered by one process.
_ADDRESSES = 10_000
#: Seconds between two warnings of one kind, and kinds that are told apart.
_WARN_EVERY, _WARNINGS = 60.0, 100


class ServedDatabase:
    """What this process holds for one database.

    :param name: of the database
    :param connections: of this process
    :ivar writer: rows of the request log on their way
    :ivar buckets: how many calls are left
    :ivar leases: calls taken from the buckets ahead of time
    :ivar calm: addresses that were free to try a moment ago
    :ivar warned: what the server's log was told lately
    :ivar refused: how many requests without any call were noted in this second
    """

    def __init__(self, name: str, connections: Connections):
        self.name = name
        self.used_at = time.monotonic()
        self.writer = LogWriter(name, connections)
        self.buckets = Buckets(name, connections)
        self.leases = Leases(self.buckets)
        self.calm = Recent(_CALM, _ADDRESSES)
        self.warned = Recent(_WARN_EVERY, _WARNINGS)
        self.refused = PerSecond()

    def purge(self) -> None:
        """Delete the buckets that say nothing any more; what fails is done in the next round."""
        try:
            self.buckets.purge()
        except psycopg2.Error:
            _logger.debug("The buckets of %s could not be purged", self.name, exc_info=True)

    def is_idle(self) -> bool:
        """Whether nobody calls, and nothing waits to be written."""
        return time.monotonic() - self.used_at > IDLE and self.writer.is_empty

    def close(self) -> None:
        """Write what waits, give back what was taken ahead, and close the connections; a later use opens them anew."""
        try:
            self.leases.give_back()
        except psycopg2.Error:
            _logger.debug("Calls taken ahead on %s could not be given back", self.name, exc_info=True)
        self.buckets.close()
        # A test's rows refer to what is never committed.
        if not odoo_server.is_testing():
            try:
                self.writer.flush()
            except psycopg2.Error:
                _logger.warning("%s rows of the request log of %s were lost", self.writer.waiting, self.name)
        self.writer.close()


class _Process:
    """All databases of one process."""

    def __init__(self):
        self.start_anew()

    def start_anew(self) -> None:
        """In a process that was forked: what was held belongs to the one that forked it.

        Nothing is closed, for that would end what the other goes on using; psycopg2 itself closes a
        connection only in the process that made it.
        """
        self.connections = Connections(MOST_CONNECTIONS)
        self.streams = OpenStreams(MOST_STREAMS)
        self._lock = threading.Lock()
        self._served: dict[str, ServedDatabase] = {}
        self._janitor: threading.Thread | None = None

    def served(self, name: str) -> ServedDatabase:
        database = self._served.get(name)
        if database is None:
            with self._lock:
                database = self._served.setdefault(name, ServedDatabase(name, self.connections))
                if self._janitor is None:
                    self._janitor = threading.Thread(target=self._run, name="jsonrpc_gateway.process", daemon=True)
                    self._janitor.start()
        database.used_at = time.monotonic()
        return database

    def forget(self, name: str) -> None:
        with self._lock:
            database = self._served.pop(name, None)
        if database is not None:
            database.close()

    def stop(self) -> None:
        # Each leaves a row.
        self.streams.stop()
        for name in list(self._served):
            self.forget(name)

    def forget_idle(self) -> None:
        """Also purges the others: once a round, whoever calls."""
        for database in list(self._served.values()):
            if not odoo_server.is_testing():
                database.purge()
            if database.is_idle():
                self.forget(database.name)

    def _run(self) -> None:
        while True:
            time.sleep(_ROUND)
            self.forget_idle()
            with self._lock:
                if not self._served:
                    self._janitor = None
                    return


_process = _Process()

#: The call that each thread is making, for what is noted of its statements.
calls = server_log.Calls()
server_log.install_filters(calls)


def served(name: str) -> ServedDatabase:
    """What this process holds for a database.

    To be asked for at each use, and not kept: it is forgotten when nobody has asked for a while.

    :param name: of the database
    """
    return _process.served(name)


def forget(name: str) -> None:
    """Forget a database now: what waits is written, connections are closed."""
    _process.forget(name)


def forget_idle() -> None:
    """Forget the databases without a call for :data:`IDLE` seconds; done by itself every now and then."""
    _process.forget_idle()


def connections() -> int:
    """How many connections this process has beside Odoo's pool, now."""
    return len(_process.connections)


def streams() -> OpenStreams:
    """The streams that this process sends, and the places for them."""
    return _process.streams


def stop() -> None:
    """The process ends: cut off streams, and write what waits, once; who cannot be reached now loses it."""
    _process.stop()


os.register_at_fork(after_in_child=_process.start_anew)
# A worker and a server that end; a server that starts itself anew runs its own hooks only.
atexit.register(stop)
odoo_server.on_stop(stop)
