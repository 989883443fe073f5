"""Build the pages in ``docs/`` with Sphinx; a warning is an error."""

from __future__ import annotations

from pathlib import Path

from . import processes
from .paths import CHECKOUT
from .venv import Venv


def build(venv: Venv, folder: Path) -> int:
    """Build the documentation as HTML.

    :param venv: has Sphinx
    :param folder: for the pages, and for what Sphinx keeps between two builds
    :returns: the exit status; 0 if there was no warning
    """
    return processes.run_visibly(
        [
            venv.python, "-m", "sphinx", "--builder", "html", "--fail-on-warning", "--keep-going", "--nitpicky",
            "--quiet", "-d", folder / "doctrees", CHECKOUT / "docs", folder / "html",
        ],
        cwd=CHECKOUT, env={**venv.environment(), "PYTHONDONTWRITEBYTECODE": "1"},
    )
