"""Private parts of Odoo's server: its end, its tests, its version."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from odoo.modules import module
from odoo.service import common
from odoo.service.server import CommonServer


def filter_request_lines(watch: logging.Filter) -> None:
    """Show a filter every line that the server logs of a request: its verb, URL and status.

    Relies on werkzeug's logger being ``werkzeug``, also for ``RequestHandler`` of Odoo
    (``service/server.py``). One filter of a kind is enough: a second one is not added.
    """
    _filter("werkzeug", watch)


def filter_statements(watch: logging.Filter) -> None:
    """Show a filter what cursors log: each statement that PostgreSQL refused, with its values.

    Relies on the logger of ``sql_db.py``. One filter of a kind is enough, as above.
    """
    _filter("odoo.sql_db", watch)


def _filter(name: str, watch: logging.Filter) -> None:
    logger = logging.getLogger(name)
    if not any(isinstance(known, type(watch)) for known in logger.filters):
        logger.addFilter(watch)


def on_stop(function: Callable[[], None]) -> None:
    """Have a function called when the server stops, also when it then starts itself anew.

    Relies on ``CommonServer.on_stop`` (``service/server.py``:415).
    """
    CommonServer.on_stop(function)


def is_testing() -> bool:
    """Whether a test of Odoo's is running: its transaction is never committed, so nobody else sees it.

    Relies on ``odoo.modules.module.current_test``, which ``BaseCase`` sets.
    """
    return bool(module.current_test)


def addon_version(name: str) -> str:
    """The version in an addon's manifest, with Odoo's in front.

    Relies on ``odoo.modules.module.get_manifest``.
    """
    return module.get_manifest(name)["version"]


def version() -> dict[str, Any]:
    """What the service ``common`` tells of the server's version.

    Relies on ``odoo.service.common.exp_version``.
    """
    return common.exp_version()


def about(extended: bool) -> Any:
    """What the service ``common`` tells of the server.

    Relies on ``odoo.service.common.exp_about``.
    """
    return common.exp_about(extended)
