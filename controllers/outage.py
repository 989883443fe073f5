"""Requests that end before any route is found, because the database cannot be used.

Odoo goes on without the database, looks for their path among the routes that need none, finds none
of ours, and says 404: to a client, that its address is wrong for good. It must not know what was to
be called.
"""

import logging

import psycopg2
import psycopg2.pool
import werkzeug.exceptions

from odoo.modules.registry import Registry

from ..engine.compat import odoo_http
from .database import has_addon
from .dispatcher import JsonRpcDispatcher

_logger = logging.getLogger(__name__)

_PREFIX = "/jsonrpc/2/"
_AWAY = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.pool.PoolError,
    # A standby, to which a transaction says that it may write: all of Odoo's do.
    psycopg2.NotSupportedError,
)


def answer(request, exc):
    """Answer 503, in JSON-RPC, where the database is why there is no route of ours.

    A process that has not served the database yet does not know that the addon is installed there,
    and lets Odoo go on.

    :param request: the :class:`odoo.http.Request`
    :param exc: what kept Odoo from serving it on its database
    :returns: a response, or ``None`` for whatever Odoo does
    """
    if not request.httprequest.path.startswith(_PREFIX) or not _is_away(exc):
        return None
    if not has_addon(Registry.registries.get(request.db)):
        return None
    if not odoo_http.has_no_route_yet(request) or odoo_http.has_route_without_database(request):
        return None
    _logger.warning("The database %s cannot be used", request.db, exc_info=exc)
    away = werkzeug.exceptions.ServiceUnavailable("The database cannot be used now")
    away.__cause__ = exc
    return JsonRpcDispatcher(request).handle_error(away)


odoo_http.answer_unusable_database(answer)


def _is_away(exc):
    """Whether an exception was raised because there is no connection to a database that can be used."""
    while exc is not None and not isinstance(exc, _AWAY):
        exc = exc.__cause__ or exc.__context__
    return exc is not None
