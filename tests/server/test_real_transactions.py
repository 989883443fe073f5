"""Transactions on a real server: replays, locks, lost connections."""

import contextlib
import re
import time
from concurrent.futures import ThreadPoolExecutor

from ..server_common import ServerCase

INTERNAL, REFUSED = -32603, -32005
#: Seconds that something has to happen, on a slow machine too.
PATIENCE = 60
#: Number of the advisory lock that holds a method up.
LOCK = 4711
#: Who waits for it.
HELD_UP = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class TestRealTransactions(ServerCase):
    """What only real connections show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.database.issue_key()
        # The registry of the server is loaded by its first request.
        cls.server.rpc("system.version")

    def setUp(self):
        super().setUp()
        self.database.query("DELETE FROM test_jsonrpc_gateway_note")

    def rpc(self, name, *params):
        return self.server.rpc(name, list(params), key=self.key)

    def batch(self, *calls):
        body = [
            {"jsonrpc": "2.0", "method": name, "params": params, "id": i} for i, (name, *params) in enumerate(calls)
        ]
        return self.server.post("/jsonrpc/2/api", body, key=self.key).json()

    def notes(self):
        return dict(self.database.query("SELECT name, number FROM test_jsonrpc_gateway_note ORDER BY id"))

    def logged_during(self, function):
        before = len(self.server.log())
        result = function()
        return result, self.server.log()[before:]

    @contextlib.contextmanager
    def held_up(self, function, *args):
        """Run a request until its ``tx.increment_behind`` has read, and has not written yet.

        Gives a future, and a function that lets the request go on; the end of the context does so too.
        """
        with ThreadPoolExecutor(1) as pool, contextlib.ExitStack() as stack:
            stack.enter_context(self.database.cursor()).execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            call = pool.submit(function, *args)
            deadline = time.monotonic() + PATIENCE
            while not self.database.query(HELD_UP):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            yield call, stack.close

    def test_serialization_failure_replays_the_whole_request_with_one_effect(self):
        self.rpc("tx.write", "counter")
        calls = ("tx.write", "once"), ("tx.increment_behind", "counter", LOCK)
        with self.held_up(self.batch, *calls) as (batch, go_on):
            self.database.query("UPDATE test_jsonrpc_gateway_note SET number = 10 WHERE name = 'counter'")
            go_on()
            answers = batch.result()
        self.assertIn("SERIALIZATION_FAILURE", self.server.log())
        self.assertEqual(answers[1]["result"], 11)
        self.assertEqual(self.database.query("SELECT count(*) FROM test_jsonrpc_gateway_note"), [(2,)])
        self.assertEqual(self.notes(), {"counter": 11, "once": 0})

    def test_who_may_only_read_writes_nothing_after_a_method_ends_the_transaction(self):
        reader = self.database.issue_key(access="read")
        for params in (["first", True], ["first", False]):
            body = [
                {"jsonrpc": "2.0", "method": "tx.end_and_write", "params": params, "id": 1},
                {"jsonrpc": "2.0", "method": "tx.lie", "params": ["second"], "id": 2},
            ]
            for sent in (body, body[0]):
                with self.subTest(params=params, batch=isinstance(sent, list)):
                    answers = self.server.post("/jsonrpc/2/api", sent, key=reader).json()
                    for answer in answers if isinstance(answers, list) else [answers]:
                        self.assertEqual(answer["error"]["data"]["type"], "forbidden", self.server.log()[-5000:])
                    self.assertEqual(self.notes(), {})
        # The connection that read only serves the next one, who may write.
        self.assertIn("result", self.rpc("tx.write", "third"))

    def test_two_callers_at_once_both_count(self):
        self.rpc("tx.write", "counter")
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: self.rpc("tx.increment", "counter", 0.3)["result"], range(2)))
        self.assertEqual(sorted(answers), [1, 2])
        self.assertEqual(self.notes(), {"counter": 2})

    def test_lock_that_is_released_in_time_is_waited_for(self):
        self.rpc("tx.write", "locked")
        with self.database.cursor() as cr:
            cr.execute("SELECT id FROM test_jsonrpc_gateway_note FOR UPDATE")
            with ThreadPoolExecutor(1) as pool:
                call = pool.submit(self.rpc, "tx.lock", "locked")
                deadline = time.monotonic() + PATIENCE
                while "LOCK_NOT_AVAILABLE" not in self.server.log():
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(0.02)
                cr.connection.commit()
                self.assertIn("result", call.result())

    def test_batch_is_invisible_until_it_is_whole(self):
        self.rpc("tx.write", "counter")
        calls = ("tx.write", "early"), ("tx.increment_behind", "counter", LOCK)
        with self.held_up(self.batch, *calls) as (batch, go_on):
            self.assertEqual(self.notes(), {"counter": 0})
            go_on()
            batch.result()
        self.assertEqual(self.notes(), {"counter": 1, "early": 0})

    def test_hooks_of_failed_calls_are_dropped(self):
        calls = [("tx.hook", "a"), ("tx.hook", "b", True), ("tx.hook", "c"), ("tx.hook", "d", True)]
        _answers, log = self.logged_during(lambda: self.batch(*calls))
        self.assertEqual(re.findall(r"committed: (\S+)", log), ["['a']", "['c']"])
        self.assertEqual(re.findall(r"rolled back: (\S+)", log), ["b", "d"])

    def test_hooks_of_a_failed_first_call_are_dropped(self):
        _answers, log = self.logged_during(lambda: self.batch(("tx.hook", "a", True), ("tx.hook", "b")))
        self.assertEqual(re.findall(r"committed: (\S+)", log), ["['b']"])
        self.assertEqual(re.findall(r"rolled back: (\S+)", log), ["a"])

    def test_method_that_commits_itself_keeps_its_neighbours(self):
        calls = [
            ("tx.write", "a"),
            ("tx.commit_itself", "b"),
            ("tx.write_then_refuse", "c"),
            ("tx.count", "b"),
            ("tx.write", "d"),
        ]
        answers = self.batch(*calls)
        self.assertEqual([answer.get("result") for answer in answers[1:4]], ["b", None, 1])
        self.assertEqual(answers[2]["error"]["code"], REFUSED)
        self.assertEqual(list(self.notes()), ["a", "b", "d"])

    def test_method_that_rolls_back_its_neighbours_fails_the_request(self):
        answer = self.batch(("tx.write", "a"), ("tx.roll_back_itself",), ("tx.write", "b"))
        self.assertEqual(answer["error"]["code"], INTERNAL)
        self.assertEqual(self.notes(), {})

    def test_lost_connection_is_told_as_unavailable(self):
        self.rpc("tx.write", "counter")
        with self.held_up(self.rpc, "tx.increment_behind", "counter", LOCK) as (call, _go_on):
            self.database.query(f"SELECT pg_terminate_backend(pid) FROM ({HELD_UP}) AS held_up")
            error = call.result()["error"]
        self.assertEqual((error["code"], error["data"]["type"]), (-32012, "unavailable"))
        self.assertEqual(self.rpc("tx.increment", "counter")["result"], 1)
