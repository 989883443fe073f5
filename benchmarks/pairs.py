"""The same cases on two servers, request by request: whether one version of the gateway is slower than another.

Each case is sent to both right after each other, in an order by chance, so that whatever disturbs the
machine disturbs both. Cases of Odoo's own endpoints are the control: their ratios tell the noise.
It must not know what the versions are.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .client import ExchangeError
from .data import Fixture
from .measure import sample
from .registry import Case

#: Slower by more than this is too slow.
TOLERANCE = 1.03


@dataclass(frozen=True)
class Pair:
    """What one case took on both servers.

    :param case: which
    :param here: milliseconds for one call, one sample a round
    :param there: the same on the other server; empty if it does not know the case
    """

    case: Case
    here: Sequence[float]
    there: Sequence[float]

    @property
    def ratio(self) -> float:
        """The median of here divided by there, round by round."""
        return statistics.median(here / there for here, there in zip(self.here, self.there, strict=True))

    @property
    def is_slower(self) -> bool:
        """Whether the case is slower here by more than :data:`TOLERANCE`."""
        return bool(self.there) and self.ratio > TOLERANCE


def run(
    cases: Sequence[Case],
    here: Fixture,
    there: Fixture,
    *,
    rounds: int,
    warmup: int,
    seed: int,
    progress: Callable[[int], None],
) -> list[Pair]:
    """Send every case to both servers once a round.

    :param rounds: that count, at least 1
    :param warmup: rounds before them; a case that fails there on the other server is new here
    :param seed: of the order
    :param progress: told the number of each round that begins, negative while warming up
    :raises ExchangeError: an answer was wrong
    """
    order = random.Random(seed)
    taken: dict[str, tuple[list[float], list[float]]] = {case.key: ([], []) for case in cases}
    new: set[str] = set()
    for round_ in range(-max(warmup, 1), rounds):
        progress(round_)
        for case in order.sample(cases, len(cases)):
            if round_ % case.every and round_ != -max(warmup, 1):
                continue
            for server in order.sample((0, 1), 2):
                if server and case.key in new:
                    continue
                try:
                    milliseconds = sample(case, (here, there)[server], round_ + warmup)
                except ExchangeError:
                    if not server or round_ >= 0:
                        raise
                    new.add(case.key)
                    continue
                if round_ >= 0:
                    taken[case.key][server].append(milliseconds)
    return [Pair(case, *taken[case.key]) for case in cases]


def as_text(pairs: Sequence[Pair], context: Mapping[str, Any], rounds: int) -> str:
    """A table of the medians and ratios, the slower cases marked."""
    width = max(len(pair.case.key) for pair in pairs) + 2
    lines = [f"{'':{width}}  here ms   there ms     ratio"]
    for pair in pairs:
        line = f"{pair.case.key:{width}}{statistics.median(pair.here):9.2f}"
        if pair.there:
            mark = "  SLOWER" if pair.is_slower else ""
            line += f"  {statistics.median(pair.there):9.2f}  {pair.ratio:8.3f}{mark}"
        else:
            line += "        new"
        lines.append(line)
    known = ", ".join(f"{name} {value}" for name, value in context.items() if value is not None)
    return "\n".join([*lines, "", f"{rounds} rounds, both servers in each, a new connection for each request; {known}"])
