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
from typing import TYPE_CHECKING

from .errors import must_bubble

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor, Savepoint


class Savepoints:
    """The restore points of one request.

    :param cr: cursor of the request's transaction
    :param readonly: let PostgreSQL itself refuse every change, for read-only
        credentials: methods can be wrong about what they write, the database cannot
        (``SET TRANSACTION READ ONLY``, https://www.postgresql.org/docs/current/sql-set-transaction.html)
    """

    def __init__(self, cr: BaseCursor, *, readonly: bool = False):
        self._cr = cr
        self._readonly = readonly
        self._locked = False
        self._changed = False
        self._shared: Savepoint | None = None

    @contextmanager
    def around(self, *, writes: bool) -> Iterator[None]:
        """Run one call; if it raises, undo it and only it.

        :param writes: whether the call may change something that must outlive the
            failure of a later call
        :raises: whatever the body or its flush raises
        """
        self._lock()
        restore = self._restore_point(writes)
        hooks = len(self._cr.postcommit._funcs)
        try:
            yield
            self._cr.flush()
        except BaseException as exc:
            # Whoever replays or ends the request rolls all of it back.
            if not must_bubble(exc, self._cr):
                self._undo(restore, hooks)
            raise
        if writes:
            self._changed = True
            if restore is not None:
                restore.close(rollback=False)

    def _lock(self) -> None:
        """Make the transaction read-only, again after each rollback of the whole of it."""
        if self._readonly and not self._locked:
            self._cr.execute("SET TRANSACTION READ ONLY")
            self._locked = True

    def _restore_point(self, writes: bool) -> Savepoint | None:
        """The savepoint to go back to; ``None`` stands for the transaction's start."""
        if not self._changed:
            return None
        if writes:
            self._release_shared()
            return self._cr.savepoint()
        if self._shared is None:
            self._shared = self._cr.savepoint()
        return self._shared

    def _release_shared(self) -> None:
        if self._shared is not None:
            self._shared.close(rollback=False)
            self._shared = None

    def _undo(self, restore: Savepoint | None, hooks: int) -> None:
        if restore is None:
            self._cr.rollback()
            self._locked = False
            return
        if restore is self._shared:
            restore.rollback()
        else:
            restore.close(rollback=True)
        # What the call wanted done after the commit (mails, webhooks) goes with it.
        while len(self._cr.postcommit._funcs) > hooks:
            self._cr.postcommit._funcs.pop()
