"""Request log of batches: every call and every item that is none has its row, at its own position."""

from ..common import JSON
from .test_call_log import CallLogCase

WRONG = {"$ref": "/7/nothing"}


def add(a, b=1, id_=1):
    return {"jsonrpc": "2.0", "method": "test.add", "params": {"a": a, "b": b}, "id": id_}


def write(name, id_=1, **more):
    return {"jsonrpc": "2.0", "method": "tx.write", "params": {"name": name, **more}, "id": id_}


def notification(call):
    return {name: value for name, value in call.items() if name != "id"}


class TestBatchRows(CallLogCase):
    def rows(self, calls, mode="references"):
        """The rows that a batch leaves, by position: method, outcome and error type."""
        self.writer.discard()
        before = self.logged()
        self.post("/jsonrpc/2/api", calls, key=self.key, headers={**JSON, "JSON-RPC-Batch": mode})
        self.env.invalidate_all()
        rows = (self.logged() - before).sorted("batch_position")
        self.assertEqual(len(set(rows.mapped("batch_position"))), len(rows))
        return {row.batch_position: (row.method, row.outcome, row.error_type or None) for row in rows}

    def test_wrong_reference_has_its_row_and_moves_no_other(self):
        refused = ("test.add", "refused", "invalid_params")
        done = ("test.add", "done", None)
        for wrong in range(3):
            with self.subTest(wrong=wrong):
                calls = [add(WRONG if at == wrong else at, id_=at) for at in range(3)]
                expected = {at + 1: refused if at == wrong else done for at in range(3)}
                self.assertEqual(self.rows(calls), expected)

    def test_wrong_references_between_items_that_are_no_calls(self):
        calls = [5, add(WRONG), {}, add({"$ref": "/9"}), write("between"), None, add(1, id_=7)]
        self.assertEqual(
            self.rows(calls),
            {
                1: (False, "refused", "invalid_request"),
                2: ("test.add", "refused", "invalid_params"),
                3: (False, "refused", "invalid_request"),
                4: ("test.add", "refused", "invalid_params"),
                5: ("tx.write", "done", None),
                6: (False, "refused", "invalid_request"),
                7: ("test.add", "done", None),
            },
        )

    def test_notification_with_a_wrong_reference_has_its_row(self):
        calls = [notification(add(WRONG)), notification(write("told")), add(2), notification(add(WRONG))]
        self.assertEqual(
            self.rows(calls),
            {
                1: ("test.add", "refused", "invalid_params"),
                2: ("tx.write", "done", None),
                3: ("test.add", "done", None),
                4: ("test.add", "refused", "invalid_params"),
            },
        )

    def test_wrong_reference_ends_an_atomic_batch(self):
        calls = [write("atomic"), 5, write("atomic 2", number=WRONG), write("never")]
        # The invalid item comes before the call: it is what ends the batch.
        self.assertEqual(
            self.rows(calls, "atomic, references"),
            {
                1: ("tx.write", "refused", "rolled_back"),
                2: (False, "refused", "invalid_request"),
                3: ("tx.write", "refused", "rolled_back"),
                4: ("tx.write", "refused", "rolled_back"),
            },
        )
        del calls[1]
        self.assertEqual(
            self.rows(calls, "atomic, references"),
            {
                1: ("tx.write", "refused", "rolled_back"),
                2: ("tx.write", "refused", "invalid_params"),
                3: ("tx.write", "refused", "rolled_back"),
            },
        )
        self.assertFalse(self.env["test_jsonrpc_gateway.note"].search([("name", "=like", "atomic%")]))

    def test_wrong_reference_keeps_no_params(self):
        self.rows([{"jsonrpc": "2.0", "method": "test.raise_secret", "params": {"password": WRONG, "a": "hunter2"}}])
        row = self.logged(method="test.raise_secret")
        self.assertEqual([row.params, row.result, row.response_size], [False, False, 0])

    def test_single_call_has_no_position(self):
        self.post("/jsonrpc/2/api", add(1), key=self.key)
        self.assertEqual(self.logged().mapped("batch_position"), [0])
