"""The outcome of a run, for people.

It must not know how it was found.
"""

from __future__ import annotations

from collections.abc import Mapping

from .judge import Verdict

#: Breaches that are shown; more are counted.
_SHOWN = 20


def as_text(figures: Mapping[str, object], errors: Mapping[str, int], verdict: Verdict) -> str:
    """All counts, then what was broken.

    :param figures: what the clients saw, and what was done to the server, by name
    :param errors: how often each error came
    """
    lines = ["", *_table(figures), "", "Writes", *_table(verdict.counts), "", "Answers that were no results"]
    lines += _table(dict(sorted(errors.items(), key=lambda item: -item[1]))) or ["  none"]
    lines.append("")
    if not verdict.breaches:
        lines.append("KEPT    every promise")
        return "\n".join(lines)
    lines += [f"BROKEN  {breach}" for breach in verdict.breaches[:_SHOWN]]
    if len(verdict.breaches) > _SHOWN:
        lines.append(f"BROKEN  and {len(verdict.breaches) - _SHOWN} more")
    return "\n".join(lines)


def _table(figures: Mapping[str, object]) -> list[str]:
    width = max(map(len, figures), default=0)
    return [f"  {name:<{width}}  {value:>8}" for name, value in figures.items()]
