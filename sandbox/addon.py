"""What the checkout holds: the addon, its fingerprint, the addons made for tests."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

from .errors import SandboxError
from .paths import ADDON, CHECKOUT, Workspace

#: Addons that exist for the tests only.
TEST_ADDONS = CHECKOUT / "tests" / "addons"

#: What may change without the installed addon being out of date.
_NOT_INSTALLED = frozenset({
    "sandbox", "benchmarks", "examples", "tests", "static", "readme", "node_modules", "__pycache__",
})


def depends() -> list[str]:
    """The addons that the manifest depends on.

    :raises SandboxError: the manifest cannot be read
    """
    path = CHECKOUT / "__manifest__.py"
    try:
        manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
        return list(manifest.get("depends", ["base"]))
    except (OSError, ValueError, SyntaxError) as error:
        raise SandboxError(f"{path} cannot be read: {error}") from None


def test_addons() -> list[str]:
    """The names of the addons in ``tests/addons``."""
    return sorted(path.parent.name for path in TEST_ADDONS.glob("*/__manifest__.py"))


def link(workspace: Workspace, checkout: Path | None = None) -> None:
    """Make the addons path through which Odoo sees a checkout.

    The link's name is the technical name, whatever the checkout's folder is called.

    :param checkout: another one than the sandbox's own
    """
    checkout = checkout or CHECKOUT
    workspace.addons.mkdir(parents=True, exist_ok=True)
    target = workspace.addons / ADDON
    if target.is_symlink() and target.readlink() == checkout:
        return
    target.unlink(missing_ok=True)
    target.symlink_to(checkout, target_is_directory=True)


def fingerprint() -> str:
    """A hash of everything that an upgrade would read: it changes when one is due."""
    digest = hashlib.sha256()
    for path in _sources(CHECKOUT):
        digest.update(str(path.relative_to(CHECKOUT)).encode())
        digest.update(b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix in (".pyc", ".rst", ".md"):
            continue
        if path.is_dir():
            if not path.is_symlink() and path.name not in _NOT_INSTALLED:
                yield from _sources(path)
        elif path.is_file():
            yield path
