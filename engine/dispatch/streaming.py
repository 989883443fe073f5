"""A stream on its way: its own cursor, its lines and the last one, its count and its end.

The body is NDJSON, ``application/x-ndjson``: a line for each row, as the method gives it, and a last
line that says whether these were all::

    {"id":1}
    {"id":2}
    {"_end":{"rows":2}}

or, after a failure, ``{"_error":{"code":...,"message":...,"data":{...}}}``, the ``error`` member of a
JSON-RPC response. Without either, the body is not whole: over HTTP/1.0, which Odoo speaks with
``workers``, the end of the connection is the end of the body, whyever it came. The framing is
internal until exports use it.

A worker that Odoo kills (``limit_time_real``) leaves neither a last line nor a row in the log: set that
limit above the longest stream.

The cursor is read-only and REPEATABLE READ: all rows are of one moment. It is open from the first
line to the last, or until the client leaves, and takes one of the connections of Odoo's pool
(``db_maxconn``). It must not know HTTP, nor what the lines are about.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.pool import PoolError

from odoo.api import Environment

from ..access.restriction import restricted
from ..compat import odoo_db
from ..protocol.errors import CallTimeout, RpcError, Unavailable
from ..protocol.jsonrpc import codec
from . import process
from .answer import Ending, Stream
from .transaction.savepoints import LONGEST_TIMEOUT

if TYPE_CHECKING:
    from odoo.modules.registry import Registry

    from ..access.credential import Credential

#: Seconds from the first line to the last.
MAX_SECONDS = 3600
#: Seconds for which a client may take nothing: then its stream ends, and PostgreSQL takes the snapshot back.
MAX_STALL = 60
#: Bytes that are gathered before they are sent.
_PORTION = 64 * 1024


def check_room() -> None:
    """:raises Unavailable: this process sends as many streams as it may"""
    process.streams().check_room()


@contextmanager
def own_environment(
    registry: Registry, user_id: int, context: dict[str, Any], timeout: int, credential: Credential
) -> Iterator[Environment]:
    """An environment on a cursor of its own, which only reads, held to what the key of the call allows.

    :param context: of the caller's environment: language, time zone, companies
    :param timeout: seconds that one statement may take
    :raises Unavailable: Odoo has no connection left
    """
    try:
        cr = registry.cursor()
    except PoolError as exc:
        raise Unavailable("No connection to the database is free") from exc
    try:
        # A method that commits or rolls back cannot change anything either.
        odoo_db.let_read_only(
            cr,
            statement_timeout=min(timeout * 1000, LONGEST_TIMEOUT),
            idle_in_transaction_session_timeout=MAX_STALL * 1000,
        )
        with restricted(cr, credential):
            yield Environment(cr, user_id, context)
    finally:
        # The connection may be gone already: the pool drops it then.
        with suppress(psycopg2.Error):
            cr.close()


class Sending:
    """One stream while it is sent.

    :ivar rows: that were given to the server to send
    :ivar size: bytes of them, and of the last line
    """

    # It holds no iterator of its own: where a server forgets to close that, it ends as soon as nobody
    # holds it, and not when the garbage collector comes by.

    def __init__(self, stream: Stream):
        self._stream = stream
        self._begun = self._gone = False
        self._gathered: list[bytes] = []
        self._queries = 0
        self._ending = threading.Lock()
        self._ended = False
        self.rows = self.size = 0

    def lines(self) -> Iterator[bytes]:
        """The bytes of the body, the last line included; closed early, it ends the stream."""
        self._begun = True
        stream, error, whole = self._stream, None, False
        stream.begins()
        try:
            try:
                with process.streams().place(self):
                    yield from self._read()
                rows = self._taken()
                last = {"_end": {"rows": self.rows}}
            except Exception as exc:  # noqa: BLE001 - the headers are sent: the last line is where to tell it
                if self._gone:
                    # Nobody is there to be told what the end of the method has raised.
                    return
                error = stream.explain(exc)
                rows = self._taken()
                last = {"_error": error.as_member(stream.request_id)}
            line = codec.encode(last) + b"\n"
            self.size += len(line)
            yield rows + line
            whole = True
        finally:
            self._end(error, gone=not whole)

    def close(self) -> None:
        """Nobody asks for lines any more; a stream that has not begun ends here."""
        if not self._begun:
            self._end(None, gone=True)

    def cut_off(self) -> None:
        """The thread that sends this will not come to its end; called from another one."""
        self._end(Unavailable("The server was stopped"), gone=True)

    def _end(self, error: RpcError | None, *, gone: bool) -> None:
        """Tell how it ended, once."""
        with self._ending:
            ended, self._ended = self._ended, True
        if not ended:
            self._stream.ends(Ending(self.rows, self.size, self._queries, error, gone))

    def _read(self) -> Iterator[bytes]:
        """The rows, in portions; some may be left that are gathered.

        :raises CallTimeout: it has taken too long
        :raises TypeError: the method gives something else than lines
        :raises Exception: whatever the method raises
        """
        deadline = time.monotonic() + MAX_SECONDS
        size = 0
        with self._stream.open() as env:
            try:
                with closing(self._stream.make(env)) as chunks:
                    for chunk in chunks:
                        if not (isinstance(chunk, bytes) and chunk.endswith(b"\n")):
                            raise TypeError("a stream is made of bytes, whole lines each")
                        self._gathered.append(chunk)
                        size += len(chunk)
                        if size >= _PORTION:
                            size = 0
                            yield from self._offered(self._taken())
                        if time.monotonic() > deadline:
                            raise CallTimeout(f"A stream takes at most {MAX_SECONDS} seconds")
            finally:
                self._queries = env.cr.sql_log_count

    def _offered(self, portion: bytes) -> Iterator[bytes]:
        """One portion, and a look at whether the client is still there after it."""
        try:
            yield portion
        except GeneratorExit:
            self._gone = True
            raise

    def _taken(self) -> bytes:
        """What is gathered; from now on it counts as sent."""
        rows = b"".join(self._gathered)
        self._gathered.clear()
        self.rows += rows.count(b"\n")
        self.size += len(rows)
        return rows
