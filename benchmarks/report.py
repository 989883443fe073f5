"""Times as a table for people and as JSON for machines.

It must not know how they were measured, nor what they should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .measure import Times
from .targets import Verdict


def as_text(times: Sequence[Times], verdicts: Sequence[Verdict], context: Mapping[str, Any], rounds: int) -> str:
    """The table, the targets, and what they were measured on."""
    width = max(len(taken.case.name) for taken in times) + 2
    lines = [f"{'':{width}}  median ms     p95 ms      ratio"]
    for group, members in _grouped(times):
        lines += ["", group if members[0].case.calls == 1 else f"{group} (for one of them)"]
        for taken in members:
            ratio = taken.median / members[0].median
            lines.append(f"  {taken.case.name:{width}}{taken.median:9.2f}  {taken.p95:9.2f}  {ratio:8.2f}x")
    lines += ["", "Targets (ratios of medians)"]
    for verdict in verdicts:
        lines.append(f"  {'met   ' if verdict.met else 'MISSED'}  {verdict.ratio:6.2f}x  {verdict.target.promise}")
    if context["load_1_min"] > context["cores"]:
        lines += ["", "The machine was busy already: times are longer, and ratios less sure, than they could be."]
    known = ", ".join(f"{name} {value}" for name, value in context.items() if value is not None)
    return "\n".join([*lines, "", f"{rounds} rounds, interleaved, a new connection for each request; {known}"])


def as_json(
    times: Sequence[Times], verdicts: Sequence[Verdict], context: Mapping[str, Any], rounds: int
) -> dict[str, Any]:
    """The same as a JSON value, with the number of samples of each case."""
    return {
        "context": dict(context),
        "rounds": rounds,
        "groups": [
            {
                "work": group,
                "cases": [
                    {
                        "name": taken.case.name,
                        "calls": taken.case.calls,
                        "samples": len(taken.samples),
                        "median_ms": round(taken.median, 4),
                        "p95_ms": round(taken.p95, 4),
                        "ratio": round(taken.median / members[0].median, 4),
                    }
                    for taken in members
                ],
            }
            for group, members in _grouped(times)
        ],
        "targets": [
            {
                "promise": verdict.target.promise,
                "ratio": round(verdict.ratio, 4),
                "at_least": verdict.target.at_least,
                "at_most": verdict.target.at_most,
                "met": verdict.met,
            }
            for verdict in verdicts
        ],
    }


def _grouped(times: Sequence[Times]) -> Iterator[tuple[str, list[Times]]]:
    """The times by group, in the order of each group's first case."""
    groups: dict[str, list[Times]] = {}
    for taken in times:
        groups.setdefault(taken.case.group, []).append(taken)
    yield from groups.items()
