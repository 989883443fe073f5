"""What a failed call is rolled back to, for the calls of one request in one transaction.

A call that fails leaves nothing behind, and its neighbours in the batch stay as they
are. The start of the transaction serves as long as there is nothing to keep; after the
first write that succeeded, a savepoint does. A savepoint costs two round trips to
PostgreSQL, so reads in a row share one: none of them leaves anything worth keeping.

It knows cursors; it must not know what the calls do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from psycopg2 import errors as pg
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from ...compat import odoo_db, odoo_orm
from ..errors import TransactionLost, must_bubble
from .first_statement import FirstStatement
from .hooks import CallHooks

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor, Savepoint

#: Milliseconds: the most that PostgreSQL knows.
LONGEST_TIMEOUT = 2**31 - 1


class Savepoints:
    """The restore points of one request.

    :param cr: cursor of the request's transaction
    :param readonly: let PostgreSQL itself refuse every change, for read-only
        credentials: methods can be wrong about what they write, the database cannot
        (``SET TRANSACTION READ ONLY``, https://www.postgresql.org/docs/current/sql-set-transaction.html)
    :param timeout: seconds that one statement may take, waiting for locks of others included;
        what Odoo's own cursors allow, if it is not given
    :param atomic: whether a call that fails takes all others with it: then the start of the
        transaction is all there is to go back to
    """

    def __init__(self, cr: BaseCursor, *, readonly: bool = False, timeout: int | None = None, atomic: bool = False):
        self._cr = cr
        rules = f"SET LOCAL statement_timeout = {min(timeout * 1000, LONGEST_TIMEOUT)}" if timeout else ""
        self._first = FirstStatement(cr, rules)
        self._readonly = readonly
        self._atomic = atomic
        self._locked = False
        self._changed = False
        self._shared: Savepoint | None = None

    @contextmanager
    def around(self, *, writes: bool) -> Iterator[None]:
        """Run one call; if it raises, undo it and only it.

        :param writes: whether the call may change something that must outlive the
            failure of a later call
        :raises TransactionLost: the call rolled back its neighbours too
        :raises: whatever the body or its flush raises
        """
        with self._first.awaited():
            self._lock()
            with self._undoing(self._restore_point(writes)):
                yield
        if writes and not self._atomic:
            self._changed = True

    @contextmanager
    def _undoing(self, restore: Savepoint | None) -> Iterator[None]:
        """Keep what the body did, or go back to the restore point."""
        # Without one, the undoing of the transaction runs or forgets its hooks.
        hooks = restore and CallHooks(self._cr)
        try:
            yield
            self._cr.flush()
            self._check_alive()
            if hooks:
                self._release(restore, hooks)
                hooks.keep()
        except BaseException as exc:
            # Whoever replays or ends the request rolls all of it back.
            if must_bubble(exc, self._cr):
                if hooks:
                    hooks.keep()
            else:
                self._undo(restore, hooks)
            raise

    def undo_all(self) -> None:
        """Take back every call since the transaction began."""
        self._shared = None
        self._changed = self._locked = False
        self._cr.rollback()
        self._first.forget()
        odoo_orm.forget_undone_changes(self._cr)

    def _lock(self) -> None:
        """Let nothing be changed, again after each end of the transaction: methods may commit by themselves.

        At once: a method that reads may begin with what is no statement, as ``COPY``.
        """
        if self._readonly and not self._locked:
            self._cr.execute("SET TRANSACTION READ ONLY")
            self._locked = True
            keep = partial(odoo_db.keep_read_only, self._cr)
            self._cr.postcommit.add(keep)
            self._cr.postrollback.add(keep)

    def _restore_point(self, writes: bool) -> Savepoint | None:
        """The savepoint to go back to; ``None`` stands for the transaction's start."""
        if not self._changed:
            return None
        if writes:
            if self._shared is not None:
                self._shared.close(rollback=False)
                self._shared = None
            return self._cr.savepoint()
        if self._shared is None:
            self._shared = self._cr.savepoint()
        return self._shared

    def _check_alive(self) -> None:
        """Refuse a result after an SQL error that the method kept to itself.

        PostgreSQL would answer the commit with a rollback, and nobody would notice.
        """
        if self._cr.connection.get_transaction_status() == TRANSACTION_STATUS_INERROR:
            raise pg.InFailedSqlTransaction("a method swallowed an error of the database without a savepoint")

    def _release(self, restore: Savepoint, hooks: CallHooks) -> None:
        """The call worked: nothing goes back to before it any more.

        Some methods of Odoo commit by themselves (the installation of an addon does): then
        no savepoint is left, and nothing before it needs one.
        """
        if hooks.rolled_back:
            raise TransactionLost("a method rolled back the transaction, and the calls before it")
        if hooks.committed:
            self._shared = None
        elif restore is not self._shared:
            restore.close(rollback=False)

    def _undo(self, restore: Savepoint | None, hooks: CallHooks | None) -> None:
        if hooks and not hooks.committed:
            if hooks.rolled_back:
                hooks.keep()
                raise TransactionLost("a method rolled back the transaction, and the calls before it")
            hooks.before_undo()
            if restore is self._shared:
                restore.rollback()
            else:
                restore.close(rollback=True)
            hooks.after_undo()
        else:
            if hooks:
                hooks.keep()
            self.undo_all()
            return
        odoo_orm.forget_undone_changes(self._cr)
