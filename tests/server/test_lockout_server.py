"""Guesses at once, on a real server: no more of them are looked at than one after the other."""

from concurrent.futures import ThreadPoolExecutor

from odoo.tests import tagged

from ...engine.dispatch.limits.lockout import FREE_FAILURES
from ..server_common import ServerCase

_AT_ONCE = 10


@tagged("post_install", "-at_install")
class TestLockoutServer(ServerCase):
    def setUp(self):
        super().setUp()
        self.database.query("DELETE FROM jsonrpc_bucket RETURNING name")

    def fail(self, times):
        """As after so many failures, whose wait has just ended."""
        self.database.query(
            "INSERT INTO jsonrpc_bucket (name, full_at, failures)"
            f" VALUES ('failures:127.0.0.1', extract(epoch FROM clock_timestamp()), {int(times)}) RETURNING name"
        )

    def login(self, password):
        return self.server.service("common", "login", self.database.name, "admin", password)

    def read(self, password):
        args = (self.database.name, 2, password, "res.partner", "search", [[]], {"limit": 1})
        return self.server.service("object", "execute_kw", *args)

    def at_once(self, call, passwords):
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(call, passwords))

    def looked_at(self, answers):
        """How many answers are not those of the lockout."""
        return sum(answer.get("error", {}).get("data", {}).get("limit") != "authentication" for answer in answers)

    def failures(self):
        ((failures,),) = self.database.query("SELECT failures FROM jsonrpc_bucket WHERE name = 'failures:127.0.0.1'")
        return failures

    def test_just_after_a_lockout_one_guess_is_counted_and_all_others_wait(self):
        for call in (self.login, self.read):
            with self.subTest(call.__name__):
                self.setUp()
                self.fail(FREE_FAILURES + 3)
                answers = self.at_once(call, [f"guess {n}" for n in range(_AT_ONCE)])
                # The one that is looked at is wrong, and told to wait like the others.
                self.assertEqual(self.looked_at(answers), 0)
                self.assertEqual(self.failures(), FREE_FAILURES + 4)

    def test_before_the_lockout_no_more_are_looked_at_than_are_free(self):
        self.fail(FREE_FAILURES - 2)
        answers = self.at_once(self.login, [f"guess {n}" for n in range(_AT_ONCE)])
        self.assertEqual(self.looked_at(answers), 2)
        self.assertEqual(self.failures(), FREE_FAILURES + 1)

    def test_right_password_costs_nothing(self):
        self.fail(FREE_FAILURES + 3)
        for _time in range(2):
            self.assertEqual(self.login("admin")["result"], 2)
        self.assertEqual(self.failures(), FREE_FAILURES + 3)
