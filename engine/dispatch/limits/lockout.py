"""How long an address that has failed to authenticate too often has to wait.

It must not know HTTP, nor what was guessed: keys, passwords, or the secrets of clients.
"""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Iterator

import psycopg2

from ...access.network import customer_of_address
from ...protocol.errors import RateLimited
from .. import process
from .buckets import LONGEST_WAIT, Buckets

_logger = logging.getLogger(__name__)

#: Failed authentications of one address that have no consequences.
FREE_FAILURES = 10
#: Seconds of the longest lockout, and of the good conduct after which all failures are forgotten.
LONGEST_LOCKOUT = LONGEST_WAIT


@contextlib.contextmanager
def attempt(database: str, remote_addr: str | None, *, wrong: tuple[type[Exception], ...]) -> Iterator[None]:
    """One look at a secret: refused for an address that has failed too often, and counted if it fails.

    An address that has failed before pays in advance, by the statement that also checks it, and has it
    back if the secret is right: of any number of guesses at once no more are looked at than one after
    the other. An address without a failure is not asked about again for a moment, unless it fails here;
    so each process of a server looks at most at those guesses that are under way in that moment.

    :param database: the name of the one on which it counts
    :param remote_addr: of the client
    :param wrong: what the body raises for a wrong secret; whatever else it raises is no failure
    :raises RateLimited: the address has to wait; or the secret is wrong, and it has to from now on.
        With ``retry_after`` in ``data``
    """
    served, failures = process.served(database), _failures(remote_addr)
    paid = None if failures in served.calm else _paid(served, failures)
    try:
        yield
    except wrong:
        if paid is None:
            note_failure(database, remote_addr)
        else:
            _refuse_after(paid)
        raise
    except BaseException:
        _forgive(served.buckets, failures, paid)
        raise
    _forgive(served.buckets, failures, paid)


def note_failure(database: str, remote_addr: str | None) -> None:
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


def _paid(served: process.ServedDatabase, failures: str) -> float | None:
    """Count an attempt in advance.

    :returns: the seconds that it costs if it fails; ``None`` for an address that has not failed
    :raises RateLimited: the address has to wait
    """
    paid = served.buckets.attempt(failures, free=FREE_FAILURES, longest=LONGEST_LOCKOUT)
    if paid is not None:
        return paid
    count, wait = served.buckets.failures(failures)
    if count:
        # At least a second: another attempt may have been paid between the two statements.
        _refuse_after(max(wait, 1))
    served.calm.add(failures)
    return None


def _forgive(buckets: Buckets, failures: str, paid: float | None) -> None:
    if paid is None:
        return
    try:
        buckets.forgive(failures, paid)
    except psycopg2.Error:
        _logger.warning("An attempt to authenticate could not be given back", exc_info=True)


def _refuse_after(seconds: float) -> None:
    if seconds > 0:
        raise RateLimited(
            "Too many failed attempts", data={"limit": "authentication", "retry_after": math.ceil(seconds)}
        )


def _failures(remote_addr: str | None) -> str:
    """The name of the bucket of an address."""
    return f"failures:{customer_of_address(remote_addr)}"
