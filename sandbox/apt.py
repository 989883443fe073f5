"""Fetch Debian packages with apt, verified by its signatures, past the system.

A configuration of our own keeps lists, cache and sources in the cache folder:
nothing is installed, no system file is written, no privilege is needed.  The
archive's address is read off the machine's own sources, so a mirror or a proxy
that the machine uses is used here too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import network, processes
from .errors import SandboxError
from .files import remove_tree

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FIELDS = ("ORIGIN", "LABEL", "CODENAME", "COMPONENT", "CREATED_BY", "REPO_URI")


@dataclass(frozen=True)
class Archive:
    """The machine's own Debian archive.

    :param uri: its address, as the machine's sources give it
    :param suite: the machine's release, e.g. ``"bookworm"``
    """

    uri: str
    suite: str


class Apt:
    """apt with a configuration of its own.

    :param folder: where lists, cache and packages go
    :raises SandboxError: this machine has no apt
    """

    def __init__(self, folder: Path) -> None:
        for program in ("apt-get", "dpkg-deb"):
            if not shutil.which(program):
                raise SandboxError(
                    f"This machine has no {program}, so Odoo cannot be fetched from the Debian archive;"
                    " give an Odoo 19 checkout of your own with --odoo PATH."
                )
        if not _KEYRING.exists():
            raise SandboxError(
                f"The keys of the Debian archive are missing ({_KEYRING}), so nothing from it can be verified;"
                " install the package debian-archive-keyring or give an Odoo 19 checkout with --odoo PATH."
            )
        self.folder = folder
        self.packages = folder / "packages"

    def _apt(self, *arguments: str, config: Path | None = None, **options) -> processes.Finished:
        # C: the messages are looked at.  A terminal must not be asked for anything.
        env = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
        chosen = ["-c", str(config)] if config else []
        return processes.run(["apt-get", *chosen, *arguments], env=env, **options)

    def _configuration(self, name: str, *lines: str) -> Path:
        """Write a configuration with lists and cache of its own."""
        lists, cache = self.folder / name / "lists", self.folder / name / "cache"
        for path in (lists / "partial", cache / "archives" / "partial"):
            path.mkdir(parents=True, exist_ok=True)
        config = self.folder / name / "apt.conf"
        config.write_text("\n".join([
            # Hooks of the machine (desktop catalogues, image clean-up) are about the system's lists, not ours.
            "#clear APT::Update;",
            f'Dir::State::Lists "{lists}";',
            f'Dir::Cache "{cache}";',
            'Acquire::Languages "none";',
            'Acquire::Retries "2";',
            'Acquire::http::Timeout "20";',
            'Acquire::https::Timeout "20";',
            # Whatever the machine allows: here, unsigned means refused.
            'Acquire::AllowInsecureRepositories "false";',
            'Acquire::AllowWeakRepositories "false";',
            'Acquire::AllowDowngradeToInsecureRepositories "false";',
            'APT::Get::AllowUnauthenticated "false";',
            # apt's own user cannot reach a cache folder below /root.
            *(['APT::Sandbox::User "root";'] if os.geteuid() == 0 else []),
            *lines,
            "",
        ]), encoding="utf-8")
        return config

    def own_archive(self) -> Archive:
        """Read the machine's sources for its Debian archive.

        :raises SandboxError: there is none among them
        """
        found = self._own_archive(None)
        if not found:
            # A fresh image has sources but no lists, and apt tells only what it has lists of.
            config = self._configuration("own")
            network.download("the package lists of this machine", lambda: self._apt("update", config=config))
            found = self._own_archive(config)
        if not found:
            raise SandboxError(
                "This machine's apt sources name no Debian archive, so Odoo cannot be fetched from it;"
                " give an Odoo 19 checkout of your own with --odoo PATH."
            )
        return found

    def _own_archive(self, config: Path | None) -> Archive | None:
        row = "|".join(f"$({field})" for field in _FIELDS)
        listed = self._apt("indextargets", "--format", row, config=config)
        return parse_targets(listed.output)

    def fetch(self, packages: Sequence[str], *, suite: str) -> list[Path]:
        """Download packages: the machine's own release's first, ``suite``'s where it lacks one.

        :param packages: package names
        :param suite: the newer release to fall back on
        :returns: the downloaded archives
        """
        archive = self.own_archive()
        sources = self.folder / "sources.list"
        self.folder.mkdir(parents=True, exist_ok=True)
        sources.write_text("".join(
            f"deb [signed-by={_KEYRING} target=Packages] {archive.uri} {name} main\n"
            for name in dict.fromkeys((suite, archive.suite))
        ), encoding="utf-8")
        config = self._configuration(
            "private",
            f'Dir::Etc::sourcelist "{sources}";',
            'Dir::Etc::sourceparts "-";',
            'Dir::Etc::preferences "-";',
            'Dir::Etc::preferencesparts "-";',
            f'APT::Default-Release "{archive.suite}";',
            # Without this, apt-get update calls a dead network a success.
            'APT::Update::Error-Mode "any";',
        )
        network.download("the package lists", lambda: self._apt("update", config=config))
        remove_tree(self.packages)
        self.packages.mkdir(parents=True)
        network.download(
            "the packages of " + packages[0],
            lambda: self._apt("download", *packages, config=config, cwd=self.packages, detail=self._downloaded),
        )
        found = sorted(self.packages.glob("*.deb"))
        if len(found) != len(packages):
            raise SandboxError(f"apt fetched {len(found)} of {len(packages)} packages; run the command again.")
        return found

    def _downloaded(self) -> str:
        size = sum(entry.stat().st_size for entry in self.packages.glob("*"))
        return f"{size // 2**20} MB"


def parse_targets(listing: str) -> Archive | None:
    """Pick the machine's Debian archive from what ``apt-get indextargets`` printed.

    :param listing: lines of the fields in ``_FIELDS``, separated by ``|``
    :returns: the archive, or None
    """
    for line in listing.splitlines():
        row = dict(zip(_FIELDS, line.split("|"), strict=False))
        if (
            len(row) == len(_FIELDS)
            and row["CREATED_BY"] == "Packages"
            and row["COMPONENT"] == "main"
            and row["ORIGIN"] == row["LABEL"] == "Debian"  # security updates are labelled otherwise
            and "-" not in row["CODENAME"]  # bookworm-updates, bookworm-backports
            and not row["REPO_URI"].startswith("cdrom:")
        ):
            return Archive(row["REPO_URI"], row["CODENAME"])
    return None


def unpack(package: Path, into: Path) -> None:
    """Unpack a package without installing it.

    :param package: the archive
    :param into: the folder that stands for ``/``
    :raises SandboxError: it could not be unpacked
    """
    into.mkdir(parents=True, exist_ok=True)
    finished = processes.run(["dpkg-deb", "-x", package, into])
    if finished.status:
        if network.says_disk_full(finished):
            raise SandboxError(f"The disk is full: {package.name} could not be unpacked into {into}.")
        raise SandboxError(f"{package.name} could not be unpacked: {finished.last_words()}")
