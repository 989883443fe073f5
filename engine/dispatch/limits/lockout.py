"""How long an address that has failed to authenticate too often has to wait.

It must not know HTTP, nor what was guessed: keys, passwords, or the secrets of clients.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

import psycopg2

from ...access.network import customer_of_address
from ...protocol.errors import RateLimited
from .. import process

if TYPE_CHECKING:
    from ..context import CallContext

_logger = logging.getLogger(__name__)

#: Failed authentications of one address that have no consequences.
FREE_FAILURES = 10
#: Seconds of the longest lockout.
LONGEST_LOCKOUT = 3600


def check_lockout(context: CallContext) -> None:
    """Refuse an address that has failed to authenticate too often, before a password is looked at.

    A process that let it try a moment ago does not ask again, unless it failed here since. So
    each further process of a server lets at most its calls of that moment pass.

    :raises RateLimited: with ``retry_after`` in ``data``
    """
    database, failures = process.served(context.env.cr.dbname), _failures(context.remote_addr)
    if failures in database.calm:
        return
    _refuse_after(database.buckets.wait(failures))
    database.calm.add(failures)


def note_failure(database: str, remote_addr: str) -> None:
    """Count a failed authentication of an address.

    It stands in the way of further failures only: who proves a good key is not asked for it.

    :raises RateLimited: it was one too many; with ``retry_after`` in ``data``
    """
    served, failures = process.served(database), _failures(remote_addr)
    served.calm.discard(failures)
    try:
        wait = served.buckets.fail(failures, free=FREE_FAILURES, longest=LONGEST_LOCKOUT)
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
