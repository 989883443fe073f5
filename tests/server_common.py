"""A real Odoo server as a subprocess, on a database of its own: for what ``HttpCase`` cannot show.

``HttpCase`` runs everything on one database connection, which is never committed. Tests of
replays, locks, post-commit hooks, several databases or several workers need the real thing::

    class TestReplay(ServerCase):
        def test_something(self):
            self.server.rpc("system.version")["result"]

The database is a copy of the one that the tests run on, so it has the same addons and demo
data; it is dropped afterwards. Tests may commit into it, and share it within their class.
More of both are made by :class:`Database` and :class:`Server`, which are context managers::

    with Database() as database, Server([database.name], {"workers": 2}) as server:
        key = database.issue_key(full_orm=True)
        server.rpc("system.whoami", key=key)

A database must be made before the test class opens a cursor: in ``setUpClass``, ahead of
``super().setUpClass()`` (PostgreSQL copies only a database that nobody is connected to).
A server ends with its context, and also when the process that started it dies.
"""

import configparser
import contextlib
import itertools
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2
import requests
from psycopg2 import errors as pg
from psycopg2 import sql

import odoo
from odoo.sql_db import close_db, connection_info_for
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import config

from ..engine.dispatch import process

JSON = {"Content-Type": "application/json"}

#: Settings of the running process that a child needs to reach the same PostgreSQL and addons.
_INHERITED = (
    "addons_path",
    "data_dir",
    "db_host",
    "db_password",
    "db_port",
    "db_sslmode",
    "db_template",
    "db_user",
    "pg_path",
    "server_wide_modules",
)
#: Seconds that a server has to answer its first request, on a slow machine too.
_START_TIMEOUT = 90
#: Seconds that a server has to end by itself before it is killed.
_STOP_TIMEOUT = 60
#: Seconds that the log of calls may be behind, and some for a slow machine.
_LOG_TIMEOUT = 15
#: Seconds that connections of others to the database have to go away.
_COPY_TIMEOUT = 30
#: Seconds that those to a database that is dropped have.
_DROP_TIMEOUT = 30
#: Seconds that a connection has to go away after it was told to.
_END_TIMEOUT = 30

# Runs in the child. Its standard input is a pipe that the parent never writes to: it ends
# when the parent does, however that died, and so does the child.
_CHILD = """
import os, signal, sys, threading, time

import odoo.cli

def watch():
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(40)
    os._exit(1)

# With workers, Odoo starts this file again for web sockets; that process ends with the first.
if sys.argv[1] != "gevent":
    threading.Thread(target=watch, daemon=True).start()
odoo.cli.main()
"""

_numbers = itertools.count(1)


class Database:
    """A copy of the database of the running tests, dropped when the context ends.

    :param str name: of the copy; a unique one by default
    :param str source: what to copy; the database of the running tests by default
    """

    def __init__(self, name=None, *, source=None):
        self.name = name or f"{get_db_name()}_copy_{os.getpid()}_{next(_numbers)}"
        self._source = source or get_db_name()

    def __enter__(self):
        return self.create()

    def __exit__(self, *exc_info):
        self.drop()

    def create(self):
        """Copy the database and its files.

        :raises psycopg2.errors.ObjectInUse: somebody stays connected to the source
        """
        deadline = time.monotonic() + _COPY_TIMEOUT
        while True:
            # The idle connections of this process: its pool's, and those of the limits and the log.
            close_db(self._source)
            process.forget(self._source)
            try:
                _on_server("CREATE DATABASE {} TEMPLATE {}", self.name, self._source)
                break
            except pg.ObjectInUse:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        source, target = (Path(config.filestore(name)) for name in (self._source, self.name))
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        return self

    def drop(self):
        """Remove the database and its files, whoever of this role is still connected.

        Not ``WITH (FORCE)``: that ends everybody, an autovacuum worker too, which belongs to the
        superuser and which a plain role may not end. The plain statement sends such a worker away
        by itself (PostgreSQL's ``CountOtherDBBackends``).

        :raises psycopg2.errors.ObjectInUse: somebody of another role stays connected
        """
        close_db(self.name)
        with contextlib.suppress(pg.InvalidCatalogName):
            _on_server("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", self.name)
            deadline = time.monotonic() + _DROP_TIMEOUT
            while True:
                end_connections(self.name)
                try:
                    _on_server("DROP DATABASE {}", self.name)
                    break
                except pg.ObjectInUse:
                    if time.monotonic() > deadline:
                        raise
        shutil.rmtree(config.filestore(self.name), ignore_errors=True)

    @contextlib.contextmanager
    def cursor(self):
        """A plain psycopg2 cursor on a connection of its own, committed at the end.

        For looking at what a server left in the database, or for standing in its way.
        """
        with contextlib.closing(psycopg2.connect(**connection_info_for(self.name)[1])) as connection, connection:
            with connection.cursor() as cr:
                yield cr

    def query(self, statement, *parameters):
        """Run one SQL statement, commit it, and give back its rows, if it has any."""
        with self.cursor() as cr:
            cr.execute(statement, parameters)
            return cr.fetchall() if cr.description else []

    def await_call(self, request_id):
        """Wait until the log has a call; what the same server was asked before is there as well.

        :param str request_id: of the call
        :raises AssertionError: it does not arrive
        """
        deadline = time.monotonic() + _LOG_TIMEOUT
        while not self.query("SELECT 1 FROM jsonrpc_call WHERE request_id = %s", request_id):
            if time.monotonic() > deadline:
                raise AssertionError(f"The call {request_id} is not logged.")
            time.sleep(0.1)

    def shell(self, code, options=None):
        """Run Python code with ``env`` (the superuser's) in this database, and commit.

        :param str code: may print; it is run by ``odoo shell`` in a process of its own (2 s)
        :param dict options: more of Odoo's configuration
        :returns: what it printed
        :raises AssertionError: it raised
        """
        with tempfile.TemporaryDirectory(prefix="odoo-shell-") as folder:
            settings = {"db_name": self.name, "log_level": "warn", **(options or {})}
            command = _command(["-m", "odoo"], Path(folder), "shell", settings)
            ran = subprocess.run(
                [*command, "--no-http"],
                input=f"{code}\nenv.cr.commit()\n",
                env=_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        if ran.returncode:
            raise AssertionError(f"The shell failed:\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout.strip()

    def issue_key(self, *, login="admin", access="write", **options):
        """Issue an API key and commit it.

        :param str login: of the user that it acts as; ``None`` for whom its kind says
        :param options: more of ``jsonrpc.key._issue``
        :returns: the token
        """
        options = {"name": "Test", "access": access, **options}
        return self.shell(
            f"user = env['res.users'].search([('login', '=', {login!r})]) if {login!r} else None\n"
            f"print(env['jsonrpc.key']._issue(user=user, **{options!r})[1])"
        ).splitlines()[-1]


class Server:
    """A running Odoo on a free loopback port.

    :param databases: names of the databases that it serves (``db_name``); none for all that
        ``dbfilter`` lets through
    :param dict options: more of Odoo's configuration, ``{"workers": 2}`` for example
    :ivar str url: address without a trailing slash
    """

    def __init__(self, databases=(), options=None):
        self._databases = list(databases)
        self._options = dict(options or {})
        self._ids = itertools.count(1)
        self._process = self._folder = self.url = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        self.stop()

    def start(self):
        """Start it, and return when it answers.

        :raises AssertionError: it did not; with the end of its log
        """
        self._folder = Path(tempfile.mkdtemp(prefix="odoo-server-"))
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        script = self._folder / "odoo"
        script.write_text(_CHILD)
        ports = {"http_port": port, "gevent_port": _free_port()}
        options = {**ports, "db_name": ",".join(self._databases), **self._options}
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                _command([str(script)], self._folder, "server", options),
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait(self):
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{self.url}/web/health", timeout=_START_TIMEOUT).ok:
                    return
            time.sleep(0.1)
        raise AssertionError(f"The server did not start:\n{self.log()[-4000:]}")

    def stop(self):
        """End it, and remove what it wrote."""
        if self._process is not None:
            self._process.stdin.close()
            try:
                self._process.wait(_STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    @property
    def pid(self):
        """The id of its process."""
        return self._process.pid

    def log(self):
        """What it logged until now."""
        return (self._folder / "log").read_text(errors="replace")

    def request(self, verb, path, *, session=requests, **options):
        """Send any HTTP request.

        :param session: a :class:`requests.Session` that keeps cookies
        :returns: the :class:`requests.Response`
        """
        return session.request(verb, self.url + path, timeout=120, allow_redirects=False, **options)

    def post(self, path, body, *, key=None, headers=None, session=requests):
        """Send a body as it is, or as JSON if it is neither bytes nor str.

        :param str key: token for ``Authorization: Bearer``
        :returns: the :class:`requests.Response`
        """
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        headers = {**JSON, **authorization, **(headers or {})}
        return self.request("POST", path, session=session, data=body, headers=headers)

    def rpc(self, method, params=None, *, path="/jsonrpc/2/api", **options):
        """Make one call, and give back the whole response object.

        :param options: as of :meth:`post`
        """
        request = {"jsonrpc": "2.0", "method": method, "id": next(self._ids)}
        if params is not None:
            request["params"] = params
        return self.post(path, request, **options).json()

    def service(self, service, method, *args, **options):
        """Make one call to ``/jsonrpc/2/<service>``, and give back the whole response object."""
        params = {"service": service, "method": method, "args": list(args)}
        return self.rpc("call", params, path=f"/jsonrpc/2/{service}", **options)


@tagged("post_install", "-at_install")
class ServerCase(BaseCase):
    """Tests against one server and its one database, which are made for the class.

    :cvar options: more of Odoo's configuration for the server
    :cvar Database database: what the server serves
    :cvar Server server: the running server
    """

    options = {}

    @classmethod
    def setUpClass(cls):
        cls.database = cls._entered(Database())
        super().setUpClass()
        cls.server = cls._entered(Server([cls.database.name], cls.options))

    @classmethod
    def _entered(cls, context):
        value = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)
        return value


def end_connections(name):
    """End the connections of this role to a database, and wait until they are gone.

    :raises AssertionError: they stay
    """
    deadline = time.monotonic() + _END_TIMEOUT
    with maintenance_cursor() as cr:
        while time.monotonic() < deadline:
            cr.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()",
                [name],
            )
            if not cr.fetchall():
                return
            time.sleep(0.02)
    raise AssertionError(f"The connections to {name} do not end.")


def _on_server(statement, *names):
    """Run a statement about databases, which no transaction may hold."""
    with maintenance_cursor() as cr:
        cr.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextlib.contextmanager
def maintenance_cursor():
    """A cursor that commits each statement, on the database that every server has."""
    with contextlib.closing(psycopg2.connect(**connection_info_for("postgres")[1])) as connection:
        connection.autocommit = True
        with connection.cursor() as cr:
            yield cr


def _command(python, folder, command, options):
    """The command line of a child, which has its settings in a file: they may hold a password."""
    inherited = {name: config[name] for name in _INHERITED if config[name]}
    settings = {
        **inherited,
        "http_interface": "127.0.0.1",
        "max_cron_threads": 0,
        "workers": 0,
        **options,
    }
    parser = configparser.RawConfigParser()
    parser["options"] = {
        name: ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        for name, value in settings.items()
    }
    path = folder / "odoo.conf"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        parser.write(file)
    return [sys.executable, *python, command, "-c", str(path)]


def _environment():
    """The child's environment: it imports the very Odoo that runs the tests."""
    paths = [str(Path(odoo.__path__[0]).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _free_port():
    """A port that nobody listens on.

    Not one that the system gives to outgoing connections: those of other processes come and go,
    and one might take it before the server does.
    """
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.sample(range(10000, first), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("No free port was found.")
