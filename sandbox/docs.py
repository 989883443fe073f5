"""Build the pages in ``docs/`` with Sphinx, and read those beside them; a warning is an error."""

from __future__ import annotations

from pathlib import Path

from . import processes
from .paths import CHECKOUT
from .venv import Venv

#: Pages that Sphinx does not build, because they stand where people look first.
_OUTSIDE = ("README.rst", "CONTRIBUTING.rst", "CHANGELOG.rst")


def build(venv: Venv, folder: Path) -> int:
    """Build the documentation as HTML.

    :param venv: has Sphinx
    :param folder: for the pages, and for what Sphinx keeps between two builds; it is made
    :returns: the exit status; 0 if there was no warning
    """
    commands = [
        [
            "sphinx", "--builder", "html", "--fail-on-warning", "--keep-going", "--nitpicky", "--quiet",
            "-d", folder / "doctrees", CHECKOUT / "docs", folder / "html",
        ],
        *(["docutils", "--strict", CHECKOUT / name, folder / f"{name}.html"] for name in _OUTSIDE),
    ]
    env = {**venv.environment(), "PYTHONDONTWRITEBYTECODE": "1"}
    return max(processes.run_visibly([venv.python, "-m", *command], cwd=CHECKOUT, env=env) for command in commands)
