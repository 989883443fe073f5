"""What stays and what goes when calls fail: one transaction, each call undone by itself."""

from unittest.mock import patch

from odoo.service import model as odoo_service

from ..common import JsonRpcCase

INTERNAL, REFUSED, INVALID, CONFLICT, TIMEOUT, FORBIDDEN = -32603, -32005, -32004, -32006, -32009, -32002


class TransactionCase(JsonRpcCase):
    def setUp(self):
        super().setUp()
        self.key = self.issue_key()
        self.notes = self.env["test_jsonrpc_gateway.note"]

    def batch(self, *calls, key=None):
        """Send ``(method, params)`` pairs in one batch, and give back results and error codes in order."""
        body = [{"jsonrpc": "2.0", "method": name, "params": params, "id": i} for i, (name, params) in enumerate(calls)]
        answers = self.post("/jsonrpc/2/api", body, key=key or self.key).json()
        self.assertIsInstance(answers, list, answers)
        self.assertEqual([answer["id"] for answer in answers], list(range(len(calls))))
        return [answer["result"] if "result" in answer else answer["error"]["code"] for answer in answers]

    def names(self):
        self.env.invalidate_all()
        return self.notes.search([], order="id").mapped("name")


class TestBatch(TransactionCase):
    def test_calls_run_in_order_and_see_each_other(self):
        count = ("tx.count", ["a"])
        self.assertEqual(self.batch(count, ("tx.write", ["a"]), count)[::2], [0, 1])

    def test_refused_call_is_undone_alone(self):
        first, code, third = self.batch(("tx.write", ["a"]), ("tx.write_then_refuse", ["b"]), ("tx.write", ["c"]))
        self.assertEqual(code, REFUSED)
        self.assertEqual(self.names(), ["a", "c"])
        self.assertEqual(self.notes.browse([first, third]).mapped("name"), ["a", "c"])

    def test_refused_first_call_is_undone(self):
        self.assertEqual(self.batch(("tx.write_then_refuse", ["a"]), ("tx.count", ["a"])), [REFUSED, 0])
        self.assertEqual(self.names(), [])

    def test_refused_single_call_is_undone(self):
        self.assertEqual(self.refused("tx.write_then_refuse", ["a"], key=self.key)["code"], REFUSED)
        self.assertEqual(self.names(), [])

    def test_refused_notification_is_undone_and_good_one_stays(self):
        body = [
            {"jsonrpc": "2.0", "method": m, "params": [n]}
            for m, n in (("tx.write", "a"), ("tx.write_then_refuse", "b"))
        ]
        self.assertEqual(self.post("/jsonrpc/2/api", body, key=self.key).content, b"")
        self.assertEqual(self.names(), ["a"])

    def test_aborted_sql_does_not_poison_neighbours(self):
        for broken in ("tx.broken_sql", "tx.broken_sql_read"):
            for place in range(3):
                with self.subTest(broken=broken, place=place):
                    self.notes.search([]).unlink()
                    calls = [("tx.write", ["a"]), ("tx.write", ["b"])]
                    calls.insert(place, (broken, []))
                    with (
                        self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"),
                        self.assertLogs("odoo.sql_db", "ERROR"),
                    ):
                        results = self.batch(*calls)
                    self.assertEqual(results[place], INTERNAL)
                    self.assertEqual(self.names(), ["a", "b"])

    def test_aborted_read_between_reads_does_not_poison_them(self):
        count = ("tx.count", ["a"])
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"), self.assertLogs("odoo.sql_db", "ERROR"):
            results = self.batch(
                count, ("tx.broken_sql_read", []), count, ("tx.write", ["a"]), count, ("tx.broken_sql_read", []), count
            )
        self.assertEqual(results[:3] + results[4:], [0, INTERNAL, 0, 1, INTERNAL, 1])

    def test_swallowed_sql_error_is_no_success(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"), self.assertLogs("odoo.sql_db", "ERROR"):
            results = self.batch(
                ("tx.swallowed_sql", []), ("tx.write", ["a"]), ("tx.swallowed_sql", []), ("tx.count", ["a"])
            )
        self.assertEqual([results[0], *results[2:]], [INTERNAL, INTERNAL, 1])
        self.assertEqual(self.names(), ["a"])

    def test_result_that_cannot_be_encoded_undoes_its_call(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"):
            results = self.batch(("tx.write", ["a"]), ("tx.write_not_encodable", ["b"]), ("tx.count", ["b"]))
        self.assertEqual(results[1:], [INTERNAL, 0])
        self.assertEqual(self.names(), ["a"])

    def test_error_that_cannot_be_encoded_fails_alone(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"):
            self.assertEqual(self.batch(("test.error_not_encodable", []), ("test.add", [1, 2])), [INTERNAL, 3])

    def test_flush_failure_belongs_to_the_call_that_wrote(self):
        with self.assertLogs("odoo.sql_db", "ERROR"):
            results = self.batch(("tx.write", ["a"]), ("tx.write_null", ["b"]), ("tx.write", ["c"]))
        self.assertEqual(results[1], INVALID)
        self.assertEqual(self.names(), ["a", "c"])

    def test_undone_parameter_leaves_the_registry_cache(self):
        results = self.batch(
            ("tx.set_parameter", ["one"]),
            ("tx.set_parameter", ["two", True]),
            ("tx.get_parameter", []),
        )
        self.assertEqual(results, ["one", REFUSED, "one"])

    def test_undone_first_parameter_leaves_the_registry_cache(self):
        self.assertEqual(self.batch(("tx.set_parameter", ["two", True]), ("tx.get_parameter", [])), [REFUSED, None])


class TestConstraints(TransactionCase):
    def refusal(self, name, params):
        with self.assertLogs("odoo.sql_db", "ERROR"):
            error = self.refused(name, params, key=self.key)
        self.assertEqual((error["code"], error["data"]["type"]), (INVALID, "validation_failed"))
        return error["message"]

    def test_unique_constraint_speaks_in_its_own_words(self):
        self.call("tx.write", ["a"], key=self.key)
        self.assertEqual(self.refusal("tx.write", ["a"]), "The operation cannot be completed: This name is taken.")

    def test_unique_index_shows_no_value(self):
        self.call("tx.write", ["a", 4711], key=self.key)
        message = self.refusal("tx.write", ["b", 4711])
        self.assertNotIn("4711", message)

    def test_check_constraint_shows_no_row(self):
        self.assertEqual(self.refusal("tx.write", ["a-private-name", -1]), "Validation failed")

    def test_missing_value_names_the_field(self):
        self.assertIn("'Name' (name)", self.refusal("tx.write_null", ["a"]))

    def test_python_constraint_is_told(self):
        error = self.refused("tx.write", ["forbidden"], key=self.key)
        self.assertEqual((error["code"], error["message"]), (INVALID, "This name is forbidden."))

    def test_value_out_of_range_is_refused(self):
        with self.assertLogs("odoo.sql_db", "ERROR"):
            error = self.refused("tx.raise_sql", ["22003"], key=self.key)
        self.assertEqual(error["code"], INVALID)
        self.assertNotIn("ERRCODE", str(error))

    def test_cancelled_query_is_a_timeout(self):
        with self.assertLogs("odoo.sql_db", "ERROR"):
            error = self.refused("tx.raise_sql", ["57014"], key=self.key)
        self.assertEqual(error["code"], TIMEOUT)


class TestSavepoints(TransactionCase):
    def savepoints(self, *calls, key=None):
        """How many savepoints a batch takes, beyond those of the test case."""
        return self._counted(*calls, key=key) - self._counted(("test.add", [1]), key=key)

    def _counted(self, *calls, key):
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            self.batch(*calls, key=key)
        return sum("SAVEPOINT" in line and "RELEASE" not in line and "ROLLBACK" not in line for line in logs.output)

    def test_reads_alone_take_none(self):
        self.assertEqual(self.savepoints(*[("tx.count", ["a"])] * 5), 0)

    def test_first_write_takes_none(self):
        self.assertEqual(self.savepoints(("tx.count", ["a"]), ("tx.count", ["a"]), ("tx.write", ["b"])), 0)

    def test_reads_after_a_write_share_one(self):
        self.assertEqual(self.savepoints(("tx.write", ["a"]), ("tx.count", ["a"])), 1)
        self.assertEqual(self.savepoints(("tx.write", ["b"]), *[("tx.count", ["a"])] * 5), 1)

    def test_each_further_write_takes_one(self):
        self.assertEqual(self.savepoints(*[("tx.write", [f"b{i}"]) for i in range(3)]), 2)


class TestReadOnly(TransactionCase):
    def setUp(self):
        super().setUp()
        self.key = self.issue_key(access="read")

    def test_method_that_writes_is_refused(self):
        error = self.refused("tx.write", ["a"], key=self.key)
        self.assertEqual((error["code"], error["data"]["type"]), (FORBIDDEN, "forbidden"))

    def test_method_that_lies_is_stopped_by_the_database(self):
        with self.assertLogs("odoo.sql_db", "ERROR"):
            error = self.refused("tx.lie", ["a"], key=self.key)
        self.assertEqual((error["code"], error["message"]), (FORBIDDEN, "This credential may only read"))
        self.assertEqual(self.names(), [])

    def test_database_stays_closed_after_a_failure(self):
        with self.assertLogs("odoo.sql_db", "ERROR"), self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"):
            results = self.batch(("tx.lie", ["a"]), ("tx.broken_sql_read", []), ("tx.lie", ["b"]), ("tx.count", ["a"]))
        self.assertEqual(results, [FORBIDDEN, INTERNAL, FORBIDDEN, 0])

    def test_test_case_may_write_again(self):
        self.call("tx.count", ["a"], key=self.key)
        self.assertTrue(self.notes.create({"name": "after"}).id)


class TestGivenUp(TransactionCase):
    def test_concurrency_failures_that_last_are_a_conflict(self):
        # Serialization failure, deadlock, lock not available. One try: Odoo's pauses grow to half a minute.
        with patch.object(odoo_service, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 1):
            for code in ("40001", "40P01", "55P03"):
                with self.subTest(code=code), self.assertLogs("odoo", "ERROR"):
                    response = self.rpc("tx.raise_sql", [code, "a"], key=self.key)
                    self.assertEqual(response["error"]["code"], CONFLICT)
                    self.assertEqual(response["error"]["message"], "Concurrent update; try again")
        self.assertEqual(self.names(), [])
