"""One call, from a parsed request to an encoded result: the only way through the gateway.

Every endpoint runs its calls here, a controller of another addon too::

    controllers.dispatcher.JsonRpcDispatcher.dispatch
        controllers.border.Border.identify            database, credential      (401, 403, 429)
        protocol.codec.decode                         bytes -> payload          -32700
        controllers.border.Border.admit               limits                    (429)
        protocol.batch.run                            payload -> calls          -32600
            Pipeline.__call__                         for each call, in order; the log sees its start and end
                resolve(request)                      -> MethodSpec, params     -32601
                Credential.refusal(spec)              may this caller?          -32001, -32002
                MethodSpec.bind(params)               validate by type          -32602
                Savepoints.around                     undo this call if it fails, or is a dry run
                    MethodSpec.identify               who calls, where the params say it
                    Coming.alike                      which neighbours in the batch ask for the same
                    Memory.recall                     has this write happened already?
                    MethodSpec.invoke                 the method itself
                    answer_of                         encode, while the call can still be undone
                    Memory.keep_answer                remember the write, in its own transaction
                    Entry.wrote                       log the write, in its own transaction
                errors.to_rpc_error                   exception -> error
        protocol.codec.encode                         answers -> bytes
        controllers.border.Border.leave
            CallLog.finish                            log all other calls, after the commit
        streaming.Sending                             after that, where a method streams: rows -> bytes, and their log

What Odoo needs to see bubbles through all of it (``errors.must_bubble``): a serialization
failure replays the whole request in ``odoo.service.model.retrying``.

It must not know HTTP, nor where methods come from.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from psycopg2 import errors as pg

from ..access import restriction
from ..access.settings import STATEMENT_TIMEOUT
from ..protocol.errors import InternalError, InvalidParams, InvalidRequest, RpcError
from ..protocol.jsonrpc import codec
from ..protocol.jsonrpc.alike import Coming
from ..protocol.jsonrpc.message import Encoded
from ..protocol.jsonrpc.unservable import Unservable
from ..protocol.values import plain
from . import settings, streaming
from .answer import Accepted, Answer, Stream, Whole
from .errors import is_about_arguments, must_bubble, to_rpc_error
from .transaction.idempotency import Memory, is_final
from .transaction.savepoints import Savepoints

if TYPE_CHECKING:
    from ..protocol.jsonrpc.message import Request
    from ..protocol.spec import MethodSpec
    from .context import CallContext
    from .journal.call_log import CallLog, NoLog
    from .journal.entry import Entry

    Resolve = Callable[[Request], tuple[MethodSpec, Any]]

_logger = logging.getLogger(__name__)


class Pipeline:
    """Runs the calls of one HTTP request; an instance is the ``call`` of :func:`batch.run`.

    :param context: what the request knows of itself
    :param resolve: the endpoint's way from a request to a method and its params;
        raises an :class:`RpcError` where there is none
    :param log: what the calls leave behind
    :param atomic: whether one call that fails takes all others with it
    """

    def __init__(self, context: CallContext, resolve: Resolve, log: CallLog | NoLog, *, atomic: bool = False):
        self._context = context
        self._resolve = resolve
        self._log = log
        self._coming: Coming | None = None
        self._savepoints = None
        if context.env is not None:
            self._savepoints = Savepoints(
                context.env.cr,
                readonly=context.credential.access != "write",
                timeout=settings.number(context.env, STATEMENT_TIMEOUT),
                atomic=atomic,
            )

    def foresee(self, requests: Sequence[Request]) -> None:
        """Know which calls are to come; the ``foresee`` of :func:`batch.run`."""
        self._coming = Coming(requests)

    def undo(self, failed: int) -> None:
        """Take back all calls made so far; the ``undo`` of :func:`batch.run`.

        :param failed: position of the call that failed, from 1
        """
        if self._savepoints is not None:
            self._savepoints.undo_all()
        self._log.undone(failed)

    def __call__(self, request: Request) -> Answer:
        """Run one call.

        :param request: a valid JSON-RPC request or notification
        :returns: the answer, encoded; marked, if it is one that was remembered
        :raises RpcError: what the caller is to be told
        :raises Exception: what must bubble to Odoo
        """
        entry = self._log.begin(request)
        try:
            answer = self._made(request, entry)
        except RpcError as error:
            entry.failed(error)
            raise
        if not isinstance(answer, Stream):
            entry.done(answer)
        return answer

    def _made(self, request: Request, entry: Entry | NoLog) -> Answer:
        """The call itself, as :meth:`__call__` says."""
        _check_servable(request)
        spec, params = self._resolve(request)
        entry.resolved(spec, params)
        self._check(spec, request)
        memory = None
        try:
            arguments = spec.bind(params)
            with self._around(spec):
                context = self._among(request, spec, self._identified(spec, arguments))
                entry.identified(context.credential)
                memory = self._memory(spec, request, context, arguments)
                with _restricted(context):
                    return self._answered(request, spec, context, arguments, memory, entry)
        except _DryRun as dry:
            return dry.answer
        except Exception as exc:
            if self._context.env is not None and must_bubble(exc, self._context.env.cr):
                raise
            error = self._explained(exc, spec, entry)
            if memory and is_final(error):
                with self._savepoints.around(writes=True):
                    memory.keep_error(error)
            if error is exc:
                raise
            raise error from exc

    def _answered(
        self,
        request: Request,
        spec: MethodSpec,
        context: CallContext,
        arguments: dict[str, Any],
        memory: Memory | None,
        entry: Entry | NoLog,
    ) -> Answer:
        """The answer of a call whose caller is known and whose arguments are good, held to what its key allows.

        :raises _DryRun: with the answer, to undo what has been done for it
        """
        if memory and (replayed := memory.recall()):
            # Rights that are gone open nothing, not even what they opened before.
            if spec.recheck is not None:
                spec.recheck(context, arguments)
            return replayed
        result = spec.invoke(context, arguments)
        if spec.streams:
            return self._stream(spec, result, entry)
        answer = answer_of(result)
        if request.validate_only and spec.access == "write":
            raise _DryRun(answer)
        if memory:
            memory.keep_answer(answer)
        if spec.access == "write":
            entry.wrote(answer)
        return answer

    def _check(self, spec: MethodSpec, request: Request) -> None:
        """:raises RpcError: the caller may not make this call, or nobody may in this way"""
        if refusal := self._context.credential.refusal(spec):
            raise refusal
        if spec.proves_identity:
            _check_proof(request)
        if spec.streams:
            _check_stream(request)
            streaming.check_room()

    def _stream(self, spec: MethodSpec, make: Callable, entry: Entry | NoLog) -> Stream:
        """The answer of a method that streams; none of it runs now, and a replay makes another one."""
        env = self._context.env
        timeout = settings.number(env, STATEMENT_TIMEOUT)
        return Stream(
            make=make,
            open=partial(
                streaming.own_environment, env.registry, env.uid, dict(env.context), timeout, self._context.credential
            ),
            explain=partial(self._stream_failed, spec, entry),
            begins=partial(self._log.stream_begins, entry),
            ends=partial(self._log.stream_ends, entry),
            request_id=self._context.request_id,
        )

    def _stream_failed(self, spec: MethodSpec, entry: Entry | NoLog, exc: Exception) -> RpcError:
        """The error for the caller, when the request and its transaction are gone."""
        if isinstance(exc, pg.ReadOnlySqlTransaction):
            # Whoever calls: it is the method that must not.
            error = InternalError()
        else:
            error = to_rpc_error(exc)
        error = self._sendable(error, exc, spec, entry)
        if error is not exc and error.__cause__ is None:
            error.__cause__ = exc
        return error

    def _around(self, spec: MethodSpec) -> contextlib.AbstractContextManager:
        if self._savepoints is None:
            return contextlib.nullcontext()
        return self._savepoints.around(writes=spec.access == "write")

    def _identified(self, spec: MethodSpec, arguments: dict[str, Any]) -> CallContext:
        """The context of the call, which for some methods its params decide."""
        if spec.identify is None:
            return self._context
        return replace(self._context, credential=spec.identify(self._context, arguments))

    def _among(self, request: Request, spec: MethodSpec, context: CallContext) -> CallContext:
        """The context of a call that knows of those next to it, where that may save something."""
        if spec.differing is None or self._coming is None:
            return context
        alike = self._coming.alike(request, spec.differing)
        return context if alike is None else replace(context, alike=alike)

    def _memory(
        self, spec: MethodSpec, request: Request, context: CallContext, arguments: dict[str, Any]
    ) -> Memory | None:
        """What to remember of the call; reads and dry runs need no memory."""
        key = request.idempotency_key
        if key is None or spec.access != "write" or request.validate_only or context.env is None:
            return None
        return Memory(context, key, spec, arguments)

    def _explained(self, exc: Exception, spec: MethodSpec, entry: Entry | NoLog) -> RpcError:
        """The error for the caller; what an administrator must look into goes to the server's log."""
        if spec.explain:
            error = spec.explain(self._context, exc)
        else:
            may_write = self._context.credential.access == "write"
            error = to_rpc_error(exc, self._context.env, may_write=may_write)
        return self._sendable(error, exc, spec, entry)

    def _sendable(self, error: RpcError, exc: Exception, spec: MethodSpec, entry: Entry | NoLog) -> RpcError:
        """The error, or another one where JSON cannot express it; noted in the server's log."""
        try:
            # What cannot be sent must fail here, alone, and not in the answer of all calls.
            sent = orjson.loads(codec.encode([error.message, error.data], plain))
            error.message, error.data = sent
        except codec.EncodeError as unsendable:
            error, exc = InternalError(), unsendable
        if isinstance(error, InternalError):
            _logger.error("%s failed (request %s)\n%s", spec.name, self._context.request_id, entry.traceback(exc))
        else:
            # What kept the ORM from using an argument is for whoever wrote the method to find.
            trace = f"\n{entry.traceback(exc)}" if is_about_arguments(exc) else ""
            _logger.info("%s refused: %s (request %s)%s", spec.name, error.type, self._context.request_id, trace)
        return error


def _restricted(context: CallContext) -> contextlib.AbstractContextManager:
    """Holds what runs inside to what the key of the call allows."""
    if context.env is None:
        return contextlib.nullcontext()
    return restriction.restricted(context.env.cr, context.credential)


def _check_servable(request: Request) -> None:
    """:raises InvalidParams: the params hold what nothing here can hold"""
    if isinstance(request.params, Unservable):
        raise InvalidParams.listing(request.params.errors, request.params.omitted)


def _check_stream(request: Request) -> None:
    """See to it that a call can be answered with a stream.

    :raises InvalidRequest: it is not the only call, wants no answer, or wants what no stream can do
    """
    _refuse_members(
        f"{request.method} streams, so it",
        (request.position, None, "is called alone, not in a batch"),
        (request.is_notification, "id", "is called for its answer, and a notification has none"),
        (request.validate_only, "validate_only", "only reads: there is nothing to try"),
        (request.idempotency_key is not None, "idempotency_key", "cannot be remembered: repeat it"),
    )


def _check_proof(request: Request) -> None:
    """See to it that what proves who somebody is happens now.

    :raises InvalidRequest: it is to be remembered, or only tried
    """
    _refuse_members(
        "This call proves who you are, so it",
        (request.idempotency_key is not None, "idempotency_key", "is never answered from memory: repeat it without"),
        (request.validate_only, "validate_only", "cannot be tried without doing it"),
    )


def _refuse_members(begin: str, *rules: tuple[Any, str | None, str]) -> None:
    """:raises InvalidRequest: the first of the rules (refused, member, reason) that refuses"""
    for refused, member, reason in rules:
        if refused:
            raise InvalidRequest(data={"member": member, "reason": f"{begin} {reason}"})


class _DryRun(Exception):
    """Ends a call that was only to show what it would do, so that it is undone."""

    def __init__(self, answer: Answer):
        super().__init__()
        self.answer = answer


def answer_of(result: Any) -> Answer:
    """The answer for what a method returned.

    :raises EncodeError: JSON cannot express it
    """
    if isinstance(result, Accepted):
        return result
    # A method with its own idea of JSON has encoded it already.
    return Whole(result.text if isinstance(result, Encoded) else codec.encode(result, plain))
