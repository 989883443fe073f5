"""Everything that the sandbox installs, once per machine and user."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import base_database, locks, odoo_tree, venv
from .base_database import BaseDatabase
from .odoo_tree import OdooTree
from .paths import cache_root
from .venv import Venv

_BUSY = "Waiting for another sandbox to finish installing"


@dataclass(frozen=True)
class Installation:
    """An Odoo that can be run, and what runs it.

    :param cache: where it is
    :param tree: Odoo's source
    :param venv: its virtual environment
    """

    cache: Path
    tree: OdooTree
    venv: Venv

    def base(self, *, anew: bool = False) -> BaseDatabase:
        """The prepared database of this Odoo.

        :param anew: prepare it again
        """
        with locks.waiting(self.cache / "lock", _BUSY):
            return base_database.provide(self.tree, self.venv, self.cache, anew=anew)


def provide(odoo: str | None) -> Installation:
    """Find or install everything.

    :param odoo: the user's own Odoo checkout, or None
    """
    cache = cache_root()
    cache.mkdir(parents=True, exist_ok=True)
    with locks.waiting(cache / "lock", _BUSY):
        return Installation(cache, odoo_tree.provide(odoo, cache), venv.provide(cache))
