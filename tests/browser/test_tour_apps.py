"""The gateway comes and goes by the Apps page, leaves nothing behind, and Odoo stays as it is."""

import re
import time
import xmlrpc.client
from urllib.parse import urlsplit

import odoorpc
import requests
from psycopg2 import sql

from odoo.tests import tagged

from ..browser_common import Browser
from ..server_common import ServerCase

_MODULE = "jsonrpc_gateway"
_ANY_CARD = ".o_kanban_record:not(.o_kanban_ghost)"
_CARD = f"{_ANY_CARD}:has(img[src^='/{_MODULE}/'])"
#: The page once the search is done: it holds one card.
_FOUND = f".o_kanban_renderer:not(:has({_ANY_CARD} ~ {_ANY_CARD})) {_CARD}"

#: What may name us when we are gone: Odoo's list of the addons on the disk, and its short-lived
#: record of who was asked for a password and what for, which Odoo's vacuum removes by itself.
_CATALOGUE = {"ir_module_module", "ir_module_module_dependency", "res_users_identitycheck"}

#: Numbers and tokens that differ from call to call.
_VOLATILE = re.compile(r'"(?:id|uid|session_id|registry_hash|cache_hashes|[a-z_]*hash)": *("[^"]*"|\d+|\{[^}]*\})')


@tagged("post_install", "-at_install")
class TestTourApps(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.odoo_key = cls.database.shell(
            "from datetime import datetime, timedelta\n"
            "user = env.ref('base.user_admin')\n"
            "print(env(user=user)['res.users.apikeys']._generate('rpc', 'Test', datetime.now() + timedelta(days=1)))"
        ).splitlines()[-1]

    def test_upgrade_uninstall_and_install(self):
        before = self.odoos_own_answers()
        key = self.database.issue_key()
        self.assertGatewayAnswers(key)
        with Browser(self.server.url) as browser:
            browser.login("admin", "admin")
            self.upgrade(browser)
            self.assertGatewayAnswers(key)
            self.assertEqual(self.odoos_own_answers(), before)

            self.change_settings_by_hand()
            self.uninstall(browser)
            self.assertNothingIsLeft()
            self.assertGatewayIsGone()
            self.assertEqual(self.odoos_own_answers(), before)

            self.install(browser)
            browser.open("/odoo/jsonrpc-keys")
            browser.wait_for(".o_view_nocontent", "No API key")
        self.assertGatewayAnswers(self.database.issue_key())
        self.assertEqual(self.odoos_own_answers(), before)

    # ------------------------------------------------------------------
    # The Apps page
    # ------------------------------------------------------------------

    def find_card(self, browser):
        browser.open("/odoo/apps")
        browser.fill(".o_searchview_input", "JSON-RPC Gateway")
        # Enter means what is suggested, once it is.
        browser.wait_for(".o_searchview_autocomplete", "JSON-RPC Gateway")
        browser.press_enter(".o_searchview_input")
        browser.wait_for(".o_searchview_facet", "JSON-RPC Gateway")
        browser.wait_for(_FOUND)

    def open_menu(self, browser):
        self.find_card(browser)
        browser.click(f"{_CARD} .o_dropdown_kanban button")

    def upgrade(self, browser):
        self.database.query("UPDATE ir_module_module SET latest_version = '19.0.0.0.0' WHERE name = %s", _MODULE)
        self.open_menu(browser)
        browser.click(".dropdown-item", "Upgrade")
        self.wait_until(lambda: self.module() not in (("installed", "19.0.0.0.0"), None) and self.is_settled())
        self.assertEqual(self.module()[0], "installed")

    def uninstall(self, browser):
        self.open_menu(browser)
        browser.click(".dropdown-item", "Uninstall")
        browser.click(".modal-footer button", "Uninstall")
        self.wait_until(lambda: self.module()[0] == "uninstalled" and self.is_settled())

    def install(self, browser):
        self.find_card(browser)
        browser.click(f"{_CARD} button", "Activate")
        self.wait_until(lambda: self.module()[0] == "installed" and self.is_settled())
        browser.wait_for(".o_main_navbar")

    def module(self):
        return self.database.query("SELECT state, latest_version FROM ir_module_module WHERE name = %s", _MODULE)[0]

    def is_settled(self):
        """Whether no addon is about to be installed, upgraded or removed."""
        return not self.database.query("SELECT 1 FROM ir_module_module WHERE state LIKE 'to %%' LIMIT 1")

    def wait_until(self, condition):
        deadline = time.monotonic() + 120
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"The module is {self.module()}:\n{self.server.log()[-4000:]}")
            time.sleep(0.3)

    def change_settings_by_hand(self):
        """An administrator's system parameters have no XML id; nor have those that are set anew."""
        self.database.query(
            "INSERT INTO ir_config_parameter (key, value) VALUES ('jsonrpc_gateway.by_hand', '1'),"
            " ('web.cors.origins', 'https://shop.example.com')"
        )

    # ------------------------------------------------------------------
    # The gateway
    # ------------------------------------------------------------------

    def assertGatewayAnswers(self, key):
        answer = self.server.rpc("system.whoami", key=key)
        self.assertEqual(answer.get("result", {}).get("login"), "admin", answer)
        self.assertEqual(self.server.service("common", "version")["result"]["server_serie"], "19.0")

    def assertGatewayIsGone(self):
        for path in ("/jsonrpc/2/api", "/jsonrpc/2/api/system.version", "/jsonrpc/2/common", "/jsonrpc/2/object"):
            response = self.server.post(path, {"jsonrpc": "2.0", "method": "system.version", "id": 1})
            self.assertEqual(response.status_code, 404, path)
        self.assertEqual(self.server.request("GET", "/jsonrpc/2/openrpc.json").status_code, 404)

    def assertNothingIsLeft(self):
        """No table, column, index, function nor any row that names us, but in Odoo's list of addons."""
        named = self.database.query(
            """
            SELECT relname FROM pg_class WHERE relname LIKE '%%jsonrpc%%'
             UNION SELECT attname FROM pg_attribute WHERE attname LIKE '%%jsonrpc%%' AND NOT attisdropped
             UNION SELECT proname FROM pg_proc WHERE proname LIKE '%%jsonrpc%%'
             UNION SELECT conname FROM pg_constraint WHERE conname LIKE '%%jsonrpc%%'
             UNION SELECT tgname FROM pg_trigger WHERE tgname LIKE '%%jsonrpc%%'
            """
        )
        self.assertEqual(named, [])
        self.assertEqual(self.database.query("SELECT name FROM ir_model_data WHERE module = %s", _MODULE), [])
        self.assertEqual(self.database.query("SELECT key FROM ir_config_parameter WHERE key = 'web.cors.origins'"), [])
        left = {place: rows for place, rows in self.rows_that_name_us() if place[0] not in _CATALOGUE}
        of_the_catalogue = left.pop(("ir_model_data", "name"), [])
        self.assertEqual([name for name in of_the_catalogue if not name.startswith("module_")], [])
        self.assertEqual(left, {})

    def rows_that_name_us(self):
        columns = self.database.query(
            """
            SELECT table_name, column_name
              FROM information_schema.columns
              JOIN information_schema.tables USING (table_schema, table_name)
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
               AND data_type IN ('character varying', 'text', 'jsonb', 'json')
            """
        )
        self.assertIn(("ir_model_data", "module"), columns)
        with self.database.cursor() as cr:
            for table, column in columns:
                # The database may be named after us: that is nothing of ours in it.
                statement = sql.SQL(
                    "SELECT text FROM (SELECT replace({column}::text, %s, '') AS text FROM {table}) AS row"
                    " WHERE text ~ %s"
                ).format(table=sql.Identifier(table), column=sql.Identifier(column))
                cr.execute(statement, [self.database.name, r"jsonrpc(_gateway|\.key|\.api|\.)|/jsonrpc/2"])
                rows = [text[:100] for (text,) in cr.fetchall()]
                if rows:
                    yield (table, column), rows

    # ------------------------------------------------------------------
    # Odoo's own endpoints
    # ------------------------------------------------------------------

    def odoos_own_answers(self):
        """Work through Odoo's own endpoints as their clients do; gives back what must not change."""
        self.use_odoorpc()
        self.use_xmlrpc()
        self.use_json2()
        self.use_web_client()
        return {name: self.fingerprint(*request) for name, request in self.oddities().items()}

    def use_odoorpc(self):
        address = urlsplit(self.server.url)
        client = odoorpc.ODOO(address.hostname, port=address.port)
        client.login(self.database.name, "admin", "admin")
        self.assertRoundTrip(client.execute)

    def use_xmlrpc(self):
        with xmlrpc.client.ServerProxy(f"{self.server.url}/xmlrpc/2/common") as common:
            uid = common.authenticate(self.database.name, "admin", "admin", {})
        with xmlrpc.client.ServerProxy(f"{self.server.url}/xmlrpc/2/object", allow_none=True) as proxy:
            self.assertRoundTrip(
                lambda model, method, *args: proxy.execute_kw(self.database.name, uid, "admin", model, method, args)
            )

    def use_json2(self):
        names = {
            "create": ["vals_list"],
            "search_read": ["domain", "fields"],
            "write": ["ids", "vals"],
            "unlink": ["ids"],
        }

        def execute(model, method, *args):
            response = requests.post(
                f"{self.server.url}/json/2/{model}/{method}",
                json=dict(zip(names[method], args, strict=True)),
                headers={"Authorization": f"Bearer {self.odoo_key}", "X-Odoo-Database": self.database.name},
                timeout=60,
            )
            self.assertEqual(response.status_code, 200, response.text)
            return response.json()

        self.assertRoundTrip(execute)

    def use_web_client(self):
        web = requests.Session()
        login = {"db": self.database.name, "login": "admin", "password": "admin"}
        answer = self.server.post("/web/session/authenticate", {"jsonrpc": "2.0", "params": login}, session=web)
        self.assertTrue(answer.json()["result"]["uid"])

        def execute(model, method, *args):
            params = {"model": model, "method": method, "args": args, "kwargs": {}}
            body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
            return self.server.post(f"/web/dataset/call_kw/{model}/{method}", body, session=web).json()["result"]

        self.assertRoundTrip(execute)
        self.assertEqual(self.server.request("GET", "/odoo", session=web).status_code, 200)

    def assertRoundTrip(self, execute):
        """Create, read, change and delete a partner by any client."""
        (partner_id,) = execute("res.partner", "create", [{"name": "Grace Hopper"}])
        self.assertTrue(execute("res.partner", "write", [partner_id], {"email": "grace@example.com"}))
        domain = [["id", "=", partner_id]]
        found = execute("res.partner", "search_read", domain, ["name", "email"])
        self.assertEqual(found, [{"id": partner_id, "name": "Grace Hopper", "email": "grace@example.com"}])
        self.assertTrue(execute("res.partner", "unlink", [partner_id]))
        self.assertEqual(execute("res.partner", "search_read", domain, ["name"]), [])

    def oddities(self):
        """Requests whose answers show who reads them: ours would be other ones."""
        version = {"service": "common", "method": "version", "args": []}
        return {
            "call": ("/jsonrpc", {"jsonrpc": "2.0", "method": "call", "params": version, "id": 1}),
            "without id": ("/jsonrpc", {"jsonrpc": "2.0", "method": "call", "params": version}),
            "no such service": (
                "/jsonrpc",
                {"jsonrpc": "2.0", "method": "call", "params": {**version, "service": "x"}},
            ),
            "batch": ("/jsonrpc", [{"jsonrpc": "2.0", "method": "call", "params": version, "id": 1}]),
            "broken": ("/jsonrpc", "{"),
            "text": ("/jsonrpc", "{}", {"Content-Type": "text/plain"}),
            "json/2 of nobody": ("/json/2/res.partner/search_read", {"domain": []}),
            "json/2 with a wrong key": ("/json/2/res.partner/search", {}, {"Authorization": "Bearer wrong"}),
            "session": ("/web/session/get_session_info", {"jsonrpc": "2.0", "params": {}}),
            "webclient version": ("/web/webclient/version_info", {"jsonrpc": "2.0", "params": {}}),
        }

    def fingerprint(self, path, body, headers=None):
        response = self.server.post(path, body, headers=headers)
        kept = {name: value for name, value in response.headers.items() if name not in ("Date", "Set-Cookie")}
        kept.pop("Content-Length", None)
        return response.status_code, kept, _VOLATILE.sub("", response.text)
