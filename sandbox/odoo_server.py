"""Odoo's configuration file and process."""

from __future__ import annotations

import contextlib
import json
import random
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from . import addon, processes
from .console import Heartbeat, say
from .database import Server
from .errors import SandboxError
from .files import remove_tree, write_atomically
from .odoo_tree import OdooTree
from .paths import INSIDE, Workspace
from .venv import Venv

HOST = "127.0.0.1"
#: Odoo's own distance between the two (8069 and 8072).
_GEVENT_OFFSET = 3


def free_port(workers: int = 0) -> int:
    """Pick a port that nobody listens on, and that nobody else is likely to pick.

    :param workers: as of :func:`check_port`, which will not refuse it
    :raises SandboxError: none is found
    """
    for port in random.sample(_quiet_ports(), 20):
        with contextlib.suppress(SandboxError):
            check_port(port, workers)
            return port
    raise SandboxError("No free port was found; choose one with --port.")


def _quiet_ports() -> range:
    """The ports that the system does not give to outgoing connections: a free one stays free until it is used."""
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        first = 32768
    return range(10000, first) if first >= 12000 else range(10000, 65000)


def check_port(port: int, workers: int = 0) -> None:
    """Refuse a port that Odoo could not listen on.

    :param port: for HTTP
    :param workers: with any, Odoo also listens for web sockets
    :raises SandboxError: it is taken
    """
    for number in (port, port + _GEVENT_OFFSET)[: 2 if workers else 1]:
        with socket.socket() as probe:
            # As Odoo does: a connection of the last run that still lingers is no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, number))
            except PermissionError:
                raise SandboxError(f"Port {number} may not be used by this user; choose another with --port.") from None
            except (OSError, OverflowError):
                raise SandboxError(
                    f"Port {number} is taken by another program; stop it or choose another port with --port."
                ) from None


class Odoo:
    """An Odoo of one workspace and database.

    :param tree: where Odoo is
    :param venv: what runs it
    :param workspace: its files
    :param server: its PostgreSQL
    :param database: its database
    :param checkout: of the addon that it serves, if it is not the sandbox's own
    """

    def __init__(
        self, tree: OdooTree, venv: Venv, workspace: Workspace, server: Server, database: str,
        checkout: Path | None = None,
    ) -> None:
        self.tree, self.venv, self.workspace = tree, venv, workspace
        self.server, self.database, self.checkout = server, database, checkout

    def environment(self) -> dict[str, str]:
        """The environment in which ``import odoo`` finds this Odoo."""
        return {
            **self.venv.environment(),
            "PYTHONPATH": str(self.tree.python_path),
            "ODOO_RC": str(self.workspace.config),  # or it would read the user's ~/.odoorc
        }

    def configure(self, *, port: int, workers: int = 0, with_test_addons: bool = False, cron: int = 0) -> None:
        """Write Odoo's configuration file.

        :param port: for HTTP, on the loopback interface only
        :param workers: of the prefork mode; 0 for threads
        :param with_test_addons: whether the addons made for tests can be installed
        :param cron: threads or workers for scheduled actions
        """
        addon.link(self.workspace, self.checkout)
        folders = [*self.tree.addons, self.workspace.addons]
        if with_test_addons and addon.test_addons():
            folders.append(addon.TEST_ADDONS)
        self.workspace.data.mkdir(parents=True, exist_ok=True)
        options = {
            "addons_path": ",".join(map(str, folders)),
            "data_dir": self.workspace.data,
            "screenshots": self.workspace.root / "screenshots",
            "db_name": self.database,
            **self.server.odoo_options(),
            "list_db": True,
            "with_demo": True,
            "http_interface": HOST,
            "http_port": port,
            "gevent_port": port + _GEVENT_OFFSET if port + _GEVENT_OFFSET < 65536 else port - _GEVENT_OFFSET,
            "workers": workers,
            "max_cron_threads": cron,
            # No worker should die in the middle of a long look in the debugger or a benchmark.
            "limit_memory_soft": 8 * 2**30,
            "limit_memory_hard": 0,
            "limit_time_cpu": 3600,
            "limit_time_real": 7200,
        }
        lines = "".join(f"{name} = {value}\n" for name, value in options.items())
        # 0600: it may hold the database's password.
        write_atomically(self.workspace.config, "[options]\n" + lines)

    def prepare(self, *, install: Sequence[str] = (), upgrade: Sequence[str] = (), demo_key: bool = False) -> dict:
        """Install or upgrade addons and issue a demo key, in one process.

        :param install: addons to install
        :param upgrade: addons to upgrade
        :param demo_key: whether to issue a key for the administrator
        :returns: ``{"api_key": ..., "partner_id": ...}``
        :raises SandboxError: Odoo failed; the end of what it said was printed
        """
        answer = self.workspace.root / "answer.json"
        try:
            finished = processes.run(
                self._preparing(answer), text=self._request(install, upgrade, demo_key),
                env=self.environment(), cwd=self.workspace.root,
            )
            with self.workspace.log.open("a", encoding="utf-8") as log:
                log.write(finished.output + finished.errors)
            if finished.status:
                what = ", ".join(dict.fromkeys([*install, *upgrade])) or "the demo key"
                self._show(finished.errors.splitlines()[-25:])
                raise SandboxError(
                    f"Odoo failed at {what}: {finished.last_words()} (log: {self.workspace.log})"
                )
            return json.loads(answer.read_text(encoding="utf-8"))
        finally:
            answer.unlink(missing_ok=True)

    def start_preparing(self, output: IO[bytes], install: Sequence[str]) -> subprocess.Popen:
        """Start to install addons, in a process that somebody else looks after.

        :param output: what it says; nothing, if all is well
        :param install: addons to install
        """
        with tempfile.TemporaryFile() as request:
            request.write(self._request(install, (), demo_key=False).encode())
            request.seek(0)
            return processes.start(
                self._preparing(self.workspace.root / "answer.json"),
                env=self.environment(), cwd=self.workspace.root, stdin=request, stdout=output, stderr=output,
            )

    def _preparing(self, answer: Path) -> list[str | Path]:
        return [self.venv.python, INSIDE / "odoo_tool.py", answer]

    def _request(self, install: Sequence[str], upgrade: Sequence[str], demo_key: bool) -> str:
        return json.dumps({
            "config": str(self.workspace.config), "database": self.database,
            "install": list(install), "upgrade": list(upgrade), "demo_key": demo_key,
        })

    def _show(self, lines: Sequence[str]) -> None:
        for line in lines:
            say(f"  | {line}")

    @contextlib.contextmanager
    def serving(self, url: str) -> Iterator[subprocess.Popen]:
        """Keep the server running for the length of a ``with`` block.

        :param url: where it will answer
        :raises SandboxError: it stopped, or did not answer within two minutes
        """
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(self.workspace.log.open("ab"))
            process = stack.enter_context(processes.running(
                self.command("server"), env=self.environment(), cwd=self.workspace.root, stdout=log, stderr=log,
                # The second signal makes Odoo hurry.
                ending=((signal.SIGTERM, 10.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)),
            ))
            self._await_health(process, url)
            yield process

    def command(self, name: str, *arguments: str) -> list[str | Path]:
        """The command line of one of Odoo's own commands."""
        return [self.venv.python, INSIDE / "odoo_bin.py", name, "-c", self.workspace.config, *arguments]

    def _await_health(self, process: subprocess.Popen, url: str) -> None:
        deadline, heartbeat = time.monotonic() + 120, Heartbeat()
        # A proxy of the user's has no business between us and this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise self.stopped(process.returncode)
            try:
                with opener.open(f"{url}/web/health", timeout=5):
                    return
            except urllib.error.HTTPError as error:
                raise SandboxError(f"Odoo answers HTTP {error.code}{self._last_error()}") from None
            except OSError:
                pass  # it does not listen yet
            time.sleep(0.1)
            heartbeat.beat()
        raise SandboxError(f"Odoo does not answer on {url} after two minutes (log: {self.workspace.log}).")

    def stopped(self, status: int) -> SandboxError:
        """The error for a server that ended by itself, with the reason from its log."""
        return SandboxError(f"Odoo stopped with exit status {status}{self._last_error()}")

    def _last_error(self) -> str:
        """The last error in the log and where to read on."""
        size = self.workspace.log.stat().st_size
        with self.workspace.log.open("rb") as stream:
            stream.seek(max(0, size - 20000))
            lines = stream.read().decode(errors="replace").splitlines()
        telling = [
            line for line in lines
            if " ERROR " in line or " CRITICAL " in line or re.match(r"[\w.]+Error: ", line)
        ]
        reason = f": {telling[-1].strip()}" if telling else ""
        return f"{reason} (log: {self.workspace.log})"


def remove_database_files(workspace: Workspace, database: str) -> None:
    """Remove the filestore of a dropped database, and the sessions opened on it."""
    remove_tree(workspace.data / "filestore" / database)
    remove_tree(workspace.data / "sessions")
