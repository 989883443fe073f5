"""Requests that end before any route is found, because the database cannot be used.

Odoo looks for their path among the routes that need no database, finds none of ours, and says 404:
to a client, that its address is wrong for good. It must not know what was to be called.
"""

import psycopg2
import psycopg2.pool
import werkzeug.exceptions

from odoo import http
from odoo.modules.registry import Registry

from .dispatcher import JsonRpcDispatcher

_PREFIX = "/jsonrpc/2/"
_AWAY = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.pool.PoolError,
    # A standby, to which a transaction says that it may write: all of Odoo's do.
    psycopg2.NotSupportedError,
)


class OutageDispatcher(http.HttpDispatcher):
    """Odoo's dispatcher for a request until its route is known, with an answer of ours for our paths.

    A process that has not served the database yet does not know that the addon is installed there,
    and goes on to say 404.
    """

    def handle_error(self, exc):
        """Answer 503, in JSON-RPC, where the database is why there is no route."""
        if self.request.httprequest.path.startswith(_PREFIX) and _is_away(exc) and self._has_addon():
            away = werkzeug.exceptions.ServiceUnavailable("The database cannot be used now")
            away.__cause__ = exc
            return JsonRpcDispatcher(self.request).handle_error(away)
        return super().handle_error(exc)

    def _has_addon(self):
        """Whether this process knows the database, and the addon in it."""
        # The request itself has forgotten which one it was for.
        _session, name = self.request._get_session_and_dbname()
        registry = name and Registry.registries.get(name)
        return bool(registry) and "jsonrpc.key" in registry


def _is_away(exc):
    """Whether an exception was raised because there is no connection to a database that can be used."""
    while exc is not None and not isinstance(exc, _AWAY):
        exc = exc.__cause__ or exc.__context__
    return exc is not None
