"""Limits: who is refused, what is told, and that failures wait longer each time."""

import time
from dataclasses import replace
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from ...engine.access.credential import Credential
from ...engine.dispatch.context import CallContext
from ...engine.dispatch.limits import lockout
from ...engine.dispatch.limits.buckets import Buckets, Demand, of_database
from ...engine.dispatch.limits.leases import Leases
from ...engine.protocol.errors import RateLimited
from ..common import JsonRpcCase

ECHO = {"jsonrpc": "2.0", "method": "system.echo", "params": ["hi"], "id": 1}


def demand(calls=1, *, name="test", quota=10, window=3600, burst=10):
    return Demand(name=name, label=name, calls=calls, quota=quota, window=window, burst=burst)


@tagged("post_install", "-at_install")
class TestBuckets(TransactionCase):
    def setUp(self):
        super().setUp()
        self.buckets = of_database(self.env.cr.dbname)
        self.buckets.clear()
        self.addCleanup(self.buckets.clear)

    def test_a_full_bucket_holds_its_burst_and_no_call_more(self):
        levels = [self.buckets.take([demand()])[0] for _ in range(12)]
        self.assertEqual([level.granted for level in levels], [True] * 10 + [False] * 2)
        self.assertEqual([level.remaining for level in levels], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0])
        self.assertTrue(355 <= levels[-1].retry_after <= 360)

    def test_a_batch_takes_all_or_nothing(self):
        self.assertTrue(self.buckets.take([demand(7)])[0].granted)
        self.assertFalse(self.buckets.take([demand(4)])[0].granted)
        self.assertTrue(self.buckets.take([demand(3)])[0].granted)

    def test_a_batch_beyond_the_burst_can_never_be_granted(self):
        level = self.buckets.take([demand(11)])[0]
        self.assertEqual((level.granted, level.retry_after, level.remaining), (False, None, 10))

    def test_two_buckets_give_both_or_neither(self):
        small = demand(name="small", quota=1, burst=1)
        self.assertTrue(all(level.granted for level in self.buckets.take([small, demand()])))
        self.assertFalse(self.buckets.take([small, demand()])[0].granted)
        self.assertEqual(self.buckets.take([demand()])[0].remaining, 8)

    def test_calls_flow_back_with_time(self):
        fast = demand(2, name="fast", quota=1000, window=1, burst=2)
        self.assertTrue(self.buckets.take([fast])[0].granted)
        self.env.cr.execute("SELECT pg_sleep(0.01)")
        self.assertTrue(self.buckets.take([fast])[0].granted)

    def test_failures_are_free_first_and_then_double_the_wait(self):
        waits = [self.buckets.fail("failures:x", free=2, longest=6) for _ in range(6)]
        self.assertEqual([round(wait) for wait in waits], [0, 0, 1, 2, 4, 6])
        self.assertAlmostEqual(self.buckets.wait("failures:x"), 6, delta=1)
        self.assertEqual(self.buckets.wait("failures:y"), 0)

    def test_a_lost_connection_is_replaced(self):
        self.buckets.take([demand()])
        self.buckets._connection.close()
        self.assertEqual(self.buckets.take([demand()])[0].remaining, 8)


@tagged("post_install", "-at_install")
class TestLockout(TransactionCase):
    """How soon a process heeds failures that others have counted."""

    def setUp(self):
        super().setUp()
        self.buckets = of_database(self.env.cr.dbname)
        for forget in (self.buckets.clear, lockout._calm.clear):
            forget()
            self.addCleanup(forget)
        public = Credential(kind="public", user_id=None)
        self.context = CallContext(env=self.env, credential=public, request_id="test", remote_addr="203.0.113.9")

    def fail_elsewhere(self):
        for _failure in range(lockout.FREE_FAILURES + 2):
            self.buckets.fail("failures:203.0.113.9", free=lockout.FREE_FAILURES, longest=lockout.LONGEST_LOCKOUT)

    def check(self):
        lockout.check_lockout(self.context)

    def test_an_address_that_was_free_is_not_asked_about_for_a_moment(self):
        with patch.object(lockout, "_CALM", 3600):
            self.check()
            self.fail_elsewhere()
            self.check()

    def test_after_the_moment_it_is_refused(self):
        with patch.object(lockout, "_CALM", 0):
            self.check()
            self.fail_elsewhere()
            self.assertRaises(RateLimited, self.check)

    def test_a_failure_here_ends_the_moment(self):
        with patch.object(lockout, "_CALM", 3600):
            self.check()
            self.fail_elsewhere()
            self.assertRaises(RateLimited, lockout.note_failure, self.env.cr.dbname, "203.0.113.9")
            self.assertRaises(RateLimited, self.check)

    def test_another_address_has_a_moment_of_its_own(self):
        self.check()
        self.fail_elsewhere()
        self.assertRaises(RateLimited, lockout.note_failure, self.env.cr.dbname, "203.0.113.9")
        lockout.check_lockout(replace(self.context, remote_addr="203.0.113.10"))


@tagged("post_install", "-at_install")
class TestLeases(TransactionCase):
    def setUp(self):
        super().setUp()
        self.buckets = of_database(self.env.cr.dbname)
        self.leases = Leases(self.buckets)
        self.other = Leases(self.buckets)
        self.buckets.clear()
        self.addCleanup(self.buckets.clear)

    def test_a_busy_caller_needs_few_statements_and_gets_all_calls_and_none_more(self):
        wanted = demand(quota=2000, burst=2000, window=86400)
        with patch.object(Buckets, "_execute", autospec=True, side_effect=Buckets._execute) as execute:
            levels = [(self.leases if n % 3 else self.other).take([wanted])[0] for n in range(2100)]
        self.assertLess(execute.call_count, 1000)
        granted = [level.granted for level in levels]
        # Two processes, neither of which can hold back one of the last calls.
        self.assertEqual(sum(granted), 2000)
        self.assertEqual(granted, [True] * 2000 + [False] * 100)
        self.assertEqual(levels[0].remaining, 1999)

    def test_what_was_taken_ahead_is_given_back(self):
        wanted = demand(quota=2000, burst=2000, window=86400)
        for _ in range(3):
            self.leases.take([wanted])
        with patch("time.monotonic", return_value=time.monotonic() + 2):
            self.assertEqual(self.leases.take([wanted])[0].remaining, 1996)
        self.assertEqual(self.other.take([wanted])[0].remaining, 1995)

    def test_a_batch_beyond_what_is_held_is_taken_as_a_whole(self):
        wanted = demand(quota=2000, burst=2000, window=86400)
        for _ in range(3):
            self.leases.take([wanted])
        self.assertTrue(self.leases.take([demand(1997, quota=2000, burst=2000, window=86400)])[0].granted)
        self.assertFalse(self.leases.take([wanted])[0].granted)

    def test_a_changed_policy_is_not_served_from_what_is_held(self):
        for _ in range(3):
            self.leases.take([demand(quota=2000, burst=2000)])
        self.assertFalse(self.leases.take([demand(2, quota=1, burst=1)])[0].granted)

    def test_another_process_holds_nothing(self):
        for _ in range(2):
            self.leases.take([demand(quota=2000, burst=2000)])
        self.leases._process = -1
        with patch.object(Buckets, "_execute", autospec=True, side_effect=Buckets._execute) as execute:
            self.leases.take([demand(quota=2000, burst=2000)])
        self.assertEqual(execute.call_count, 1)


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
            of_database(self.env.cr.dbname).fail("failures:127.0.0.1", free=0, longest=100)
        error = login("admin")["error"]
        self.assertEqual((error["code"], error["data"]["limit"]), (-32007, "authentication"))
        of_database(self.env.cr.dbname).clear()
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
