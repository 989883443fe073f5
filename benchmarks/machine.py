"""What the figures were measured on.

It must not know the figures.
"""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Any

from .client import Server


def context(server: Server, postgresql: str, workers: str | None) -> dict[str, Any]:
    """The machine and the versions, for whoever compares two reports.

    :param postgresql: version of the database server
    :param workers: of Odoo, as whoever started it says; ``None`` if nobody does
    :returns: JSON values; ``None`` for what cannot be told
    """
    response, _ = server.exchange(server.compose("/web/version"))
    # "Werkzeug/3.0.1 Python/3.11.2": the server's own, which need not be ours.
    python = re.search(r"Python/(\S+)", response.headers.get("server", ""))
    return {
        "cpu": _first_match("/proc/cpuinfo", r"model name\s*:\s*(.+)") or platform.processor() or None,
        "cores": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "load_1_min": round(os.getloadavg()[0], 2),
        "system": platform.platform(terse=True),
        "python": python and python[1],
        "postgresql": postgresql,
        "odoo": response.json()["version"],
        "workers": None if workers is None else int(workers),
    }


def _memory_gib() -> float | None:
    kib = _first_match("/proc/meminfo", r"MemTotal:\s*(\d+) kB")
    return kib and round(int(kib) / 2**20, 1)


def _first_match(path: str, pattern: str) -> str | None:
    try:
        found = re.search(pattern, Path(path).read_text())
    except OSError:
        return None
    return found and found[1].strip()
