"""The stages of ``test`` that need no Odoo, each from the installation to its exit status."""

from __future__ import annotations

import os
import sys

from . import addon, docs, processes, scratch
from .errors import SandboxError
from .installation import Installation
from .paths import ADDON, CHECKOUT


def lint(installed: Installation) -> int:
    """ruff on everything, pylint-odoo on the addon, Sphinx on docs/."""
    env = {**installed.venv.environment(), "RUFF_NO_CACHE": "true"}
    ruff = processes.run_visibly(
        [installed.venv.root / "bin" / "ruff", "check", "--quiet", "--output-format=concise", "."],
        cwd=CHECKOUT, env=env,
    )
    with scratch.workspace() as workspace:
        # Through the link, for pylint-odoo takes the addon's name from its folder.
        addon.link(workspace)
        pylint = processes.run_visibly(
            [
                installed.venv.python, "-m", "pylint", f"--rcfile={CHECKOUT / 'pyproject.toml'}", "--score=n",
                workspace.addons / ADDON,
            ],
            cwd=workspace.addons, env={**env, "PYLINTHOME": str(workspace.root / "pylint")},
        )
        pages = docs.build(installed.venv, workspace.root / "docs")
    return ruff or pylint or pages


def protocol(installed: Installation) -> int:
    """The tests of what is pure, in an environment where ``import odoo`` fails."""
    if not (CHECKOUT / "engine" / "tests").is_dir():
        raise SandboxError(f"The protocol's tests are missing: there is no {CHECKOUT / 'engine' / 'tests'}.")
    return processes.run_visibly(
        [installed.venv.python, "-m", "unittest", "discover", "-s", "engine/tests", "-t", "."],
        cwd=CHECKOUT, env=installed.venv.environment(),
    )


def sandbox(installed: Installation) -> int:
    """The tests of the sandbox and the benchmarks, on the interpreter that runs us: standard library only."""
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    folders = [("tests/sandbox", "tests/sandbox"), ("benchmarks/tests", ".")]
    statuses = [
        processes.run_visibly(
            [sys.executable, "-m", "unittest", "discover", "-s", folder, "-t", top], cwd=CHECKOUT, env=env
        )
        for folder, top in folders
    ]
    return max(statuses, key=bool)


#: In the order in which they run; the fastest answer first.
BEFORE_ODOO = {"lint": lint, "protocol": protocol, "sandbox": sandbox}
