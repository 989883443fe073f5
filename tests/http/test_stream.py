"""Calls that cannot be answered with a stream, and a small stream on the transaction of a test."""

import json

from odoo.tools import mute_logger

from .test_call_log import CallLogCase

STREAM = {"jsonrpc": "2.0", "method": "stream.rows", "params": {"count": 3}, "id": 1}
WRITE = {"jsonrpc": "2.0", "method": "tx.write", "params": ["beside a stream"], "id": 2}


class TestStream(CallLogCase):
    def refusal(self, call, headers=None):
        response = self.post("/jsonrpc/2/api", call, key=self.key, headers=headers)
        self.assertEqual(response.headers["Content-Type"], "application/json")
        return response.json()

    def test_stream_alone_is_answered_line_by_line(self):
        response = self.post("/jsonrpc/2/api", STREAM, key=self.key, headers={"X-Request-Id": "small"})
        self.assertEqual(
            [json.loads(line) for line in response.content.splitlines()],
            [{"id": number, "name": f"Row number {number}"} for number in (1, 2, 3)] + [{"_end": {"rows": 3}}],
        )
        expected = {
            "Content-Type": "application/x-ndjson",
            "X-Request-Id": "small",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            "X-Content-Type-Options": "nosniff",
        }
        self.assertEqual({name: response.headers.get(name) for name in expected}, expected)
        self.assertIn("RateLimit", response.headers)
        row = self.logged(request_id="small")
        self.assertEqual([row.method, row.outcome, json.loads(row.result)], ["stream.rows", "done", {"rows": 3}])
        self.assertEqual([row.response_size, json.loads(row.params)], [len(response.content), {"count": 3}])
        self.assertGreater(row.queries, 2)
        self.assertGreater(row.duration, 0)
        # The test's own transaction may write on.
        self.call("tx.write", ["after"], key=self.key)

    def test_stream_in_a_batch_is_refused_and_the_others_stand(self):
        answers = self.refusal([STREAM, WRITE])
        self.assertEqual(answers[0]["error"]["code"], -32600)
        self.assertIn("not in a batch", answers[0]["error"]["data"]["reason"])
        self.assertIn("result", answers[1])
        found = {row.batch_position: (row.method, row.error_type or None) for row in self.logged()}
        self.assertEqual(found, {1: ("stream.rows", "invalid_request"), 2: ("tx.write", None)})

    def test_stream_in_a_batch_of_one_or_an_atomic_one_is_refused(self):
        self.assertEqual(self.refusal([STREAM])[0]["error"]["code"], -32600)
        answers = self.refusal([WRITE, STREAM], {"JSON-RPC-Batch": "atomic"})
        self.assertEqual([answer["error"]["data"]["type"] for answer in answers], ["rolled_back", "invalid_request"])
        self.assertFalse(self.env["test_jsonrpc_gateway.note"].search([("name", "=", "beside a stream")]))

    def test_nothing_can_refer_to_a_stream(self):
        calls = [STREAM, {**WRITE, "params": [{"$ref": "/0"}]}]
        answers = self.refusal(calls, {"JSON-RPC-Batch": "references"})
        self.assertEqual([answer["error"]["code"] for answer in answers], [-32600, -32602])

    def test_notification_runs_no_stream(self):
        call = {name: value for name, value in STREAM.items() if name != "id"}
        response = self.post("/jsonrpc/2/api", call, key=self.key)
        self.assertEqual(response.content, b"")
        self.assertEqual(self.logged().mapped("error_type"), ["invalid_request"])

    def test_stream_cannot_be_tried_or_remembered(self):
        for member, value, headers in (
            ("validate_only", True, {}),
            ("idempotency_key", "k", {}),
            ("idempotency_key", None, {"Idempotency-Key": '"k"'}),
        ):
            with self.subTest(member=member, headers=headers):
                call = {**STREAM, member: value} if value else STREAM
                error = self.refusal(call, headers)["error"]
                self.assertEqual((error["code"], error["data"]["member"]), (-32600, member))

    def test_stream_is_refused_like_any_call_before_it_begins(self):
        key = self.issue_key(grants={"test": ["read"]})
        for call, with_key, code in (
            ({**STREAM, "params": {"count": "x"}}, self.key, -32602),
            (STREAM, key, -32002),
            (STREAM, None, -32001),
        ):
            with self.subTest(code=code):
                self.assertEqual(self.post("/jsonrpc/2/api", call, key=with_key).json()["error"]["code"], code)

    def test_level_of_the_log_holds_for_streams(self):
        key = self.env["jsonrpc.key"].search([("name", "=", "Test")])
        for level, rows, params in (("none", 0, False), ("metadata", 1, False)):
            key.log_level = level
            with self.subTest(level=level):
                self.post("/jsonrpc/2/api", STREAM, key=self.key, headers={"X-Request-Id": f"level-{level}"})
                row = self.logged(request_id=f"level-{level}")
                self.assertEqual((len(row), row.params), (rows, params))

    def test_method_that_streams_is_a_generator(self):
        model = self.env["jsonrpc.api.stream"]
        function = type(model).limit
        mark = function._jsonrpc_mark
        self.patch(function, "_jsonrpc_mark", mark.__class__(**{**vars(mark), "access": "read", "streams": True}))
        with self.assertRaisesRegex(TypeError, "generator"):
            model._jsonrpc_spec("limit", function)

    @mute_logger("odoo.addons.jsonrpc_gateway.engine.dispatch.pipeline")
    def test_failure_is_collected_with_its_traceback(self):
        self.post("/jsonrpc/2/api", {**STREAM, "params": {"count": 3, "fail_at": 2}}, key=self.key)
        row = self.logged()
        error = self.env["jsonrpc.error"].search([])
        self.assertEqual([row.outcome, row.error_digest, json.loads(row.result)], ["failed", error.digest, {"rows": 1}])
        self.assertIn("jsonrpc_api_stream:rows:", error.place)
