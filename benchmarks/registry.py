"""What a case is, and the one list of all of them.

It must not know any particular case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .data import Fixture
from .endpoints import Call

Build = Callable[[Fixture, int], list[Call]]


@dataclass(frozen=True)
class Case:
    """Some work, done in one way.

    :param group: the work; cases of a group do the same, and are compared
    :param name: the way: endpoint and credential
    :param build: the requests of one round, sent one after the other, timed together
    :param calls: how many calls that makes; times are reported for one of them
    :param every: sent in every n-th round only, where a round of it takes seconds
    """

    group: str
    name: str
    build: Build
    calls: int = 1
    every: int = 1

    @property
    def key(self) -> str:
        """What :mod:`.targets` and ``--only`` call it."""
        return f"{self.group}: {self.name}"


#: All cases, in the order of the report; the first of a group is what the others are compared to.
CASES: list[Case] = []


def case(group: str, name: str, *, calls: int = 1, every: int = 1) -> Callable[[Build], Build]:
    """Add a case; decorates a function ``(fixture, round) -> list of calls``.

    :raises ValueError: there is one of that group and name
    """

    def add(build: Build) -> Build:
        added = Case(group, name, build, calls, every)
        if any(other.key == added.key for other in CASES):
            raise ValueError(f"Two cases are called {added.key!r}")
        CASES.append(added)
        return build

    return add
