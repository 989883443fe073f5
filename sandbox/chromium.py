"""The browser that tours need: find it, or install it where that is allowed."""

from __future__ import annotations

import os
import shutil

from . import network, processes
from .console import step
from .errors import SandboxError

#: The names that Odoo's ``ChromeBrowser`` looks for, in its order.
_NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
_PACKAGE = "chromium"


def find() -> str | None:
    """The browser's path, or None."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def require() -> None:
    """See to it that a browser is there.

    :raises SandboxError: it is missing and cannot be installed
    """
    if find():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SandboxError(
            f"The browser tests need Chromium: install the package {_PACKAGE} (as root: apt-get install {_PACKAGE}),"
            " or leave them out with --no-browser."
        )
    env = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    with step("Installing Chromium with apt-get"):
        network.download("the package lists", lambda: processes.run(["apt-get", "update"], env=env))
        network.download("Chromium", lambda: processes.run(
            ["apt-get", "install", "--yes", "--no-install-recommends", _PACKAGE], env=env,
        ))
    if not find():
        raise SandboxError(f"The package {_PACKAGE} brought no browser; leave the browser tests out with --no-browser.")
