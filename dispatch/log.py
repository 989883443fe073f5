"""What a call leaves behind: a row of the request log, and an entry among the collected errors.

The row of a write is stored in the write's own transaction, before its savepoint is released:
there is no change without its trace, and no trace of a change that was undone. All other rows go
to the buffer of ``log_writer.py`` once the request's transaction is committed, so that a replay
leaves one row::

    Pipeline.__call__
        CallLog.begin                 a call starts                 -> Entry
            Entry.resolved            which method it is
            Entry.identified          who calls, where the params say it
            Entry.wrote               in the savepoint of a write   -> the row, in SQL
        Entry.done, Entry.failed      how it ended
    Pipeline.undo
        CallLog.undone                an atomic batch was taken back
    JsonRpcDispatcher
        CallLog.finish                what is not stored yet        -> the buffer, after the commit
        CallLog.lost                  the transaction was lost, and every call with it

It must not know HTTP, nor who reads the log.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from odoo.modules import module

from ..protocol import codec
from ..protocol.errors import InternalError, InvalidRequest, RpcError
from ..protocol.message import ABSENT, Replayed, parse_request
from . import log_errors, log_filter
from .log_writer import INSERT, encoded, of_database, utcnow
from .redaction import Redaction, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..protocol.credential import Credential
    from ..protocol.message import Request
    from ..protocol.spec import MethodSpec
    from .context import CallContext

_LEVELS = ("none", "metadata", "params", "result")
#: Bytes of an encoded result up to which it is read again, to be kept.
_MAX_RESULT = 256 * 1024
#: Requests without any call, of one process in one second, that are kept: a flood of them must
#: not push out what callers did.
_REFUSALS_PER_SECOND = 20


class Entry:
    """One call, from its start to its end.

    :ivar error: the entry of the collected errors, for a fault of ours
    :ivar row: the values of its columns, once it has ended
    """

    __slots__ = (
        "_called_at",
        "_caller",
        "_log",
        "_params",
        "_position",
        "_queries",
        "_redaction",
        "_request",
        "_spec",
        "_started",
        "_stored",
        "error",
        "row",
    )

    def __init__(self, log: CallLog, request: Request, position: int):
        self._log = log
        self._request = request
        self._position = position
        self._called_at = utcnow()
        self._started = time.perf_counter()
        self._queries = log.cr.sql_log_count
        self._spec: MethodSpec | None = None
        self._params: Any = ABSENT
        self._redaction: Redaction | None = None
        self._stored = False
        self._caller = log.caller
        self.row: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None

    def resolved(self, spec: MethodSpec, params: Any) -> None:
        """The method is known, and so are the names of what was sent by position."""
        self._spec = spec
        self._params = params

    def identified(self, credential: Credential) -> None:
        """Who calls is known, where the params prove it."""
        if credential is not self._log.context.credential:
            self._caller = self._log.caller_of(credential)

    def wrote(self, result: orjson.Fragment) -> None:
        """Store the row of a write, in its own transaction.

        To be called where a failure of the call still undoes it, after all that it does.
        """
        cr = self._log.cr
        # What the flush changes and costs belongs to this call.
        cr.flush()
        row = self._described("done", result)
        if row is not None:
            cr.execute(INSERT, (encoded([row]),))
            self._stored = True

    def done(self, result: Any) -> None:
        """The call worked."""
        if not self._stored:
            self.row = self._described("done", result)

    def failed(self, error: RpcError) -> None:
        """The call was refused, or failed: whatever it did is undone."""
        self._stored = False
        outcome = "failed" if isinstance(error, InternalError) else "refused"
        self.row = self._described(outcome, None, error)
        if outcome == "failed":
            self.error = log_errors.described(error.__cause__ or error, self)
            if self.row is not None:
                self.row["error_digest"] = self.error["digest"]

    def undone(self, error_type: str, message: str) -> None:
        """What the call did was undone after it had ended."""
        if self.row is None or self.row["outcome"] in ("done", "dry_run"):
            self._stored = False
            self.row = self._described("refused", None)
            if self.row is not None:
                self.row |= {"error_type": error_type, "error_message": message}

    def traceback(self, exc: BaseException) -> str:
        """The traceback of an exception, for the server's log, without the secrets of the call."""
        return log_errors.scrubbed(exc, self.knowing_redaction())

    def knowing_redaction(self) -> Redaction:
        """The redaction, once it has seen all secrets of the call."""
        self._redacted_params()
        return self.redaction

    @property
    def method(self) -> str:
        """The method's name, for people."""
        spec = self._spec
        if spec is None or spec.log_name is None:
            return self.redaction.text(self._request.method if spec is None else spec.name, 128)
        return self.redaction.text(spec.log_name(self._named()), 128)

    @property
    def request_id(self) -> str:
        return self._log.context.request_id

    @property
    def redaction(self) -> Redaction:
        """Knows the secrets that were hidden in this call."""
        if self._redaction is None:
            self._redaction = Redaction(self._spec.secrets if self._spec else ())
        return self._redaction

    def _described(self, outcome: str, result: Any, error: RpcError | None = None) -> dict[str, Any] | None:
        """The row, or ``None`` where nothing is to be kept."""
        level = self._level()
        if level == 0:
            return None
        duration = (time.perf_counter() - self._started) * 1000
        replayed = isinstance(result, Replayed) or bool(error is not None and error.data.get("replayed"))
        if outcome == "done" and self._request.validate_only and self._spec.access == "write":
            outcome = "dry_run"
        body = b"" if result is None else codec.encode(result.result if isinstance(result, Replayed) else result)
        row = self._caller.columns | {
            "called_at": self._called_at,
            "method": self.method,
            "params": self._kept_params() if level >= 2 else None,
            "result": self._kept_result(body) if level >= 3 and body else None,
            "outcome": outcome,
            "duration": round(duration, 3),
            "queries": self._log.cr.sql_log_count - self._queries,
            "response_size": len(body),
            "batch_position": self._position,
            "replayed": replayed,
        }
        if error is not None:
            message = self.knowing_redaction().text(error.message, 500)
            row |= {"error_type": error.type, "error_message": message}
        return row

    def _level(self) -> int:
        """Index in the levels: what the key and the method allow, the stricter of the two."""
        level = self._caller.level
        if self._spec is not None and self._spec.log_level is not None:
            level = min(level, _LEVELS.index(self._spec.log_level))
        return level

    def _named(self) -> Any:
        """The params by name, also those that were sent by position."""
        params = self._params
        if not isinstance(params, list):
            return params
        names = [param.name for param in self._spec.params]
        named = dict(zip(names, params, strict=False))
        if len(params) > len(names):
            # The last one may take any number; what is one too many is as secret as it.
            last = max(len(names) - 1, 0)
            named[names[last] if names else "*"] = params[last:]
        return named

    def _redacted_params(self) -> Any:
        """The params without their secrets; without a method nobody knows which of them is one."""
        if self._spec is None or self._params is ABSENT:
            return ABSENT
        named = self._named()
        return self.redaction.everything(named) if is_secret_name(self.method) else self.redaction.value(named)

    def _kept_params(self) -> str | None:
        # A caller who proved nothing has no claim on our space.
        params = self._redacted_params() if self._caller.columns["user_id"] else ABSENT
        return None if params is ABSENT else _text(params)

    def _kept_result(self, body: bytes) -> str:
        if len(body) > _MAX_RESULT:
            return _text(f"… {len(body)} bytes")
        result = orjson.loads(body)
        if is_secret_name(self.method) or (self.redaction.asks_for_secret and isinstance(result, str)):
            return _text(self.redaction.everything(result))
        return _text(self.redaction.value(result))


class Caller(NamedTuple):
    """Who calls, as far as the log is concerned.

    :ivar level: how much is kept, as an index in the levels
    :ivar columns: those that all calls of one caller in one request share
    """

    level: int
    columns: dict[str, Any]


class CallLog:
    """The calls of one HTTP request.

    :param context: what the request knows of itself
    :param payload: the decoded body
    """

    def __init__(self, context: CallContext, payload: Any):
        self.context = context
        self.cr = context.env.cr
        self._model = context.env["jsonrpc.call"]
        # Now, because nothing can be asked of a transaction that has failed.
        self.caller = self.caller_of(context.credential)
        self._payload = payload
        self._entries: list[Entry] = []
        self._positions: Iterator[int] | None = None
        self._refused: list[dict[str, Any]] = []
        self._handed_over = False

    def begin(self, request: Request) -> Entry:
        """A call starts."""
        if self._positions is None:
            self._look_at_batch()
        entry = Entry(self, request, next(self._positions, 0))
        self._entries.append(entry)
        log_filter.current.call = entry
        return entry

    def undone(self) -> None:
        """All calls so far were taken back, because the next one failed."""
        for entry in self._entries:
            entry.undone("rolled_back", "Another call of the batch failed")

    def finish(self, answered: Any) -> None:
        """Hand over what is not stored, as soon as the request's transaction is committed.

        :param answered: the response objects; where no call was made, they say why
        """
        log_filter.current.call = None
        if self._handed_over:
            return
        if not self._entries:
            if isinstance(answered, dict) and "error" in answered:
                self._handed_over = True
                _put_refusal(self.cr.dbname, self.caller.columns, answered["error"])
                return
            self._look_at_batch()
        hand_over = partial(self._hand_over, *self._kept())
        if module.current_test:
            # The transaction of a test is never committed.
            hand_over()
        else:
            self.cr.postcommit.add(hand_over)

    def lost(self, error: RpcError) -> None:
        """The transaction could not be committed: no call took place, and no row was stored."""
        log_filter.current.call = None
        if self._handed_over or not self._entries:
            return
        for entry in self._entries:
            entry.failed(error)
        self._hand_over(*self._kept())

    def _kept(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        rows = [entry.row for entry in self._entries if entry.row is not None]
        errors = [entry.error for entry in self._entries if entry.error is not None]
        return self._refused + rows, errors

    def caller_of(self, credential: Credential) -> Caller:
        """What rows need of who calls."""
        context = self.context
        user = self._model._user(credential.user_id) if credential.user_id else None
        columns = _row(
            request_id=context.request_id,
            address=context.remote_addr,
            endpoint=context.endpoint,
            credential=credential.kind,
            key_id=credential.key_id,
            key_name=credential.name if credential.key_id else None,
            user_id=credential.user_id,
            login=user and user.login,
            company_id=credential.company_ids[0] if credential.company_ids else user and user.company_id,
        )
        return Caller(_LEVELS.index(self._model._level(credential.key_id)), columns)

    def _hand_over(self, rows, errors) -> None:
        self._handed_over = True
        of_database(self.cr.dbname).put(rows, errors)

    def _look_at_batch(self) -> None:
        """Tell the calls of a batch from what is none, which is noted at once.

        Not before a call of it is made: by then it is known not to be too large.
        """
        if not isinstance(self._payload, list):
            self._positions = iter((0,))
            return
        positions = []
        for position, item in enumerate(self._payload, 1):
            try:
                parse_request(item)
            except InvalidRequest as error:
                row = _refusal_row(self.caller.columns, error.as_member())
                self._refused.append(row | {"batch_position": position})
            else:
                positions.append(position)
        self._positions = iter(positions)


class NoLog:
    """In the place of :class:`CallLog` where there is no database, or none with this addon."""

    def begin(self, request: Request) -> NoLog:
        return self

    def ignore(self, *args: Any) -> None:
        """Whatever happens is not kept."""

    resolved = identified = wrote = done = failed = undone = finish = lost = ignore

    def traceback(self, exc: BaseException) -> str:
        return log_errors.scrubbed(exc, Redaction())


def of_request(context: CallContext, payload: Any) -> CallLog | NoLog:
    """The log of one request's calls.

    :param payload: the decoded body
    """
    # A server-wide addon answers on every database, also where nobody installed it.
    if context.env is None or "jsonrpc.call" not in context.env:
        return NoLog()
    return CallLog(context, payload)


_refusals: dict[str, tuple[int, int]] = {}


def note_refusal(
    database: str, error: dict[str, Any], *, request_id: str, address: str | None, endpoint: str
) -> None:
    """Note a request that was refused before anybody knew who calls.

    :param database: name of the one that it was for
    :param error: what the caller was told: the ``error`` member of the response
    :param endpoint: path of the URL
    """
    common = _row(request_id=request_id, address=address, endpoint=endpoint, credential="public")
    _put_refusal(database, common, error)


def _put_refusal(database: str, common: dict[str, Any], error: dict[str, Any]) -> None:
    """Put a row that stands for a request without any call, unless there are too many of them."""
    writer = of_database(database)
    second = int(time.monotonic())
    before, count = _refusals.get(database, (second, 0))
    count = count + 1 if before == second else 1
    _refusals[database] = (second, count)
    if count > _REFUSALS_PER_SECOND:
        writer.lose(1)
    else:
        writer.put([_refusal_row(common, error)])


def _refusal_row(common: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
    return common | {
        "called_at": utcnow(),
        "outcome": "failed" if error["code"] == InternalError.code else "refused",
        "error_type": error["data"]["type"],
        "error_message": Redaction().text(error["message"], 500),
        "duration": 0,
        "queries": 0,
        "response_size": 0,
        "batch_position": 0,
        "replayed": False,
    }


def _row(endpoint: str | None, **values: Any) -> dict[str, Any]:
    return {"endpoint": endpoint and Redaction().text(endpoint, 128), "params": None, "result": None, **values}


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
