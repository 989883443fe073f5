"""``run``, ``bench`` and ``shell``, each from its options to its exit status."""

from __future__ import annotations

import argparse
import contextlib
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from . import database, demo_call, installation, locks, odoo_server, processes, scratch, serve, signals
from .console import say
from .errors import Interrupted, SandboxError
from .files import read_json
from .paths import CHECKOUT, Workspace, own_workspace

#: Workers of ``bench --faults``, unless it is said.
_WORKERS_TO_KILL = 2


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    workspace = own_workspace()
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        stack.enter_context(locks.exclusive(workspace.lock, _busy(workspace)))
        workspace.connection.unlink(missing_ok=True)  # of a server that was killed without mercy
        port = options.port or odoo_server.free_port(options.workers)
        odoo_server.check_port(port, options.workers)
        installed = installation.provide(options.odoo)
        choice = serve.Choice(options.database_url, fresh=options.fresh)
        odoo = stack.enter_context(serve.opened(installed, workspace, choice))
        odoo.configure(port=port, workers=options.workers, cron=1)
        state = serve.ensure_database(odoo, fresh=options.fresh)
        answering = stack.enter_context(serve.answering(odoo, workspace, state, port))
        try:
            _print_greeting(answering, odoo.database, workspace, time.monotonic() - started)
            answering.process.wait()
        except Interrupted:
            say("- Stopping")
            return 0
        raise odoo.stopped(answering.process.returncode)


def _busy(workspace: Workspace) -> str:
    found = read_json(workspace.connection)
    where = f" on {found['url']} (process {found['pid']})" if found.keys() >= {"url", "pid"} else ""
    return f"Another sandbox of this checkout is running{where}; stop it first."


def _print_greeting(answering: serve.Answering, name: str, workspace: Workspace, seconds: float) -> None:
    print(
        f"\nOdoo 19 with the JSON-RPC Gateway is ready ({seconds:.0f} s).\n\n"
        f"  URL       {answering.url}\n"
        f"  Login     {serve.LOGIN} / {serve.PASSWORD}\n"
        f"  Database  {name}\n"
        f"  API key   {answering.api_key}\n"
        f"  Log       {workspace.log}\n\n"
        f"Try it:\n\n  {demo_call.curl_line(answering.url, answering.api_key, answering.partner_id)}\n\n"
        "Ctrl-C stops it.",
        flush=True,
    )


def bench(options: argparse.Namespace) -> int:
    """Run ``python -m benchmarks`` against a server and a database of its own."""
    if not (CHECKOUT / "benchmarks" / "__main__.py").exists():
        raise SandboxError(f"There are no benchmarks in {CHECKOUT}: the package benchmarks is missing.")
    faults, workers = "--faults" in options.rest, bench_workers(options)
    port = options.port or odoo_server.free_port(workers)
    odoo_server.check_port(port, workers)
    against = _other_checkout(options.against)
    installed = installation.provide(options.odoo)
    with contextlib.ExitStack() as stack:
        odoo, answering = stack.enter_context(_benched(installed, options, CHECKOUT, port, workers))
        env = {
            **installed.venv.environment(),
            # What benchmarks reads: see its documentation.
            "SANDBOX_CONNECTION": str(odoo.workspace.connection),
            "SANDBOX_PARTNER_ID": str(answering.partner_id),
            "SANDBOX_WORKERS": str(workers),
        }
        if against:
            other_port = odoo_server.free_port(workers)
            other, _answering = stack.enter_context(_benched(installed, options, against, other_port, workers))
            env["SANDBOX_AGAINST"] = str(other.workspace.connection)
        if faults:
            env |= {"SANDBOX_ODOO_PID": str(answering.process.pid), **odoo.server.libpq_environment(odoo.database)}
        return processes.run_visibly(
            [installed.venv.python, "-m", "benchmarks", *options.rest], cwd=CHECKOUT, env=env, stdin=None,
        )


@contextlib.contextmanager
def _benched(
    installed: installation.Installation, options: argparse.Namespace, checkout: Path, port: int, workers: int
) -> Iterator[tuple[odoo_server.Odoo, serve.Answering]]:
    """Have a checkout's addon answer, on a throw-away database, for the length of a ``with`` block."""
    with contextlib.ExitStack() as stack:
        workspace = stack.enter_context(scratch.workspace())
        name = f"jsonrpc_gateway_bench_{secrets.token_hex(4)}"
        choice = serve.Choice(options.database_url, name, checkout=checkout)
        odoo = stack.enter_context(serve.opened(installed, workspace, choice))
        if options.database_url:
            stack.callback(odoo.server.drop, odoo.database)
        odoo.configure(port=port, workers=workers)
        state = serve.ensure_database(odoo, fresh=False)
        yield odoo, stack.enter_context(serve.answering(odoo, workspace, state, port))


def _other_checkout(path: str | None) -> Path | None:
    """:raises SandboxError: there is no addon"""
    if path is None:
        return None
    checkout = Path(path).resolve()
    if not (checkout / "__manifest__.py").is_file():
        raise SandboxError(f"{checkout} is no checkout of the addon: it has no __manifest__.py.")
    return checkout


def bench_workers(options: argparse.Namespace) -> int:
    """The workers of ``bench``: as many as were asked for, and some that can be killed with ``--faults``."""
    return options.workers or (_WORKERS_TO_KILL if "--faults" in options.rest else 0)


def shell(options: argparse.Namespace) -> int:
    """Open an Odoo shell on the database of ``run``, beside it or alone."""
    installed = installation.provide(options.odoo)
    workspace = own_workspace()
    choice = serve.Choice(options.database_url, fresh=options.fresh)
    with contextlib.ExitStack() as stack:
        if stack.enter_context(locks.attempt(workspace.lock)):
            odoo = stack.enter_context(serve.opened(installed, workspace, choice))
            odoo.configure(port=odoo_server.free_port())
            serve.ensure_database(odoo, fresh=options.fresh)
        elif not workspace.connection.exists():
            raise SandboxError("Another sandbox of this checkout is just starting; wait for it and try again.")
        elif options.fresh or options.database_url:
            raise SandboxError(_busy(workspace))
        else:
            server = database.running_server(workspace, installed.venv)
            name = read_json(workspace.connection)["database"]
            odoo = odoo_server.Odoo(installed.tree, installed.venv, workspace, server, name)
        return _interact(odoo)


def _interact(odoo: odoo_server.Odoo) -> int:
    """Give the terminal to the shell: the same session, so that Ctrl-C reaches it and not us."""
    command = [str(part) for part in odoo.command("shell", "--no-http", "--log-level=warn")]
    with signals.keyboard_is_for_the_child():
        process = subprocess.Popen(command, env=odoo.environment(), cwd=odoo.workspace.root, stdin=sys.stdin)
        try:
            return process.wait()
        finally:
            if process.poll() is None:
                processes.stop(process)
