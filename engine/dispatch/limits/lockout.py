"""How long an address that has failed to authenticate too often has to wait.

It must not know HTTP, nor what was guessed: keys, passwords, or the secrets of clients.
"""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING

import psycopg2

from ...access.network import customer_of_address
from ...protocol.errors import RateLimited
from .buckets import of_database

if TYPE_CHECKING:
    from ..context import CallContext

_logger = logging.getLogger(__name__)

#: Failed authentications of one address that have no consequences.
FREE_FAILURES = 10
#: Seconds of the longest lockout.
LONGEST_LOCKOUT = 3600
#: Seconds for which a process does not ask again about an address that was free to try.
_CALM = 1.0
#: Addresses remembered by one process.
_ADDRESSES = 10_000

#: Until when, on the clock of the process, an address of a database is free to try.
_calm: dict[tuple[str, str], float] = {}


def check_lockout(context: CallContext) -> None:
    """Refuse an address that has failed to authenticate too often, before a password is looked at.

    A process that let it try a moment ago does not ask again, unless it failed here since. So
    each further process of a server lets at most its calls of that moment pass.

    :raises RateLimited: with ``retry_after`` in ``data``
    """
    now, who = time.monotonic(), (context.env.cr.dbname, _failures(context.remote_addr))
    if now < _calm.get(who, 0):
        return
    _refuse_after(of_database(context.env.cr.dbname).wait(who[1]))
    if len(_calm) >= _ADDRESSES:
        _calm.clear()
    _calm[who] = now + _CALM


def note_failure(database: str, remote_addr: str) -> None:
    """Count a failed authentication of an address.

    It stands in the way of further failures only: who proves a good key is not asked for it.

    :raises RateLimited: it was one too many; with ``retry_after`` in ``data``
    """
    _calm.pop((database, _failures(remote_addr)), None)
    try:
        wait = of_database(database).fail(_failures(remote_addr), free=FREE_FAILURES, longest=LONGEST_LOCKOUT)
    except psycopg2.Error:
        _logger.warning("A failed authentication from %s could not be counted", remote_addr, exc_info=True)
        return
    _refuse_after(wait)


def _refuse_after(seconds: float) -> None:
    if seconds > 0:
        raise RateLimited(
            "Too many failed attempts", data={"limit": "authentication", "retry_after": math.ceil(seconds)}
        )


def _failures(remote_addr: str | None) -> str:
    """The name of the bucket of an address."""
    return f"failures:{customer_of_address(remote_addr)}"
