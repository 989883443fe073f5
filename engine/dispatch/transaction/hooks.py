"""The hooks that one call hangs on its transaction, kept apart from those of its neighbours.

Odoo runs them when the whole transaction is committed or rolled back; a call that is undone
by itself has to take its own with it, with the data that they share, and nobody else's.

It knows cursors; it must not know why a call is undone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from odoo.tools.misc import Callbacks

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor

# precommit is not among them: it is run, or cleared, at the end of each call.
_QUEUES = ("postcommit", "prerollback", "postrollback")


class CallHooks:
    """Puts empty queues in the place of a cursor's own, for the time of one call.

    :ivar committed: the call has committed the transaction by itself
    :ivar rolled_back: the call has rolled it back by itself
    """

    def __init__(self, cr: BaseCursor):
        self._cr = cr
        self._outer = {name: getattr(cr, name) for name in _QUEUES}
        self._own = {name: Callbacks() for name in _QUEUES}
        self.committed = self.rolled_back = False
        self._own["postcommit"].add(partial(setattr, self, "committed", True))
        self._own["postrollback"].add(partial(setattr, self, "rolled_back", True))
        self._install(self._own)

    def keep(self) -> None:
        """The call stands, or ends with the transaction: its hooks wait for that with the others."""
        self._install(self._outer)
        for name, own in self._own.items():
            if own:
                self._outer[name].add(partial(self._run, name))

    def before_undo(self) -> None:
        """The call is about to be undone: what it wanted done after the commit is forgotten."""
        self._own["postcommit"].clear()
        self._own["prerollback"].run()

    def after_undo(self) -> None:
        """The call was undone."""
        self._own["postrollback"].run()
        self._install(self._outer)

    def _run(self, name: str) -> None:
        """Run one of the call's queues, where its hooks look for their data."""
        outer = getattr(self._cr, name)
        setattr(self._cr, name, self._own[name])
        try:
            self._own[name].run()
        finally:
            setattr(self._cr, name, outer)

    def _install(self, queues: dict[str, Callbacks]) -> None:
        for name, queue in queues.items():
            setattr(self._cr, name, queue)
