"""What a call answers: ``Whole | Stream | Accepted``.

Whoever handles an answer (pipeline, log, idempotency, border) knows these types, and none of them
encodes a result a second time. It must not know how an answer comes to be, nor HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..protocol.jsonrpc import codec
from ..protocol.jsonrpc.message import Encoded

if TYPE_CHECKING:
    from odoo.api import Environment

    from ..protocol.errors import RpcError


@dataclass(frozen=True, slots=True)
class Whole(Encoded):
    """A result as a whole, encoded once."""


@dataclass(frozen=True, slots=True)
class Accepted(Encoded):
    """A job that will do what was asked for; its result comes later.

    Made by :meth:`of`.

    :ivar job_id: by which the caller asks for the job
    :ivar state: of the job when it was accepted, ``queued`` for example
    """

    job_id: str = ""
    state: str = ""

    @classmethod
    def of(cls, job_id: str, state: str, *, replayed: bool = False) -> Accepted:
        """The answer for a job: on the wire ``{"job_id": ..., "state": ...}``."""
        return cls(codec.encode({"job_id": job_id, "state": state}), replayed, job_id, state)


class Ending(NamedTuple):
    """How a stream ended.

    :ivar rows: that were sent
    :ivar size: bytes that were sent, framing included
    :ivar queries: SQL statements of the stream's cursor
    :ivar error: what the caller was told, or would have been; ``None`` where nothing failed
    :ivar gone: the client left before the last byte
    """

    rows: int
    size: int
    queries: int
    error: RpcError | None
    gone: bool


@dataclass(frozen=True, slots=True)
class Stream:
    """Lines that are read and sent at the same time; nothing runs before somebody asks for the first one.

    ``streaming.py`` runs it. Nobody can remember it, refer to it or undo it, so it is the answer to a
    single call only. Experimental: internal until exports use it.

    :ivar make: takes an environment, and returns a generator of bytes: whole lines of JSON
    :ivar open: opens that environment, on a cursor of its own, and closes it
    :ivar explain: the error for the caller, of an exception
    :ivar begins: is told that the lines begin, in the thread that sends them
    :ivar ends: is told how it ended; once, in every case
    :ivar request_id: for the error in the last line
    """

    make: Callable[[Environment], Generator[bytes]]
    open: Callable[[], AbstractContextManager[Environment]]
    explain: Callable[[Exception], RpcError]
    begins: Callable[[], None]
    ends: Callable[[Ending], None]
    request_id: str


Answer = Whole | Stream | Accepted
