"""What ``engine/compat/odoo_http.py`` relies on: each failure says which assumption about Odoo broke."""

import inspect
import threading
from functools import partial, wraps
from types import SimpleNamespace

import psycopg2
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder

from odoo import http
from odoo.tests import HttpCase, tagged

from ...controllers import outage
from ...engine.compat import odoo_http
from ..common import JsonRpcCase


@tagged("post_install", "-at_install")
class TestCompatHttp(JsonRpcCase):
    """Routes and requests as Odoo makes them."""

    def request_of(self, path, **options):
        """A request as Odoo's WSGI application makes it."""
        environ = EnvironBuilder(path, base_url="http://localhost", **options).get_environ()
        return http.Request(http.HTTPRequest(environ))

    def test_wsgi_environment_is_whole(self):
        httprequest = self.request_of("/jsonrpc/2/api", method="POST", data=b"{}").httprequest
        self.assertIn("wsgi.input", odoo_http.wsgi_environ(httprequest), "HTTPRequest wraps werkzeug's in another way")
        self.assertNotIn("wsgi.input", httprequest.environ, "Odoo shows it itself now: use that")

    def test_body_is_known_to_be_kept(self):
        httprequest = self.request_of("/jsonrpc/2/api", method="POST", data=b"{}").httprequest
        self.assertFalse(odoo_http.is_body_kept(httprequest))
        self.assertEqual(httprequest.get_data(), b"{}")
        self.assertTrue(odoo_http.is_body_kept(httprequest), "werkzeug keeps a body elsewhere than in _cached_data")

    def test_thread_tells_the_path_of_a_request_that_is_hidden(self):
        self.assertIsNone(odoo_http.path_of_hidden_request())
        source = inspect.getsource(http.Application.__call__)
        self.assertIn("current_thread.url = httprequest.url", source, "Odoo leaves the URL elsewhere")
        thread = threading.current_thread()
        thread.url = "http://localhost/xmlrpc/2/object?a=b"
        self.addCleanup(delattr, thread, "url")
        self.assertEqual(odoo_http.path_of_hidden_request(), "/xmlrpc/2/object")

    def test_endpoints_are_partials_of_decorated_methods(self):
        found = dict(odoo_http.routes(self.env))
        self.assertIn("/web/login", found, "ir.http._generate_routing_rules gives back something else")
        endpoint = found["/jsonrpc/2/api"]
        self.assertIsInstance(endpoint, partial, "an endpoint is no functools.partial any more")
        self.assertEqual(odoo_http.function_of(endpoint).__name__, "api", "@route leaves no original_endpoint")
        bare = odoo_http.undecorated(endpoint)
        self.assertIs(bare.__func__, odoo_http.function_of(endpoint))
        self.assertIs(bare.__self__, endpoint.func.__self__)

    def test_dispatcher_of_a_route_is_told(self):
        found = {url: odoo_http.dispatcher_of(endpoint.routing) for url, endpoint in odoo_http.routes(self.env)}
        self.assertIs(found["/web/login"], http.HttpDispatcher, "@route without a type is none of http")
        self.assertIs(found["/web/dataset/call_kw"], http.JsonRPCDispatcher)
        self.assertEqual(found["/jsonrpc/2/api"].routing_type, "jsonrpc2", "dispatchers register themselves elsewhere")

    def test_endpoint_is_called_through_ir_http(self):
        told = []
        request = SimpleNamespace(registry={"ir.http": SimpleNamespace(_dispatch=told.append)})
        odoo_http.call_endpoint(request, "endpoint")
        self.assertEqual(told, ["endpoint"])
        source = inspect.getsource(http.HttpDispatcher.dispatch)
        self.assertIn("registry['ir.http']._dispatch(endpoint)", source, "Odoo calls controllers in another way")

    def test_request_has_odoos_dispatcher_until_its_route_is_known(self):
        request = self.request_of("/jsonrpc/2/api")
        self.assertIs(type(request.dispatcher), http.HttpDispatcher, "a request starts with another dispatcher")
        self.assertTrue(odoo_http.has_no_route_yet(request))
        request.dispatcher = http._dispatchers["jsonrpc2"](request)
        self.assertFalse(odoo_http.has_no_route_yet(request))

    def test_request_is_served_on_a_database_as_a_whole(self):
        request = self.request_of("/jsonrpc/2/docs")
        request._post_init()
        request.db = None
        http._request_stack.push(request)
        self.addCleanup(http._request_stack.pop)
        with self.allow_requests(all_requests=True):
            response = odoo_http.serve_on_database(request, self.env.cr.dbname)
        self.assertEqual(response.status_code, 200, "_serve_db serves no request that begins without a database")
        before = dict(response.headers)
        request.dispatcher.post_dispatch(response)
        self.assertEqual(dict(response.headers), before, "a response that is finished twice has headers twice")

    def test_request_on_a_database_without_registry_has_none_again(self):
        request = self.request_of("/jsonrpc/2/docs")
        self.assertIsNone(odoo_http.serve_on_database(request, "no_such_database_anywhere"))
        self.assertIsNone(request.db)

    def test_routes_without_database_are_told(self):
        self.assertTrue(odoo_http.has_route_without_database(self.request_of("/web/database/selector")))
        self.assertFalse(odoo_http.has_route_without_database(self.request_of("/no/such/page")))


@tagged("post_install", "-at_install")
class TestOutageStep(HttpCase):
    """The step around ``Request._serve_db``, with others around and below it."""

    def setUp(self):
        super().setUp()
        self.patch(http.Request, "_serve_db", http.Request._serve_db)

    def serve(self, path="/jsonrpc/2/api", error=None):
        """Serve a request on this database, which cannot be used."""
        request = TestCompatHttp.request_of(self, path)
        request.db = self.env.cr.dbname

        def fail(*args):
            raise error or psycopg2.OperationalError("refused")

        self.patch(http, "Registry", fail)
        http._request_stack.push(request)
        try:
            return request._serve_db()
        finally:
            http._request_stack.pop()

    def test_odoos_dispatchers_are_its_own(self):
        self.assertIs(http._dispatchers["http"], http.HttpDispatcher)
        home = "odoo.addons.jsonrpc_gateway."
        ours = {name for name, cls in http._dispatchers.items() if cls.__module__.startswith(home)}
        self.assertTrue(all(name.startswith("jsonrpc2") for name in ours), ours)

    def test_outage_is_answered_on_our_paths_only(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway.controllers.outage", "WARNING"):
            response = self.serve()
        self.assertEqual((response.status_code, response.mimetype), (503, "application/json"))
        for path in ("/web/login", "/jsonrpc/3/api", "/web/database/selector"):
            with self.assertRaises(http.RegistryError, msg="_serve_db raises something else for a lost database"):
                self.serve(path)

    def test_path_that_needs_no_database_is_served_without_one(self):
        rules = [Rule("/jsonrpc/2/common", endpoint="common")]
        self.patch(http.root, "nodb_routing_map", Map(rules))
        with self.assertRaises(http.RegistryError):
            self.serve("/jsonrpc/2/common")

    def test_other_failures_are_odoos(self):
        with self.assertRaises(http.RegistryError):
            self.serve(error=psycopg2.ProgrammingError("no such table"))
        with self.assertRaises(RuntimeError):
            self.serve(error=RuntimeError())

    def other_addon(self, told):
        """Another addon does the same for paths of its own."""
        below = http.Request._serve_db

        @wraps(below)
        def serve_db(request):
            told.append(request.httprequest.path)
            try:
                return below(request)
            except http.RegistryError:
                if request.httprequest.path.startswith("/theirs"):
                    return http.Response("theirs", status=503)
                raise

        http.Request._serve_db = serve_db

    def check_both(self, told):
        with self.assertLogs("odoo.addons.jsonrpc_gateway.controllers.outage", "WARNING"):
            self.assertEqual(self.serve().mimetype, "application/json")
        self.assertEqual(self.serve("/theirs").get_data(), b"theirs")
        with self.assertRaises(http.RegistryError):
            self.serve("/web/login")
        self.assertEqual(told, ["/jsonrpc/2/api", "/theirs", "/web/login"])

    def test_addon_that_comes_after_us_works_with_us(self):
        told = []
        self.other_addon(told)
        self.check_both(told)

    def test_addon_that_came_before_us_works_with_us(self):
        told = []
        http.Request._serve_db = inspect.unwrap(http.Request._serve_db)
        self.other_addon(told)
        odoo_http.answer_unusable_database(outage.answer)
        self.check_both(told)

    def test_put_there_twice_it_is_there_once(self):
        before = http.Request._serve_db
        odoo_http.answer_unusable_database(outage.answer)
        self.assertIs(http.Request._serve_db, before)
        self.other_addon([])
        theirs = http.Request._serve_db
        odoo_http.answer_unusable_database(outage.answer)
        self.assertIs(http.Request._serve_db, theirs)
