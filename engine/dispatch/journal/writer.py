"""Rows of the request log on their way to the database, without any call waiting for it.

Calls put rows into a buffer in memory; a thread of this process takes all that is there twice a
second and stores it with one statement, through a connection of its own::

    LogWriter.put           under a lock that is held for a list's extend
        LogWriter._run      a daemon thread, started by the first row, gone after a quiet time
            LogWriter.flush one statement for all rows

The buffer is bounded: when the database is slower than the calls, or away, what does not fit is
dropped and counted, and the count is stored as soon as anything can be. In a worker that was
forked the buffer is empty; a process that ends writes what it has. It must not know what a row
means, nor who puts it.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import orjson
import psycopg2
from psycopg2 import errors as pg

from ...compat import odoo_server
from ..connections import Connections, OwnConnection

if TYPE_CHECKING:
    from collections.abc import Iterable

_logger = logging.getLogger(__name__)

#: Seconds between the first row and its statement; readers of the log are at most this far behind.
INTERVAL = 0.5
#: Seconds without a row after which thread and connection end.
QUIET = 10.0
#: Rows that wait at most.
MAX_ROWS = 20_000
#: Characters of params, results and errors that wait at most.
MAX_SIZE = 32 * 1024 * 1024
#: Rows that one statement stores.
_PORTION = 2_000
#: Milliseconds after which a statement gives up.
_STATEMENT_TIMEOUT = 5_000

#: The columns of ``jsonrpc_call`` that a row may fill.
COLUMNS = (
    "called_at",
    "request_id",
    "endpoint",
    "credential",
    "key_id",
    "key_name",
    "user_id",
    "login",
    "company_id",
    "address",
    "method",
    "params",
    "result",
    "outcome",
    "error_type",
    "error_message",
    "error_data",
    "error_digest",
    "duration",
    "queries",
    "response_size",
    "batch_position",
    "replayed",
    "door",
    "user_agent",
    "limit_name",
    "limit_left",
    "batch_size",
    "batch_modes",
    "idempotency_digest",
    "validate_only",
    "notification",
)
# One text for any number of rows: parsed by PostgreSQL, not by this process, which has calls to make.
INSERT = f"""
    INSERT INTO jsonrpc_call ({", ".join(COLUMNS)})
    SELECT {", ".join(COLUMNS)} FROM json_populate_recordset(NULL::jsonrpc_call, %s)
"""  # noqa: S608 - our own names
_COLLECT = """
    INSERT INTO jsonrpc_error AS error
           (digest, exception, place, message, traceback, method, request_id, count, first_seen, last_seen, state)
    SELECT digest, exception, place, message, traceback, method, request_id, count, last_seen, last_seen, 'open'
      FROM json_populate_recordset(NULL::jsonrpc_error, %s)
        ON CONFLICT (digest) DO UPDATE
       SET count = error.count + excluded.count,
           last_seen = greatest(error.last_seen, excluded.last_seen),
           state = CASE WHEN error.state = 'resolved' AND excluded.last_seen > error.resolved_at THEN 'back'
                        ELSE coalesce(error.state, 'open') END,
           message = excluded.message,
           traceback = excluded.traceback,
           method = excluded.method,
           request_id = excluded.request_id
"""
_LOSE = "INSERT INTO jsonrpc_call_loss (lost_at, count) VALUES (now() AT TIME ZONE 'UTC', %s)"


def encoded(rows: Iterable[dict[str, Any]]) -> str:
    """Rows as the parameter of :data:`INSERT`."""
    return orjson.dumps(list(rows)).decode()


def utcnow() -> datetime:
    """Now, as Odoo stores it."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


class LogWriter:
    """The rows of one database that wait in this process.

    :param database: its name
    :param connections: of this process
    """

    def __init__(self, database: str, connections: Connections):
        self._database = database
        self._lock = threading.Lock()
        self._rows: list[dict[str, Any]] = []
        self._errors: dict[str, dict[str, Any]] = {}
        self._size = 0
        self._lost = 0
        self._filled = threading.Event()
        self._thread: threading.Thread | None = None
        # Whoever stores rows: the thread, or the end of the process.
        self._storing = threading.Lock()
        self._connection = OwnConnection(
            connections,
            database,
            "log",
            settings={"statement_timeout": _STATEMENT_TIMEOUT, "synchronous_commit": "off"},
        )

    def put(self, rows: list[dict[str, Any]], errors: Iterable[dict[str, Any]] = ()) -> None:
        """Take rows, or count them as lost; never waits for the database.

        :param rows: values by column; they belong to the writer from now on
        :param errors: of the collection: rows of ``jsonrpc_error`` with a ``count``
        """
        size = _size(rows)
        with self._lock:
            if len(self._rows) + len(rows) > MAX_ROWS or self._size + size > MAX_SIZE:
                self._lost += len(rows)
            else:
                self._rows += rows
                self._size += size
            for error in errors:
                self._collect(error)
            self._start()
        self._filled.set()

    def lose(self, count: int) -> None:
        """Count rows that were not even put."""
        with self._lock:
            self._lost += count
            self._start()
        self._filled.set()

    @property
    def waiting(self) -> int:
        """Rows that are not stored yet."""
        return len(self._rows)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits: no row, no collected error, no count of what was lost."""
        return not (self._rows or self._errors or self._lost)

    def flush(self, cr: Any = None) -> None:
        """Store what waits, now.

        :param cr: a cursor to do it with, for tests, whose transaction is never committed; a
            connection of the writer's own by default
        :raises psycopg2.Error: the database does not take it; the rows wait on
        """
        with self._storing:
            while True:
                rows, errors, lost = self._taken()
                if not (rows or errors or lost):
                    return
                try:
                    if cr is not None:
                        _store(cr, rows, errors, lost)
                    else:
                        with self._connection.in_use() as connection, connection, connection.cursor() as cursor:
                            _store(cursor, rows, errors, lost)
                except Exception:
                    self._give_back(rows, errors, lost)
                    raise

    def discard(self) -> None:
        """Forget what waits."""
        with self._lock:
            self._rows, self._errors, self._size, self._lost = [], {}, 0, 0

    def close(self) -> None:
        """Close the connection; the next row opens a new one."""
        with self._storing:
            self._connection.close()

    def _start(self) -> None:
        # In tests nothing is ever committed, so nobody else could see what rows refer to: they
        # wait for a flush with the cursor of the test.
        if (self._thread is None or not self._thread.is_alive()) and not odoo_server.is_testing():
            self._thread = threading.Thread(target=self._run, name=f"jsonrpc_gateway.log.{self._database}", daemon=True)
            self._thread.start()

    def _collect(self, error: dict[str, Any]) -> None:
        known = self._errors.get(error["digest"])
        self._errors[error["digest"]] = error | {"count": error["count"] + (known["count"] if known else 0)}

    def _taken(self):
        """The next portion of what waits."""
        with self._lock:
            rows, self._rows = self._rows[:_PORTION], self._rows[_PORTION:]
            self._size = 0 if not self._rows else max(0, self._size - _size(rows))
            errors, self._errors = list(self._errors.values()), {}
            lost, self._lost = self._lost, 0
        return rows, errors, lost

    def _give_back(self, rows, errors, lost) -> None:
        with self._lock:
            room = max(0, MAX_ROWS - len(self._rows))
            self._rows[:0] = rows[:room]
            self._size += _size(rows[:room])
            self._lost += lost + len(rows) - len(rows[:room])
            for error in errors:
                self._collect(error)

    def _run(self) -> None:
        """The thread: until nothing has come for a while."""
        failed = 0
        while True:
            if not self._filled.wait(QUIET):
                with self._lock:
                    if self.is_empty:
                        self._thread = None
                        break
            time.sleep(INTERVAL * min(1 + failed, 20))
            self._filled.clear()
            failed = 0 if self._flushed(first=not failed) else failed + 1
        self.close()

    def _flushed(self, *, first: bool) -> bool:
        """Store what waits; whether that worked.

        :param first: whether to tell the server's log of a failure
        """
        try:
            self.flush()
        except (pg.UndefinedTable, pg.InvalidCatalogName):
            # The addon was uninstalled, or the database dropped.
            self.discard()
        except (pg.DataError, pg.IntegrityError, pg.ProgrammingError, TypeError, ValueError):
            # The same rows would fail again, and stand in the way of all that come.
            _logger.exception("A row of the request log of %s cannot be stored", self._database)
            self._salvage()
        except psycopg2.Error:
            if first:
                _logger.warning("The request log of %s has to wait", self._database, exc_info=True)
            with self._storing:
                self._connection.close()
            self._filled.set()
            return False
        return True

    def _salvage(self) -> None:
        """Store one by one what could not be stored together; what cannot be at all is lost."""
        with self._storing:
            rows, errors, lost = self._taken()
            for portion in [*(([row], []) for row in rows), *(([], [error]) for error in errors)]:
                try:
                    with self._connection.in_use() as connection, connection, connection.cursor() as cursor:
                        _store(cursor, *portion, 0)
                except (psycopg2.Error, TypeError, ValueError):
                    lost += len(portion[0])
        self.lose(lost)


def _store(cursor, rows, errors, lost) -> None:
    if rows:
        cursor.execute(INSERT, (encoded(rows),))
    if errors:
        cursor.execute(_COLLECT, (encoded(errors),))
    if lost:
        cursor.execute(_LOSE, (lost,))


def _size(rows) -> int:
    return sum(len(row["params"] or "") + len(row["result"] or "") + len(row["error_data"] or "") for row in rows)
