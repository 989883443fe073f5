"""The command line: parse it, run the command, tell what went wrong in one sentence."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence

from . import commands, signals, tests_run
from .errors import Interrupted, SandboxError

_DEFAULT_PORT = 8069


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    shared = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    shared.add_argument(
        "--odoo", metavar="PATH", default=os.environ.get("ODOO_PATH") or None,
        help="your own Odoo 19 checkout (default: $ODOO_PATH, or the Debian package)",
    )
    shared.add_argument(
        "--database-url", metavar="URL",
        help="postgresql://user:password@host:port/database of an existing PostgreSQL (default: an embedded one)",
    )
    served = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    served.add_argument("--workers", type=_count, default=0, metavar="N", help="Odoo's prefork mode with N workers")
    fresh = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    fresh.add_argument("--fresh", action="store_true", help="drop the database first")

    top = argparse.ArgumentParser(
        prog="python3 -m sandbox", allow_abbrev=False,
        description="A real Odoo 19 and PostgreSQL with this addon, installed on the way.",
    )
    subparsers = top.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, function, summary: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        added = subparsers.add_parser(name, parents=[shared, *parents], allow_abbrev=False, help=summary,
                                      description=summary[0].upper() + summary[1:] + ".")
        added.set_defaults(function=function, rest=[])
        return added

    run = add("run", commands.run, "serve until Ctrl-C", served, fresh)
    run.add_argument("--port", type=_port, default=_DEFAULT_PORT,
                     help=f"port to listen on (default: {_DEFAULT_PORT}; 0: any free one)")
    test = add("test", tests_run.test, "lint, then all tests on a fresh database; other arguments go to pytest", fresh)
    test.add_argument("--no-browser", action="store_true",
                      help="leave out the tests in test_tour*.py and test_browser*.py")
    test.add_argument("--only", type=_stages, default=tests_run.STAGES, metavar="STAGES",
                      help=f"comma-separated stages to run, of {', '.join(tests_run.STAGES)} (default: all)")
    test.add_argument("--jobs", type=_jobs, metavar="N",
                      help="run N processes at a time; 1: everything in one (default: one for each core and one more,"
                           " or one where test files are named)")
    bench = add("bench", commands.bench, "measure against Odoo's endpoints; other arguments go to benchmarks", served)
    bench.add_argument("--port", type=_port, default=0, help="port to listen on (default: any free one)")
    bench.add_argument("--against", metavar="CHECKOUT",
                       help="compare with the addon in another checkout, in one run, instead of with Odoo's endpoints")
    add("shell", commands.shell, "an Odoo shell on the database of run", fresh)
    return top


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of workers from 0 to 64")
    return int(text)


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to 64")
    return int(text)


def _stages(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    if not set(chosen) <= set(tests_run.STAGES):
        raise argparse.ArgumentTypeError(f"{text!r} holds something else than {', '.join(tests_run.STAGES)}")
    return chosen


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line.

    :param arguments: without the program's name
    :returns: the options; ``rest`` is what goes on to pytest or to the benchmarks
    """
    arguments = list(arguments)
    verbatim: list[str] = []
    if "--" in arguments:
        position = arguments.index("--")
        arguments, verbatim = arguments[:position], arguments[position + 1:]
    top = parser()
    options, unknown = top.parse_known_args(arguments)
    options.rest = [*unknown, *verbatim]
    if options.rest and options.command not in ("test", "bench"):
        top.error(f"unrecognized arguments: {' '.join(options.rest)}")
    return options


def main(arguments: Sequence[str]) -> int:
    """Run a command.

    :param arguments: without the program's name
    :returns: the exit status
    """
    options = parse(arguments)
    signals.install()
    try:
        return options.function(options)
    except Interrupted as interrupted:
        return _complain("Interrupted.", 128 + interrupted.signum)
    except SandboxError as error:
        return _complain(str(error), error.status)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _complain(f"The disk is full: {error.filename or 'a file'} could not be written.", 1)
        where = f": {error.filename}" if error.filename else ""
        return _complain(f"The operating system refuses: {error.strerror or error}{where}.", 1)


def _complain(sentence: str, status: int) -> int:
    print(f"sandbox: {sentence}", file=sys.stderr, flush=True)
    return status
