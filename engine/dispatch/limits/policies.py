"""Whether the calls of one request fit what is left for their caller, before any is looked at.

It knows policies and counts; it must not know HTTP, nor how the counting is done.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import errors as pg

from ...protocol.errors import RateLimited
from .buckets import Buckets, Demand, Level, of_database
from .leases import of_buckets

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

#: Seconds between two warnings that the calls on a database are not limited.
_WARN_EVERY = 60.0
_warned: dict[str, float] = {}


def take(context: CallContext, payload: Any) -> list[Level]:
    """Take what the calls of a request cost, from every bucket or, if one has too little, from none.

    A database that takes no changes (it is read-only, or its disk is full) counts nothing either:
    then nothing is limited, for it can still be read.

    :param context: who calls; without a database nothing is limited
    :param payload: the decoded body; what is no valid call in it counts as one all the same
    :returns: the level of each bucket
    :raises psycopg2.Error: the database does not answer
    """
    # A server-wide addon answers on every database, also where nobody installed it.
    if context.env is None or "jsonrpc.limit" not in context.env:
        return []
    demands = list(_demands(context, _methods(payload)))
    if not demands:
        return []
    try:
        return of_buckets(_buckets(context)).take(demands)
    except (pg.ReadOnlySqlTransaction, pg.DiskFull) as error:
        _warn(context.env.cr.dbname, error)
        return []


def refusal(levels: list[Level]) -> RateLimited | None:
    """Why the calls may not be made, if so.

    :param levels: what :func:`take` gave back
    :returns: ``None``, or an error whose ``data`` has ``limit`` and ``retry_after`` (seconds;
        ``null`` for a batch that no waiting makes small enough)
    """
    refused = [level for level in levels if not level.granted]
    if not refused:
        return None
    worst = max(refused, key=lambda level: math.inf if level.retry_after is None else level.retry_after)
    return RateLimited(data={"limit": worst.demand.label, "retry_after": worst.retry_after})


def check_lockout(context: CallContext) -> None:
    """Refuse an address that has failed to authenticate too often, before a password is looked at.

    A process that let it try a moment ago does not ask again, unless it failed here since. So
    each further process of a server lets at most its calls of that moment pass.

    :raises RateLimited: with ``retry_after`` in ``data``
    """
    now, who = time.monotonic(), (context.env.cr.dbname, _failures(context.remote_addr))
    if now < _calm.get(who, 0):
        return
    _refuse_after(_buckets(context).wait(who[1]))
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


def _warn(database: str, error: psycopg2.Error) -> None:
    """Tell the server's log, now and then, that calls are not counted."""
    now = time.monotonic()
    if now - _warned.get(database, -_WARN_EVERY) >= _WARN_EVERY:
        _warned[database] = now
        _logger.warning("Calls on %s are not limited: %s", database, error)


def _refuse_after(seconds: float) -> None:
    if seconds > 0:
        raise RateLimited(
            "Too many failed attempts", data={"limit": "authentication", "retry_after": math.ceil(seconds)}
        )


def _buckets(context: CallContext) -> Buckets:
    return of_database(context.env.cr.dbname)


def _methods(payload: Any) -> list[str]:
    """The method of each call; empty for what is no call."""
    items = payload if isinstance(payload, list) else [payload]
    methods = [item.get("method") if isinstance(item, dict) else "" for item in items]
    return [method if isinstance(method, str) else "" for method in methods] or [""]


def _demands(context: CallContext, methods: list[str]) -> Iterable[Demand]:
    """What a request wants of the buckets of every policy that is for its caller."""
    key_id = context.credential.key_id
    caller = f"key-{key_id}" if key_id else f"address-{_network(context.remote_addr)}"
    # Anybody can use a publishable key: one visitor must not use up what is for all.
    shared = key_id and context.credential.publishable
    if shared:
        caller = f"{caller}:address-{_network(context.remote_addr)}"
    subject = "key" if key_id and not shared else "address"
    for policy in context.env["jsonrpc.limit"]._policies():
        if policy.key_ids and key_id not in policy.key_ids:
            continue
        if policy.subject == "method":
            calls = sum(_matches(policy.method, method) for method in methods)
        else:
            calls = len(methods) if policy.subject == subject else 0
        if calls:
            yield Demand(
                name=f"{policy.limit_id}:{caller}",
                label=policy.name,
                calls=calls,
                quota=policy.quota,
                window=policy.window,
                burst=policy.burst,
            )


def _matches(pattern: str, method: str) -> bool:
    return method.startswith(pattern[:-1]) if pattern.endswith("*") else method == pattern


def _failures(remote_addr: str | None) -> str:
    return f"failures:{_network(remote_addr)}"


def _network(remote_addr: str | None) -> str:
    """Whom an address stands for: one host, or the /64 that one IPv6 customer has to himself."""
    try:
        address = ipaddress.ip_address(remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
