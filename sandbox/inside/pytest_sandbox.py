"""pytest plugin: leave the browser tests out on demand, and repeat what failed before pytest.

Runs in the Odoo process of ``python3 -m sandbox test``.  A browser test is one
in a module named ``test_tour*.py`` or ``test_browser*.py``: a rule that needs
no import of Odoo and that a reader sees in the file list.
"""

import os

BROWSER_MODULES = ("test_tour", "test_browser")

_without_browser = os.environ.get("SANDBOX_NO_BROWSER") == "1"
_failed_before = os.environ.get("SANDBOX_FAILED_BEFORE", "")
_left_out = []


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
