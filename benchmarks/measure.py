"""Run cases interleaved and keep their times: whatever disturbs the machine disturbs all alike.

It must not know what the cases do, nor judge the times.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .client import ExchangeError
from .data import Fixture
from .registry import Case


@dataclass(frozen=True)
class Times:
    """What one case took.

    :param case: which
    :param samples: milliseconds for one call, one sample a round
    """

    case: Case
    samples: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        """The time that 95 % of the samples do not exceed."""
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def run(
    cases: Sequence[Case], fixture: Fixture, *, rounds: int, warmup: int, seed: int, progress: Callable[[int], None]
) -> list[Times]:
    """Send every case once a round, on a new connection for each request.

    The order of a round is shuffled: what the server still does after an answer (closing,
    collecting garbage) falls on whoever comes next, and that must not always be the same.

    :param rounds: that count, at least 1
    :param warmup: rounds before them, that fill the server's caches
    :param seed: of the shuffling
    :param progress: told the number of each round that begins, negative while warming up
    :returns: the times, in the order of ``cases``
    :raises ExchangeError: an answer was wrong; nothing is worth comparing then
    """
    order = random.Random(seed)
    samples: dict[str, list[float]] = {case.key: [] for case in cases}
    for round_ in range(-warmup, rounds):
        progress(round_)
        for case in order.sample(cases, len(cases)):
            if round_ % case.every == 0 or round_ == -warmup:
                milliseconds = sample(case, fixture, round_ + warmup)
                if round_ >= 0:
                    samples[case.key].append(milliseconds)
    return [Times(case, samples[case.key]) for case in cases]


def sample(case: Case, fixture: Fixture, round_: int) -> float:
    """Milliseconds for one call of a case; building and checking are not timed.

    :raises ExchangeError: the answer was wrong
    """
    total = 0.0
    for call in case.build(fixture, round_):
        response, seconds = fixture.endpoints.server.exchange(call.raw)
        try:
            call.check(response)
        except (ExchangeError, LookupError, TypeError) as error:
            raise ExchangeError(f"{case.key}: {error!r}") from error
        total += seconds
    return total / case.calls * 1000
