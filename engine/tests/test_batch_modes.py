"""Atomic batches and references, which are ours; the specification's rules are in test_batch.py."""

from ..protocol.errors import InvalidParams, MethodNotFound, RolledBack
from ..protocol.jsonrpc import codec
from ..protocol.jsonrpc.batch import run
from ..protocol.jsonrpc.message import Encoded
from ..protocol.values import ABSENT
from .common import TestCase


def call_of(method, params=ABSENT, id_=ABSENT):
    members = {"jsonrpc": "2.0", "method": method, "params": params, "id": id_}
    return {name: value for name, value in members.items() if value is not ABSENT}


class TestBatchModes(TestCase):
    def setUp(self):
        self.done = []

    def call(self, request):
        if request.method == "fail":
            raise MethodNotFound
        self.done.append(request.params)
        return Encoded(codec.encode({"params": None if request.params is ABSENT else request.params}))

    def undo(self, failed):
        self.failed = failed
        self.done.clear()

    def run_batch(self, payload, **options):
        answers = run(payload, self.call, **options)
        return answers if answers is ABSENT else codec.decode(codec.encode(answers))

    def test_atomic_batch_that_works_is_answered_as_any(self):
        payload = [call_of("a", [1], 1), call_of("b", [2]), call_of("c", [3], 2)]
        self.assertEqual(self.run_batch(payload, undo=self.undo), self.run_batch(payload))
        self.assertEqual(self.done, [[1], [2], [3]] * 2)

    def test_atomic_batch_with_a_failure_is_undone_and_names_it(self):
        payload = [call_of("a", [1], "x"), call_of("b", [2]), call_of("fail", [3], "y"), call_of("c", [4], "z")]
        answers = self.run_batch(payload, undo=self.undo)
        self.assertEqual(self.done, [])
        self.assertEqual(
            [(answer["id"], answer["error"]["code"]) for answer in answers],
            [("x", RolledBack.code), ("y", MethodNotFound.code), ("z", RolledBack.code)],
        )
        for answer in (answers[0], answers[2]):
            self.assertEqual(answer["error"]["data"]["failed"], {"position": 2, "id": "y"})
        self.assertEqual(self.failed, 3)

    def test_calls_behind_a_failure_are_told_of(self):
        told = []
        payload = [call_of("a", [1], 1), call_of("fail", id_=2), 5, call_of("b", id_=3)]

        def refused(position, request, error):
            told.append((position, request and request.method, error.type))

        self.run_batch(payload, undo=self.undo, refused=refused)
        self.assertEqual(told, [(3, None, "invalid_request"), (4, "b", "rolled_back")])

    def test_atomic_batch_with_an_invalid_item_is_undone(self):
        answers = self.run_batch([call_of("a", [1], 1), 5], undo=self.undo)
        self.assertEqual([answer["error"]["code"] for answer in answers], [RolledBack.code, -32600])
        self.assertEqual(self.done, [])

    def test_atomic_batch_with_a_failed_notification_is_undone(self):
        answers = self.run_batch([call_of("a", [1], 1), call_of("fail")], undo=self.undo)
        self.assertEqual([answer["error"]["data"]["failed"] for answer in answers], [{"position": 1, "id": None}])
        self.assertEqual(self.done, [])

    def test_references_reach_earlier_results_by_position(self):
        payload = [7, call_of("a", [1], 1), call_of("b", {"x": {"$ref": "/1/params/0"}}, 2)]
        answers = self.run_batch(payload, references=True)
        self.assertEqual(answers[2]["result"], {"params": {"x": 1}})

    def test_reference_to_a_failed_or_later_call_is_invalid(self):
        params = [{"$ref": "/0/x"}, {"$ref": "/1"}, {"$ref": "/2"}]
        payload = [call_of("fail", id_=1), call_of("a", params, 2), call_of("b", [], 3)]
        error = self.run_batch(payload, references=True)[1]["error"]
        self.assertEqual(error["code"], InvalidParams.code)
        self.assertEqual([item["path"] for item in error["data"]["errors"]], ["0", "1", "2"])

    def test_position_travels_with_each_call(self):
        seen = []
        payload = [7, call_of("a", [{"$ref": "/5"}], 1), call_of("b"), {}, call_of("c", id_=2)]
        for references in (False, True):
            seen.clear()
            run(payload, lambda request: seen.append((request.method, request.position)), references=references)
            self.assertEqual(seen, [("a", 2)] * (not references) + [("b", 3), ("c", 5)])
        run(call_of("a", id_=1), lambda request: seen.append(request.position))
        self.assertEqual(seen[-1], 0)

    def test_items_that_never_become_calls_are_told_once(self):
        told = []
        payload = [7, call_of("a", [{"$ref": "/5"}], 1), call_of("b", [{"$ref": "/5"}]), {}, call_of("c", id_=2)]
        self.run_batch(
            payload,
            references=True,
            refused=lambda position, request, error: told.append((position, request and request.method, error.type)),
        )
        self.assertCountEqual(
            told,
            [
                (1, None, "invalid_request"),
                (2, "a", "invalid_params"),
                (3, "b", "invalid_params"),
                (4, None, "invalid_request"),
            ],
        )

    def test_without_references_such_params_are_only_params(self):
        payload = [call_of("a", [{"$ref": "/0"}], 1)]
        self.assertEqual(self.run_batch(payload)[0]["result"], {"params": [{"$ref": "/0"}]})
