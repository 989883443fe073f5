"""The cookie of a session that a page of another origin opens, as a proxy with https passes it on.

What browsers make of it is in ``test_browser_cors.py``.
"""

from odoo.tests import tagged

from ..server_common import ServerCase

SHOP, ODOO, EVIL = "https://shop.example.com", "https://odoo.example.com", "https://evil.example.com"


@tagged("post_install", "-at_install")
class TestLoginCookie(ServerCase):
    options = {"proxy_mode": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database.shell(f"env['ir.config_parameter'].set_param('web.cors.origins', {SHOP!r})")

    def login_cookie(self, origin, fetch_site):
        """The attributes of the cookie that a page's login sets, or ``None``."""
        params = {"service": "common", "method": "login", "args": [self.database.name, "admin", "admin"]}
        response = self.server.post(
            "/jsonrpc/2/common",
            {"jsonrpc": "2.0", "id": 1, "method": "call", "params": params},
            headers={
                "Origin": origin,
                "Sec-Fetch-Site": fetch_site,
                "X-Forwarded-Proto": "https",
                "X-Forwarded-Host": "odoo.example.com",
                "X-Forwarded-For": "203.0.113.9",
            },
        )
        cookie = response.headers.get("Set-Cookie")
        return cookie and {part.strip() for part in cookie.split(";")}

    def test_cookie_is_kept_apart_for_other_sites_only(self):
        for fetch_site, partitioned in (("cross-site", True), ("same-site", False), ("", False)):
            with self.subTest(fetch_site):
                cookie = self.login_cookie(SHOP, fetch_site)
                self.assertLessEqual({"HttpOnly", "Secure", "SameSite=None"}, cookie)
                self.assertEqual("Partitioned" in cookie, partitioned)

    def test_pages_of_odoo_itself_get_a_cookie_for_no_other_site(self):
        cookie = self.login_cookie(ODOO, "same-origin")
        self.assertIn("Secure", cookie)
        self.assertFalse({"SameSite=None", "Partitioned"} & cookie)

    def test_pages_of_other_origins_get_no_cookie(self):
        self.assertIsNone(self.login_cookie(EVIL, "cross-site"))
