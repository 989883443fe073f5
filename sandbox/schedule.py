"""Run jobs side by side: a few slots, the longest job first, each one's output kept together.

Single-threaded, as all of the sandbox: jobs are child processes, and this one looks after them.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from . import processes, signals
from .console import Heartbeat

#: Seconds between two looks at the children.
_PAUSE = 0.1
#: SIGINT first: test runners answer it with a summary and a tidy end.
_ENDING = ((signal.SIGINT, 15.0), *processes.GENTLE)


@dataclass(frozen=True)
class Job:
    """One command of many.

    :param name: tells it from the others
    :param seconds: how long it takes, roughly; what takes longer starts earlier
    :param start: starts the child, whose output goes to the file that it is given
    :param needs: name of a job that must have succeeded before
    """

    name: str
    seconds: float
    start: Callable[[IO[bytes]], subprocess.Popen]
    needs: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    :param job: the job
    :param status: exit status; None if it was not run, for the one that it needs has failed
    :param output: what the child wrote
    :param seconds: how long it took
    :param cpu: seconds of processor time of the child and of those that it waited for
    """

    job: Job
    status: int | None
    output: str = ""
    seconds: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True)
class _Running:
    job: Job
    process: subprocess.Popen
    output: IO[bytes]
    since: float


def run(jobs: Sequence[Job], slots: int, ended: Callable[[Outcome], None]) -> list[Outcome]:
    """Run all jobs to their ends.

    :param jobs: the jobs
    :param slots: how many run at a time
    :param ended: called with each outcome, as soon as it is there
    :returns: the outcomes, in the order in which they came
    """
    waiting = sorted(jobs, key=lambda job: -job.seconds)
    running: list[_Running] = []
    outcomes: list[Outcome] = []
    heartbeat = Heartbeat(lambda: ", ".join(one.job.name for one in running))

    def end(outcome: Outcome) -> None:
        outcomes.append(outcome)
        ended(outcome)

    with contextlib.ExitStack() as stack:
        stack.callback(_stop, running)
        while waiting or running:
            for job in _hopeless(waiting, outcomes):
                waiting.remove(job)
                end(Outcome(job, None))
            while len(running) < slots and (job := _next(waiting, outcomes)):
                waiting.remove(job)
                with signals.deferred():
                    running.append(_start(job, stack))
            time.sleep(_PAUSE)
            heartbeat.beat()
            for one in list(running):
                if outcome := _outcome(one):
                    running.remove(one)
                    end(outcome)
    return outcomes


def _start(job: Job, stack: contextlib.ExitStack) -> _Running:
    # A file, not a pipe: nothing to drain.
    output = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  (closed with the stack)
    return _Running(job, job.start(output), output, time.monotonic())


def _next(waiting: Sequence[Job], outcomes: Sequence[Outcome]) -> Job | None:
    """The longest job that may start now."""
    succeeded = {outcome.job.name for outcome in outcomes if outcome.status == 0}
    return next((job for job in waiting if not job.needs or job.needs in succeeded), None)


def _hopeless(waiting: Sequence[Job], outcomes: Sequence[Outcome]) -> list[Job]:
    """The jobs that need one that has failed."""
    failed = {outcome.job.name for outcome in outcomes if outcome.status != 0}
    return [job for job in waiting if job.needs in failed]


def _outcome(one: _Running) -> Outcome | None:
    """The end of a child, if it has come."""
    before = _cpu()
    if one.process.poll() is None:
        return None
    seconds = time.monotonic() - one.since
    processes.stop(one.process)  # what it may have left behind
    one.output.seek(0)
    output = one.output.read().decode(errors="replace")
    return Outcome(one.job, one.process.returncode, output, seconds, _cpu() - before)


def _cpu() -> float:
    """Processor time of the children that have been waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _stop(running: Sequence[_Running]) -> None:
    """Stop what is left, all at once."""
    with signals.deferred():
        for one in running:
            with contextlib.suppress(ProcessLookupError):
                one.process.send_signal(_ENDING[0][0])
        for one in running:
            processes.stop(one.process, _ENDING)
