"""Files that are either whole or absent, and a look at the free space."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from .errors import SandboxError


def write_atomically(path: Path, content: str, mode: int = 0o600) -> None:
    """Write a file in one step: readers see the old one or the new one.

    :param path: the file
    :param content: its text
    :param mode: its permissions, from the first moment on
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def read_json(path: Path) -> dict:
    """Read a JSON object; a missing or broken file counts as empty."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_json(path: Path, value: dict) -> None:
    """Write a JSON object atomically, readable by its owner only."""
    write_atomically(path, json.dumps(value, indent=2) + "\n")


def remove_tree(path: Path) -> None:
    """Remove a folder and what is in it, if it is there."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def require_space(folder: Path, megabytes: int, what: str) -> None:
    """Refuse early when a disk is too full for a step.

    :param folder: where the step writes; it need not exist yet
    :param megabytes: what the step needs
    :param what: the step, for the message
    :raises SandboxError: there is less
    """
    existing = folder
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free // 2**20
    if free < megabytes:
        raise SandboxError(
            f"The disk is too full: {what} needs {megabytes} MB in {folder}, and {free} MB are free."
        )
