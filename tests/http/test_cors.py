"""Pages of other origins: preflight, headers, cookies."""

from odoo.tests import tagged

from ..common import JsonRpcCase

SHOP = "https://shop.example.com"
EVIL = "https://shop.example.com.evil.com"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
ECHO = {"jsonrpc": "2.0", "method": "system.echo", "params": ["hi"], "id": 1}
PATHS = ("/jsonrpc/2/api", "/jsonrpc/2/common", "/jsonrpc/2/object")


@tagged("post_install", "-at_install")
class TestCors(JsonRpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("web.cors.origins", f"{SHOP}, http://localhost:8080")

    def _preflight(self, path, origin):
        return self.url_open(path, method="OPTIONS", headers={"Origin": origin, **PREFLIGHT})

    def test_preflight_of_allowed_origin_is_answered_without_credentials(self):
        for path in PATHS:
            with self.subTest(path):
                response = self._preflight(path, SHOP)
                self.assertEqual((response.status_code, response.content), (204, b""))
                headers = response.headers
                self.assertEqual(headers["Access-Control-Allow-Origin"], SHOP)
                self.assertEqual(headers["Access-Control-Allow-Credentials"], "true")
                self.assertIn("POST", headers["Access-Control-Allow-Methods"])
                for header in ("Authorization", "Content-Type", "Idempotency-Key"):
                    self.assertIn(header, headers["Access-Control-Allow-Headers"])
                self.assertIn("Origin", headers["Vary"])
                self.assertNotIn("Set-Cookie", headers)

    def test_preflight_of_other_origins_is_refused(self):
        for origin in (EVIL, "null", "http://shop.example.com", f"{SHOP}:8443", "https://SHOP.example.com", "*"):
            with self.subTest(origin):
                response = self._preflight("/jsonrpc/2/api", origin)
                self.assertEqual(response.status_code, 403)
                self.assertNotIn("Access-Control-Allow-Origin", response.headers)
                self.assertEqual(response.headers["Vary"], "Origin, Accept-Encoding")

    def test_answers_carry_the_headers_for_an_allowed_origin_only(self):
        allowed = self.post("/jsonrpc/2/api", ECHO, headers={"Origin": SHOP})
        self.assertEqual(allowed.json()["result"], "hi")
        self.assertEqual(allowed.headers["Access-Control-Allow-Origin"], SHOP)
        self.assertEqual(allowed.headers["Access-Control-Allow-Credentials"], "true")
        exposed = allowed.headers["Access-Control-Expose-Headers"]
        for header in ("RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id", "WWW-Authenticate"):
            self.assertIn(header, exposed.split(", "))
        other = self.post("/jsonrpc/2/api", ECHO, headers={"Origin": EVIL})
        self.assertNotIn("Access-Control-Allow-Origin", other.headers)
        for response in (allowed, other, self.post("/jsonrpc/2/api", ECHO)):
            self.assertIn("Origin", response.headers["Vary"])

    def test_errors_carry_the_headers_too(self):
        self.env["ir.config_parameter"].set_param("jsonrpc_gateway.max_body", "100")
        for status, body, options in (
            (401, ECHO, {"key": "jrg_sk_wrong"}),
            (413, {**ECHO, "params": ["x" * 200]}, {}),
            (415, ECHO, {"headers": {"Content-Type": "text/plain"}}),
        ):
            with self.subTest(status):
                headers = {"Origin": SHOP, **options.pop("headers", {})}
                response = self.post("/jsonrpc/2/api", body, headers=headers, **options)
                self.assertEqual(response.status_code, status)
                self.assertEqual(response.headers["Access-Control-Allow-Origin"], SHOP)

    def test_session_is_refused_to_a_page_of_a_foreign_origin(self):
        self.authenticate("admin", "admin")
        whoami = {"jsonrpc": "2.0", "method": "system.whoami", "id": 7}
        for origin in (EVIL, "null"):
            response = self.post("/jsonrpc/2/api", whoami, headers={"Origin": origin})
            self.assertEqual((response.status_code, response.json()["error"]["code"]), (403, -32002))
            self.assertEqual(response.json()["id"], 7)
        for headers in ({"Origin": SHOP}, {"Origin": self.base_url()}, {}):
            response = self.post("/jsonrpc/2/api", whoami, headers=headers)
            self.assertEqual(response.json()["result"]["login"], "admin")

    def test_a_key_works_from_any_origin(self):
        response = self.post("/jsonrpc/2/api", ECHO, key=self.issue_key(), headers={"Origin": EVIL})
        self.assertEqual(response.json()["result"], "hi")

    def _login(self, origin, headers):
        params = {"service": "common", "method": "login", "args": [self.env.cr.dbname, "admin", "admin"]}
        request = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        return self.post("/jsonrpc/2/common", request, headers={"Origin": origin, **headers})

    def test_login_of_a_foreign_page_opens_no_session(self):
        response = self._login(EVIL, {})
        self.assertEqual(response.json()["result"], self.admin.id)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_login_cookie_over_http_is_not_sent_across_sites(self):
        cookie = self._login(SHOP, {}).headers["Set-Cookie"]
        self.assertIn("HttpOnly", cookie)
        self.assertNotIn("SameSite=None", cookie)
