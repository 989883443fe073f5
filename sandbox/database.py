"""The PostgreSQL server that Odoo uses, embedded or the user's own, and its databases."""

from __future__ import annotations

import contextlib
import json
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import processes
from .console import step
from .errors import SandboxError
from .paths import INSIDE, Workspace
from .postgres import SUPERUSER, Cluster, Postgres
from .venv import Venv

#: Odoo refuses the role ``postgres``, so it gets one of its own.
_ROLE = "odoo"
DEFAULT_DATABASE = "jsonrpc_gateway"
_OLDEST = 130000  # PostgreSQL 13, as Odoo 19 demands
#: Comments that tell a database of ours from the user's, and a whole one from a half-made one.
INSTALLING = "jsonrpc_gateway sandbox: installing"
READY = "jsonrpc_gateway sandbox: ready"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server as seen by Odoo's role.

    :param venv: the environment whose Python speaks to it
    :param host: host name or folder of the socket
    :param port: port number, None for the default
    :param user: Odoo's role
    :param password: its password, or ``""``
    :param sslmode: libpq's name for how to encrypt, or ``""``
    """

    venv: Venv
    host: str
    port: int | None
    user: str
    password: str = field(default="", repr=False)
    sslmode: str = ""

    @property
    def identity(self) -> str:
        """Tells one server from another, without the password."""
        return f"{self.user}@{self.host}:{self.port or ''}"

    def odoo_options(self) -> dict[str, str]:
        """The lines of Odoo's configuration that lead here."""
        options = {"db_host": self.host, "db_user": self.user}
        if self.port:
            options["db_port"] = str(self.port)
        if self.password:
            options["db_password"] = self.password
        if self.sslmode:
            options["db_sslmode"] = self.sslmode
        return options

    def libpq_environment(self, database: str) -> dict[str, str]:
        """The environment in which PostgreSQL's own client library finds a database here."""
        values = {
            "PGHOST": self.host, "PGPORT": str(self.port or ""), "PGUSER": self.user,
            "PGPASSWORD": self.password, "PGSSLMODE": self.sslmode, "PGDATABASE": database,
        }
        return {name: value for name, value in values.items() if value}

    def ask(self, action: str, *, user: str = "", **values):
        """Have ``inside/database_tool.py`` do something.

        :param action: what
        :param user: another role than Odoo's
        :param values: the request's other members
        :raises SandboxError: PostgreSQL refuses
        """
        connection = {
            "host": self.host, "port": self.port, "user": user or self.user, "password": self.password,
            "dbname": "postgres", "sslmode": self.sslmode, "connect_timeout": 10,
        }
        request = {"connection": {key: value for key, value in connection.items() if value}, "action": action, **values}
        finished = processes.run(
            # On standard input, not among the arguments: it may hold a password.
            [self.venv.python, INSIDE / "database_tool.py"], text=json.dumps(request), env=self.venv.environment(),
        )
        try:
            answer = json.loads(finished.output)
        except ValueError:
            raise SandboxError(f"The helper that speaks to PostgreSQL failed: {finished.last_words()}") from None
        if "error" in answer:
            raise SandboxError(f"PostgreSQL refuses ({self.identity}): {answer['error']}")
        return answer["result"]

    def note(self, database: str) -> str | None:
        """A database's comment, ``""`` without one, None without the database."""
        return self.ask("note", database=database)

    def create(self, database: str, template: str = "", *, by_files: bool = False) -> None:
        """Create a database, marked as being installed.

        :param template: a database to copy, to which nobody is connected; without one the new one is empty
        :param by_files: copy the files: faster, but it flushes all databases of the server first
        """
        self.ask("create", database=database, template=template, by_files=by_files, note=INSTALLING)

    def mark_ready(self, database: str) -> None:
        """Mark a database as whole."""
        self.ask("set_note", database=database, note=READY)

    def drop(self, database: str) -> None:
        """Drop a database if it exists."""
        self.ask("drop", database=database)

    def drop_all(self, prefix: str) -> None:
        """Drop the databases whose names begin with a prefix."""
        self.ask("drop_all", prefix=prefix)


@contextlib.contextmanager
def embedded(workspace: Workspace, cluster: Cluster, venv: Venv, *, careless: bool) -> Iterator[Server]:
    """Run the embedded PostgreSQL for the length of a ``with`` block.

    :param workspace: whose server it is; the caller holds its lock
    :param cluster: the data; made first where it is missing or half-made
    :param venv: holds the binaries
    :param careless: data may be lost with the machine's power
    """
    postgres = Postgres(venv)
    fresh = not cluster.exists()
    if fresh:
        with step("Making a PostgreSQL"):
            postgres.create(cluster)
    with postgres.running(cluster, careless=careless):
        server = running_server(workspace, venv)
        if fresh:
            server.ask("create_role", user=SUPERUSER, role=_ROLE)
            cluster.stamp.touch()
        yield server


def running_server(workspace: Workspace, venv: Venv) -> Server:
    """The embedded server of a workspace, which runs already."""
    return Server(venv, str(workspace.socket), None, _ROLE)


def parse_url(url: str, venv: Venv) -> tuple[Server, str]:
    """Read ``postgresql://user:password@host:port/database``.

    :returns: the server, and the database's name or ``""``
    :raises SandboxError: it is no such address
    """
    example = "it should look like postgresql://user:password@host:port/database"
    try:
        parts = urllib.parse.urlsplit(url)
        query = dict(urllib.parse.parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        port = parts.port
    except ValueError as error:
        raise SandboxError(f"--database-url is not understood ({error}); {example}.") from None
    unknown = set(query) - {"host", "port", "sslmode"}
    if parts.scheme not in ("postgresql", "postgres") or unknown or parts.fragment:
        raise SandboxError(f"--database-url is not understood; {example}.")
    unquote = urllib.parse.unquote
    if not parts.username:
        raise SandboxError(f"--database-url names no user; {example}.")
    server = Server(
        venv,
        query.get("host") or unquote(parts.hostname or "") or "localhost",
        int(query["port"]) if query.get("port", "").isdecimal() else port,
        unquote(parts.username), unquote(parts.password or ""), query.get("sslmode", ""),
    )
    return server, unquote(parts.path.lstrip("/"))


def check(server: Server) -> None:
    """Refuse a server or a role that Odoo would refuse later and less clearly.

    :raises SandboxError: too old, the wrong role, or no right to create databases
    """
    found = server.ask("probe")
    if found["role"] == SUPERUSER:
        raise SandboxError("Odoo refuses the PostgreSQL role postgres; give another role in --database-url.")
    if found["version"] < _OLDEST:
        raise SandboxError(
            f"Odoo 19 needs PostgreSQL 13 or later, and {server.identity} is {found['version'] // 10000}."
        )
    if not found["may_create"]:
        raise SandboxError(
            f"The PostgreSQL role {found['role']} may not create databases;"
            f" allow it with ALTER ROLE {found['role']} CREATEDB."
        )
