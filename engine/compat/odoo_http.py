"""Private parts of ``odoo/http.py``, of ``ir.http``, and of werkzeug's requests behind them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from types import MethodType
from typing import Any
from urllib.parse import urlsplit

from odoo import http

#: How a wrapper of ours is told from one of another addon.
_MARK = "jsonrpc_gateway_outage"


def wsgi_environ(httprequest: http.HTTPRequest) -> dict[str, Any]:
    """The WSGI environment of a request, with the parts that Odoo hides from controllers.

    Relies on ``HTTPRequest.__wrapped``, werkzeug's own request (``odoo/http.py``:1438): the public
    ``HTTPRequest.environ`` has no ``wsgi.*`` keys.
    """
    return httprequest._HTTPRequest__wrapped.environ


def is_body_kept(httprequest: http.HTTPRequest) -> bool:
    """Whether the whole body was read already, and is kept in memory.

    Relies on ``_cached_data``, where ``werkzeug.wrappers.Request.get_data`` keeps it.
    """
    return "_cached_data" in vars(httprequest._HTTPRequest__wrapped)


def path_of_hidden_request() -> str | None:
    """Path of the URL that this thread serves, where Odoo hides the request itself from the code that runs.

    Relies on ``Application.__call__`` leaving ``url`` on the thread (``odoo/http.py``:2793), and on nothing
    but requests running in a thread that has one: ``/xmlrpc`` and ``/jsonrpc`` borrow the request.
    """
    url = getattr(threading.current_thread(), "url", None)
    return urlsplit(url).path if url else None


def serve_on_database(request: http.Request, name: str) -> http.Response | None:
    """Serve a request that has no database yet on one, from the start: its own transaction and replays.

    Relies on ``Request._serve_db`` (``odoo/http.py``:2211), which reads ``Request.db``, and on
    ``Dispatcher.post_dispatch`` taking headers from ``Request.future_response`` and saving the session
    if it ``can_save``: whoever called us finishes the response once more, with nothing left to do.

    :returns: the response; ``None`` where the database has no registry, and then the request is
        without one again
    """
    request.db = name
    try:
        response = request._serve_db()
    except http.RegistryError:
        request.db = None
        return None
    request.session.can_save = False
    request.future_response = http.FutureResponse()
    return response


def call_endpoint(request: http.Request, endpoint: Callable[..., Any]) -> Any:
    """Call a controller with everything that addons hang around it.

    Relies on ``ir.http._dispatch(endpoint)`` (``base/models/ir_http.py``:349), which takes the
    arguments from ``request.params``, as ``HttpDispatcher.dispatch`` calls it.
    """
    return request.registry["ir.http"]._dispatch(endpoint)


def dispatcher_of(routing: Mapping[str, Any]) -> type[http.Dispatcher] | None:
    """The class that serves the routes of a routing type.

    Relies on ``odoo.http._dispatchers``, where each subclass of ``Dispatcher`` registers itself
    (``odoo/http.py``:2346), and on a route without a type being one of the type ``http`` (770).

    :param routing: of an endpoint
    """
    return http._dispatchers.get(routing.get("type", "http"))


def function_of(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The function that an addon decorated with ``@route``, for its signature and its name.

    Relies on ``original_endpoint``, which ``route`` leaves on what it gives back (``odoo/http.py``,
    ``route_wrapper``).
    """
    return endpoint.original_endpoint


def undecorated(endpoint: Callable[..., Any]) -> MethodType:
    """A controller's method without what ``@route`` puts around it: that looks at its signature each time.

    Relies on an endpoint being a ``functools.partial`` of the bound method (``odoo/http.py``,
    ``_generate_routing_rules``), and on ``original_endpoint``; an override without ``@route`` has none.
    """
    method = endpoint.func
    return MethodType(getattr(method, "original_endpoint", method.__func__), method.__self__)


def routes(env: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the URL and the endpoint of every route of the database's addons.

    Relies on ``ir.http._generate_routing_rules`` and ``_get_converters``
    (``base/models/ir_http.py``:383, 201) and on ``Registry._init_modules``, as ``ir.http.routing_map``.
    """
    ir_http = env["ir.http"]
    modules = sorted(env.registry._init_modules)
    yield from ir_http._generate_routing_rules(modules, converters=ir_http._get_converters())


def has_route_without_database(request: http.Request) -> bool:
    """Whether a path is served without a database too: by a server-wide addon.

    Relies on ``Application.nodb_routing_map``, as ``Request._serve_nodb`` (``odoo/http.py``:2184).
    """
    return http.root.nodb_routing_map.bind_to_environ(request.httprequest.environ).test()


def has_no_route_yet(request: http.Request) -> bool:
    """Whether nobody has found out yet which route, and so which dispatcher, a request is for.

    Relies on ``Request.__init__`` giving it Odoo's dispatcher of the type ``http`` "until we match"
    (``odoo/http.py``:1752).
    """
    return request.dispatcher.routing_type == http.HttpDispatcher.routing_type


def answer_unusable_database(handler: Callable[[http.Request, Exception], Any]) -> None:
    """Let a function answer requests that fail because their database cannot be used.

    Relies on ``Request._serve_db`` (``odoo/http.py``:2211) raising what is in the way: then no
    ``ir.http`` of an addon can be asked, for there is no registry, and the request still has Odoo's
    own dispatcher. Nothing less than a function around it sees that. It calls what it found there, so
    any number of addons can do the same, in any order; put there twice, it stays one. No dispatcher
    is replaced.

    :param handler: of the request and the exception; gives back a response, or ``None`` for whatever
        would happen without us
    """
    below = http.Request._serve_db
    step = below
    while step is not None:
        if getattr(step, _MARK, False):
            return
        step = getattr(step, "__wrapped__", None)

    @wraps(below)
    def serve_db(request: http.Request) -> Any:
        try:
            return below(request)
        except Exception as exc:
            answer = handler(request, exc)
            if answer is None:
                raise
            return answer

    setattr(serve_db, _MARK, True)
    http.Request._serve_db = serve_db
