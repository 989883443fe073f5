"""The hooks that one call hangs on its transaction, told from those of its neighbours.

Odoo runs them when the whole transaction is committed or rolled back; a call that is undone
by itself has to take its own with it, with the data that they share, and nobody else's. The
cursor's queues stay where they are: what hung in one before the call is one hook of it during the
call, with its own data, and the call's come behind.

It knows cursors; it must not know why a call is undone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...compat.odoo_db import Hooks, put_hooks, run_hooks, take_hooks

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor
    from odoo.tools.misc import Callbacks


class CallHooks:
    """The hooks of one call, from its start on.

    :param cr: cursor of the call
    """

    def __init__(self, cr: BaseCursor):
        # precommit is not among them: it is run, or cleared, at the end of each call.
        self._commit, self._undo, self._undone = (
            _Queue(queue) for queue in (cr.postcommit, cr.prerollback, cr.postrollback)
        )

    @property
    def committed(self) -> bool:
        """Whether the call has committed the transaction by itself."""
        return self._commit.has_run

    @property
    def rolled_back(self) -> bool:
        """Whether the call has rolled the transaction back by itself."""
        return self._undone.has_run

    def keep(self) -> None:
        """The call stands, or ends with the transaction: its hooks wait for that with the others."""
        for queue in (self._commit, self._undo, self._undone):
            queue.keep()

    def before_undo(self) -> None:
        """The call is about to be undone: what it wanted done after the commit is forgotten."""
        self._commit.drop()
        self._undo.run()

    def after_undo(self) -> None:
        """The call was undone."""
        self._undone.run()
        for queue in (self._commit, self._undo, self._undone):
            queue.drop()
            queue.keep()


class _Queue:
    """One queue of the cursor during a call.

    :ivar has_run: whether Odoo has run it since the call began
    """

    def __init__(self, queue: Callbacks):
        self._queue = queue
        self._before = take_hooks(queue)
        # One function, also for none: by it the call's own are told from those before.
        self._first = self._run_before
        self.has_run = False
        queue.add(self._first)

    def keep(self) -> None:
        """Put what hung here before the call back in its place, and the call's own behind it, with its data."""
        is_whole, own = self._own()
        if is_whole:
            put_hooks(self._queue, self._before)
        if own.functions:
            self._queue.add(partial(run_hooks, self._queue, own))

    def drop(self) -> None:
        """Forget the call's own."""
        is_whole, _own = self._own()
        if is_whole:
            self._queue.add(self._first)

    def run(self) -> None:
        """Run the call's own, and nothing else."""
        is_whole, own = self._own()
        if is_whole:
            self._queue.add(self._first)
        run_hooks(self._queue, own)

    def _run_before(self) -> None:
        self.has_run = True
        run_hooks(self._queue, self._before)

    def _own(self) -> tuple[bool, Hooks]:
        """Take out what is here: whether what was here before still is, and the call's own."""
        functions, data = take_hooks(self._queue)
        is_whole = functions[:1] == (self._first,)
        return is_whole, Hooks(functions[1:] if is_whole else functions, data)
