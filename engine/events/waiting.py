"""Waits for changes on a connection of its own, with few others at once, whichever process they are in.

Each one who waits occupies a worker and a connection. It must not know what is read then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from odoo.tools import SQL

from .snapshot import Snapshot

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor

#: Seconds between two looks.
PAUSE = 0.3
_LOCKS = 0x6A72_7763


@contextmanager
def seat(cr: BaseCursor, most: int) -> Iterator[bool]:
    """One of the seats for those who wait, for as long as the body runs.

    :param cr: on a connection of its own, which holds the seat
    :param most: seats in the database
    :returns: whether one was free
    """
    taken = None
    try:
        for number in range(most):
            cr.execute(SQL("SELECT pg_try_advisory_lock(%s, %s)", _LOCKS, number))
            if cr.fetchone()[0]:
                taken = number
                break
        yield taken is not None
    finally:
        if taken is not None:
            # The connection goes back to the pool, and would keep the seat.
            cr.rollback()
            cr.execute(SQL("SELECT pg_advisory_unlock(%s, %s)", _LOCKS, taken))


def has_changes(cr: BaseCursor, model: str, base: Snapshot) -> bool:
    """Whether there is a change that a snapshot does not see, and that the transaction sees."""
    cr.execute(
        SQL(
            """
            SELECT EXISTS (
                SELECT 1 FROM jsonrpc_change t
                 WHERE t.model = %s AND t.xid >= %s::xid8 AND NOT pg_visible_in_snapshot(t.xid, %s::pg_snapshot)
                   AND pg_visible_in_snapshot(t.xid, pg_current_snapshot()))
            """,
            model,
            str(base.xmin),
            str(base),
        )
    )
    return cr.fetchone()[0]


def has_written(cr: BaseCursor) -> bool:
    """Whether the transaction has changed something, so that others may wait for it."""
    cr.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
    return cr.fetchone()[0]
