"""``test``: lint, the tests that need no Odoo, then pytest inside Odoo on a fresh database."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from . import addon, base_database, chromium, database, docs, installation, processes, scratch
from .console import say, step
from .database import Server
from .errors import SandboxError
from .installation import Installation
from .odoo_server import Odoo, free_port
from .paths import ADDON, CHECKOUT, INSIDE, Workspace
from .postgres import of_workspace

#: In the order in which they run; the fastest answer first.
STAGES = ("lint", "protocol", "sandbox", "odoo")
#: pytest's status for "no tests were selected", fine where the user selected.
_NO_TESTS = 5


def test(options: argparse.Namespace) -> int:
    """Run the stages; every one runs, and one that fails fails the command."""
    if "odoo" in options.only and not options.no_browser:
        chromium.require()
    installed = installation.provide(options.odoo)
    before = {"lint": _lint, "protocol": _protocol, "sandbox": _sandbox}
    failed = []
    for name, stage in before.items():
        if name in options.only:
            say(f"- Stage {name}")
            if stage(installed):
                say(f"  stage {name} FAILED")
                failed.append(name)
    status = 0
    if "odoo" in options.only:
        status = _odoo(installed, options, failed)
    return 1 if failed else status


def _lint(installed: Installation) -> int:
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


def _protocol(installed: Installation) -> int:
    """The protocol's tests, in an environment where ``import odoo`` fails."""
    if not (CHECKOUT / "engine" / "tests").is_dir():
        raise SandboxError(f"The protocol's tests are missing: there is no {CHECKOUT / 'protocol' / 'tests'}.")
    return processes.run_visibly(
        [installed.venv.python, "-m", "unittest", "discover", "-s", "engine/tests", "-t", "."],
        cwd=CHECKOUT, env=installed.venv.environment(),
    )


def _sandbox(installed: Installation) -> int:
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


def _odoo(installed: Installation, options: argparse.Namespace, failed: Sequence[str]) -> int:
    with contextlib.ExitStack() as stack:
        workspace = stack.enter_context(scratch.workspace())
        server = stack.enter_context(_server(installed, workspace, options))
        name = f"jsonrpc_gateway_test_{secrets.token_hex(4)}"
        odoo = Odoo(installed.tree, installed.venv, workspace, server, name)
        odoo.configure(port=free_port(), with_test_addons=True)
        if options.database_url:
            stack.callback(server.drop, name)
            server.create(name)
        else:
            base_database.copy_database(server, workspace, name)
        with step("Installing the addon and the test addons on a fresh database"):
            odoo.prepare(install=[ADDON, *addon.test_addons()])
        env = {
            **odoo.environment(),
            "PYTHONPATH": os.pathsep.join([str(installed.tree.python_path), str(INSIDE)]),
            "SANDBOX_NO_BROWSER": "1" if options.no_browser else "0",
            "SANDBOX_FAILED_BEFORE": ", ".join(failed),
        }
        return processes.run_visibly(
            _pytest(odoo, options.rest), cwd=workspace.addons, env=env, stdin=None,
        )


@contextlib.contextmanager
def _server(installed: Installation, workspace: Workspace, options: argparse.Namespace):
    if options.database_url:
        server: Server = database.parse_url(options.database_url, installed.venv)[0]
        database.check(server)
        yield server
        return
    base = installed.base(anew=options.fresh)
    base_database.unfold(base, workspace, installed.venv)
    with database.embedded(workspace, of_workspace(workspace), installed.venv, careless=True) as server:
        yield server


def _pytest(odoo: Odoo, rest: Sequence[str]) -> list[str | Path]:
    link = odoo.workspace.addons / ADDON
    chosen = [translated(argument, link) for argument in rest]
    if chosen == list(rest):  # no path among them: everything
        chosen += [str(link / "tests")]
    return [
        odoo.venv.python, "-m", "pytest", f"--odoo-config={odoo.workspace.config}",
        f"--odoo-database={odoo.database}", "--odoo-http", "--odoo-log-level=error",
        # passlib imports it on Python before 3.13; nobody here can change that.
        "-W", "ignore:'crypt' is deprecated:DeprecationWarning",
        "-p", "pytest_sandbox", "-p", "no:cacheprovider", f"--rootdir={odoo.workspace.addons}",
        # The sandbox's own tests ran before, without Odoo.
        f"--ignore={link / 'tests' / 'sandbox'}",
        *chosen,
    ]


def translated(argument: str, link: Path) -> str:
    """Turn a path in the checkout into one through the addon's link.

    Only through the link do test modules get their names in ``odoo.addons``.

    :param argument: one of pytest's arguments, e.g. ``tests/test_key.py::TestKey``
    :param link: the addon's link
    :returns: the path through the link, or the argument if it is no such path
    """
    path, separator, name = argument.partition("::")
    if not path or path.startswith("-"):
        return argument
    full = Path(os.path.abspath(CHECKOUT / path))
    if not full.exists() or not full.is_relative_to(CHECKOUT / "tests"):
        return argument
    return f"{link / full.relative_to(CHECKOUT)}{separator}{name}"
