"""How rows of the outbox end. It must not know when that is asked for, nor settings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from odoo.tools import SQL

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor

# Never by time alone: a row of a transaction that runs since before is new to everybody. What has a
# transaction id of the future came with a database from another cluster, and is read by nobody.
_PURGE = """
WITH oldest AS (
    SELECT t.id, t.xid, t.changed_at FROM jsonrpc_change t ORDER BY t.id LIMIT %s
), ended AS (
    DELETE FROM jsonrpc_change t USING oldest
     WHERE t.id = oldest.id
       AND ((oldest.changed_at < %s AND oldest.xid < pg_snapshot_xmin(pg_current_snapshot()))
            OR oldest.xid >= pg_snapshot_xmax(pg_current_snapshot()))
    RETURNING t.model, t.xid
), newest AS (
    SELECT DISTINCT ON (model) model, xid FROM ended
     WHERE xid < pg_snapshot_xmax(pg_current_snapshot()) ORDER BY model, xid DESC
), noted AS (
    UPDATE jsonrpc_change_source s SET purged_xid = greatest(s.purged_xid, newest.xid)
      FROM newest WHERE s.model = newest.model
)
SELECT count(*) FROM ended
"""


def purge(cr: BaseCursor, before: datetime, limit: int) -> int:
    """Delete rows of the oldest that are old enough, and note how far, so that cursors from before are refused.

    :param before: naive UTC; what began later is kept
    :param limit: rows to look at
    :returns: how many were deleted
    """
    cr.execute(SQL(_PURGE, limit, before))
    return cr.fetchone()[0]


def forget_other_clusters(cr: BaseCursor) -> None:
    """Forget how far another cluster's transactions were deleted: here these ids are still to come."""
    cr.execute(
        "UPDATE jsonrpc_change_source SET purged_xid = '0' WHERE purged_xid >= pg_snapshot_xmax(pg_current_snapshot())"
    )
