"""What a restricted key may do over HTTP: by its lines, in its companies, from its addresses and pages."""

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ...engine.protocol import errors
from ..common import JsonRpcCase

USER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"
SHOP = "https://shop.example.com"


@tagged("post_install", "-at_install")
class TestRestrictedKey(JsonRpcCase):
    """OWASP API5, broken function level authorization: default deny, method by method."""

    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Ann"})

    def read(self, key):
        return self.rpc("partner.get_info", {"partner_id": self.partner.id}, key=key)

    def create(self, key):
        return self.rpc("partner.create_simple", {"name": "Bea"}, key=key)

    def assert_forbidden(self, response, namespace, action):
        self.assertEqual(response["error"]["code"], errors.Forbidden.code)
        self.assertEqual(response["error"]["data"]["grant"], {"namespace": namespace, "action": action})

    def test_key_without_grants_may_call_nothing(self):
        key = self.issue_key(grants={})
        self.assert_forbidden(self.read(key), "partner", "read")
        self.assert_forbidden(self.create(key), "partner", "create")

    def test_grant_opens_its_action_only(self):
        reading = self.issue_key(grants={"partner": ["read"]})
        self.assertEqual(self.read(reading)["result"]["name"], "Ann")
        self.assert_forbidden(self.create(reading), "partner", "create")
        creating = self.issue_key(grants={"partner": ["create"]})
        self.assertIn("partner_id", self.create(creating)["result"])
        self.assert_forbidden(self.read(creating), "partner", "read")

    def test_refused_create_creates_nothing(self):
        before = self.env["res.partner"].search_count([])
        self.create(self.issue_key(grants={"partner": ["read", "update", "delete", "call"]}))
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_grants_do_not_widen_access(self):
        key = self.issue_key(access="read", grants={"partner": ["read", "create"]})
        self.assertIn("result", self.read(key))
        self.assertEqual(self.create(key)["error"]["code"], errors.Forbidden.code)

    def test_grants_do_not_widen_the_users_rights(self):
        user = new_test_user(self.env, "no.creator", "base.group_user")
        self.assertFalse(self.env["res.partner"].with_user(user).has_access("create"))
        key = self.issue_key(user, grants={"partner": ["read", "create"]})
        self.assertEqual(self.create(key)["error"]["code"], errors.Forbidden.code)

    def test_everything_read_only_and_everything_need_no_lines(self):
        reading, writing = self.issue_key(access="read"), self.issue_key(access="write")
        self.assertIn("result", self.read(reading))
        self.assertEqual(self.create(reading)["error"]["code"], errors.Forbidden.code)
        self.assertIn("result", self.read(writing))
        self.assertIn("result", self.create(writing))

    def test_lists_and_documents_show_what_is_granted(self):
        everything = set(self.call("system.list_methods", key=self.issue_key()))
        public = set(self.call("system.list_methods"))
        for grants, seen in (
            ({}, set()),
            ({"partner": ["read"]}, {"partner.get_info"}),
            ({"partner": ["create"]}, {"partner.create_simple"}),
        ):
            with self.subTest(grants=grants):
                key = self.issue_key(grants=grants)
                listed = set(self.call("system.list_methods", key=key))
                self.assertEqual(listed & {"partner.get_info", "partner.create_simple"}, seen)
                self.assertLessEqual(public | {"system.whoami"}, listed)
                self.assertFalse({name for name in listed - public if name.split(".")[0] not in {*grants, "system"}})
                discovered = {method["name"] for method in self.call("rpc.discover", key=key)["methods"]}
                self.assertEqual(discovered, listed)
                for name in everything - listed:
                    self.assertEqual(self.refused(name, key=key)["code"], errors.Forbidden.code, name)

    def test_callers_about_themselves_need_no_grant(self):
        self.assertEqual(self.call("system.whoami", key=self.issue_key(grants={}))["login"], "admin")

    def test_batch_is_refused_call_by_call(self):
        key = self.issue_key(grants={"partner": ["read"]})
        calls = [
            {"jsonrpc": "2.0", "method": "partner.get_info", "params": [self.partner.id], "id": 1},
            {"jsonrpc": "2.0", "method": "partner.create_simple", "params": ["Bea"], "id": 2},
        ]
        first, second = self.post("/jsonrpc/2/api", calls, key=key).json()
        self.assertIn("result", first)
        self.assert_forbidden(second, "partner", "create")

    def test_object_is_closed_to_restricted_keys(self):
        for grants in ({}, {"partner": ["read", "call"]}):
            body = {"service": "object", "method": "execute_kw"}
            body["args"] = [self.env.cr.dbname, None, "", "res.partner", "search", [[]]]
            error = self.refused("call", body, key=self.issue_key(grants=grants), path="/jsonrpc/2/object")
            self.assertEqual(error["code"], errors.Forbidden.code)

    def test_key_manages_no_keys_nor_itself(self):
        key, token = self.env["jsonrpc.key"]._issue(
            name="Test", user=self.admin, access="write", full_orm=True, company_ids=self.env.company.ids
        )
        for model, method, args in (
            ("jsonrpc.key", "write", [[key.id], {"company_ids": [[5]]}]),
            ("jsonrpc.key", "action_revoke", [[key.id]]),
            ("jsonrpc.key", "search_read", [[]]),
            ("jsonrpc.key.grant", "create", [{"key_id": key.id, "namespace": "partner"}]),
            ("jsonrpc.key.issue", "create", [{"name": "Mine"}]),
            ("jsonrpc.key.rotate", "create", [{"key_id": key.id}]),
            ("jsonrpc.limit", "create", [{"name": "x", "key_ids": [[1, key.id, {"company_ids": [[5]]}]]}]),
        ):
            params = {"service": "object", "method": "execute_kw"}
            params["args"] = [self.env.cr.dbname, None, "", model, method, args]
            with self.subTest(model, method=method):
                error = self.refused("call", params, key=token, path="/jsonrpc/2/object")
                self.assertEqual(error["code"], errors.Forbidden.code)
            params["method"], params["args"] = "execute", [*params["args"][:5], *args]
            self.assertIn("error", self.rpc("call", params, key=token, path="/jsonrpc/2/object"))
        self.assertEqual(key.company_ids, self.env.company)

    def test_password_manages_keys(self):
        params = {"service": "object", "method": "execute_kw"}
        params["args"] = [self.env.cr.dbname, self.admin.id, "admin", "jsonrpc.key", "search_count", [[]]]
        self.assertEqual(
            self.call("call", params, path="/jsonrpc/2/object"), self.env["jsonrpc.key"].search_count([])
        )

    def test_changed_grants_hold_at_the_next_call(self):
        model = self.env["jsonrpc.key"]
        key, token = model._issue(name="Test", user=self.admin, access="write", grants={"partner": ["read"]})
        self.assertIn("result", self.read(token))
        key.grant_ids.may_create = True
        self.assertIn("result", self.create(token))
        key.grant_ids.may_read = False
        self.assertIn("error", self.read(token))
        key.grant_ids.unlink()
        self.assertIn("error", self.create(token))
        key.grant_ids = [Command.create({"namespace": "partner"})]
        self.assertIn("result", self.read(token))
        key.reach = "all"
        self.assertIn("result", self.create(token))
        key.reach = "restricted"
        self.assertIn("error", self.create(token))


@tagged("post_install", "-at_install")
class TestAddressOverHttp(JsonRpcCase):
    def test_header_of_a_proxy_is_not_believed(self):
        key = self.issue_key(addresses="203.0.113.7")
        forged = {"X-Real-IP": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
        for headers in ({}, {"X-Forwarded-For": "203.0.113.7"}, forged):
            response = self.post("/jsonrpc/2/api", {}, key=key, headers=headers)
            self.assertEqual(response.status_code, 401)
        self.assertIn("login", self.call("system.whoami", key=self.issue_key(addresses="127.0.0.0/8 ::1")))


@tagged("post_install", "-at_install")
class TestCompanies(JsonRpcCase):
    """OWASP API1, broken object level authorization: a key for company A does not see B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a, cls.b = cls.env["res.company"].create([{"name": "A"}, {"name": "B"}])
        cls.user = new_test_user(
            cls.env, "key.user", USER + ",base.group_partner_manager",
            company_id=cls.a.id, company_ids=[Command.set((cls.a | cls.b).ids)],
        )  # fmt: skip
        cls.partner_a, cls.partner_b = cls.env["res.partner"].create(
            [{"name": "Of A", "company_id": cls.a.id}, {"name": "Of B", "company_id": cls.b.id}]
        )

    def name_of(self, partner, key):
        response = self.rpc("partner.get_info", {"partner_id": partner.id}, key=key)
        return response["result"]["name"] if "result" in response else response["error"]["data"]["type"]

    def found(self, key, **context):
        domain = [("id", "in", (self.partner_a | self.partner_b).ids)]
        args = [self.env.cr.dbname, None, "", "res.partner", "search", [domain]]
        params = {"service": "object", "method": "execute_kw", "args": [*args, {"context": context} if context else {}]}
        response = self.rpc("call", params, key=key, path="/jsonrpc/2/object")
        return response["result"] if "result" in response else response["error"]["data"]["name"]

    def test_key_sees_its_companies_only(self):
        for companies, names in (
            ((), ["Of A", "Of B"]),
            (self.a, ["Of A", "not_found"]),
            (self.b, ["not_found", "Of B"]),
            (self.a | self.b, ["Of A", "Of B"]),
        ):
            with self.subTest(companies=companies):
                key = self.issue_key(self.user, company_ids=companies and companies.ids)
                self.assertEqual([self.name_of(self.partner_a, key), self.name_of(self.partner_b, key)], names)

    def test_key_works_in_its_company(self):
        self.assertEqual(self.call("system.whoami", key=self.issue_key(self.user))["company"]["name"], "A")
        key = self.issue_key(self.user, company_ids=self.b.ids)
        self.assertEqual(self.call("system.whoami", key=key)["company"]["name"], "B")
        key = self.issue_key(self.user, company_ids=(self.b | self.a).ids)
        self.assertEqual(self.call("system.whoami", key=key)["company"]["name"], "A")

    def test_object_is_restricted_too(self):
        key = self.issue_key(self.user, full_orm=True, company_ids=self.b.ids)
        self.assertEqual(self.found(key), self.partner_b.ids)
        self.assertEqual(self.found(key, allowed_company_ids=self.b.ids), self.partner_b.ids)
        self.assertEqual(self.found(key, allowed_company_ids=[]), self.partner_b.ids)
        both = (self.a | self.b).ids
        for context in ({"allowed_company_ids": self.a.ids}, {"company_id": self.a.id}, {"allowed_company_ids": both}):
            self.assertEqual(self.found(key, **context), "odoo.exceptions.AccessError", context)

    def test_object_of_a_free_key_is_not(self):
        key = self.issue_key(self.user, full_orm=True)
        found = self.found(key, allowed_company_ids=(self.a | self.b).ids)
        self.assertEqual(sorted(found), (self.partner_a | self.partner_b).ids)

    def test_key_of_a_company_that_its_user_left_is_refused(self):
        key = self.issue_key(self.user, company_ids=self.b.ids)
        self.assertIn("login", self.call("system.whoami", key=key))
        self.user.company_ids = self.a
        self.assertEqual(self.post("/jsonrpc/2/api", {}, key=key).status_code, 401)

    def test_company_of_others_is_refused(self):
        stranger = self.env["res.company"].create({"name": "C"})
        with self.assertRaisesRegex(ValidationError, "does not belong to C"):
            self.issue_key(self.user, company_ids=stranger.ids)

    def test_company_does_not_go_from_under_a_key(self):
        self.env["jsonrpc.key"]._issue(name="Test", user=self.user, company_ids=self.b.ids)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT confdeltype FROM pg_constraint WHERE conrelid = 'jsonrpc_key_company_rel'::regclass"
            " AND confrelid = 'res_company'::regclass"
        )
        self.assertEqual(self.env.cr.fetchall(), [("r",)])


@tagged("post_install", "-at_install")
class TestOrigins(JsonRpcCase):
    """A secret key that is bound to pages."""

    def status(self, key, origin=None):
        headers = {"Origin": origin} if origin else {}
        return self.post("/jsonrpc/2/api", {}, key=key, headers=headers).status_code

    def test_key_without_origins_comes_from_anywhere(self):
        key = self.issue_key()
        self.assertEqual((self.status(key), self.status(key, SHOP)), (200, 200))

    def test_bound_key_comes_from_its_pages_and_from_programs(self):
        key = self.issue_key(origins=f"{SHOP}, http://localhost:8080")
        self.assertEqual(self.status(key), 200)
        self.assertEqual(self.status(key, SHOP), 200)
        self.assertEqual(self.status(key, "http://localhost:8080"), 200)
        for origin in ("http://shop.example.com", f"{SHOP}:8443", f"{SHOP}.evil.com", "null", f"{SHOP}/"):
            self.assertEqual(self.status(key, origin), 401, origin)

    def test_what_is_no_origin_is_refused_by_name(self):
        for text in ("*", "shop.example.com", f"{SHOP}/", f"{SHOP}, null"):
            with self.subTest(text), self.assertRaisesRegex(ValidationError, "is not the origin"):
                self.issue_key(origins=text)
