"""Serving a request on a database that only its body names.

Without a database (no cookie, header or filter that settles it) Odoo serves the routes of
server-wide addons alone, with no environment. It must not know what the calls mean.
"""

import psycopg2

from odoo import http
from odoo.modules.registry import Registry

from ..engine.compat import odoo_http


def serve_on(request, name):
    """Serve the request again, from the start, on a database.

    The body is kept by werkzeug, so everything happens as if the client had sent
    ``X-Odoo-Database``: one registry, one transaction, Odoo's own replays.

    :param request: the :class:`odoo.http.Request`, which has no database yet
    :param str name: of the database
    :returns: the HTTP response, or ``None`` where there is no such database, none that this
        host may reach (``dbfilter`` holds here too), or none with the addon: nobody learns which
    """
    if name not in http.db_list(force=True) or not _serves(name):
        return None
    return odoo_http.serve_on_database(request, name)


def has_addon(registry):
    """Whether the addon is installed on a database.

    A server-wide addon answers on every database, also where nobody installed it. This is the one
    place that asks: whoever has an environment from the border has the addon.

    :param registry: of the database; ``None`` for none
    """
    return registry is not None and "jsonrpc.key" in registry


def _serves(name):
    """Whether a database has the addon; it may be none of Odoo's at all."""
    try:
        return has_addon(Registry(name))
    except (psycopg2.Error, AttributeError, KeyError):
        return False
