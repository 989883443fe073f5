"""A database with the addon and a server that answers: what ``run``, ``bench`` and ``shell`` share."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import addon, base_database, database, demo_call
from .console import say, step
from .errors import SandboxError
from .files import read_json, remove_tree, write_json
from .installation import Installation
from .odoo_server import HOST, Odoo
from .paths import ADDON, Workspace, short_hash
from .postgres import discard, of_workspace

#: What Odoo gives a new database.
LOGIN = PASSWORD = "admin"  # noqa: S105


@dataclass(frozen=True)
class Choice:
    """Which PostgreSQL and which database to use.

    :param url: the user's own server, or None for the embedded one
    :param name: the database's name; empty for the one in ``url`` or the default
    :param fresh: whether to drop it first
    :param checkout: of the addon to install there, if it is not the sandbox's own
    """

    url: str | None = None
    name: str = ""
    fresh: bool = False
    checkout: Path | None = None


@contextlib.contextmanager
def opened(installation: Installation, workspace: Workspace, choice: Choice) -> Iterator[Odoo]:
    """Have a PostgreSQL run for the length of a ``with`` block.

    :param workspace: its lock is held by the caller
    :returns: an Odoo that has a server and a database's name, but perhaps no such database
    :raises SandboxError: PostgreSQL does not start or refuses
    """
    tree, venv = installation.tree, installation.venv
    if choice.url:
        server, named = database.parse_url(choice.url, venv)
        name = choice.name or named or database.DEFAULT_DATABASE
        with step(f"Looking at PostgreSQL ({server.identity})"):
            database.check(server)
        workspace = replace(workspace, part=f"external-{short_hash(server.identity + '/' + name)}")
        (workspace.root / workspace.part).mkdir(parents=True, exist_ok=True)
        yield Odoo(tree, venv, workspace, server, name, choice.checkout)
        return
    cluster = of_workspace(workspace)
    # The state is written last: data without it was left half-way, or its filestore was removed.
    if choice.fresh or not workspace.state.exists() or not cluster.exists():
        workspace.state.unlink(missing_ok=True)
        base = installation.base()
        discard(cluster)
        remove_tree(workspace.data)
        base_database.unfold(base, workspace, venv)
    with database.embedded(workspace, cluster, venv, careless=False) as server:
        yield Odoo(tree, venv, workspace, server, choice.name or database.DEFAULT_DATABASE, choice.checkout)


def ensure_database(odoo: Odoo, *, fresh: bool) -> dict:
    """See to it that the database is there with the addon as it is in the checkout.

    :param fresh: whether to drop it first
    :returns: the workspace's state: ``api_key``, ``partner_id`` and what was installed
    :raises SandboxError: the database is not ours, or Odoo failed
    """
    wanted = {"odoo": odoo.tree.identity, "fingerprint": addon.fingerprint()}
    state = _usable_state(odoo, fresh=fresh)
    if not state:
        _create(odoo)
        with step("Installing the addon with its demo data"):
            state = {**odoo.prepare(install=[ADDON], demo_key=True), **wanted}
        odoo.server.mark_ready(odoo.database)
        write_json(odoo.workspace.state, state)
    elif any(state.get(key) != value for key, value in wanted.items()):
        upgrade = "base" if state.get("odoo") != wanted["odoo"] else ADDON
        with step("Upgrading the addon, for its files changed"):
            odoo.prepare(upgrade=[upgrade])
        state = {**state, **wanted}
        write_json(odoo.workspace.state, state)
    return state


def _usable_state(odoo: Odoo, *, fresh: bool) -> dict:
    """The state of a database to go on with; empty after dropping one that is not fit for it."""
    state = read_json(odoo.workspace.state)
    note = odoo.server.note(odoo.database)
    if note is None:
        return {}
    ours = note in (database.INSTALLING, database.READY)
    if not fresh and not ours:
        raise SandboxError(
            f"The database {odoo.database} on {odoo.server.identity} was not made by the sandbox;"
            " name another in --database-url, or add --fresh to drop it."
        )
    if fresh or note == database.INSTALLING or not state:
        if not fresh:
            say("- The last installation was not finished; starting it over")
        odoo.server.drop(odoo.database)
        odoo.workspace.state.unlink(missing_ok=True)
        return {}
    return state


def _create(odoo: Odoo) -> None:
    remove_tree(odoo.workspace.data / "filestore" / odoo.database)
    remove_tree(odoo.workspace.data / "sessions")
    if odoo.server.note(base_database.NAME) == database.INSTALLING and not odoo.workspace.part:
        base_database.copy_database(odoo.server, odoo.workspace, odoo.database)
    else:
        odoo.server.create(odoo.database)


@dataclass(frozen=True)
class Answering:
    """A server that answered a real call.

    :param process: Odoo
    :param url: where it answers
    :param api_key: the demo key
    :param partner_id: a partner of the demo data
    """

    process: subprocess.Popen
    url: str
    api_key: str
    partner_id: int


@contextlib.contextmanager
def answering(odoo: Odoo, workspace: Workspace, state: dict, port: int) -> Iterator[Answering]:
    """Have Odoo serve for the length of a ``with`` block.

    ``connection.json`` is there from the first call that succeeded until the
    server is about to stop.

    :param workspace: where to put ``connection.json``
    :param state: what :func:`ensure_database` returned
    :raises SandboxError: it does not start or does not answer as it should
    """
    url = f"http://{HOST}:{port}"
    with contextlib.ExitStack() as stack:
        with step("Starting Odoo"):
            process = stack.enter_context(odoo.serving(url))
        trouble = demo_call.trouble(url, state["api_key"], state["partner_id"])
        if trouble:
            with step("Issuing a new demo key, for the old one is refused"):
                state = {**state, **odoo.prepare(demo_key=True)}
                write_json(odoo.workspace.state, state)
            trouble = demo_call.trouble(url, state["api_key"], state["partner_id"])
        if trouble:
            raise SandboxError(f"The gateway does not answer as it should: {trouble} (log: {workspace.log})")
        stack.callback(workspace.connection.unlink, missing_ok=True)
        write_json(workspace.connection, {
            "url": url, "database": odoo.database, "login": LOGIN, "password": PASSWORD,
            "api_key": state["api_key"], "pid": os.getpid(),
        })
        yield Answering(process, url, state["api_key"], state["partner_id"])
