"""pytest inside Odoo: the database that it needs, and its command line."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import base_database, database, scratch
from .database import Server
from .files import read_json, write_json
from .grouping import OWN
from .installation import Installation
from .odoo_server import Odoo, free_port
from .paths import ADDON, CHECKOUT, INSIDE, Workspace, own_workspace
from .postgres import of_workspace

#: pytest's status for "no tests were selected", fine where the user selected.
NO_TESTS = 5
#: Short: names have 63 bytes at most, and those of copies are longer.
_PREFIX = "jsonrpc_test_"
#: Notes of the databases made on the user's own server, in the sandbox's folder.
_NOTES = "databases-*.json"


@dataclass(frozen=True)
class Ground:
    """Where the tests run: a throw-away workspace and a PostgreSQL server.

    :param installed: Odoo, and what runs it
    :param workspace: the workspace
    :param server: the server
    :param prefix: what the names of all databases of this run begin with
    :param embedded: whether the server is ours
    """

    installed: Installation
    workspace: Workspace
    server: Server
    prefix: str
    embedded: bool

    def odoo(self, name: str) -> Odoo:
        """An Odoo with a workspace and a database of its own; the database is not there yet.

        :param name: tells it from the others of this run
        """
        workspace = Workspace(self.workspace.root / name)
        odoo = Odoo(self.installed.tree, self.installed.venv, workspace, self.server, f"{self.prefix}_{name}")
        odoo.configure(port=free_port(), with_test_addons=True)
        return odoo

    def fill(self, odoo: Odoo) -> None:
        """Make an Odoo's database: what the addon depends on is there, or it is empty on the user's server."""
        if not self.embedded:
            self.server.create(odoo.database)
            return
        self.server.create(odoo.database, base_database.NAME, by_files=True)
        self._copy_files(self.workspace, base_database.NAME, odoo)

    def copy(self, source: Odoo, odoo: Odoo) -> None:
        """Make an Odoo's database a copy of another's, to which nobody is connected."""
        self.server.create(odoo.database, source.database, by_files=self.embedded)
        self._copy_files(source.workspace, source.database, odoo)

    def _copy_files(self, workspace: Workspace, name: str, odoo: Odoo) -> None:
        files = workspace.data / "filestore" / name
        if files.is_dir():
            base_database.copy_filestore(files, odoo.workspace, odoo.database)


@contextlib.contextmanager
def ground(installed: Installation, options: argparse.Namespace) -> Iterator[Ground]:
    """Have a PostgreSQL for the length of a ``with`` block; what was made on it is gone afterwards."""
    with scratch.workspace() as workspace:
        prefix = f"{_PREFIX}{secrets.token_hex(4)}"
        if options.database_url:
            server = database.parse_url(options.database_url, installed.venv)[0]
            database.check(server)
            with _noted(server, workspace, prefix):
                yield Ground(installed, workspace, server, prefix, embedded=False)
            return
        base = installed.base(anew=options.fresh)
        base_database.unfold(base, workspace, installed.venv)
        with database.embedded(workspace, of_workspace(workspace), installed.venv, careless=True) as server:
            yield Ground(installed, workspace, server, prefix, embedded=True)


@contextlib.contextmanager
def _noted(server: Server, workspace: Workspace, prefix: str) -> Iterator[None]:
    """Drop the databases of this run at its end, and first those of runs that were killed without mercy."""
    for note in own_workspace().root.glob(_NOTES):
        told = read_json(note)
        # Whoever made the workspace holds its lock, and it is gone when nobody does.
        if told.get("server") == server.identity and not Path(told["workspace"]).exists():
            server.drop_all(told["prefix"])
            note.unlink()
    note = own_workspace().root / _NOTES.replace("*", prefix)
    write_json(note, {"server": server.identity, "workspace": str(workspace.root), "prefix": prefix})
    try:
        yield
    finally:
        server.drop_all(prefix)
        note.unlink()


def pytest_command(odoo: Odoo, arguments: Sequence[str]) -> list[str | Path]:
    """The command line of pytest.

    :param arguments: pytest's own; without a path among them, all tests run
    """
    link = odoo.workspace.addons / ADDON
    chosen = [translated(argument, link) for argument in arguments]
    if not paths_among(arguments):
        chosen += [str(link / "tests")]
    return [
        odoo.venv.python, "-m", "pytest", f"--odoo-config={odoo.workspace.config}",
        f"--odoo-database={odoo.database}", "--odoo-http", "--odoo-log-level=error",
        # passlib imports it on Python before 3.13; nobody here can change that.
        "-W", "ignore:'crypt' is deprecated:DeprecationWarning",
        "-p", "pytest_sandbox", "-p", "no:cacheprovider", f"--rootdir={odoo.workspace.addons}",
        # The sandbox's own tests need no Odoo; they are a stage of their own.
        f"--ignore={link / 'tests' / OWN}",
        *chosen,
    ]


def pytest_environment(odoo: Odoo, options: argparse.Namespace, **settings: object) -> dict[str, str]:
    """The environment of pytest.

    :param settings: of ``inside/pytest_sandbox.py``
    """
    return {
        **odoo.environment(),
        "PYTHONPATH": os.pathsep.join([str(odoo.tree.python_path), str(INSIDE)]),
        "SANDBOX_NO_BROWSER": "1" if options.no_browser else "0",
        "SANDBOX_PORT": str(free_port()),
        **{name: str(value) for name, value in settings.items()},
    }


def paths_among(arguments: Sequence[str]) -> list[str]:
    """Those of pytest's arguments that are paths of tests in this checkout."""
    nowhere = Path(os.devnull)
    return [argument for argument in arguments if translated(argument, nowhere) != argument]


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
