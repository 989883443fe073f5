"""Several databases on one server: chosen by header, by filter, or by the calls alone."""

import json

import requests

from odoo.tests import BaseCase, tagged

from ..server_common import Database, Server

UNREACHABLE, UNAUTHENTICATED, NO_METHOD = -32002, -32001, -32601


@tagged("post_install", "-at_install")
class TestMultiDatabase(BaseCase):
    """One server with the addon server-wide, and another without that, over the same databases."""

    @classmethod
    def setUpClass(cls):
        cls.first = cls.entered(Database())
        # A login and a key for each of them.
        cls.key, cls.second_key = cls.first.shell(
            "admin = env.ref('base.user_admin')\n"
            "keys = [env['jsonrpc.key']._issue(name=n, user=admin, access='write', full_orm=True) for n in '12']\n"
            "print(*(token for key, token in keys))"
        ).split()[-2:]
        cls.second = cls.entered(Database(source=cls.first.name))
        cls.first.query("DELETE FROM jsonrpc_key WHERE name = '2'")
        cls.second.query("DELETE FROM jsonrpc_key WHERE name = '1'")
        cls.without = cls.entered(Database(source=cls.first.name))
        cls.empty = cls.entered(Database(source="template1"))
        cls.hidden = cls.entered(Database(name=f"{cls.first.name}_hidden", source=cls.first.name))
        super().setUpClass()
        cls.without.query("UPDATE ir_module_module SET state = 'uninstalled' WHERE name LIKE %s", "%jsonrpc_gateway")
        cls.second.shell(
            "env['res.users'].browse(2).password = 'second-password'\n"
            "env['ir.module.module'].search([('name', '=', 'test_jsonrpc_gateway')]).button_immediate_uninstall()"
        )
        names = [database.name for database in (cls.first, cls.second, cls.without, cls.empty)]
        options = {"dbfilter": f"^({'|'.join(names)})$"}
        cls.server = cls.entered(Server(options={**options, "server_wide_modules": "base,rpc,web,jsonrpc_gateway"}))
        cls.plain = cls.entered(Server(options={**options, "server_wide_modules": "base,rpc,web"}))

    @classmethod
    def entered(cls, context):
        value = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)
        return value

    def header(self, database):
        return {"X-Odoo-Database": database.name}

    def code(self, response):
        self.assertNotIn("result", response)
        return response["error"]["code"]

    # -- by header, without the addon being server-wide

    def test_header_selects_the_database(self):
        for server in (self.plain, self.server):
            result = server.rpc("system.whoami", key=self.key, headers=self.header(self.first))["result"]
            self.assertEqual(result["login"], "admin")
        login = ("common", "login", self.second.name, "admin", "second-password")
        self.assertEqual(self.server.service(*login, headers=self.header(self.second))["result"], 2)

    def test_key_of_one_database_is_none_of_another(self):
        response = self.server.post(
            "/jsonrpc/2/api",
            {"jsonrpc": "2.0", "method": "system.whoami", "id": 1},
            key=self.key,
            headers=self.header(self.second),
        )
        self.assertEqual((response.status_code, response.json()["error"]["code"]), (401, UNAUTHENTICATED))

    def test_header_and_argument_have_to_agree(self):
        response = self.server.service(
            "common", "login", self.second.name, "admin", "second-password", headers=self.header(self.first)
        )
        self.assertEqual(self.code(response), UNREACHABLE)

    def test_without_header_only_server_wide_routes_answer(self):
        body = {"jsonrpc": "2.0", "method": "system.version", "id": 1}
        self.assertEqual(self.plain.post("/jsonrpc/2/api", body).status_code, 404)
        self.assertEqual(self.plain.post("/jsonrpc/2/common", body).status_code, 404)
        self.assertEqual(self.server.post("/jsonrpc/2/api", body).status_code, 404)

    def test_login_by_header_sets_a_usable_cookie(self):
        session = requests.Session()
        options = {"session": session, "headers": self.header(self.first)}
        self.assertEqual(
            self.plain.service("common", "login", self.first.name, "admin", "admin", **options)["result"], 2
        )
        args = (self.first.name, 2, "", "res.users", "read", [[2], ["login"]])
        result = self.plain.service("object", "execute_kw", *args, session=session)
        self.assertEqual(result["result"], [{"id": 2, "login": "admin"}])

    # -- by the argument alone

    def test_version_and_list_need_no_database(self):
        self.assertEqual(self.server.service("common", "version")["result"]["protocol_version"], 1)
        listed = self.server.service("common", "list")["result"]
        self.assertLessEqual({self.first.name, self.second.name}, set(listed))
        self.assertNotIn(self.hidden.name, listed)

    def test_argument_selects_the_database(self):
        self.assertEqual(self.server.service("common", "login", self.first.name, "admin", "admin")["result"], 2)
        self.assertIs(self.server.service("common", "login", self.second.name, "admin", "admin")["result"], False)
        self.assertEqual(
            self.server.service("common", "login", self.second.name, "admin", "second-password")["result"], 2
        )

    def test_login_sets_one_cookie_that_is_usable(self):
        session = requests.Session()
        params = {"service": "common", "method": "login", "args": [self.first.name, "admin", "admin"]}
        response = self.server.post(
            "/jsonrpc/2/common", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}, session=session
        )
        self.assertEqual(len(response.raw.headers.getlist("Set-Cookie")), 1)
        self.assertIn("HttpOnly", response.headers["Set-Cookie"])
        for header in ("X-Request-Id", "Cache-Control", "Content-Type"):
            self.assertEqual(len(response.raw.headers.getlist(header)), 1, header)
        args = (self.first.name, 2, "", "res.users", "read", [[2], ["login"]])
        result = self.server.service("object", "execute_kw", *args, session=session)
        self.assertEqual(result["result"], [{"id": 2, "login": "admin"}])

    def test_failed_login_sets_no_cookie(self):
        params = {"service": "common", "method": "login", "args": [self.first.name, "admin", "wrong"]}
        response = self.server.post(
            "/jsonrpc/2/common", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        )
        self.assertIs(response.json()["result"], False)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_object_by_password_writes_and_commits(self):
        args = (self.first.name, 2, "admin", "res.partner", "create", [{"name": "By argument"}])
        partner = self.server.service("object", "execute_kw", *args)["result"]
        self.assertEqual(self.first.query("SELECT name FROM res_partner WHERE id = %s", partner), [("By argument",)])

    def test_object_by_key(self):
        args = (self.first.name, False, "", "res.users", "search_count", [[["id", "=", 2]]])
        self.assertEqual(self.server.service("object", "execute_kw", *args, key=self.key)["result"], 1)

    def test_error_keeps_its_shape(self):
        args = (self.first.name, 2, "wrong", "res.users", "read", [[2]])
        error = self.server.service("object", "execute_kw", *args)["error"]
        self.assertEqual((error["code"], error["data"]["name"]), (UNAUTHENTICATED, "odoo.exceptions.AccessDenied"))

    def test_databases_out_of_reach_look_the_same(self):
        answers = {}
        logged = len(self.server.log())
        for name in ("no_such_database", "postgres", "", self.hidden.name, self.without.name, self.empty.name):
            for service, *args in (
                ("common", "login", name, "admin", "admin"),
                ("common", "authenticate", name, "admin", "admin", {}),
                ("object", "execute_kw", name, 2, "admin", "res.users", "read", [[2]]),
                ("object", "execute", name, 2, "", "res.users", "read", [2]),
            ):
                with self.subTest(name=name, service=service, method=args[0]):
                    response = self.server.post(
                        f"/jsonrpc/2/{service}",
                        {
                            "jsonrpc": "2.0",
                            "method": "call",
                            "params": {"service": service, "method": args[0], "args": args[1:]},
                            "id": 1,
                        },
                        headers={"X-Request-Id": "same"},
                    )
                    self.assertEqual(self.code(response.json()), UNREACHABLE)
                    seen = (
                        response.status_code,
                        {n for n in response.headers if n != "Date"},
                        json.dumps(response.json()),
                    )
                    self.assertEqual(answers.setdefault((service, args[0]), seen), seen)
        self.assertNotIn("Traceback", self.server.log()[logged:])

    def test_database_without_the_addon_has_no_api(self):
        body = {"jsonrpc": "2.0", "method": "system.version", "id": 1}
        for key in (None, self.key):
            response = self.server.post("/jsonrpc/2/api", body, key=key, headers=self.header(self.without))
            self.assertEqual((response.status_code, response.json()["error"]["code"]), (401, UNAUTHENTICATED))
        common = self.server.service("common", "version", headers=self.header(self.without))
        self.assertIn("server_version", common["result"])
        refused = self.server.service(
            "common", "login", self.without.name, "admin", "admin", headers=self.header(self.without)
        )
        self.assertEqual(self.code(refused), UNREACHABLE)
        self.assertEqual(self.plain.post("/jsonrpc/2/api", body, headers=self.header(self.without)).status_code, 404)

    def test_batch_that_names_two_databases_is_served_on_the_first(self):
        calls = [(self.first.name, "admin"), (self.second.name, "second-password"), (self.first.name, "admin")]
        body = [
            {
                "jsonrpc": "2.0",
                "id": i,
                "method": "call",
                "params": {
                    "service": "object",
                    "method": "execute",
                    "args": [db, 2, password, "res.users", "search_count", []],
                },
            }
            for i, (db, password) in enumerate(calls)
        ]
        answers = self.server.post("/jsonrpc/2/object", body).json()
        self.assertEqual([answer.get("error", {}).get("code") for answer in answers], [None, UNREACHABLE, None])

    def test_methods_of_an_uninstalled_addon_are_gone(self):
        body = {"jsonrpc": "2.0", "method": "call", "params": [1], "id": 1}
        for database, key, there in ((self.first, self.key, True), (self.second, self.second_key, False)):
            options = {"key": key, "headers": self.header(database)}
            methods = self.server.rpc("system.list_methods", **options)["result"]
            self.assertEqual(any(name.startswith("tx.") for name in methods), there)
            self.assertEqual("error" not in self.server.rpc("test.greet", **options), there)
            found = self.server.post("/my_custom_api/get_partner_info", body, **options).status_code == 200
            self.assertEqual(found, there)
