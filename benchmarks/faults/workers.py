"""The worker processes of an Odoo in prefork mode, as Linux lists them.

It must not know what is done to them.
"""

from __future__ import annotations

from pathlib import Path


def workers_of(server_pid: int) -> list[int]:
    """The processes that answer HTTP for an Odoo in prefork mode.

    :param server_pid: of its main process
    :returns: ids of its living children, without the one for web sockets
    """
    return [pid for pid in _children(server_pid) if b"gevent" not in _command(pid)]


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may hold anything.
            state, ppid = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it has ended
        if int(ppid) == parent and state != "Z":
            found.append(int(stat.parent.name))
    return found


def _command(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
