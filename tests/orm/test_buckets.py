"""Buckets, leases and the lockout: the numbers behind limits."""

import time
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ...engine.access.recent import Recent
from ...engine.dispatch import process
from ...engine.dispatch.limits import lockout
from ...engine.dispatch.limits.buckets import Buckets, Demand
from ...engine.dispatch.limits.leases import Leases
from ...engine.protocol.errors import RateLimited


def demand(calls=1, *, name="test", quota=10, window=3600, burst=10):
    return Demand(name=name, label=name, calls=calls, quota=quota, window=window, burst=burst)


@tagged("post_install", "-at_install")
class TestBuckets(TransactionCase):
    def setUp(self):
        super().setUp()
        self.buckets = process.served(self.env.cr.dbname).buckets
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
        count, wait = self.buckets.failures("failures:x")
        self.assertEqual((count, round(wait)), (6, 6))
        self.assertEqual(self.buckets.failures("failures:y"), (0, 0))

    def test_an_attempt_is_counted_in_advance_by_who_has_failed_and_need_not_wait(self):
        rules = {"free": 1, "longest": 6}
        self.assertIsNone(self.buckets.attempt("failures:x", **rules))
        self.buckets.fail("failures:x", **rules)
        self.assertAlmostEqual(self.buckets.attempt("failures:x", **rules), 1, delta=0.1)
        self.assertIsNone(self.buckets.attempt("failures:x", **rules))
        self.assertEqual(self.buckets.failures("failures:x")[0], 2)

    def test_what_was_no_failure_is_forgiven(self):
        rules = {"free": 1, "longest": 6}
        self.buckets.fail("failures:x", **rules)
        for _time in range(3):
            self.buckets.forgive("failures:x", self.buckets.attempt("failures:x", **rules))
        self.assertEqual(self.buckets.failures("failures:x"), (1, 0))

    def test_what_says_nothing_any_more_is_purged(self):
        self.buckets.take([demand(), demand(name="small", quota=100, window=1, burst=1)])
        self.buckets.fail("failures:x", free=1, longest=6)
        self.env.cr.execute("SELECT pg_sleep(0.02)")
        self.buckets.purge()
        found = self.buckets._run("SELECT name FROM jsonrpc_bucket ORDER BY name", ())
        self.assertEqual(found, [("failures:x",), ("test",)])

    def test_a_lost_connection_is_replaced(self):
        self.buckets.take([demand()])
        self.buckets._connection._connection.close()
        self.assertEqual(self.buckets.take([demand()])[0].remaining, 8)


@tagged("post_install", "-at_install")
class TestLockout(TransactionCase):
    """How soon a process heeds failures that others have counted."""

    def setUp(self):
        super().setUp()
        self.buckets = process.served(self.env.cr.dbname).buckets
        calm = Recent(3600, 10)
        self.patch(process.served(self.env.cr.dbname), "calm", calm)
        for forget in (self.buckets.clear, calm.clear):
            forget()
            self.addCleanup(forget)

    def fail_elsewhere(self):
        for _failure in range(lockout.FREE_FAILURES + 2):
            self.buckets.fail("failures:203.0.113.9", free=lockout.FREE_FAILURES, longest=lockout.LONGEST_LOCKOUT)

    def check(self, remote_addr="203.0.113.9"):
        with lockout.attempt(self.env.cr.dbname, remote_addr, wrong=(KeyError,)):
            pass

    def guess(self):
        with lockout.attempt(self.env.cr.dbname, "203.0.113.9", wrong=(KeyError,)):
            raise KeyError

    def test_an_address_that_was_free_is_not_asked_about_for_a_moment(self):
        self.check()
        self.fail_elsewhere()
        self.check()

    def test_after_the_moment_it_is_refused(self):
        self.patch(process.served(self.env.cr.dbname), "calm", Recent(0, 10))
        self.check()
        self.fail_elsewhere()
        self.assertRaises(RateLimited, self.check)

    def test_a_failure_here_ends_the_moment(self):
        self.check()
        self.fail_elsewhere()
        self.assertRaises(RateLimited, lockout.note_failure, self.env.cr.dbname, "203.0.113.9")
        self.assertRaises(RateLimited, self.check)

    def test_another_address_has_a_moment_of_its_own(self):
        self.check()
        self.fail_elsewhere()
        self.assertRaises(RateLimited, lockout.note_failure, self.env.cr.dbname, "203.0.113.9")
        self.check("203.0.113.10")

    def test_wrong_guesses_are_free_until_they_are_not(self):
        for _time in range(lockout.FREE_FAILURES):
            self.assertRaises(KeyError, self.guess)
        self.assertRaises(RateLimited, self.guess)
        self.assertRaises(RateLimited, self.check)

    def test_other_failures_are_no_guess(self):
        self.assertRaises(KeyError, self.guess)
        with self.assertRaises(ValueError), lockout.attempt(self.env.cr.dbname, "203.0.113.9", wrong=(KeyError,)):
            raise ValueError
        self.assertEqual(self.buckets.failures("failures:203.0.113.9"), (1, 0))


@tagged("post_install", "-at_install")
class TestLeases(TransactionCase):
    def setUp(self):
        super().setUp()
        self.buckets = process.served(self.env.cr.dbname).buckets
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

    def test_what_is_held_can_all_be_given_back(self):
        wanted = demand(quota=2000, burst=2000, window=86400)
        for _ in range(3):
            self.leases.take([wanted])
        self.leases.give_back()
        self.assertEqual(self.buckets.take([wanted])[0].remaining, 1996)
