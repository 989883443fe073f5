"""One run: clients and faults for a while, then the recovery, then the truth.

It must not know what is written, nor what is promised about it.
"""

from __future__ import annotations

import os
import random
import secrets
import sys
import time
from collections.abc import Mapping
from typing import Any

from ..client import Server
from . import evidence, report, setup
from .callers import Caller
from .chaos import Chaos
from .judge import judge
from .tally import Tally
from .workers import workers_of
from .writes import Jobs, kinds

#: Seconds after the last fault in which everything must be answered.
_PATIENCE = 60.0
#: What the sandbox has to say beside where the server is.
_NEEDED = ("SANDBOX_ODOO_PID", "PGDATABASE")


def main(connection: Mapping[str, Any], *, clients: int, seconds: int, seed: int) -> int:
    """Run, print, and say by the status what was found.

    :param connection: ``url``, ``database``, ``login`` and ``password``
    :param clients: how many call at once
    :param seconds: for how long
    :returns: 0; 1 if a promise was broken; 2 if nothing could be tried
    :raises ExchangeError: the server refuses what has to be there first
    """
    if missing := [name for name in _NEEDED if name not in os.environ]:
        print(f"No {missing[0]}: run `python3 -m sandbox bench --faults`", file=sys.stderr)
        return 2
    pid = int(os.environ["SANDBOX_ODOO_PID"])
    workers = len(workers_of(pid))
    if not workers:
        print("The server has no worker processes that could be killed: start it with --workers 2", file=sys.stderr)
        return 2
    server = Server.at(connection["url"], connection["database"])
    run = secrets.token_hex(4)
    fixture = setup.prepare(server, connection["login"], connection["password"], run=run, clients=clients)
    print(f"{clients} clients for {seconds} s on {workers} workers (run {run}, seed {seed})", flush=True)

    tally, stop = Tally(), time.monotonic() + seconds
    ways = kinds(server.database)
    callers = []
    for number, (token, home) in enumerate(zip(fixture.tokens, fixture.homes, strict=True)):
        rng = random.Random(f"{seed} {number}")
        jobs = Jobs(run, number, home, ways, rng)
        callers.append(Caller(server, token, jobs, home, tally, rng=rng, stop=stop, deadline=stop + _PATIENCE))
    for caller in callers:
        caller.start()
    with Chaos(pid, random.Random(seed)) as chaos:
        time.sleep(max(0.0, stop - time.monotonic()))
    quiet = time.monotonic()
    for caller in callers:
        caller.join()
    recovered = time.monotonic() - quiet

    writes = [write for caller in callers for job in caller.done for write in job.writes]
    verdict = judge(writes, evidence.collect(run))
    if not _complete(pid, workers):
        verdict.breaches.append(f"There are {len(workers_of(pid))} workers in the place of {workers}")
    figures = {
        "workers killed": chaos.kills,
        "connections terminated": chaos.terminations,
        "of these in a transaction": chaos.in_transaction,
        "requests": tally.counts["requests"],
        "reads answered": tally.counts["reads answered"],
        "reads failed": tally.counts["reads failed"],
        "longest time without any answer (s)": f"{tally.silence:.1f}",
        "all answered after the last fault (s)": f"{recovered:.1f}",
    }
    print(report.as_text(figures, tally.errors, verdict), flush=True)
    return int(bool(verdict.breaches))


def _complete(pid: int, workers: int, patience: float = 15.0) -> bool:
    """Whether there are as many workers again as there were."""
    deadline = time.monotonic() + patience
    while len(workers_of(pid)) < workers:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
