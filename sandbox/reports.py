"""What several pytest runs say together, in the words of one."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .files import read_json

#: As pytest orders and names them.
_KINDS = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings", "error")
_CLOSING = re.compile(r"\s*=*\s*(\d+ [a-z ]+, )*(\d+ [a-z ]+|no tests ran) in \d+(\.\d+)?s( \([\d:, a-z]+\))?\s*=*\s*")


@dataclass
class Report:
    """What came out of a run.

    :param counts: how many tests ended how, by pytest's word
    :param failures: a line for each that failed
    """

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Add what came out of another run."""
        self.counts.update(other.counts)
        self.failures += other.failures

    def add_error(self, line: str) -> None:
        """Add what failed without being a test."""
        self.counts["error"] += 1
        self.failures.append(f"ERROR {line}")


def read(path: Path) -> Report | None:
    """Read what ``inside/pytest_sandbox.py`` has written; None if it has not."""
    found = read_json(path)
    if not found:
        return None
    return Report(Counter(found["counts"]), list(found["failures"]))


def without_closing_line(output: str) -> str:
    """Remove pytest's last line, which the sums of all replace."""
    lines = output.rstrip().splitlines()
    if lines and _CLOSING.fullmatch(lines[-1]):
        lines.pop()
    return "\n".join(lines)


def summary(counts: Mapping[str, int]) -> str:
    """``"1 failed, 20 passed"``, as pytest has it."""
    words = [f"{counts[kind]} {_word(kind, counts[kind])}" for kind in _kinds(counts) if counts.get(kind)]
    return ", ".join(words) or "no tests ran"


def closing_line(counts: Mapping[str, int], seconds: float) -> str:
    """A line in the style of the one that pytest ends with."""
    minutes, rest = divmod(int(seconds), 60)
    long = f" ({minutes // 60}:{minutes % 60:02}:{rest:02})" if minutes else ""
    return f" {summary(counts)} in {seconds:.2f}s{long} ".center(shutil.get_terminal_size((80, 24)).columns, "=")


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows of texts in columns; the first is flush left."""
    rows = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first, *more = row
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(more, widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _kinds(counts: Mapping[str, int]) -> list[str]:
    return [*_KINDS, *sorted(set(counts) - set(_KINDS))]


def _word(kind: str, count: int) -> str:
    if kind == "warnings":
        return "warning" if count == 1 else "warnings"
    if kind == "error":
        return "error" if count == 1 else "errors"
    return kind
