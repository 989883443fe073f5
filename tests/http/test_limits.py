"""Limits: who is refused, what is told, and that failures wait longer each time."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from ...engine.dispatch import process
from ..common import JsonRpcCase

ECHO = {"jsonrpc": "2.0", "method": "system.echo", "params": ["hi"], "id": 1}


@tagged("post_install", "-at_install")
class TestLimits(JsonRpcCase):
    def _limit(self, **values):
        self.env["jsonrpc.limit"].search([]).unlink()
        values = {"name": "test", "subject": "key", "quota": 3, "burst": 3, "window": "hour"} | values
        return self.env["jsonrpc.limit"].create(values)

    def test_a_key_is_refused_beyond_its_quota_and_told_when_to_return(self):
        self._limit()
        key, other = self.issue_key(), self.issue_key()
        answers = [self.post("/jsonrpc/2/api", ECHO, key=key) for _ in range(4)]
        self.assertEqual([answer.status_code for answer in answers], [200, 200, 200, 429])
        self.assertEqual(answers[0].headers["RateLimit-Policy"], '"test";q=3;w=3600')
        self.assertRegex(answers[0].headers["RateLimit"], r'^"test";r=2;t=1(19\d|200)$')
        refused = answers[3]
        self.assertRegex(refused.headers["RateLimit"], r'^"test";r=0;t=\d+$')
        reset = int(refused.headers["RateLimit"].rpartition("=")[2])
        self.assertGreaterEqual(int(refused.headers["Retry-After"]), reset)
        self.assertEqual(refused.headers["Cache-Control"], "no-store")
        error = refused.json()["error"]
        self.assertEqual((refused.json()["id"], error["code"], error["data"]["type"]), (1, -32007, "rate_limited"))
        self.assertEqual(error["data"]["limit"], "test")
        self.assertEqual(self.post("/jsonrpc/2/api", ECHO, key=other).status_code, 200)

    def test_a_batch_costs_what_it_holds_and_is_refused_before_it_runs(self):
        self._limit()
        key = self.issue_key()
        create = {"jsonrpc": "2.0", "method": "partner.create_simple", "params": ["Too many"], "id": 1}
        refused = self.post("/jsonrpc/2/api", [create] * 4, key=key)
        self.assertEqual((refused.status_code, refused.json()["error"]["data"]["retry_after"]), (429, None))
        self.assertNotIn("Retry-After", refused.headers)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Too many")]))
        self.assertEqual(self.post("/jsonrpc/2/api", [create] * 3, key=key).status_code, 200)
        self.assertEqual(self.post("/jsonrpc/2/api", [create], key=key).status_code, 429)

    def test_an_address_without_key_has_limits_of_its_own(self):
        self._limit(subject="address")
        self.assertEqual([self.post("/jsonrpc/2/api", ECHO).status_code for _ in range(4)], [200, 200, 200, 429])
        self.assertEqual(self.post("/jsonrpc/2/api", ECHO, key=self.issue_key()).status_code, 200)

    def test_a_method_has_a_limit_of_its_own(self):
        self._limit(subject="method", method="system.e*", quota=2, burst=2)
        key = self.issue_key()
        self.assertEqual([self.post("/jsonrpc/2/api", ECHO, key=key).status_code for _ in range(3)], [200, 200, 429])
        self.call("system.version", key=key)

    def test_a_method_counts_by_one_name_however_it_is_called(self):
        self._limit(subject="method", method="create_partner", quota=2, burst=2)
        key = self.issue_key(grants={"create_partner": ["call"]})
        codes = [
            self.rpc(name, {"name": "Counted"}, path="/my_custom_api/create_partner", key=key)
            .get("error", {})
            .get("code")
            for name in ("create_partner", "call", "call")
        ]
        self.assertEqual(codes, [None, None, -32007])

    def test_services_count_by_what_they_call(self):
        self._limit(subject="method", method="res.partner/*", quota=2, burst=2)
        key = self.issue_key(full_orm=True)
        for service, name, model, expected in (
            ("object", "execute_kw", "res.users", None),
            ("object", "execute_kw", "res.partner", None),
            ("object", "execute", "res.partner", None),
            ("object", "execute_kw", "res.partner", -32007),
        ):
            args = [self.env.cr.dbname, False, "", model, "search_count", [[]] if name == "execute_kw" else []]
            with self.subTest(name, model=model):
                params = {"service": service, "method": name, "args": args}
                answer = self.rpc("call", params, path="/jsonrpc/2/object", key=key)
                self.assertEqual(answer.get("error", {}).get("code"), expected, answer)

    def test_a_limit_for_some_keys_leaves_the_others_alone(self):
        limited, free = self.issue_key(), self.issue_key()
        limit = self._limit(quota=1, burst=1)
        limit.key_ids = self.env["jsonrpc.key"].search([], limit=2)[1]
        self.assertEqual([self.post("/jsonrpc/2/api", ECHO, key=limited).status_code for _ in range(2)], [200, 429])
        self.assertNotIn("RateLimit", self.post("/jsonrpc/2/api", ECHO, key=free).headers)

    def test_no_limit_sends_no_headers(self):
        self._limit(active=False)
        self.assertNotIn("RateLimit-Policy", self.post("/jsonrpc/2/api", ECHO).headers)

    def test_wrong_keys_are_locked_out_longer_each_time_and_good_ones_never(self):
        key = self.issue_key()
        statuses = [self.post("/jsonrpc/2/api", ECHO, key="jrg_sk_wrong").status_code for _ in range(12)]
        self.assertEqual(statuses, [401] * 10 + [429] * 2)
        refused = self.post("/jsonrpc/2/api", ECHO, key="jrg_sk_wrong")
        self.assertEqual(refused.headers["Retry-After"], "4")
        self.assertEqual(refused.json()["error"]["code"], -32007)
        self.assertEqual(self.post("/jsonrpc/2/api", ECHO, key=key).status_code, 200)

    def test_wrong_passwords_lock_out_right_ones_too(self):
        def login(password):
            params = {"service": "common", "method": "login", "args": [self.env.cr.dbname, "admin", password]}
            return self.rpc("call", params, path="/jsonrpc/2/common")

        for _ in range(4):
            process.served(self.env.cr.dbname).buckets.fail("failures:127.0.0.1", free=0, longest=100)
        error = login("admin")["error"]
        self.assertEqual((error["code"], error["data"]["limit"]), (-32007, "authentication"))
        process.served(self.env.cr.dbname).buckets.clear()
        self.assertEqual(login("admin")["result"], self.admin.id)

    def test_guesses_in_one_batch_lock_out_the_rest_of_it(self):
        def read(password, id_):
            args = [self.env.cr.dbname, self.admin.id, password, "res.partner", "search", [[]], {"limit": 1}]
            params = {"service": "object", "method": "execute_kw", "args": args}
            return {"jsonrpc": "2.0", "method": "call", "params": params, "id": id_}

        passwords = [*(f"guess {n}" for n in range(12)), "admin"]
        batch = [read(password, id_) for id_, password in enumerate(passwords)]
        answers = self.post("/jsonrpc/2/object", batch).json()
        # Odoo's own memory of them, in this process, would stand in the way of other tests.
        self.registry._login_failures.clear()
        codes = [answer.get("error", {}).get("code") for answer in answers]
        self.assertEqual(codes, [*[-32001] * 10, *[-32007] * 3])

    def test_policies_that_make_no_sense_are_refused(self):
        for values in (
            {"name": "Has Blanks"},
            {"name": 'quote"'},
            {"method": "system.echo"},
            {"subject": "method"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._limit(**values)

    def test_only_managers_manage_limits(self):
        limit = self._limit()
        user = new_test_user(self.env, "limits_user", groups="jsonrpc_gateway.jsonrpc_gateway_group_user")
        with self.assertRaises(AccessError):
            limit.with_user(user).read(["name"])
        manager = new_test_user(self.env, "limits_manager", groups="jsonrpc_gateway.jsonrpc_gateway_group_manager")
        limit.with_user(manager).quota = 5
        self.assertEqual(limit.quota, 5)
