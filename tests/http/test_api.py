"""The curated API: the built-in methods, by every kind of caller."""

from odoo.tests import new_test_user

from ..common import JsonRpcCase

API = "/jsonrpc/2/api"
PARAMS, NO_METHOD, INTERNAL = -32602, -32601, -32603
UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, VALIDATION, USER = -32001, -32002, -32003, -32004, -32005


class ApiCase(JsonRpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Ann",
                "email": "ann@example.com",
                "phone": "+1 555 0100",
                "is_company": True,
                "user_id": cls.admin.id,
            }
        )
        cls.card = {
            "id": cls.partner.id,
            "name": "Ann",
            "email": "ann@example.com",
            "phone": "+1 555 0100",
            "is_company": True,
            "salesperson": cls.admin.name,
        }

    def setUp(self):
        super().setUp()
        self.key = self.issue_key()

    def paths(self, error):
        return [item["path"] for item in error["data"]["errors"]]


class TestSystem(ApiCase):
    def test_echo_gives_back_any_value(self):
        for value in (None, True, 0, -1.5, "", "ünï", [], [1, [2]], {}, {"a": {"b": None}}, 2**63):
            with self.subTest(value=value):
                self.assertEqual(self.call("system.echo", {"value": value}), value)

    def test_version_names_both(self):
        version = self.call("system.version")
        self.assertEqual(set(version), {"gateway", "odoo"})
        self.assertTrue(version["odoo"].startswith("19.0"))

    def test_whoami_tells_user_and_key(self):
        caller = self.call("system.whoami", key=self.issue_key(access="read"))
        self.assertEqual((caller["credential"], caller["key"], caller["access"]), ("key", "Test", "read"))
        self.assertEqual((caller["login"], caller["user"]["id"]), ("admin", self.admin.id))
        self.assertEqual(caller["company"]["id"], self.admin.company_id.id)

    def test_whoami_needs_a_caller(self):
        self.assertEqual(self.refused("system.whoami")["code"], UNAUTHENTICATED)

    def test_list_methods_holds_what_the_caller_may_call(self):
        everything = self.call("system.list_methods", key=self.key)
        self.assertLessEqual({"partner.get_info", "partner.create_simple", "tx.write", "system.echo"}, set(everything))
        self.assertEqual(everything, sorted(everything))
        reading = self.call("system.list_methods", key=self.issue_key(access="read"))
        self.assertIn("partner.get_info", reading)
        self.assertNotIn("partner.create_simple", reading)
        public = self.call("system.list_methods")
        self.assertLessEqual({"system.echo", "system.version", "test.greet"}, set(public))
        self.assertFalse({"partner.get_info", "system.whoami", "tx.count"} & set(public))

    def test_listed_methods_are_the_ones_that_can_be_called(self):
        for key in (None, self.issue_key(access="read")):
            listed = set(self.call("system.list_methods", key=key))
            for name in self.call("system.list_methods", key=self.key):
                with self.subTest(name=name):
                    # Wrong params: what may be called says so, what may not is refused before.
                    error = self.rpc(name, {"no such param": 1}, key=key).get("error", {"code": None})
                    self.assertEqual(error["code"] in (UNAUTHENTICATED, FORBIDDEN), name not in listed)


class TestPartner(ApiCase):
    def test_get_info_returns_the_partner(self):
        for params in ({"partner_id": self.partner.id}, [self.partner.id]):
            for path in (API, f"{API}/partner.get_info"):
                with self.subTest(params=params, path=path):
                    self.assertEqual(self.call("partner.get_info", params, key=self.key, path=path), self.card)

    def test_get_info_has_null_for_what_is_empty(self):
        partner = self.env["res.partner"].create({"name": "Bob"})
        card = self.call("partner.get_info", [partner.id], key=self.key)
        self.assertEqual(
            card,
            {"id": partner.id, "name": "Bob", "email": None, "phone": None, "is_company": False, "salesperson": None},
        )

    def test_get_info_finds_archived_partners(self):
        self.partner.active = False
        self.assertEqual(self.call("partner.get_info", [self.partner.id], key=self.key), self.card)

    def test_missing_and_hidden_partner_look_the_same(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        hidden = self.env["res.partner"].create({"name": "Hidden", "company_id": company.id})
        key = self.issue_key(new_test_user(self.env, "plain"))
        self.env.flush_all()
        errors = []
        for partner_id in (hidden.id, 2**31 - 1):
            error = self.refused("partner.get_info", [partner_id], key=key)
            self.assertEqual((error["code"], error["data"].pop("type")), (NOT_FOUND, "not_found"))
            error["data"].pop("request_id")
            errors.append(str(error).replace(str(partner_id), "?"))
        self.assertEqual(errors[0], errors[1])

    def test_get_info_refuses_what_is_no_id(self):
        for params in (
            {},
            [],
            ["1"],
            [True],
            [1.0],
            [None],
            [0],
            [-1],
            [2**31],
            [2**64 - 1],
            [[1]],
            [1, 2],
            {"id": 1},
            {"partner_id": 1, "x": 2},
            {"Partner_id": 1},
        ):
            with self.subTest(params=params):
                error = self.refused("partner.get_info", params, key=self.key)
                self.assertEqual((error["code"], error["data"]["type"]), (PARAMS, "invalid_params"))
                self.assertTrue(self.paths(error))

    def test_create_simple_creates_a_partner(self):
        for params in ({"name": " Cy "}, ["Cy"], ["Cy", None], {"name": "Cy", "email": "cy@example.com"}):
            for path in (API, f"{API}/partner.create_simple"):
                with self.subTest(params=params, path=path):
                    result = self.call("partner.create_simple", params, key=self.key, path=path)
                    self.assertEqual(set(result), {"partner_id"})
                    partner = self.env["res.partner"].browse(result["partner_id"])
                    self.assertEqual(partner.name, "Cy")
                    self.assertEqual(partner.email, isinstance(params, dict) and params.get("email", False))
                    self.assertEqual(partner.create_uid, self.admin)

    def test_create_simple_refuses_what_is_no_name(self):
        for params, path in (
            ({}, "name"),
            ({"name": ""}, "name"),
            ({"name": "  "}, "name"),
            ({"name": None}, "name"),
            ({"name": 5}, "name"),
            ({"name": "x", "email": 5}, "email"),
            ({"name": "x", "phone": "y"}, "phone"),
        ):
            with self.subTest(params=params):
                error = self.refused("partner.create_simple", params, key=self.key)
                self.assertEqual(error["code"], PARAMS)
                self.assertIn(path, self.paths(error))

    def test_all_failures_are_told_at_once(self):
        error = self.refused("partner.create_simple", {"name": "", "email": 1, "x": 2}, key=self.key)
        self.assertEqual(set(self.paths(error)), {"name", "email", "x"})

    def test_create_simple_without_the_right_is_forbidden(self):
        key = self.issue_key(new_test_user(self.env, "plain"))
        error = self.refused("partner.create_simple", ["Cy"], key=key)
        self.assertEqual((error["code"], error["data"]["type"]), (FORBIDDEN, "forbidden"))
        self.assertNotIn("debug", error["data"])

    def test_create_simple_with_a_read_only_key_is_forbidden(self):
        error = self.refused("partner.create_simple", ["Cy"], key=self.issue_key(access="read"))
        self.assertEqual(error["code"], FORBIDDEN)

    def test_batch_and_notifications_have_their_effect(self):
        def call(name, **more):
            return {"jsonrpc": "2.0", "method": "partner.create_simple", "params": [name], **more}

        names = ["of a batch 1", "of a batch 2", "of a notification"]
        answers = self.post(
            API, [call(names[0], id=1), call(names[2]), call("", id=2), call(names[1], id=3)], key=self.key
        )
        self.assertEqual([(a["id"], "result" in a) for a in answers.json()], [(1, True), (2, False), (3, True)])
        self.assertEqual(self.env["res.partner"].search_count([("name", "in", names)]), 3)
        self.assertEqual(self.post(API, call("alone"), key=self.key).content, b"")
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "alone")]), 1)


class TestCallers(ApiCase):
    def test_session_caller_has_the_rights_of_the_user(self):
        self.authenticate("admin", "admin")
        self.assertEqual(self.call("partner.get_info", [self.partner.id]), self.card)
        self.assertIn("partner_id", self.call("partner.create_simple", ["Cy"]))
        self.assertEqual(self.call("system.whoami")["key"], None)

    def test_portal_session_sees_its_own_records_only(self):
        portal = new_test_user(self.env, "portal-user", "base.group_portal", password="portal-user")
        self.authenticate("portal-user", "portal-user")
        self.assertEqual(self.refused("partner.get_info", [self.partner.id])["code"], NOT_FOUND)
        self.assertEqual(self.call("partner.get_info", [portal.partner_id.id])["id"], portal.partner_id.id)
        self.assertEqual(self.refused("partner.create_simple", ["Cy"])["code"], FORBIDDEN)

    def test_key_wins_over_the_session(self):
        self.authenticate("admin", "admin")
        key = self.issue_key(new_test_user(self.env, "plain"))
        self.assertEqual(self.call("system.whoami", key=key)["login"], "plain")

    def test_public_caller_reaches_public_methods_only(self):
        self.assertEqual(self.call("test.greet", ["you"]), "Hello you!")
        for name, params in (("partner.get_info", [1]), ("tx.count", ["a"]), ("test.add", [1, 2])):
            self.assertEqual(self.refused(name, params)["code"], UNAUTHENTICATED)

    def test_caller_without_rights_learns_nothing_of_params(self):
        self.assertEqual(self.refused("partner.get_info", {"wrong": 1})["code"], UNAUTHENTICATED)
