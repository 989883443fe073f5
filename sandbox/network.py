"""Try downloads again, and recognise what a full disk or a dead network says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from .console import say
from .errors import NetworkError, SandboxError
from .processes import Finished

#: Seconds to wait before each further attempt.
PAUSES = (2, 6)

_NETWORK = re.compile(
    r"could not resolve|failure resolving|name resolution|failed to fetch"
    r"|could not connect|connection (refused|reset|timed out|failed)|timed out|timeout"
    r"|network is unreachable|dns error|error sending request|max retries|newconnectionerror|no route to host"
    r"|failed to download|client error \(connect\)|some index files failed|temporary failure|proxyerror|tunnel",
    re.IGNORECASE,
)
_ERRNO = re.compile(r"\[Errno -?\d+\] ([\w ,./-]+)")
_DISK = re.compile(r"no space left|not enough space|free space|disk quota|enospc", re.IGNORECASE)


def download(what: str, attempt: Callable[[], Finished]) -> Finished:
    """Run a downloading command, again where the network was the trouble.

    :param what: what is fetched, for the message, e.g. ``"Odoo 19"``
    :param attempt: runs the command once
    :raises NetworkError: the network failed every time
    :raises SandboxError: anything else went wrong
    """
    for pause in (*PAUSES, None):
        finished = attempt()
        if not finished.status:
            return finished
        said = finished.output + finished.errors
        if says_disk_full(finished):
            raise SandboxError(f"The disk is full: {what} could not be stored ({_reason(finished)}).")
        if not _NETWORK.search(said):
            raise SandboxError(f"{what} could not be fetched: {_reason(finished)}")
        if pause is not None:
            say(f"  the network failed ({_reason(finished)}); trying again in {pause} s")
            time.sleep(pause)
    raise NetworkError(
        f"No network: {what} could not be downloaded after {len(PAUSES) + 1} attempts ({_reason(finished)});"
        " check the connection or the proxy and run the command again."
    )


def says_disk_full(finished: Finished) -> bool:
    """Tell whether a command failed for want of space."""
    return bool(_DISK.search(finished.output + finished.errors))


def _reason(finished: Finished) -> str:
    """The line that names the trouble, shortened to fit a sentence."""
    lines = [line.strip() for line in (finished.errors + "\n" + finished.output).splitlines() if line.strip()]
    # pip wraps the system's few words into a line of object addresses.
    wrapped = [found[1] for found in map(_ERRNO.search, lines) if found]
    marked = [line for line in lines if line.startswith(("E:", "error", "ERROR"))]
    known = [line for line in lines if _DISK.search(line) or _NETWORK.search(line)]
    reason = (wrapped or marked or known or lines[-1:] or [f"exit status {finished.status}"])[0]
    return reason if len(reason) <= 240 else reason[:237] + "..."
