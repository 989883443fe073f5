"""What a call answers: ``Whole | Accepted``.

Whoever handles an answer (pipeline, log, idempotency, border) knows these types, and none of them
encodes a result a second time. It must not know how an answer comes to be, nor HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.jsonrpc import codec
from ..protocol.jsonrpc.message import Encoded


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


Answer = Whole | Accepted
