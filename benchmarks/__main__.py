"""``python -m benchmarks``: from the options to the exit status."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg2

from . import (
    cases,  # noqa: F401 - importing the cases registers them
    data,
    machine,
    measure,
    pairs,
    report,
    resource_cases,  # noqa: F401
)
from .client import ExchangeError, Server
from .faults import run as faults
from .registry import CASES, Case
from .targets import TARGETS


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the status whether that worked.

    :returns: 0; 1 with ``--check`` if a target was missed; 2 if nothing could be measured
    """
    options = _options(arguments)
    if options.faults:
        return _faults(options)
    chosen = [case for case in CASES if not options.only or any(part in case.key for part in options.only)]
    if not chosen:
        print(f"No case is called like that; there are: {', '.join(case.key for case in CASES)}", file=sys.stderr)
        return 2
    if options.against:
        return _against(options, chosen)
    try:
        with _prepared(options.connection) as fixture:
            server = fixture.endpoints.server
            context = machine.context(server, fixture.postgresql, os.environ.get("SANDBOX_WORKERS"))
            times = measure.run(
                chosen, fixture, rounds=options.rounds, warmup=options.warmup, seed=options.seed, progress=_progress
            )
    except (OSError, ValueError, KeyError, ExchangeError) as error:
        print(f"\nThe benchmarks cannot run: {error!r}", file=sys.stderr)
        return 2
    taken = {time.case.key: time for time in times}
    verdicts = [verdict for target in TARGETS if (verdict := target.judge(taken))]
    print(report.as_text(times, verdicts, context, options.rounds))
    if options.json:
        options.json.write_text(json.dumps(report.as_json(times, verdicts, context, options.rounds), indent=2) + "\n")
    return int(options.check and not all(verdict.met for verdict in verdicts))


def _prepared(connection: Path) -> AbstractContextManager[data.Fixture]:
    """What the cases need, on the server that a file names."""
    known = json.loads(connection.read_text())
    server = Server.at(known["url"], known["database"])
    return data.prepared(server, known["login"], known["password"], known["api_key"])


def _against(options: argparse.Namespace, chosen: Sequence[Case]) -> int:
    try:
        with _prepared(options.connection) as here, _prepared(options.against) as there:
            context = machine.context(here.endpoints.server, here.postgresql, os.environ.get("SANDBOX_WORKERS"))
            taken = pairs.run(
                chosen, here, there, rounds=options.rounds, warmup=options.warmup, seed=options.seed, progress=_progress
            )
    except (OSError, ValueError, KeyError, ExchangeError) as error:
        print(f"\nThe benchmarks cannot run: {error!r}", file=sys.stderr)
        return 2
    print(pairs.as_text(taken, context, options.rounds))
    return int(options.check and any(pair.is_slower for pair in taken))


def _faults(options: argparse.Namespace) -> int:
    try:
        connection = json.loads(options.connection.read_text())
        return faults.main(connection, clients=options.clients, seconds=options.seconds, seed=options.seed)
    except (OSError, ValueError, KeyError, ExchangeError, psycopg2.Error) as error:
        print(f"\nThe run with faults failed: {error!r}", file=sys.stderr)
        return 2


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("benchmarks", description="Measure this gateway against Odoo's own endpoints.")
    parser.add_argument("--rounds", type=_positive, default=100, help="rounds that count (default: 100)")
    parser.add_argument("--warmup", type=int, default=10, help="rounds before them (default: 10)")
    parser.add_argument("--only", action="append", metavar="TEXT", help="cases with this in their name; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the report as JSON")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    parser.add_argument("--seed", type=int, default=0, help="of the order within the rounds, and of the faults")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        default=os.environ.get("SANDBOX_AGAINST"),
        help="compare with the server that this file names, request by request (default: what SANDBOX_AGAINST names)",
    )
    parser.add_argument("--faults", action="store_true", help="kill workers and connections under load instead")
    parser.add_argument("--clients", type=_positive, default=64, help="of --faults (default: 64)")
    parser.add_argument("--seconds", type=_positive, default=60, help="of --faults (default: 60)")
    parser.add_argument(
        "--connection",
        type=Path,
        metavar="FILE",
        default=os.environ.get("SANDBOX_CONNECTION"),
        help="JSON with url, database, login, password, api_key (default: what SANDBOX_CONNECTION names)",
    )
    options = parser.parse_args(arguments)
    options.against = options.against and Path(options.against)
    if options.connection is None:
        parser.error("no --connection, and no SANDBOX_CONNECTION: run `python3 -m sandbox bench`")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _progress(round_: int) -> None:
    if sys.stderr.isatty():
        print("\rwarming up " if round_ < 0 else f"\rround {round_ + 1}     ", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
