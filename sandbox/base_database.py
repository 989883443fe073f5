"""A prepared database: what the addon depends on, installed once and kept in the cache.

A fresh database is then a copy of files and takes a second instead of twenty.
Only for the embedded PostgreSQL, whose files are ours to copy.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from . import addon, database, processes
from .console import step
from .errors import SandboxError
from .files import read_json, remove_tree, write_json
from .odoo_server import Odoo, free_port
from .odoo_tree import OdooTree
from .paths import Workspace, short_hash
from .postgres import MAJOR, Postgres, discard, of_workspace
from .venv import Venv

#: The database's name in the prepared files.
NAME = "base"


@dataclass(frozen=True)
class BaseDatabase:
    """Prepared files, whole.

    :param root: their folder
    """

    root: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder, of a stopped server."""
        return self.root / "data"

    @property
    def filestore(self) -> Path:
        """Odoo's filestore of the database."""
        return self.root / "filestore"


def provide(tree: OdooTree, venv: Venv, cache: Path, *, anew: bool = False) -> BaseDatabase:
    """Return the prepared files, made first where necessary.

    :param cache: the cache folder; the caller holds its lock
    :param anew: make them again
    """
    names = addon.depends()
    key = short_hash("\n".join([tree.identity, MAJOR, *sorted(names)]))
    base = BaseDatabase(cache / f"base-{key}")
    if anew or not read_json(base.root / "complete.json"):
        remove_tree(base.root)
        partial = cache / f"base-{key}.partial"
        remove_tree(partial)
        _make(BaseDatabase(partial), tree, venv, names)
        write_json(partial / "complete.json", {"depends": names})
        os.replace(partial, base.root)
    return base


def _make(base: BaseDatabase, tree: OdooTree, venv: Venv, names: list[str]) -> None:
    workspace = Workspace(base.root / "workspace")
    workspace.root.mkdir(parents=True)
    cluster = of_workspace(workspace)
    try:
        # Whatever a killed sandbox left there.
        discard(cluster)
        with database.embedded(workspace, cluster, venv, careless=True) as server:
            server.create(NAME)
            odoo = Odoo(tree, venv, workspace, server, NAME)
            odoo.configure(port=free_port())
            with step("Installing Odoo's own modules with demo data"):
                odoo.prepare(install=names)
        _copy(cluster.data, base.data)
        filestore = workspace.data / "filestore" / NAME
        if filestore.exists():
            os.replace(filestore, base.filestore)
        else:
            base.filestore.mkdir()
    finally:
        discard(cluster)
        remove_tree(workspace.root)


def _copy(source: Path, target: Path) -> None:
    finished = processes.run(["cp", "-a", "--reflink=auto", source, target])
    if finished.status:
        raise SandboxError(f"The prepared database could not be kept in {target}: {finished.last_words()}")


def unfold(base: BaseDatabase, workspace: Workspace, venv: Venv) -> None:
    """Give a workspace a cluster that holds the prepared database, for :func:`copy_database`."""
    cluster = of_workspace(workspace)
    Postgres(venv).copy(base.data, cluster)
    copy_filestore(base.filestore, workspace, NAME)
    cluster.stamp.touch()


def copy_database(server: database.Server, workspace: Workspace, name: str) -> None:
    """Make a database that is a copy of the prepared one, filestore included.

    :param server: the workspace's embedded server, running
    :param name: the new database
    """
    server.create(name, template=NAME, by_files=True)
    copy_filestore(workspace.data / "filestore" / NAME, workspace, name)


def copy_filestore(source: Path, workspace: Workspace, name: str) -> None:
    """Give a database of a workspace the files of another."""
    target = workspace.data / "filestore" / name
    remove_tree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    _copy(source, target)
