"""What this gateway promises, and whether a run kept it.

It must not know how the times came about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .crowd import PAGES, TOTAL
from .measure import Times


@dataclass(frozen=True)
class Target:
    """A promise about a ratio of medians.

    :param promise: in words
    :param ours: key of our case
    :param theirs: keys of the cases to compare with; the fastest of them counts
    :param at_least: how many times slower theirs have to be, if that is the promise
    :param at_most: how many times slower ours may be, if that is the promise
    """

    promise: str
    ours: str
    theirs: Sequence[str]
    at_least: float | None = None
    at_most: float | None = None

    def judge(self, times: Mapping[str, Times]) -> Verdict | None:
        """Whether it was kept; ``None`` if a case that it needs was not run."""
        if not {self.ours, *self.theirs} <= times.keys():
            return None
        ours = times[self.ours].median
        theirs = min(times[key].median for key in self.theirs)
        if self.at_least is not None:
            return Verdict(self, theirs / ours, self.at_least, met=theirs / ours >= self.at_least)
        return Verdict(self, ours / theirs, self.at_most, met=ours / theirs <= self.at_most)


@dataclass(frozen=True)
class Verdict:
    """What came of a promise.

    :param ratio: the one that was measured
    :param bound: the one that was promised
    :param met: whether it was kept
    """

    target: Target
    ratio: float
    bound: float
    met: bool


_READ_1_JSON2 = ("read 1: /json/2 read", "read 1: /json/2 search_read")
_READ_1_ODOO = ("read 1: /jsonrpc, password", "read 1: /jsonrpc, Odoo key", *_READ_1_JSON2)
_SEARCH_ODOO = ("/jsonrpc search_read", "/json/2 search_read")
_HUNDRED_ODOO = ("100 reads: /jsonrpc, password", "100 reads: /json/2 read")

TARGETS = (
    Target("no-op: at most 1.2x Odoo's own floor", "no-op: api system.echo", ["no-op: /web/version"], at_most=1.2),
    *(
        target
        for ours in ("read 1: api partner.get_info", "read 1: object, password")
        for target in (
            Target(f"{ours}: 1.2x faster than the faster of Odoo's", ours, _READ_1_ODOO, at_least=1.2),
            Target(f"{ours}: 1.8x faster than /json/2", ours, _READ_1_JSON2, at_least=1.8),
        )
    ),
    *(
        Target(f"{ours}: 10x cheaper a call than the faster of Odoo's", ours, _HUNDRED_ODOO, at_least=10)
        for ours in ("100 reads: api batch of get_info", "100 reads: object batch, password")
    ),
    *(
        Target(
            f"read 1: {what} costs at most {bound - 1:.0%}",
            f"read 1, guarded: {what}",
            ["read 1, guarded: nothing on"],
            at_most=bound,
        )
        for what, bound in (("grants and limits on", 1.15), ("log on", 1.05))
    ),
    *(
        Target(
            f"{group}: {factor}x faster than the faster of Odoo's",
            f"{group}: api partner.search",
            [f"{group}: {theirs}" for theirs in _SEARCH_ODOO],
            at_least=factor,
        )
        for group, factor in (
            ("search 1", 1.2),
            ("search 1000", 1.5),
            # Of any order: with an index, with none, and among equal keys only.
            ("page 1 by id", 1),
            ("page 1 by name", 1),
            (f"page 1 of {TOTAL} ties", 1),
        )
    ),
    Target(
        "read 5000: object, password: 2.5x faster than the faster of Odoo's",
        "read 5000: object, password",
        [f"read 5000: {theirs}" for theirs in ("/jsonrpc, password", "/json/2 read", "/json/2 search_read")],
        at_least=2.5,
    ),
    *(
        Target(
            f"100 gets of {what}: {factor}x cheaper a call than the faster of Odoo's",
            f"100 gets: api batch, {what}",
            ["100 gets: /jsonrpc read", "100 gets: /json/2 read"],
            at_least=factor,
        )
        for what, factor in (("same fields", 25), ("different fields", 12))
    ),
    *(
        Target(
            f"page {PAGES} by {order}: at most 1.3x page 1",
            f"page {PAGES} by {order}: api partner.search, cursor",
            [f"page 1 by {order}: api partner.search"],
            at_most=1.3,
        )
        for order in ("id", "name")
    ),
)
