"""Find Odoo 19, or fetch it from the Debian archive into the cache."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from . import apt
from .console import step
from .errors import SandboxError
from .files import read_json, remove_tree, require_space, write_json

SERIES = "19.0"
_SUITE = "sid"
_PACKAGE = "odoo-19"

#: Odoo's Debian package replaces these assets by relative links into the
#: packages below; without them the web client answers 500.
_ASSETS = (
    "libjs-jquery", "libjs-jquery-form", "libjs-underscore", "fonts-font-awesome", "fonts-roboto-unhinted",
    "fonts-montserrat", "fonts-inconsolata", "fonts-ocr-b",
)


@dataclass(frozen=True)
class OdooTree:
    """An Odoo that can be run.

    :param python_path: the folder that holds the ``odoo`` package
    :param addons: its addons folders
    """

    python_path: Path
    addons: tuple[Path, ...]

    @property
    def identity(self) -> str:
        """Changes when another Odoo is used: its place and release."""
        release = self.python_path / "odoo" / "release.py"
        return f"{self.python_path} {int(release.stat().st_mtime)}"


def provide(given: str | None, cache: Path) -> OdooTree:
    """Return the Odoo to run.

    :param given: a checkout that the user named, or None for the Debian package
    :param cache: the cache folder; the caller holds its lock
    :raises SandboxError: the checkout is none, or the package cannot be had
    """
    if given:
        return _own(Path(given).expanduser().resolve())
    prefix, stamp = cache / _PACKAGE, cache / f"{_PACKAGE}.json"
    # The stamp is written last: an unpacked folder without it was left half-way.
    if read_json(stamp).get("prefix") != str(prefix) or not prefix.is_dir():
        stamp.unlink(missing_ok=True)
        _install(prefix, cache)
        write_json(stamp, {"prefix": str(prefix)})
    return _tree(prefix / "usr" / "lib" / "python3" / "dist-packages")


def _own(path: Path) -> OdooTree:
    if not (path / "odoo" / "release.py").is_file():
        raise SandboxError(f"There is no Odoo in {path}: the folder should hold odoo/release.py.")
    return _tree(path)


def _tree(path: Path) -> OdooTree:
    release = (path / "odoo" / "release.py").read_text(encoding="utf-8")
    found = re.search(r"^version_info\s*=\s*\((\d+), *(\d+)", release, re.MULTILINE)
    if not found or ".".join(found.groups()) != SERIES:
        version = ".".join(found.groups()) if found else "of an unknown version"
        raise SandboxError(f"The addon needs Odoo {SERIES}, and {path} holds Odoo {version}.")
    addons = [folder for folder in (path / "odoo" / "addons", path / "addons") if _is_addons_folder(folder)]
    return OdooTree(path, tuple(addons))


def _is_addons_folder(folder: Path) -> bool:
    return next(folder.glob("*/__manifest__.py"), None) is not None


def _install(prefix: Path, cache: Path) -> None:
    require_space(cache, 2500, "Odoo 19")
    client = apt.Apt(cache / "apt")
    with step("Downloading Odoo 19 from the Debian archive (125 MB)"):
        packages = client.fetch([_PACKAGE, *_ASSETS], suite=_SUITE)
    partial = prefix.with_name(prefix.name + ".partial")
    with step("Unpacking Odoo 19 (1.2 GB)"):
        remove_tree(partial)
        remove_tree(prefix)
        for package in packages:
            apt.unpack(package, partial)
        _check_links(partial)
        os.replace(partial, prefix)
    remove_tree(client.folder)


def _check_links(prefix: Path) -> None:
    """Refuse an Odoo whose web client would answer 500 for want of an asset."""
    static = prefix / "usr/lib/python3/dist-packages/odoo/addons/web/static"
    broken = [
        path for folder, folders, names in os.walk(static)
        for path in (Path(folder, name) for name in (*folders, *names))
        if path.is_symlink() and not path.exists()
    ]
    if broken:
        raise SandboxError(
            f"The Debian packages of this machine's release lack files that Odoo's web client needs"
            f" ({broken[0].name} and {len(broken) - 1} more); give an Odoo 19 checkout with --odoo PATH."
        )
