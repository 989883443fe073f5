"""``test``: lint, the tests that need no Odoo, and pytest inside Odoo; side by side, or one after another.

Side by side is for the whole. Whoever names files, or asks pytest for something that needs one
process (a debugger, the first failure), gets one, with its output as it comes.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from . import addon, chromium, installation, odoo_tests, processes, side_by_side, stages
from .console import say, step
from .installation import Installation
from .paths import ADDON

#: In the order in which they run one after another.
STAGES = (*stages.BEFORE_ODOO, "odoo")
#: Options of pytest that mean one process: they stop it, speak with the user, or write one file.
_ONE_PROCESS = (
    "-x", "--exitfirst", "--maxfail", "--pdb", "--trace", "--collect-only", "--co", "--junitxml", "--junit-xml",
    "--stepwise", "--sw", "-s", "--setup-plan", "--fixtures",
)


def test(options: argparse.Namespace) -> int:
    """Run the stages; every one runs, and one that fails fails the command."""
    if "odoo" in options.only and not options.no_browser:
        chromium.require()
    installed = installation.provide(options.odoo)
    if is_side_by_side(options):
        return side_by_side.test(installed, options, options.jobs or default_jobs())
    return _one_after_another(installed, options)


def default_jobs() -> int:
    """One for each core, and one more, for tests wait now and then."""
    affinity = getattr(os, "sched_getaffinity", None)
    return (len(affinity(0)) if affinity else os.cpu_count() or 1) + 1


def is_side_by_side(options: argparse.Namespace) -> bool:
    """Tell whether the tests run in several processes."""
    if odoo_tests.paths_among(options.rest) or _wants_one(options.rest):
        return False
    return options.jobs > 1 if options.jobs else "odoo" in options.only


def _wants_one(arguments: Sequence[str]) -> bool:
    return any(argument.partition("=")[0] in _ONE_PROCESS for argument in arguments)


def _one_after_another(installed: Installation, options: argparse.Namespace) -> int:
    failed = []
    for name, stage in stages.BEFORE_ODOO.items():
        if name in options.only:
            say(f"- Stage {name}")
            if stage(installed):
                say(f"  stage {name} FAILED")
                failed.append(name)
    status = 0
    if "odoo" in options.only:
        status = _odoo(installed, options, failed)
    return 1 if failed else status


def _odoo(installed: Installation, options: argparse.Namespace, failed: Sequence[str]) -> int:
    with odoo_tests.ground(installed, options) as ground:
        odoo = ground.odoo("all")
        ground.fill(odoo)
        with step("Installing the addon and the test addons on a fresh database"):
            odoo.prepare(install=[ADDON, *addon.test_addons()])
        return processes.run_visibly(
            odoo_tests.pytest_command(odoo, options.rest), cwd=odoo.workspace.addons, stdin=None,
            env=odoo_tests.pytest_environment(odoo, options, SANDBOX_FAILED_BEFORE=", ".join(failed)),
        )
