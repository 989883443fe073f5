"""What the clients write: a partner with a name of its own, in every way there is to make one.

Whoever repeats one of these without an idempotency key makes a second partner. It must not know
how they are sent, nor what comes of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

API, OBJECT = "/jsonrpc/2/api", "/jsonrpc/2/object"
#: Calls in one batch.
_BATCH = 3
#: One write in so many is made by a client that does not repeat what was not answered.
_ONE_IN_GIVES_UP = 20


@dataclass(frozen=True)
class Kind:
    """A way to make a partner.

    :param name: for people
    :param path: of the endpoint
    :param call: the method and its params, for a name and the client's own partner
    :param made: the new partner's id in the result; ``None`` where the result does not tell
    """

    name: str
    path: str
    call: Callable[[str, int], tuple[str, dict[str, Any]]]
    made: Callable[[Any], int | None]


def _execute(database: str, method: str, args: list) -> tuple[str, dict[str, Any]]:
    return "call", {
        "service": "object",
        "method": "execute_kw",
        "args": [database, None, "", "res.partner", method, args, {}],
    }


def kinds(database: str) -> list[Kind]:
    """All ways, on one database."""
    return [
        Kind("create_simple", API, lambda name, home: ("partner.create_simple", {"name": name}),
             lambda result: result["partner_id"]),
        Kind("create", API, lambda name, home: ("partner.create", {"values": {"name": name}}),
             lambda result: result["id"]),
        Kind("upsert", API,
             lambda name, home: ("partner.upsert", {"key": {"ref": name}, "values": {"name": name}}),
             lambda result: result["id"]),
        Kind("update", API,
             lambda name, home: (
                 "partner.update", {"id": home, "values": {"contacts": {"create": [{"name": name}]}}}
             ),
             lambda result: None),
        Kind("object create", OBJECT, lambda name, home: _execute(database, "create", [{"name": name}]),
             lambda result: result),
        Kind("object write", OBJECT,
             lambda name, home: _execute(database, "write", [[home], {"child_ids": [[0, 0, {"name": name}]]}]),
             lambda result: None),
    ]  # fmt: skip


@dataclass
class Write:
    """One write, and what its client knows of it.

    :param token: in the new partner's name, and nobody else's
    :param kind: the way
    :param home: id of the client's own partner
    :param batch: of which atomic batch it is; ``None`` for one that stands alone
    :ivar attempts: how often it was sent
    :ivar acknowledged: whether it was answered with a result
    :ivar replayed: whether that was a remembered one
    :ivar result: as the client got it
    :ivar refused: the error's type, where no repetition would mend it
    :ivar given_up: its client has not repeated it
    """

    token: str
    kind: Kind
    home: int
    batch: str | None = None
    attempts: int = 0
    acknowledged: bool = False
    replayed: bool = False
    result: Any = field(default=None, repr=False)
    refused: str | None = None
    given_up: bool = False

    @property
    def idempotency_key(self) -> str:
        return self.token.replace(" ", "-")

    @property
    def settled(self) -> bool:
        """Whether its client has been told how it ended."""
        return self.acknowledged or self.refused is not None

    @property
    def made_id(self) -> int | None:
        """Id of the new partner, as far as the client was told."""
        return self.kind.made(self.result) if self.acknowledged else None

    def request(self, id_: int) -> dict[str, Any]:
        """The JSON-RPC request, the same each time but for its id."""
        method, params = self.kind.call(self.token, self.home)
        return {
            "jsonrpc": "2.0",
            "method": method,
            "params": params,
            "id": id_,
            "idempotency_key": self.idempotency_key,
        }


@dataclass
class Job:
    """What a client sends in one request: a write, a batch, or an atomic batch.

    :param writes: what it consists of
    :param atomic: whether all of them happen or none
    :param gives_up: whether its client leaves it at one attempt
    """

    writes: list[Write]
    atomic: bool = False
    gives_up: bool = False

    @property
    def path(self) -> str:
        return self.writes[0].kind.path

    @property
    def waiting(self) -> list[Write]:
        """What is not answered yet."""
        return [write for write in self.writes if not write.settled]

    def payload(self) -> Any:
        """The body of the next attempt."""
        requests = [write.request(position) for position, write in enumerate(self.waiting)]
        return requests if len(self.writes) > 1 else requests[0]

    def headers(self) -> dict[str, str]:
        return {"JSON-RPC-Batch": "atomic"} if self.atomic else {}


class Jobs:
    """The jobs of one client, one after the other, all different.

    :param run: name of the run, in every token
    :param client: the client's number
    :param home: id of its own partner
    :param ways: as of :func:`kinds`
    :param rng: where chance comes from
    """

    def __init__(self, run: str, client: int, home: int, ways: list[Kind], rng: random.Random):
        self._run, self._client, self._home = run, client, home
        self._ways, self._rng = ways, rng
        self._count = 0

    def next(self) -> Job:
        """A job that nobody has had yet."""
        shape = self._rng.choices(("single", "batch", "atomic"), (6, 2, 2))[0]
        gives_up = self._rng.randrange(_ONE_IN_GIVES_UP) == 0
        kind = self._rng.choice(self._ways)
        if shape == "single":
            return Job([self._write(kind)], gives_up=gives_up)
        atomic = shape == "atomic"
        batch = f"{self._client}-{self._count + 1}" if atomic else None
        there = [other for other in self._ways if other.path == kind.path]
        return Job([self._write(self._rng.choice(there), batch) for _ in range(_BATCH)], atomic, gives_up)

    def _write(self, kind: Kind, batch: str | None = None) -> Write:
        self._count += 1
        return Write(f"Fault {self._run} {self._client}-{self._count}", kind, self._home, batch)
