"""Where somebody who follows a model stands, as values that a cursor carries. Pure Python.

It must not know how cursors are signed, nor how rows are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Terms:
    """What has to be as it was for a position to mean anything.

    :ivar epoch: of the database's transaction ids
    :ivar generation: of the outbox of the model: another one after each gap
    :ivar schema: digest of what is followed
    :ivar rights: digest of what the reader may see
    """

    epoch: str
    generation: str
    schema: str
    rights: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands.

    Their copy is complete up to ``base``: it has everything that this snapshot sees. While they read on,
    they are between ``base`` and ``until``.

    :ivar base: what the reader has seen, once the snapshot phase is over
    :ivar scanned: the last id of the snapshot phase so far; ``None``: it is over
    :ivar until: the end of what is read now; ``None``: the next page chooses one
    :ivar after: transaction and row where the page before ended
    """

    terms: Terms
    base: Snapshot
    scanned: int | None = None
    until: Snapshot | None = None
    after: tuple[int, int] | None = None

    def reached(self, after: tuple[int, int], until: Snapshot) -> Position:
        """The position after a page that was not the last one."""
        return replace(self, until=until, after=after)

    def completed(self, until: Snapshot) -> Position:
        """The position after the last page."""
        return replace(self, base=until, until=None, after=None)

    def dump(self) -> list[Any]:
        """What a cursor holds."""
        terms = self.terms
        return [
            *(terms.epoch, terms.generation, terms.schema, terms.rights),
            str(self.base),
            self.scanned,
            None if self.until is None else str(self.until),
            *(self.after or (None, None)),
        ]

    @classmethod
    def load(cls, values: Sequence[Any]) -> Position:
        """:raises ValueError: they are no position"""
        try:
            epoch, generation, schema, rights, base, scanned, until, xid, row = values
        except ValueError as exc:
            raise ValueError("no position") from exc
        return cls(
            Terms(epoch, generation, schema, rights),
            Snapshot.parse(base),
            scanned,
            None if until is None else Snapshot.parse(until),
            None if xid is None else (xid, row),
        )

    def expiry(self, terms: Terms, now: Snapshot, purged: int) -> str | None:
        """Why a reader who stands here has to start over.

        :param terms: as they are now
        :param now: the database as it is
        :param purged: the newest transaction whose changes are no longer kept
        :returns: ``restored``, ``schema_changed``, ``rights_changed``, ``retention``, or ``None``
        """
        newest = self.until or self.base
        if self.terms.epoch != terms.epoch or newest.xmax > now.xmax:
            return "restored"
        if (self.terms.generation, self.terms.schema) != (terms.generation, terms.schema):
            return "schema_changed"
        if self.terms.rights != terms.rights:
            return "rights_changed"
        # Whatever was deleted was committed before: a reader who had not seen one of the transactions up
        # to there may miss its changes.
        if self.base.xmin <= purged:
            return "retention"
        return None
