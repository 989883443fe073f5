"""The border: whichever door a request takes, the same checks, headers and rows of the log.

``DOORS`` names every route of this addon, and a door of another one: a new route that is missing
there fails here, and so does one that goes past the border.
"""

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import urlencode

from werkzeug.exceptions import InternalServerError

from odoo import http
from odoo.tests import tagged

from ...controllers.border import BorderHooks
from ...controllers.door import Door
from ...engine.compat import odoo_http
from ...engine.dispatch import process
from ...engine.dispatch.journal import refusals
from ...models import ir_http as module
from ..common import JSON, JsonRpcCase

ROOT = Path(__file__).resolve().parents[2]
SHOP, EVIL, PAGE = "https://shop.example.com", "https://evil.example.com", "https://page.example.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REQUEST_ID = "border-1"


def call(method, params):
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": 7}


def service(name):
    return call("call", {"service": name, "method": "version", "args": []})


@dataclass(frozen=True)
class Route:
    """How one route is called.

    :ivar url: that is called
    :ivar verb: that it answers
    :ivar body: a JSON value, or nothing for a door without bodies; of the token endpoint, its form
    :ivar by_cookie: whether a session proves who calls
    :ivar calls: what it costs
    """

    url: str
    verb: str = "POST"
    body: object = None
    by_cookie: bool = True
    calls: str = ""


API, TOKEN = "/jsonrpc/2/api", "/jsonrpc/2/token"
DOORS = {
    API: Route(API, body=call("system.echo", ["x"]), calls="system.echo"),
    f"{API}/<string:method>": Route(f"{API}/system.echo", body=call("system.echo", ["x"]), calls="system.echo"),
    "/jsonrpc/2/common": Route("/jsonrpc/2/common", body=service("common"), calls="common/version"),
    "/jsonrpc/2/object": Route("/jsonrpc/2/object", body=service("object"), calls="object/version"),
    "/jsonrpc/2/openrpc.json": Route("/jsonrpc/2/openrpc.json", "GET", calls="rpc.discover"),
    "/jsonrpc/2/docs": Route("/jsonrpc/2/docs", "GET", calls="rpc.discover"),
    TOKEN: Route(TOKEN, body={"grant_type": "client_credentials"}, by_cookie=False, calls="token"),
    "/my_custom_api/prices.csv": Route("/my_custom_api/prices.csv", "GET", calls="prices.list"),
}


@tagged("post_install", "-at_install")
class TestBorder(JsonRpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("web.cors.origins", SHOP)
        cls.env["jsonrpc.key"]._issue(name="Page", kind="publishable", origins=PAGE)
        cls.key, cls.secret = cls.env["jsonrpc.key"]._issue(name="Border", user=cls.admin, access="write")

    def setUp(self):
        super().setUp()
        self.writer = process.served(self.env.cr.dbname).writer
        self.writer.discard()
        self.addCleanup(self.writer.discard)
        self.patch(refusals, "_PER_SECOND", 1000)

    def each(self):
        """Every door, with full buckets."""
        for path, door in DOORS.items():
            with self.subTest(path):
                self.forget_calls()
                yield door

    def send(self, door, *, secret=None, verb=None, origin=SHOP, headers=None, padding=0, **options):
        """Send a request that a door answers, but for what is said.

        :param secret: of the key; none for who proves nothing, and the good one where a client must prove itself
        :param padding: bytes more of a body
        """
        sent = {"X-Request-Id": REQUEST_ID, **({"Origin": origin} if origin else {})}
        if door.url == TOKEN:
            form = {**door.body, "client_id": self.key.client_id, "client_secret": secret or self.secret}
            data = urlencode({**form, "padding": "x" * padding} if padding else form)
            sent |= FORM
        else:
            data = None
            if door.body is not None:
                data = json.dumps(door.body) + " " * padding
                sent |= JSON
            if secret:
                sent["Authorization"] = f"Bearer {secret}"
        sent |= headers or {}
        self.env.flush_all()
        return self.opener.request(verb or door.verb, self.base_url() + door.url, data=data, headers=sent, timeout=30)

    def preflight(self, door, origin):
        headers = {"Access-Control-Request-Method": door.verb, "Content-Type": None}
        return self.send(door, verb="OPTIONS", origin=origin, headers=headers)

    def limit(self, calls, **values):
        self.env["jsonrpc.limit"].search([]).unlink()
        for subject in ("key", "address"):
            self.env["jsonrpc.limit"].create(
                {"name": subject, "subject": subject, "quota": calls, "burst": calls, "window": "day", **values}
            )

    def rows(self):
        """The rows of the log since they were asked for last: outcome, type of error, endpoint and name of the key."""
        self.writer.flush(self.env.cr)
        rows = self.env["jsonrpc.call"].search([("request_id", "=", REQUEST_ID), ("method", "=", False)])
        found = [(row.outcome, row.error_type, row.endpoint, row.key_name) for row in rows]
        rows.sudo().unlink()
        return found

    def assert_carried(self, response, origin=SHOP):
        """What every answer carries."""
        headers = response.headers
        self.assertEqual(headers["X-Request-Id"], REQUEST_ID)
        self.assertIn("Origin", headers["Vary"].replace(" ", "").split(","))
        self.assertEqual(headers.get("Access-Control-Allow-Origin"), origin)
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertNotIn("Set-Cookie", headers)

    def assert_refused(self, response, status, error_type, door, *, origin=SHOP, key_name=False):
        """How every refusal looks: status, headers, a body in the door's own form, and a row of the log."""
        self.assertEqual(response.status_code, status, response.text)
        self.assert_carried(response, origin)
        self.assertEqual(response.headers["Content-Type"], "application/json")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        body = response.json()
        if door.url == TOKEN:
            self.assertEqual(set(body), {"error", "error_description"})
        else:
            self.assertEqual(body["error"]["data"]["type"], error_type)
            self.assertEqual(body["error"]["data"]["request_id"], REQUEST_ID)
        self.assertEqual(self.rows(), [("refused", error_type, door.url, key_name)])

    # -- that none is forgotten

    def test_every_route_is_in_the_table_and_at_the_border(self):
        ours = {}
        for url, endpoint in odoo_http.routes(self.env):
            module = odoo_http.function_of(endpoint).__module__
            if module.startswith("odoo.addons.jsonrpc_gateway."):
                ours[url] = endpoint.routing["type"]
        self.assertEqual(ours.keys(), DOORS.keys() - {"/my_custom_api/prices.csv"})
        for url, routing_type in ours.items():
            with self.subTest(url):
                dispatcher = http._dispatchers[routing_type]
                self.assertTrue(issubclass(dispatcher, BorderHooks), "this door goes past the border")
                self.assertIsInstance(dispatcher.door, Door)

    def test_route_that_would_ask_nothing_is_not_served(self):
        key = self.issue_key(access="read", grants={})
        for name in ("open_http", "open_jsonrpc"):
            with self.subTest(name):
                with self.assertLogs("odoo.addons.jsonrpc_gateway.models.ir_http", "WARNING") as logs:
                    urls = {url for url, _endpoint in odoo_http.routes(self.env)}
                url = f"/my_custom_api/{name}"
                self.assertNotIn(url, urls)
                self.assertTrue(any(url in line and "jsonrpc2" in line for line in logs.output))
                self.env.registry.clear_cache("routing")
                with self.assertLogs("odoo.addons.jsonrpc_gateway.models.ir_http", "WARNING"):
                    answer = self.post(url, {"params": {"name": "Opened"}}, key=key)
                self.assertEqual(answer.status_code, 404)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Opened")]))

    def test_call_of_a_door_needs_its_grant(self):
        url = "/my_custom_api/prices.csv"
        for grants, status in (({}, 403), ({"prices": ["update"]}, 403), ({"prices": ["read"]}, 200)):
            with self.subTest(grants=grants):
                answer = self.url_open(url, headers={"Authorization": f"Bearer {self.issue_key(grants=grants)}"})
                self.assertEqual(answer.status_code, status)
        self.assertEqual(self.url_open(url).status_code, 401)

    def test_call_of_a_door_changes_nothing_with_a_key_that_reads(self):
        for access, status in (("read", 403), ("write", 200)):
            with self.subTest(access):
                headers = {"Authorization": f"Bearer {self.issue_key(access=access)}"}
                self.assertEqual(self.url_open(f"/my_custom_api/{access}/lie", headers=headers).status_code, status)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "read")]))
        self.assertTrue(self.env["res.partner"].search([("name", "=", "write")]))

    def test_call_of_a_door_has_a_row_and_the_refusals_of_its_controller(self):
        headers = {"Authorization": f"Bearer {self.secret}"}
        answer = self.url_open("/my_custom_api/tea/missing", headers=headers)
        self.assertEqual((answer.status_code, answer.json()["error"]["data"]["type"]), (404, "not_found"))
        process.served(self.env.cr.dbname).writer.flush(self.env.cr)
        call = self.env["jsonrpc.call"].search([], limit=1, order="id DESC")
        self.assertEqual((call.method, call.outcome, call.error_type), ("prices.list", "refused", "not_found"))

    def test_auth_method_serves_no_other_dispatcher(self):
        """For a routing map that was made without our ``ir.http``."""
        ir_http = self.env.registry["ir.http"]
        with self.assertRaises(InternalServerError), patch.object(module, "request", SimpleNamespace(dispatcher=None)):
            ir_http._auth_method_jsonrpc()

    def test_hooks_are_those_of_the_border(self):
        """Odoo's dispatcher has no further moment at which a door could answer by itself."""
        for dispatcher in {cls for cls in http._dispatchers.values() if issubclass(cls, BorderHooks)}:
            for hook in ("is_compatible_with", "pre_dispatch", "post_dispatch", "handle_error"):
                with self.subTest(dispatcher.routing_type, hook=hook):
                    self.assertEqual(getattr(dispatcher, hook).__qualname__, f"BorderHooks.{hook}")

    def test_whether_the_addon_is_there_is_asked_in_one_function(self):
        asked = []
        for path in [*ROOT.glob("controllers/*.py"), *ROOT.glob("engine/dispatch/**/*.py"), ROOT / "models/ir_http.py"]:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
                    name = getattr(node.left, "value", None)
                    if isinstance(name, str) and name.startswith("jsonrpc."):
                        asked.append(path.relative_to(ROOT).as_posix())
        self.assertEqual(asked, ["controllers/database.py"])

    # -- who is let in

    def test_caller_is_let_in_and_told_its_limits(self):
        self.limit(5)
        for door in self.each():
            response = self.send(door, secret=self.secret)
            self.assertEqual(response.status_code, 200, response.text)
            self.assert_carried(response)
            self.assertEqual(response.headers["RateLimit-Policy"], '"key";q=5;w=86400')
            self.assertIn('"key";r=4;', response.headers["RateLimit"])
            # What its calls leave behind, their method says.
            self.assertEqual(self.rows(), [])

    def test_request_id_is_made_where_none_is_sent(self):
        for door in self.each():
            for sent in (None, "not sane;", "jrg_sk_" + "x" * 38):
                response = self.send(door, headers={"X-Request-Id": sent})
                self.assertRegex(response.headers["X-Request-Id"], r"^[0-9a-f]{32}$")

    def test_origin_that_nobody_allowed_is_told_nothing(self):
        for door in self.each():
            self.assert_carried(self.send(door, secret=self.secret, origin=EVIL), None)

    def test_page_of_a_key_may_read_and_has_no_session(self):
        for door in self.each():
            response = self.send(door, secret=self.secret, origin=PAGE)
            self.assert_carried(response, PAGE)
            self.assertNotIn("Access-Control-Allow-Credentials", response.headers)

    # -- who is not

    def test_preflight_is_answered_by_origin_alone(self):
        for door in self.each():
            for origin in (SHOP, PAGE):
                response = self.preflight(door, origin)
                self.assertEqual((response.status_code, response.content), (204, b""))
                self.assertEqual(response.headers["Access-Control-Allow-Origin"], origin)
                self.assertIn("Authorization", response.headers["Access-Control-Allow-Headers"])
                self.assertEqual(self.rows(), [])
            self.assert_refused(self.preflight(door, EVIL), 403, "forbidden", door, origin=None)

    def test_wrong_verb_is_refused(self):
        for door in self.each():
            for verb in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - {door.verb}:
                response = self.send(door, verb=verb)
                self.assert_refused(response, 405, "method_not_allowed", door)
                self.assertIn(door.verb, response.headers["Allow"].split(", "))

    def test_wrong_body_is_refused_by_its_headers(self):
        for door in self.each():
            if door.body is not None:
                # RFC 6749 section 5.2 has no other status for it.
                status = 400 if door.url == TOKEN else 415
                for headers in ({"Content-Type": "text/plain"}, {"Content-Encoding": "gzip"}):
                    response = self.send(door, secret=self.secret, headers=headers)
                    self.assert_refused(response, status, "unsupported_media_type", door)

    def test_large_body_is_refused(self):
        for name in ("max_body", "max_service_body"):
            self.env["ir.config_parameter"].set_param(f"jsonrpc_gateway.{name}", "1000")
        for door in self.each():
            if door.body is not None:
                # A client of OAuth says in the body who it is.
                name = False if door.url == TOKEN else "Border"
                answer = self.send(door, secret=self.secret, padding=20_000)
                self.assert_refused(answer, 413, "too_large", door, key_name=name)

    def test_bad_key_is_refused_and_guessing_is_slowed_down(self):
        for door in self.each():
            for _ in range(10):
                response = self.send(door, secret="jrg_sk_wrong")
                self.assert_refused(response, 401, "unauthenticated", door)
                self.assertIn('realm="Odoo JSON-RPC"', response.headers["WWW-Authenticate"])
            response = self.send(door, secret="jrg_sk_wrong")
            self.assert_refused(response, 429, "rate_limited", door)
            self.assertEqual(response.headers["Retry-After"], "1")
            self.assertEqual(self.send(door, secret=self.secret).status_code, 200)

    def test_over_the_limit_is_refused_with_the_name_of_the_key(self):
        self.limit(1)
        for door in self.each():
            self.assertEqual(self.send(door, secret=self.secret).status_code, 200)
            response = self.send(door, secret=self.secret)
            self.assert_refused(response, 429, "rate_limited", door, key_name="Border")
            self.assertIn('"key";r=0;', response.headers["RateLimit"])
            self.assertGreater(int(response.headers["Retry-After"]), 0)

    def test_limit_of_a_method_is_for_what_the_door_calls(self):
        for path, door in DOORS.items():
            with self.subTest(path):
                self.limit(1, subject="method", method=door.calls)
                self.env["jsonrpc.limit"].search([("name", "=", "address")]).unlink()
                self.forget_calls()
                statuses = [self.send(door, secret=self.secret).status_code for _ in range(2)]
                self.assertEqual(statuses, [200, 429])

    def test_cookie_of_a_foreign_page_is_refused(self):
        self.authenticate("admin", "admin")
        for door in self.each():
            for origin in (EVIL, PAGE, "null"):
                response = self.send(door, origin=origin)
                if door.by_cookie:
                    allowed = PAGE if origin == PAGE else None
                    self.assert_refused(response, 403, "forbidden", door, origin=allowed)
                else:
                    self.assertEqual(response.status_code, 200)
            self.assertEqual(self.send(door, origin=SHOP).status_code, 200)

    def test_replayed_request_costs_one_call(self):
        self.limit(5)
        with patch("odoo.service.model.MAX_TRIES_ON_CONCURRENCY_FAILURE", 2), self.assertLogs("odoo.service.model"):
            response = self.post(API, call("tx.raise_sql", ["40001"]), key=self.secret)
        self.assertEqual(response.json()["error"]["data"]["type"], "conflict")
        self.assertIn('"key";r=4;', response.headers["RateLimit"])
