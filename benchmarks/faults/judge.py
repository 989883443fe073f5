"""What the clients were told, compared with what the database holds.

It must not know how either came to be; it needs neither a server nor a database.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .writes import Write

#: What is counted, in the order of the report.
COUNTED = (
    "writes",
    "acknowledged",
    "acknowledged after a retry",
    "replayed",
    "acknowledged, exactly once",
    "acknowledged, missing",
    "acknowledged, doubled",
    "never acknowledged",
    "never acknowledged, took place",
    "never acknowledged, doubled",
    "atomic batches",
    "rows of the log",
    "remembered",
)


@dataclass
class Evidence:
    """What happened to each write, by its token.

    :ivar partners: ids of the partners with this name
    :ivar rows: rows of the log that say that it was done
    :ivar replays: rows of the log that say that it was answered again
    :ivar memories: the results that are remembered
    """

    partners: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    rows: Counter[str] = field(default_factory=Counter)
    replays: Counter[str] = field(default_factory=Counter)
    memories: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Verdict:
    """What a run has shown.

    :ivar counts: of writes, by what became of them
    :ivar breaches: promises that were broken, in one sentence each
    """

    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTED, 0)))
    breaches: list[str] = field(default_factory=list)


def judge(writes: Iterable[Write], evidence: Evidence) -> Verdict:
    """Compare every write with the evidence.

    :param writes: all that any client has sent
    :param evidence: all that the database holds of the run
    """
    verdict = Verdict()
    batches: dict[str, list[Write]] = defaultdict(list)
    known = set()
    for write in writes:
        known.add(write.token)
        if write.batch is not None:
            batches[write.batch].append(write)
        _count(write, evidence, verdict.counts)
        verdict.breaches += (f"{write.token} ({write.kind.name}): {text}" for text in _breaches(write, evidence))
    for batch, members in batches.items():
        made = sum(bool(evidence.partners.get(write.token)) for write in members)
        verdict.counts["atomic batches"] += 1
        if made not in (0, len(members)):
            verdict.breaches.append(f"Atomic batch {batch}: {made} of {len(members)} calls took place")
    for what in (evidence.partners, evidence.rows, evidence.memories):
        verdict.breaches += (f"{token}: nobody has sent it" for token in sorted(set(what) - known))
    return verdict


def _count(write: Write, evidence: Evidence, counts: Counter[str]) -> None:
    counts["writes"] += 1
    made = len(evidence.partners.get(write.token, ()))
    if write.acknowledged:
        counts["acknowledged"] += 1
        counts["acknowledged after a retry"] += write.attempts > 1
        counts["replayed"] += write.replayed
        counts["acknowledged, exactly once"] += made == 1
        counts["acknowledged, missing"] += made == 0
        counts["acknowledged, doubled"] += made > 1
    else:
        counts["never acknowledged"] += 1
        counts["never acknowledged, took place"] += made == 1
        counts["never acknowledged, doubled"] += made > 1
    counts["rows of the log"] += evidence.rows[write.token]
    counts["remembered"] += len(evidence.memories.get(write.token, ()))


def _breaches(write: Write, evidence: Evidence) -> Iterator[str]:
    made = evidence.partners.get(write.token, [])
    rows = evidence.rows[write.token]
    memories = evidence.memories.get(write.token, [])
    if write.refused:
        yield f"refused with {write.refused}"
    elif not write.acknowledged and not write.given_up:
        yield f"not answered in {write.attempts} attempts"
    if write.acknowledged and not made:
        yield "acknowledged, and missing"
    if len(made) > 1:
        yield f"took place {len(made)} times"
    if rows != len(made):
        yield f"took place {len(made)} times, and the log says {rows}"
    if len(memories) != len(made):
        yield f"took place {len(made)} times, and is remembered {len(memories)} times"
    if write.acknowledged and memories and memories != [write.result]:
        yield f"answered {write.result}, and remembered {memories}"
    if write.made_id is not None and made and made != [write.made_id]:
        yield f"answered the id {write.made_id}, and has {made}"
