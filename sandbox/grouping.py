"""Divide the test files into groups, each for one pytest on a database of its own."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .paths import CHECKOUT

#: Folder of the tests of the sandbox itself, which need no Odoo.
OWN = "sandbox"
#: Folder of the tests that drive a browser.
BROWSER = "browser"
#: What takes more than a few seconds, by path below ``tests``, in seconds.
_DURATIONS = CHECKOUT / "tests" / "durations.json"
#: Seconds of a file that is not listed there, by its folder.
_USUAL = {"orm": 2.0, "http": 2.0, "server": 10.0, BROWSER: 15.0}
#: Seconds that pytest and Odoo take to start: a group should be a good deal longer.
START = 5.0


@dataclass(frozen=True)
class Group:
    """Files that one pytest runs.

    :param name: the folder's name, and a number if there are several
    :param files: below ``tests``
    :param seconds: what it takes, roughly
    """

    name: str
    files: tuple[str, ...]
    seconds: float


def durations() -> dict[str, float]:
    """The listed durations, by path below ``tests``."""
    return json.loads(_DURATIONS.read_text(encoding="utf-8"))


def test_files(tests: Path) -> dict[str, list[str]]:
    """The files that need Odoo, by folder.

    :param tests: the folder ``tests``
    :returns: paths below it
    """
    found: dict[str, list[str]] = {}
    for path in sorted(tests.glob("*/test_*.py")):
        if path.parent.name != OWN:
            found.setdefault(path.parent.name, []).append(path.relative_to(tests).as_posix())
    return found


def divide(files: Mapping[str, Sequence[str]], seconds: Mapping[str, float], longest: float) -> list[Group]:
    """Divide the files of each folder into groups of about the same length.

    Those that drive a browser stay together: two browsers at a time would make each other late.

    :param files: paths by folder
    :param seconds: by path; for others the folder's usual
    :param longest: seconds that no group should take longer than; one file may all the same
    """
    groups = []
    for folder, paths in files.items():
        known = {path: seconds.get(path, _USUAL.get(folder, 3.0)) for path in paths}
        number = 1 if folder == BROWSER else max(1, math.ceil(sum(known.values()) / longest))
        bins: list[list[str]] = [[] for _ in range(number)]
        for path in sorted(paths, key=lambda path: -known[path]):
            min(bins, key=lambda chosen: sum(known[one] for one in chosen)).append(path)
        for position, chosen in enumerate(filter(None, bins), start=1):
            name = f"{folder}-{position}" if number > 1 else folder
            groups.append(Group(name, tuple(sorted(chosen)), START + sum(known[path] for path in chosen)))
    return groups
