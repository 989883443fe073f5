"""pytest plugin: leave the browser tests out on demand, and say what the sandbox wants to know.

Runs in the Odoo process of ``python3 -m sandbox test``.  A browser test is one
in a module named ``test_tour*.py`` or ``test_browser*.py``: a rule that needs
no import of Odoo and that a reader sees in the file list.

* ``SANDBOX_NO_BROWSER=1``: leave the browser tests out.
* ``SANDBOX_FAILED_BEFORE``: what failed before pytest, to be repeated at the end.
* ``SANDBOX_PORT``: where the Odoo of the tests listens; pytest-odoo would pick one long before it listens.
* ``SANDBOX_REPORT``: file to write the counts and the failures to.
"""

import json
import os

import pytest_odoo

BROWSER_MODULES = ("test_tour", "test_browser")

_without_browser = os.environ.get("SANDBOX_NO_BROWSER") == "1"
_failed_before = os.environ.get("SANDBOX_FAILED_BEFORE", "")
_port = os.environ.get("SANDBOX_PORT")
_report = os.environ.get("SANDBOX_REPORT")
_left_out = []

if _port:
    pytest_odoo._get_available_random_port = lambda: int(_port)


def pytest_collection_modifyitems(config, items):
    """Deselect the browser tests under ``--no-browser``."""
    if not _without_browser:
        return
    kept = []
    for item in items:
        (_left_out if item.path.name.startswith(BROWSER_MODULES) else kept).append(item)
    if _left_out:
        config.hook.pytest_deselected(items=_left_out)
        items[:] = kept


def pytest_terminal_summary(terminalreporter):
    """Say, just above pytest's closing line, what that line does not tell."""
    if _left_out:
        terminalreporter.write_line(f"sandbox: --no-browser left out {len(_left_out)} browser tests", yellow=True)
    if _failed_before:
        terminalreporter.write_line(
            f"sandbox: FAILED before these tests (see above): {_failed_before}", red=True, bold=True
        )
    if _report:
        stats = terminalreporter.stats
        with open(_report, "w", encoding="utf-8") as stream:
            json.dump({"counts": _counts(stats), "failures": _failures(stats)}, stream)


def _counts(stats):
    """How many tests ended how; the steps before and after a test have no word."""
    return {
        kind: sum(getattr(report, "count_towards_summary", True) for report in reports)
        for kind, reports in stats.items()
        if kind
    }


def _failures(stats):
    """A line for each test that failed."""
    lines = []
    for kind in ("failed", "error", "subtests failed"):
        for report in stats.get(kind, ()):
            crash = getattr(report.longrepr, "reprcrash", None)
            message = (crash.message if crash else str(report.longrepr)).strip().partition("\n")[0]
            lines.append(f"{kind.upper()} {report.nodeid} - {message}"[:240])
    return lines
