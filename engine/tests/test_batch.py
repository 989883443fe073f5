"""Order, notifications and errors per item: section 6, and section 4.1 inside of it."""

from ..protocol import errors
from ..protocol.jsonrpc.batch import method_names, run
from ..protocol.values import ABSENT
from .common import TestCase


def call_of(method, *params, **members):
    return {"jsonrpc": "2.0", "method": method, "params": list(params), **members}


class Boom(Exception):
    """Not an RpcError: what Odoo must see to replay a transaction."""


class BatchCase(TestCase):
    def setUp(self):
        super().setUp()
        self.called = []

    def call(self, request):
        self.called.append(request.params[0])
        if request.method == "refuse":
            raise errors.NotFound()
        if request.method == "explode":
            raise Boom
        return None if request.method == "null" else request.params[0]

    def run_batch(self, payload, **options):
        return run(payload, self.call, **options)

    def assert_invalid_request(self, answer, id_=None):
        self.assertEqual(set(answer), {"jsonrpc", "error", "id"})
        self.assertEqual(answer["error"]["code"], -32600)
        self.assertEqual(answer["id"], id_)


class TestSingle(BatchCase):
    def test_call_is_answered_with_its_result(self):
        self.assertEqual(
            self.run_batch(call_of("echo", 5, id=1)), {"jsonrpc": "2.0", "result": 5, "id": 1}
        )

    def test_null_result_keeps_the_member(self):
        answer = self.run_batch(call_of("null", 5, id=1))
        self.assertEqual(answer, {"jsonrpc": "2.0", "result": None, "id": 1})

    def test_null_id_is_answered(self):
        answer = self.run_batch(call_of("echo", 5, id=None))
        self.assertEqual(answer, {"jsonrpc": "2.0", "result": 5, "id": None})

    def test_refusal_is_answered_with_error_and_request_id(self):
        answer = self.run_batch(call_of("refuse", 5, id="a"), request_id="req-1")
        self.assertEqual(answer["error"]["code"], -32003)
        self.assertEqual(answer["error"]["data"]["request_id"], "req-1")
        self.assertEqual(answer["id"], "a")
        self.assertNotIn("result", answer)

    def test_notification_is_called_and_not_answered(self):
        self.assertIs(self.run_batch(call_of("echo", 5)), ABSENT)
        self.assertEqual(self.called, [5])

    def test_notification_that_fails_is_not_answered(self):
        self.assertIs(self.run_batch(call_of("refuse", 5)), ABSENT)
        self.assertEqual(self.called, [5])

    def test_other_exception_escapes_from_a_notification(self):
        with self.assertRaises(Boom):
            self.run_batch(call_of("explode", 5))

    def test_invalid_object_without_id_is_answered_with_null_id(self):
        self.assert_invalid_request(self.run_batch({"method": "echo"}))
        self.assertEqual(self.called, [])

    def test_invalid_request_echoes_its_id(self):
        self.assert_invalid_request(self.run_batch({"method": "echo", "id": 9}), 9)

    def test_scalar_is_answered_with_one_error(self):
        for payload in (None, 1, "a", True, 1.5):
            with self.subTest(payload):
                self.assert_invalid_request(self.run_batch(payload))


class TestBatch(BatchCase):
    def test_empty_batch_is_one_error_object(self):
        answer = self.run_batch([], request_id="req-1")
        self.assert_invalid_request(answer)
        self.assertEqual(answer["error"]["data"]["request_id"], "req-1")

    def test_invalid_item_is_answered_with_the_request_id(self):
        (answer,) = self.run_batch([1], request_id="req-1")
        self.assertEqual(answer["error"]["data"]["request_id"], "req-1")

    def test_order_of_calls_and_answers_is_kept(self):
        answers = self.run_batch([call_of("echo", n, id=-n) for n in range(20)])
        self.assertEqual([answer["id"] for answer in answers], [-n for n in range(20)])
        self.assertEqual(self.called, list(range(20)))

    def test_batch_of_one_is_answered_by_an_array(self):
        answers = self.run_batch([call_of("echo", 5, id=1)])
        self.assertEqual(answers, [{"jsonrpc": "2.0", "result": 5, "id": 1}])

    def test_invalid_items_are_answered_one_by_one(self):
        for payload in ([1], [None], [[]], [True, "a"]):
            with self.subTest(payload):
                answers = self.run_batch(payload)
                self.assertEqual(len(answers), len(payload))
                for answer in answers:
                    self.assert_invalid_request(answer)

    def test_failures_do_not_stop_their_neighbours(self):
        answers = self.run_batch(
            [
                call_of("refuse", 1, id=1),
                call_of("refuse", 2),
                {"id": 3},
                call_of("echo", 4),
                call_of("echo", 5, id=5),
            ]
        )
        self.assertEqual([answer["id"] for answer in answers], [1, 3, 5])
        self.assertEqual([answer["error"]["code"] for answer in answers[:2]], [-32003, -32600])
        self.assertEqual(answers[2]["result"], 5)
        self.assertEqual(self.called, [1, 2, 4, 5])

    def test_only_notifications_are_answered_by_nothing(self):
        self.assertIs(self.run_batch([call_of("echo", 1), call_of("refuse", 2)]), ABSENT)
        self.assertEqual(self.called, [1, 2])

    def test_duplicate_ids_are_both_answered(self):
        answers = self.run_batch([call_of("echo", 1, id="x"), call_of("echo", 2, id="x")])
        self.assertEqual([(a["id"], a["result"]) for a in answers], [("x", 1), ("x", 2)])

    def test_other_exception_escapes_at_once(self):
        with self.assertRaises(Boom):
            self.run_batch([call_of("explode", 1, id=1), call_of("echo", 2, id=2)])
        self.assertEqual(self.called, [1])

    def test_batch_at_the_limit_is_answered(self):
        self.assertEqual(len(self.run_batch([call_of("echo", 1, id=1)] * 3, limit=3)), 3)

    def test_batch_over_the_limit_is_one_error_and_nothing_is_called(self):
        answer = self.run_batch([call_of("echo", 1, id=1)] * 4, limit=3, request_id="req-1")
        self.assertEqual(answer["id"], None)
        self.assertEqual(answer["error"]["code"], -32008)
        self.assertEqual(
            answer["error"]["data"],
            {"type": "too_large", "request_id": "req-1", "limit": 3, "size": 4},
        )
        self.assertEqual(self.called, [])

    def test_default_limit_is_100(self):
        self.assertEqual(len(self.run_batch([call_of("echo", 1, id=1)] * 100)), 100)
        self.assertEqual(
            self.run_batch([call_of("echo", 1, id=1)] * 101)["error"]["data"]["limit"], 100
        )


class TestMethodNames(TestCase):
    def test_each_item_has_one_name_and_what_is_no_call_an_empty_one(self):
        for payload, names in (
            (call_of("a"), ["a"]),
            ([call_of("a"), call_of("b"), call_of("a")], ["a", "b", "a"]),
            ([call_of("a"), 1, {}, {"method": None}, {"method": ["a"]}, []], ["a", "", "", "", "", ""]),
            ([], [""]),
            (None, [""]),
            ("a", [""]),
            ({}, [""]),
        ):
            with self.subTest(payload=payload):
                self.assertEqual(method_names(payload), names)
