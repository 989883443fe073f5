"""Start child processes so that none outlives the sandbox.

Every child leads a session of its own (a Ctrl-C of the terminal reaches only
the sandbox, which then stops its children in the right order) and asks the
kernel for a signal should the sandbox be killed without a chance to clean up.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from . import signals
from .console import Heartbeat

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

#: Signals to try in turn and the seconds to wait after each.
GENTLE = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))


@dataclass(frozen=True)
class Finished:
    """How a command ended.

    :param status: exit status, negative for a signal
    :param output: what it wrote to standard output
    :param errors: what it wrote to standard error
    """

    status: int
    output: str
    errors: str

    def last_words(self) -> str:
        """The last line that says something, for an error message."""
        lines = [line.strip() for line in (self.output + "\n" + self.errors).splitlines()]
        return next((line for line in reversed(lines) if line), "no message")


def _prctl() -> Callable[[int, int], int] | None:
    try:
        return ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return None  # not Linux: the ordinary clean-up still stops the children


def start(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: IO | int | None = subprocess.DEVNULL,
    stdout: IO | int | None = None,
    stderr: IO | int | None = None,
    user: int | None = None,
    group: int | None = None,
    death_signal: int = signal.SIGTERM,
) -> subprocess.Popen:
    """Start a child in a session of its own.

    :param command: program and arguments
    :param user: user id to become (needs root)
    :param group: group id to become, with no supplementary groups
    :param death_signal: what the kernel sends the child if the sandbox dies
    :returns: the process; pass it to :func:`stop` in the end
    """
    prctl = _prctl()

    def in_the_child() -> None:
        if prctl:
            prctl(_PR_SET_PDEATHSIG, death_signal)

    identity = {}
    if user is not None:
        identity = {"user": user, "group": group, "extra_groups": []}
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr,
        start_new_session=True, umask=0o077 if user is not None else -1, **identity,
        preexec_fn=in_the_child,  # noqa: PLW1509  (the sandbox starts no threads)
    )


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    ending: Sequence[tuple[int, float]] = GENTLE,
    **options,
) -> Iterator[subprocess.Popen]:
    """Keep a child running for the length of a ``with`` block.

    :param command: program and arguments
    :param ending: see :func:`stop`
    :param options: see :func:`start`
    """
    with contextlib.ExitStack() as stack:
        with signals.deferred():
            process = start(command, **options)
            stack.callback(stop, process, ending)
        yield process


def stop(process: subprocess.Popen, ending: Sequence[tuple[int, float]] = GENTLE) -> None:
    """Stop a child and whatever else is left of its session.

    :param process: what :func:`start` returned
    :param ending: signals for the child itself, each with the seconds to wait
    """
    with signals.deferred():  # a signal now must not leave the job half done
        for signum, seconds in ending:
            if process.poll() is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signum)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
        _sweep_session(process.pid)


def _sweep_session(session: int) -> None:
    """Kill what a child left behind (a browser, a worker)."""
    for _attempt in range(10):
        left = list(_members(session))
        if not left:
            return
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _members(session: int) -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name may hold spaces and brackets; the fields follow its last one.
            fields = entry.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        state, sid = fields[0], int(fields[3])
        if sid == session and state != "Z":
            yield int(entry.parent.name)


def run(
    command: Sequence[str | Path],
    *,
    text: str | None = None,
    detail: Callable[[], str] | None = None,
    **options,
) -> Finished:
    """Run a command to its end and collect what it wrote.

    :param command: program and arguments
    :param text: what to write to its standard input
    :param detail: how far it has come, for the signs of life
    :param options: see :func:`start`
    """
    heartbeat = Heartbeat(detail)
    # Files, not pipes: nothing to drain, nothing to block on.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, contextlib.ExitStack() as stack:
        if text is not None:
            given = stack.enter_context(tempfile.TemporaryFile())
            given.write(text.encode())
            given.seek(0)
            options["stdin"] = given
        with running(command, stdout=output, stderr=errors, **options) as process:
            status = _wait(process, heartbeat)
        return Finished(status, _content(output), _content(errors))


def _wait(process: subprocess.Popen, heartbeat: Heartbeat) -> int:
    while True:
        try:
            return process.wait(0.5)
        except subprocess.TimeoutExpired:
            heartbeat.beat()


def _content(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def run_visibly(command: Sequence[str | Path], **options) -> int:
    """Run a command whose output goes straight to the user.

    :returns: its exit status
    """
    # SIGINT first: test runners answer it with a summary and a tidy end.
    ending = ((signal.SIGINT, 15.0), *GENTLE)
    with running(command, ending=ending, **options) as process:
        return process.wait()
