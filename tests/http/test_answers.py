"""Answers on their way out: encoded once, remembered as they were, accepted jobs."""

import json
from unittest.mock import patch

from ...engine.protocol.jsonrpc import codec
from .test_call_log import CallLogCase


class TestAnswers(CallLogCase):
    def test_result_is_encoded_once_and_put_into_its_envelope_once(self):
        for level in ("metadata", "result"):
            self.env["jsonrpc.key"].search([("name", "=", "Test")]).log_level = level
            with self.subTest(level=level), patch.object(codec, "encode", wraps=codec.encode) as encode:
                self.call("test.add", {"a": 1}, key=self.key)
                self.assertEqual(encode.call_count, 2)

    def test_size_in_the_log_is_that_of_the_result(self):
        self.call("test.greet", ["é"], key=self.key)
        self.assertEqual(self.logged().response_size, len('"Hello é!"'.encode()))

    def test_accepted_job_is_answered_and_logged(self):
        self.env["jsonrpc.key"].search([("name", "=", "Test")]).log_level = "result"
        answered = self.call("tx.accept", ["work"], key=self.key)
        note = self.env["test_jsonrpc_gateway.note"].search([("name", "=", "work")])
        self.assertEqual(answered, {"job_id": f"job-{note.id}", "state": "queued"})
        row = self.logged(method="tx.accept")
        self.assertEqual([row.outcome, json.loads(row.result)], ["done", answered])
        self.assertEqual(row.response_size, len(json.dumps(answered, separators=(",", ":"))))

    def test_accepted_job_is_remembered(self):
        call = {"jsonrpc": "2.0", "method": "tx.accept", "params": ["once"], "id": 1, "idempotency_key": "once"}
        first, second = (self.post("/jsonrpc/2/api", call, key=self.key).json() for _time in range(2))
        self.assertEqual(second, {**first, "replayed": True})
        self.assertEqual(self.env["test_jsonrpc_gateway.note"].search_count([("name", "=", "once")]), 1)
        self.assertEqual(self.logged(method="tx.accept").mapped("replayed"), [False, True])

    def test_accepted_job_can_be_tried_and_referred_to(self):
        calls = [
            {"jsonrpc": "2.0", "method": "tx.accept", "params": ["dry"], "id": 1, "validate_only": True},
            {"jsonrpc": "2.0", "method": "test.greet", "params": [{"$ref": "/0/state"}], "id": 2},
        ]
        answers = self.post("/jsonrpc/2/api", calls, key=self.key, headers={"JSON-RPC-Batch": "references"}).json()
        self.assertEqual([answers[0]["result"]["state"], answers[1]["result"]], ["queued", "Hello queued!"])
        self.assertFalse(self.env["test_jsonrpc_gateway.note"].search([("name", "=", "dry")]))

    def test_remembered_result_is_the_same_text(self):
        params = {"name": "é \" \\ }", "number": 7}
        call = {"jsonrpc": "2.0", "method": "tx.write", "params": params, "id": 1, "idempotency_key": "text"}
        first, second = (self.post("/jsonrpc/2/api", call, key=self.key).text for _time in range(2))
        self.assertEqual(second, first.replace("}", ',"replayed":true}'))
