"""Token buckets in PostgreSQL: how many calls are left, exactly, for all workers and hosts at once.

A bucket is one number, the theoretical arrival time of the generic cell rate algorithm (ITU-T
I.371, annex A): the moment at which the bucket will be full again. Taking from any number of
buckets is one statement, in a transaction of its own: a request that is rolled back or replayed
neither gives back nor takes twice, and waits for nobody but callers of the same bucket, for as
long as one statement takes. The table is unlogged: after a crash of PostgreSQL, buckets are full.

It must not know what the buckets stand for, nor HTTP.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg2

from ..connections import Connections, OwnConnection

#: Seconds that the maker of failures waits at most, and after as many again all failures are forgotten.
LONGEST_WAIT = 3600
#: Buckets that one purge deletes at most.
_PURGED = 10_000
#: Milliseconds after which a statement gives up: limits must not become the bottleneck.
_STATEMENT_TIMEOUT = 2000

# The clock is the database's: hosts may disagree. It is all that is put into the statements as text.
_NOW = "extract(epoch FROM clock_timestamp())::double precision"

# One statement takes from all buckets that have enough, in one order for all callers, so that
# two of them cannot wait for each other. Planning costs three times as much as running, here
# and for a look, so each connection does that once.
_PREPARE = f"""
    PREPARE jsonrpc_bucket_look (text[]) AS
    SELECT name, greatest(full_at - {_NOW}, 0) FROM jsonrpc_bucket WHERE name = ANY($1);
    PREPARE jsonrpc_bucket_take (text[], double precision[], double precision[]) AS
    INSERT INTO jsonrpc_bucket AS bucket (name, full_at, cost, capacity)
    SELECT name, {_NOW} + cost, cost, capacity
      FROM unnest($1, $2, $3) AS wanted (name, cost, capacity)
     ORDER BY name
        ON CONFLICT (name) DO UPDATE
       SET full_at = greatest(bucket.full_at, {_NOW}) + excluded.cost,
           cost = excluded.cost,
           capacity = excluded.capacity
     WHERE greatest(bucket.full_at, {_NOW}) + excluded.cost <= {_NOW} + excluded.capacity
 RETURNING name, full_at - {_NOW}
"""  # noqa: S608
_TAKE = "EXECUTE jsonrpc_bucket_take (%s, %s, %s)"
_GIVE_BACK = """
    UPDATE jsonrpc_bucket AS bucket SET full_at = bucket.full_at - taken.cost
      FROM unnest(%s::text[], %s::double precision[]) AS taken (name, cost)
     WHERE bucket.name = taken.name
"""
_LOOK = "EXECUTE jsonrpc_bucket_look (%s)"
# Each failure beyond the free ones doubles the wait, up to the longest; after as long again
# without one, all is forgotten. (Every "failures" on the right is the count so far.)
_COUNT_FAILURE = f"""
       SET failures = CASE WHEN {_NOW} > bucket.full_at + %(longest)s THEN 1 ELSE bucket.failures + 1 END,
           full_at = {_NOW} + CASE
               WHEN {_NOW} > bucket.full_at + %(longest)s OR bucket.failures < %(free)s THEN 0
               ELSE least(power(2, least(bucket.failures - %(free)s, 30)), %(longest)s) END
"""
_FAIL = f"""
    INSERT INTO jsonrpc_bucket AS bucket (name, full_at, failures)
    VALUES (%(name)s, {_NOW}, 1)
        ON CONFLICT (name) DO UPDATE {_COUNT_FAILURE}
 RETURNING greatest(full_at - {_NOW}, 0)
"""  # noqa: S608
# Whoever comes second waits for the row, and then finds what the first has made of it.
_ATTEMPT = f"""
    UPDATE jsonrpc_bucket AS bucket {_COUNT_FAILURE}
     WHERE name = %(name)s AND failures > 0 AND full_at <= {_NOW}
 RETURNING greatest(full_at - {_NOW}, 0)
"""
_FORGIVE = """
    UPDATE jsonrpc_bucket SET failures = greatest(failures - 1, 0), full_at = full_at - %s WHERE name = %s
"""
_FAILURES = f"SELECT failures, greatest(full_at - {_NOW}, 0) FROM jsonrpc_bucket WHERE name = %s"  # noqa: S608
# What is full is no different from what is not there, once its failures are forgiven too.
_PURGE = f"""
    DELETE FROM jsonrpc_bucket
     WHERE name IN (SELECT name FROM jsonrpc_bucket
                     WHERE full_at + CASE WHEN failures > 0 THEN %s ELSE 0 END < {_NOW} LIMIT %s)
"""  # noqa: S608
_CLEAR = "DELETE FROM jsonrpc_bucket WHERE name = %s OR %s"


@dataclass(frozen=True, slots=True)
class Demand:
    """What a request wants of one bucket.

    :ivar name: of the bucket
    :ivar label: of the policy behind it, for people
    :ivar calls: how many
    :ivar quota: calls per window that flow back into the bucket
    :ivar window: its length in seconds
    :ivar burst: calls that the full bucket holds
    """

    name: str
    label: str
    calls: int
    quota: int
    window: int
    burst: int

    @property
    def interval(self) -> float:
        """Seconds in which one call flows back."""
        return self.window / self.quota

    @property
    def cost(self) -> float:
        """Seconds in which all the calls wanted flow back."""
        return self.calls * self.interval

    @property
    def capacity(self) -> float:
        """Seconds in which an empty bucket fills."""
        return self.burst * self.interval


@dataclass(frozen=True, slots=True)
class Level:
    """What is left in a bucket.

    :ivar demand: what was wanted
    :ivar granted: whether it was there; what is not granted was not taken from any bucket
    :ivar remaining: calls that are left now
    :ivar retry_after: whole seconds after which what was wanted would be there, 0 if it was;
        ``None`` if it never will, because the bucket is smaller
    :ivar reset: whole seconds after which the bucket is full again
    :ivar next_call: seconds after which one call is there, 0 if it is now
    """

    demand: Demand
    granted: bool
    remaining: int
    retry_after: int | None
    reset: int
    next_call: float = 0.0


class Buckets:
    """The buckets of one database, through one connection of this process.

    :param database: its name
    :param connections: of this process
    """

    def __init__(self, database: str, connections: Connections):
        self._connection = OwnConnection(
            connections,
            database,
            "limits",
            settings={"statement_timeout": _STATEMENT_TIMEOUT, "synchronous_commit": "off"},
            autocommit=True,
            prepare=_PREPARE,
        )

    def take(self, demands: Sequence[Demand]) -> list[Level]:
        """Take from all buckets what is wanted, or from none.

        :param demands: one for each bucket; no name twice
        :returns: the level of each bucket, in the same order
        :raises psycopg2.Error: the database does not answer
        """
        # What a bucket cannot hold even when it is full needs no query to be refused.
        possible = [demand for demand in demands if demand.calls <= demand.burst]
        wanted = (
            [demand.name for demand in possible],
            [demand.cost for demand in possible],
            [demand.capacity for demand in possible],
        )
        taken = dict(self._execute(_TAKE, wanted)) if possible else {}
        if len(taken) == len(demands):
            return [_level(demand, True, taken[demand.name]) for demand in demands]
        self.give_back([demand for demand in possible if demand.name in taken])
        found = dict(self._execute(_LOOK, ([demand.name for demand in demands],)))
        return [_level(demand, demand.name in taken, found.get(demand.name, 0.0)) for demand in demands]

    def give_back(self, demands: Sequence[Demand]) -> None:
        """Put back what was taken and not used.

        :param demands: one for each bucket, with the calls that come back; none for nothing
        :raises psycopg2.Error: the database does not answer
        """
        if demands:
            costs = ([demand.name for demand in demands], [demand.cost for demand in demands])
            self._execute(_GIVE_BACK, costs)

    def fail(self, name: str, *, free: int, longest: int) -> float:
        """Count a failure, and say how long its maker has to wait now.

        :param name: of the bucket; one that :meth:`take` does not use
        :param free: failures without any wait
        :param longest: seconds of the longest wait, and of the good conduct that makes up for all
        :returns: seconds, 0 while the free failures last
        :raises psycopg2.Error: the database does not answer
        """
        return self._execute(_FAIL, {"name": name, "free": free, "longest": longest})[0][0]

    def attempt(self, name: str, *, free: int, longest: int) -> float | None:
        """Count a failure before it happens, if its maker has any and need not wait: check and count are one.

        Of any number of attempts at once, each finds what the one before has counted.

        :param name: as of :meth:`fail`, and ``free`` and ``longest`` too
        :returns: the seconds that its maker waits from now on; ``None`` where nothing was counted: there
            is no failure so far, or one that still has to be waited for (:meth:`failures`)
        :raises psycopg2.Error: the database does not answer
        """
        counted = self._execute(_ATTEMPT, {"name": name, "free": free, "longest": longest})
        return counted[0][0] if counted else None

    def forgive(self, name: str, wait: float) -> None:
        """Take back what :meth:`attempt` counted: it was no failure.

        :param wait: what :meth:`attempt` returned
        :raises psycopg2.Error: the database does not answer
        """
        self._execute(_FORGIVE, (wait, name))

    def failures(self, name: str) -> tuple[int, float]:
        """How many failures are counted, and how long their maker still has to wait.

        :returns: a number, and seconds
        :raises psycopg2.Error: the database does not answer
        """
        found = self._execute(_FAILURES, (name,))
        return found[0] if found else (0, 0.0)

    def purge(self) -> None:
        """Delete what says nothing any more, so that callers from many addresses leave nothing behind.

        :raises psycopg2.Error: the database does not answer
        """
        self._execute(_PURGE, (LONGEST_WAIT, _PURGED))

    def clear(self, name: str | None = None) -> None:
        """Fill a bucket, or all of them, and forget failures.

        :raises psycopg2.Error: the database does not answer
        """
        self._execute(_CLEAR, (name, name is None))

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._connection.close()

    def _execute(self, statement, parameters):
        try:
            return self._run(statement, parameters)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            # The connection may have died of old age: once more, on a new one. Nothing can
            # have been taken twice but by a server that crashed after it had answered.
            self._connection.close()
            return self._run(statement, parameters)

    def _run(self, statement, parameters):
        with self._connection.in_use() as connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


def _level(demand: Demand, granted: bool, used: float) -> Level:
    """:param used: seconds until the bucket is full"""
    missing = used + demand.cost - demand.capacity
    if granted:
        retry_after = 0
    else:
        retry_after = max(1, math.ceil(missing)) if demand.calls <= demand.burst else None
    return Level(
        demand=demand,
        granted=granted,
        remaining=max(0, math.floor((demand.capacity - used) / demand.interval + 1e-6)),
        retry_after=retry_after,
        reset=max(0, math.ceil(used)),
        next_call=max(0.0, used + demand.interval - demand.capacity),
    )
