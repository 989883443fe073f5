"""What a call leaves behind: a row of the request log, and an entry among the collected errors.

The row of a write is stored in the write's own transaction, before its savepoint is released:
there is no change without its trace, and no trace of a change that was undone. All other rows go
to the buffer of ``writer.py`` once the request's transaction is committed, so that a replay
leaves one row::

    Pipeline.__call__
        CallLog.begin                 a call starts                 -> Entry
            Entry.resolved            which method it is
            Entry.identified          who calls, where the params say it
            Entry.wrote               in the savepoint of a write   -> the row, in SQL
        Entry.done, Entry.failed      how it ended
    batch.run
        CallLog.refused               an item of a batch that never becomes a call
    streaming.Sending
        CallLog.stream_ends           a stream was sent, or its client left: its row
    Pipeline.undo
        CallLog.undone                an atomic batch was taken back
    Border
        CallLog.finish                what is not stored yet        -> the buffer, after the commit
        CallLog.lost                  the transaction was lost, and every call with it

It must not know HTTP, nor who reads the log.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ...compat import odoo_server
from ...protocol.errors import RolledBack, RpcError
from ...protocol.spec import LOG_LEVELS
from .. import process
from . import faults, refusals
from .entry import Caller, Entry
from .redaction import Redaction

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ...access.credential import Credential
    from ...protocol.jsonrpc.message import Request
    from ..answer import Ending
    from ..context import CallContext
    from ..limits.buckets import Level

#: What a column can hold.
_MAX_INTEGER = 2**31 - 1


class CallLog:
    """The calls of one HTTP request.

    :param context: what the request knows of itself
    """

    def __init__(self, context: CallContext):
        self._context = context
        self._cr = context.env.cr
        self._model = context.env["jsonrpc.call"]
        # Now, because nothing can be asked of a transaction that has failed.
        self._common: dict[str, Any] = {}
        self._caller = self._caller_of(context.credential)
        self._entries: list[Entry] = []
        self._refused: list[dict[str, Any]] = []
        self._handed_over = False

    def limited(self, levels: Sequence[Level]) -> None:
        """What is left of the limit that is nearest to its end.

        :param levels: of the buckets that the calls took from
        """
        if levels:
            nearest = min(levels, key=lambda level: level.remaining)
            self._share(limit_name=nearest.demand.label, limit_left=min(nearest.remaining, _MAX_INTEGER))

    def batch_of(self, size: int, modes: Collection[str]) -> None:
        """The calls are those of a batch.

        :param size: how many items it has
        :param modes: what binds them together
        """
        self._share(batch_size=size, batch_modes=", ".join(sorted(modes)) or None)

    def begin(self, request: Request) -> Entry:
        """A call starts."""
        entry = Entry(self._context, self._caller, self._caller_of, request)
        self._entries.append(entry)
        process.calls.current = entry
        return entry

    def refused(self, position: int, request: Request | None, error: RpcError) -> None:
        """An item of a batch never becomes a call; the ``refused`` of :func:`batch.run`.

        :param position: in its batch, from 1
        :param request: what it asks for, if it is a request at all
        """
        if request is not None:
            self.begin(request).failed(error)
            return
        row = refusals.row_of_refusal(self._caller.columns, error.as_member())
        self._refused.append(row | {"batch_position": position})

    def stream_begins(self, entry: Entry) -> None:
        """The lines of a call's answer begin to be sent, by this thread."""
        process.calls.current = entry

    def stream_ends(self, entry: Entry, ending: Ending) -> None:
        """They were sent, or not: the request's transaction has ended before they began."""
        process.calls.current = None
        entry.streamed(ending)
        self._hand_over(*_kept([entry]))

    def undone(self, failed: int) -> None:
        """All calls so far were taken back, because one failed.

        :param failed: position of that one, from 1
        """
        rolled_back = RolledBack(data={"failed": {"position": failed - 1}})
        for entry in self._entries:
            entry.undone(rolled_back)

    def finish(self, error: dict[str, Any] | None = None) -> None:
        """Hand over what is not stored, as soon as the request's transaction is committed.

        :param error: the ``error`` member of an answer that is nothing else; where no call was
            made, it says why
        """
        process.calls.current = None
        if self._handed_over:
            return
        if error and not self._entries:
            self._handed_over = True
            refusals.put_refusal(self._cr.dbname, self._caller.columns, error)
            return
        rows, errors = self._kept()
        if not rows and not errors:
            return
        hand_over = partial(self._hand_over, rows, errors)
        if odoo_server.is_testing():
            # The transaction of a test is never committed.
            hand_over()
        else:
            self._cr.postcommit.add(hand_over)

    def lost(self, error: RpcError) -> None:
        """The transaction could not be committed: no call took place, and no row was stored."""
        process.calls.current = None
        if self._handed_over or not self._entries:
            return
        for entry in self._entries:
            entry.failed(error)
        self._hand_over(*self._kept())

    def _kept(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        rows, errors = _kept(self._entries)
        return self._refused + rows, errors

    def _caller_of(self, credential: Credential) -> Caller:
        """What rows need of who calls."""
        context = self._context
        user = self._model._user(credential.user_id) if credential.user_id else None
        columns = refusals.row_of_request(
            request_id=context.request_id,
            address=context.remote_addr,
            endpoint=context.endpoint,
            credential=credential.kind,
            key_id=credential.key_id,
            key_name=credential.name if credential.key_id else None,
            user_id=credential.user_id,
            login=user and user.login,
            company_id=credential.company_ids[0] if credential.company_ids else user and user.company_id,
            door=context.door,
            user_agent=context.user_agent,
        )
        columns |= self._common
        return Caller(LOG_LEVELS.index(self._model._level(credential.key_id)), columns)

    def _share(self, **columns: Any) -> None:
        """Give columns to all rows of the request."""
        self._common |= columns
        self._caller.columns.update(columns)

    def _hand_over(self, rows, errors) -> None:
        self._handed_over = True
        process.served(self._cr.dbname).writer.put(rows, errors)


def _kept(entries: list[Entry]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of calls that are not stored, and what is to be collected of their errors."""
    rows = [entry.row for entry in entries if entry.row is not None]
    errors = [entry.error for entry in entries if entry.error is not None]
    return rows, errors


class NoLog:
    """In the place of :class:`CallLog` where there is no database, or none with this addon."""

    def begin(self, request: Request) -> NoLog:
        return self

    def ignore(self, *args: Any) -> None:
        """Whatever happens is not kept."""

    resolved = identified = wrote = done = failed = refused = undone = finish = lost = ignore
    limited = batch_of = ignore
    stream_begins = stream_ends = ignore

    def traceback(self, exc: BaseException) -> str:
        return faults.scrubbed(exc, Redaction())


def of_request(context: CallContext) -> CallLog | NoLog:
    """The log of one request's calls."""
    if context.env is None:
        return NoLog()
    return CallLog(context)
