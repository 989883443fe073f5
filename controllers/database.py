"""Serving a request on a database that only its body names.

Without a database (no cookie, header or filter that settles it) Odoo serves the routes of
server-wide addons alone, with no environment. It must not know what the calls mean.
"""

from odoo import http
from odoo.http import RegistryError


def serve_on(request, name):
    """Serve the request again, from the start, on a database.

    The body is kept by werkzeug, so everything happens as if the client had sent
    ``X-Odoo-Database``: one registry, one transaction, Odoo's own replays.

    :param request: the :class:`odoo.http.Request`, which has no database yet
    :param str name: of the database
    :returns: the HTTP response, or ``None`` where there is no such database, or none that
        this host may reach: nobody learns which (``dbfilter`` holds here too)
    """
    if name not in http.db_list(force=True):
        return None
    request.db = name
    try:
        response = request._serve_db()
    except RegistryError:
        request.db = None
        return None
    # Whoever called us will finish the response once more: the session is saved already,
    # and its cookie set.
    request.session.can_save = False
    request.future_response = http.FutureResponse()
    return response
