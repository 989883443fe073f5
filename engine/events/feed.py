"""Reads the outbox between two snapshots, a page at a time, in the order of transactions.

A row is found by the snapshots alone: no clock and no sequence says when a transaction is committed. Only
the primary knows that; a standby's snapshots leave out transactions that run. It must not know resources.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from odoo.tools import SQL

from ..protocol.errors import Unavailable
from .snapshot import Snapshot

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor

_NOW = """
SELECT pg_current_snapshot()::text,
       CASE WHEN pg_is_in_recovery() THEN NULL ELSE concat_ws(
            ' ',
            (SELECT system_identifier FROM pg_control_system()),
            (SELECT oid FROM pg_database WHERE datname = current_database()),
            -- The timeline: another one after a recovery to a point in time.
            left(pg_walfile_name(pg_current_wal_lsn()), 8)
       ) END
"""


class Now(NamedTuple):
    """The database as a transaction sees it.

    :ivar snapshot: what it has seen
    :ivar epoch: digest of whose transaction ids they are
    """

    snapshot: Snapshot
    epoch: str


class Source(NamedTuple):
    """How a model is followed.

    :ivar generation: another one after each gap
    :ivar purged: the newest transaction whose changes are no longer kept
    """

    generation: str
    purged: int


class Row(NamedTuple):
    """One change.

    :ivar xid: its transaction
    :ivar id: of the row
    :ivar record_id: of the record
    :ivar columns: what was changed, separated by commas; ``None``: created or deleted
    """

    xid: int
    id: int
    record_id: int
    columns: str | None


def now(cr: BaseCursor) -> Now:
    """The database as this transaction sees it.

    :raises Unavailable: this is a standby
    """
    cr.execute(_NOW)
    snapshot, origin = cr.fetchone()
    if origin is None:
        raise Unavailable("Changes are read from the primary database only")
    return Now(Snapshot.parse(snapshot), hashlib.sha256(origin.encode()).hexdigest()[:16])


def source(cr: BaseCursor, model: str) -> Source:
    """How a model is followed.

    :raises Unavailable: it is not
    """
    cr.execute(SQL("SELECT s.generation, s.purged_xid::text FROM jsonrpc_change_source s WHERE s.model = %s", model))
    found = cr.fetchone()
    if found is None:
        raise Unavailable("These changes are not tracked now")
    return Source(found[0], int(found[1]))


def read_rows(
    cr: BaseCursor, model: str, base: Snapshot, until: Snapshot, after: tuple[int, int] | None, limit: int
) -> list[Row]:
    """The changes that one snapshot sees and another one does not.

    :param model: name of it
    :param base: does not see them
    :param until: sees them
    :param after: transaction and row to continue after
    :param limit: the most
    """
    start = (base.xmin, 0) if after is None else after
    cr.execute(
        SQL(
            """
            SELECT t.xid::text, t.id, t.record_id, t.columns
              FROM jsonrpc_change t
             WHERE t.model = %s AND (t.xid, t.id) > (%s::xid8, %s) AND t.xid < %s::xid8
               AND NOT pg_visible_in_snapshot(t.xid, %s::pg_snapshot) AND pg_visible_in_snapshot(t.xid, %s::pg_snapshot)
             ORDER BY t.xid, t.id
             LIMIT %s
            """,
            model,
            str(start[0]),
            start[1],
            str(until.xmax),
            str(base),
            str(until),
            limit,
        )
    )
    return [Row(int(xid), id_, record_id, columns) for xid, id_, record_id, columns in cr.fetchall()]


def images_table(rows: Sequence[int], types: Sequence[tuple[str, str]]) -> SQL:
    """SQL of a table of records as they were before some changes, with their ids and what happened to them.

    :param rows: ids of the changes
    :param types: columns that are kept, with their PostgreSQL types
    """
    columns = SQL(", ").join(SQL("%s %s", SQL.identifier(name), SQL(type_)) for name, type_ in types)
    return SQL(
        """
        (SELECT t.record_id AS id, t.operation AS jsonrpc_operation, i.*
           FROM jsonrpc_change t CROSS JOIN LATERAL jsonb_to_record(t.image) AS i (%s)
          WHERE t.id = ANY (%s) AND t.image IS NOT NULL)
        """,
        columns,
        list(rows),
    )
