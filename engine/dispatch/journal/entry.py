"""One call in the log: what it was, who made it, how it ended, and how much of that is kept.

It must not know the calls beside it, nor how its row is stored when it is no write.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ...protocol.errors import InternalError, RpcError
from ...protocol.spec import LOG_LEVELS
from ...protocol.values import ABSENT
from . import error_data, faults
from .redaction import Redaction, is_secret_name
from .writer import INSERT, encoded, utcnow

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...access.credential import Credential
    from ...protocol.jsonrpc.message import Request
    from ...protocol.spec import MethodSpec
    from ..answer import Accepted, Ending, Whole
    from ..context import CallContext

#: Bytes of a result up to which it is read, to be kept.
_MAX_RESULT = 256 * 1024
#: What a column can hold.
_MAX_INTEGER = 2**31 - 1
#: The type of the error in a row of a stream whose client left.
CLIENT_GONE = "client_gone"


class Caller(NamedTuple):
    """Who calls, as far as the log is concerned.

    :ivar level: how much is kept, as an index in the levels
    :ivar columns: those that all calls of one caller in one request share
    """

    level: int
    columns: dict[str, Any]


class Entry:
    """One call, from its start to its end.

    :param context: what the request knows of itself
    :param caller: who calls, as far as the headers prove it
    :param caller_of: gives the same for a credential that the params prove
    :param request: the call
    :ivar error: the entry of the collected errors, for a fault of ours
    :ivar row: the values of its columns, once it has ended
    """

    __slots__ = (
        "_called_at",
        "_caller",
        "_caller_of",
        "_context",
        "_cr",
        "_params",
        "_queries",
        "_redaction",
        "_request",
        "_spec",
        "_started",
        "_stored",
        "error",
        "row",
    )

    def __init__(
        self,
        context: CallContext,
        caller: Caller,
        caller_of: Callable[[Credential], Caller],
        request: Request,
    ):
        self._context = context
        self._cr = context.env.cr
        self._caller = caller
        self._caller_of = caller_of
        self._request = request
        self._called_at = utcnow()
        self._started = time.perf_counter()
        self._queries = self._cr.sql_log_count
        self._spec: MethodSpec | None = None
        self._params: Any = ABSENT
        self._redaction: Redaction | None = None
        self._stored = False
        self.row: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None

    def resolved(self, spec: MethodSpec, params: Any) -> None:
        """The method is known, and so are the names of what was sent by position."""
        self._spec = spec
        self._params = params

    def identified(self, credential: Credential) -> None:
        """Who calls is known, where the params prove it."""
        if credential is not self._context.credential:
            self._caller = self._caller_of(credential)

    def wrote(self, answer: Whole | Accepted) -> None:
        """Store the row of a write, in its own transaction.

        To be called where a failure of the call still undoes it, after all that it does.
        """
        # What the flush changes and costs belongs to this call.
        self._cr.flush()
        row = self._described("done", answer)
        if row is not None:
            self._cr.execute(INSERT, (encoded([row]),))
            self._stored = True

    def done(self, answer: Whole | Accepted) -> None:
        """The call worked."""
        if not self._stored:
            self.row = self._described("done", answer)

    def failed(self, error: RpcError) -> None:
        """The call was refused, or failed: whatever it did is undone."""
        self._stored = False
        outcome = "failed" if isinstance(error, InternalError) else "refused"
        self.row = self._described(outcome, None, error)
        if outcome == "failed":
            cause = error.__cause__ or error
            self.error = faults.described(cause, self.redaction, method=self.method, request_id=self.request_id)
            if self.row is not None:
                self.row["error_digest"] = self.error["digest"]

    def streamed(self, ending: Ending) -> None:
        """The call was answered with a stream, which has ended."""
        if ending.error is not None:
            self.failed(ending.error)
        else:
            self.row = self._described("refused" if ending.gone else "done", None)
        if self.row is None:
            return
        if ending.error is None and ending.gone:
            self.row |= {"error_type": CLIENT_GONE, "error_message": "The client left before the end"}
        self.row |= {
            "result": _text({"rows": ending.rows}),
            "response_size": min(ending.size, _MAX_INTEGER),
            "queries": self.row["queries"] + ending.queries,
        }

    def undone(self, error: RpcError) -> None:
        """What the call did was undone after it had ended.

        :param error: what the caller is told of it
        """
        if self.row is None or self.row["outcome"] in ("done", "dry_run"):
            self._stored = False
            self.row = self._described("refused", None, error)

    def traceback(self, exc: BaseException) -> str:
        """The traceback of an exception, for the server's log, without the secrets of the call."""
        return faults.scrubbed(exc, self.knowing_redaction())

    def knowing_redaction(self) -> Redaction:
        """The redaction, once it has seen all secrets of the call."""
        self._redacted_params()
        return self.redaction

    @property
    def method(self) -> str:
        """The method's name, for people."""
        spec = self._spec
        if spec is not None and spec.log_name is None:
            return spec.name
        # What a caller wrote may be anything.
        return self.redaction.text(self._request.method if spec is None else spec.log_name(self._named()), 128)

    @property
    def request_id(self) -> str:
        return self._context.request_id

    @property
    def redaction(self) -> Redaction:
        """Knows the secrets that were hidden in this call."""
        if self._redaction is None:
            self._redaction = Redaction(self._spec.secrets if self._spec else ())
        return self._redaction

    def _described(
        self, outcome: str, answer: Whole | Accepted | None, error: RpcError | None = None
    ) -> dict[str, Any] | None:
        """The row, or ``None`` where nothing is to be kept."""
        level = self._level()
        if level == 0:
            return None
        duration = (time.perf_counter() - self._started) * 1000
        replayed = answer.replayed if answer is not None else bool(error is not None and error.data.get("replayed"))
        if outcome == "done" and self._request.validate_only and self._spec.access == "write":
            outcome = "dry_run"
        row = self._caller.columns | {
            "called_at": self._called_at,
            "method": self.method,
            "params": self._kept_params() if level >= 2 else None,
            "result": self._kept_result(answer) if level >= 3 and answer is not None else None,
            "outcome": outcome,
            "duration": round(duration, 3),
            "queries": self._cr.sql_log_count - self._queries,
            "response_size": 0 if answer is None else len(answer.text),
            "batch_position": self._request.position,
            "replayed": replayed,
            "idempotency_digest": _digest(self._request.idempotency_key),
            "validate_only": self._request.validate_only,
            "notification": self._request.is_notification,
            "error_data": None,
        }
        if error is not None:
            redaction = self.knowing_redaction()
            row |= {"error_type": error.type, "error_message": redaction.text(error.message, 500)}
            # A caller who proved nothing has no claim on our space.
            if row["user_id"]:
                row["error_data"] = error_data.kept_error_data(error.data, redaction, whole=level >= 2)
        return row

    def _level(self) -> int:
        """Index in the levels: what the key and the method allow, the stricter of the two."""
        level = self._caller.level
        if self._spec is not None and self._spec.log_level is not None:
            level = min(level, LOG_LEVELS.index(self._spec.log_level))
        return level

    def _named(self) -> Any:
        """The params by name, also those that were sent by position."""
        params = self._params
        if not isinstance(params, list):
            return params
        names = [param.name for param in self._spec.params]
        named = dict(zip(names, params, strict=False))
        variadic = bool(names) and self._spec.params[-1].variadic
        if len(params) > len(names) or (variadic and len(params) == len(names)):
            # Where the last one does not take any number, what is one too many is as secret as it.
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

    def _kept_result(self, answer: Whole | Accepted) -> str:
        size = len(answer.text)
        if size > _MAX_RESULT:
            return _text(f"… {size} bytes")
        result = answer.value()
        if is_secret_name(self.method) or (self.redaction.asks_for_secret and isinstance(result, str)):
            return _text(self.redaction.everything(result))
        return _text(self.redaction.value(result))


def _digest(idempotency_key: str | None) -> str | None:
    """Tells the calls of one key, which is the caller's own."""
    if idempotency_key is None:
        return None
    return hashlib.sha256(idempotency_key.encode()).hexdigest()[:16]


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
