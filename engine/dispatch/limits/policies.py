"""Whether the calls of one request fit what is left for their caller, before any is made.

It knows policies and counts; it must not know HTTP, what was sent, nor how the counting is done.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from psycopg2 import errors as pg

from ...access.network import customer_of_address
from ...protocol.errors import RateLimited
from .. import process
from .buckets import Demand, Level

if TYPE_CHECKING:
    from ..context import CallContext

_logger = logging.getLogger(__name__)


def take_calls(context: CallContext, methods: Sequence[str]) -> list[Level]:
    """Take what the calls of a request cost, from every bucket or, if one has too little, from none.

    A call costs one. A policy for a method counts the calls of that method, any other counts all.

    A database that takes no changes (it is read-only, or its disk is full) counts nothing either:
    then nothing is limited, for it can still be read.

    :param context: who calls; without a database nothing is limited
    :param methods: the name of the method of each call; an empty one for what is no valid call,
        which counts all the same
    :returns: the level of each bucket
    :raises psycopg2.Error: the database does not answer
    """
    if context.env is None:
        return []
    demands = list(_demands(context, methods))
    if not demands:
        return []
    database = process.served(context.env.cr.dbname)
    try:
        return database.leases.take(demands)
    except (pg.ReadOnlySqlTransaction, pg.DiskFull) as error:
        if database.warned.is_first("not limited"):
            _logger.warning("Calls on %s are not limited: %s", database.name, error)
        return []


def empty_buckets(context: CallContext) -> list[Level]:
    """The buckets that have no call left for a caller, as far as this process knows: before anything is read.

    :returns: none where nothing is known; else what :func:`limit_refusal` takes
    """
    if context.env is None:
        return []
    # Which methods are called is not known yet.
    return process.served(context.env.cr.dbname).leases.empty(list(_demands(context, [""])))


def limit_refusal(levels: list[Level]) -> RateLimited | None:
    """Why the calls may not be made, if so.

    :param levels: what :func:`take_calls` gave back
    :returns: ``None``, or an error whose ``data`` has ``limit`` and ``retry_after`` (seconds;
        ``null`` for a batch that no waiting makes small enough)
    """
    refused = [level for level in levels if not level.granted]
    if not refused:
        return None
    worst = max(refused, key=lambda level: math.inf if level.retry_after is None else level.retry_after)
    return RateLimited(data={"limit": worst.demand.label, "retry_after": worst.retry_after})


def _demands(context: CallContext, methods: Sequence[str]) -> Iterable[Demand]:
    """What a request wants of the buckets of every policy that is for its caller."""
    key_id = context.credential.key_id
    caller = f"key-{key_id}" if key_id else f"address-{customer_of_address(context.remote_addr)}"
    # Anybody can use a publishable key: one visitor must not use up what is for all.
    shared = key_id and context.credential.publishable
    if shared:
        caller = f"{caller}:address-{customer_of_address(context.remote_addr)}"
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
