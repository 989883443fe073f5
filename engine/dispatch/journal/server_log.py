"""Keeps the secrets of calls out of what Odoo itself writes into the server's log.

werkzeug notes every URL, and the ORM every statement that PostgreSQL refused, with its values.
It must not know what the calls are about.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from ...compat import odoo_server
from .redaction import Redaction

if TYPE_CHECKING:
    from .entry import Entry

#: Path that all our URLs start with.
_OURS = "/jsonrpc/2/"
_MAX_LINE = 8192


class Calls(threading.local):
    """The calls that are being made.

    :ivar current: the entry of the call that this thread is making, or ``None``
    """

    current: Entry | None = None


class RequestLineFilter(logging.Filter):
    """Hides what looks like a secret in the request lines of our URLs, and touches no others."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        line = record.getMessage()
        if _OURS in line:
            record.msg, record.args = Redaction().text(line, _MAX_LINE), ()
        return True


class StatementFilter(logging.Filter):
    """Hides the secrets of the current call in what is noted of its statements.

    :param calls: that are being made
    """

    def __init__(self, calls: Calls):
        super().__init__()
        self._calls = calls

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        call = self._calls.current
        if call is not None and record.levelno >= logging.WARNING:
            record.msg, record.args = call.knowing_redaction().text(record.getMessage(), _MAX_LINE), ()
        return True


def install_filters(calls: Calls) -> None:
    """Watch the loggers of werkzeug and of Odoo's cursors.

    :param calls: that are being made
    """
    odoo_server.filter_request_lines(RequestLineFilter())
    odoo_server.filter_statements(StatementFilter(calls))
