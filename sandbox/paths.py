"""Where the sandbox keeps what: the checkout, its ``.sandbox``, the cache."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import SandboxError

#: The addon's technical name, which is also the name of its link in the addons path.
ADDON = "jsonrpc_gateway"

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
#: Scripts that run on the virtual environment's Python, never imported by this package.
INSIDE = PACKAGE / "inside"
REQUIREMENTS = PACKAGE / "requirements"


def cache_root() -> Path:
    """The folder for downloads and installations, shared by all checkouts."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification: relative paths are to be ignored.
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "jsonrpc-gateway-sandbox"


def short_hash(text: str) -> str:
    """Ten characters that stand for a longer text in a file name."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


@dataclass(frozen=True)
class Workspace:
    """The files of one running Odoo: ``.sandbox`` or a throw-away below it.

    :param root: the folder that holds all of them
    :param part: folder below it for what belongs to one database of the user's
        own server; empty for the embedded one
    """

    root: Path
    part: str = ""

    @property
    def connection(self) -> Path:
        """What clients need to connect; there only while a server answers."""
        return self.root / "connection.json"

    @property
    def state(self) -> Path:
        """What was installed, and the demo key to use again."""
        return self.root / self.part / "state.json"

    @property
    def config(self) -> Path:
        """Odoo's generated configuration file."""
        return self.root / "odoo.conf"

    @property
    def log(self) -> Path:
        """Odoo's log."""
        return self.root / "odoo.log"

    @property
    def data(self) -> Path:
        """Odoo's data folder: filestore and sessions."""
        return self.root / self.part / "data"

    @property
    def addons(self) -> Path:
        """The addons path that holds the link to the checkout."""
        return self.root / "addons"

    @property
    def lock(self) -> Path:
        """Held while a server of this workspace runs."""
        return self.root / "lock"

    @property
    def postgres(self) -> Path:
        """The embedded PostgreSQL's home.

        As root it is outside of the checkout: PostgreSQL refuses to run as
        root, and the user it runs as may not be able to reach ``root``'s files.
        """
        if os.geteuid() == 0:
            return shared_home() / short_hash(str(self.root))
        return self.root / "postgres"

    @property
    def socket(self) -> Path:
        """Folder of the embedded PostgreSQL's socket; short, for a socket's path has 107 bytes at most."""
        base = tempfile.gettempdir()
        if len(base) > 60:
            base = "/tmp"  # noqa: S108  (the owner is checked where the folder is made)
        return Path(base) / f"jrgs-{os.geteuid()}-{short_hash(str(self.root))}"


def own_workspace() -> Workspace:
    """The workspace of ``run`` and ``shell``: ``.sandbox`` of this checkout."""
    return Workspace(CHECKOUT / ".sandbox")


def shared_home() -> Path:
    """Root's folder that another user can reach, made safely.

    :raises SandboxError: somebody else made a folder of this name
    """
    home = Path("/var/tmp/jsonrpc-gateway-sandbox")  # noqa: S108  (checked below)
    home.mkdir(mode=0o755, exist_ok=True)
    found = home.lstat()
    if not home.is_dir() or home.is_symlink() or found.st_uid != 0:
        raise SandboxError(f"{home} does not belong to root; remove it and run the command again.")
    home.chmod(0o755)  # whatever the umask was
    return home
