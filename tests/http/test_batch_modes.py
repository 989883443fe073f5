"""Atomic batches, references between calls, and dry runs, on real records."""

from odoo.tests import tagged

from ..common import JsonRpcCase


def create(name, id_, **more):
    return {"jsonrpc": "2.0", "method": "partner.create_simple", "params": {"name": name}, "id": id_, **more}


def get_info(partner_id, id_):
    return {"jsonrpc": "2.0", "method": "partner.get_info", "params": {"partner_id": partner_id}, "id": id_}


@tagged("post_install", "-at_install")
class TestBatchModes(JsonRpcCase):
    def setUp(self):
        super().setUp()
        self.key = self.issue_key()

    def send(self, payload, mode=None):
        headers = {"JSON-RPC-Batch": mode} if mode else {}
        return self.post("/jsonrpc/2/api", payload, key=self.key, headers=headers).json()

    def names(self):
        return self.env["res.partner"].search([("name", "=like", "Batch %")]).mapped("name")

    def test_atomic_batch_is_kept_as_a_whole(self):
        answers = self.send([create("Batch 1", 1), create("Batch 2", 2)], "atomic")
        self.assertEqual([set(answer) for answer in answers], [{"jsonrpc", "result", "id"}] * 2)
        self.assertCountEqual(self.names(), ["Batch 1", "Batch 2"])

    def test_atomic_batch_with_a_failure_leaves_nothing(self):
        for failing in (get_info(2_000_000_000, "bad"), create("", "bad"), {**create("x", "bad"), "method": "no.such"}):
            with self.subTest(failing=failing):
                answers = self.send([create("Batch 1", 1), failing, create("Batch 2", 2)], "Atomic")
                self.assertEqual([answer["id"] for answer in answers], [1, "bad", 2])
                types = [answer["error"]["data"]["type"] for answer in answers]
                self.assertEqual((types[0], types[2]), ("rolled_back", "rolled_back"))
                self.assertNotEqual(types[1], "rolled_back")
                self.assertEqual(answers[0]["error"]["data"]["failed"], {"position": 1, "id": "bad"})
                self.assertEqual(self.names(), [])

    def test_without_the_header_calls_are_independent(self):
        self.send([create("Batch 1", 1), create("", "bad"), create("Batch 2", 2)])
        self.assertCountEqual(self.names(), ["Batch 1", "Batch 2"])

    def test_references_reach_earlier_results(self):
        answers = self.send([create("Batch 1", 1), get_info({"$ref": "/0/partner_id"}, 2)], "references, atomic")
        self.assertEqual(answers[1]["result"]["name"], "Batch 1")

    def test_reference_forwards_is_refused(self):
        answers = self.send([get_info({"$ref": "/1/partner_id"}, 1), create("Batch 1", 2)], "references")
        self.assertEqual(answers[0]["error"]["data"]["errors"][0]["path"], "partner_id")
        self.assertEqual(self.names(), ["Batch 1"])

    def test_unknown_mode_is_refused_before_anything_runs(self):
        error = self.send([create("Batch 1", 1)], "atomic, parallel")["error"]
        self.assertEqual((error["code"], error["data"]["header"]), (-32600, "JSON-RPC-Batch"))
        self.assertEqual(self.names(), [])

    def test_dry_run_answers_and_leaves_nothing(self):
        batch = [create("Batch 1", 1), create("Batch 2", 2, validate_only=True), create("Batch 3", 3)]
        answers = self.send(batch)
        self.assertEqual([set(answer) for answer in answers], [{"jsonrpc", "result", "id"}] * 3)
        self.assertCountEqual(self.names(), ["Batch 1", "Batch 3"])

    def test_dry_run_is_refused_like_the_real_one(self):
        self.assertEqual(self.send(create("", 1, validate_only=True))["error"]["code"], -32602)

    def test_dry_run_leaves_no_memory(self):
        call = create("Batch 1", 1, idempotency_key="dry")
        self.send({**call, "validate_only": True})
        self.assertEqual(self.names(), [])
        self.assertNotIn("replayed", self.send(call))
        self.assertEqual(self.names(), ["Batch 1"])

    def test_atomic_batch_undone_leaves_no_memory(self):
        call = create("Batch 1", 1, idempotency_key="undone")
        self.send([call, get_info(2_000_000_000, 2)], "atomic")
        self.assertNotIn("replayed", self.send(call))
        self.assertEqual(self.names(), ["Batch 1"])

    def test_references_that_multiply_are_refused(self):
        echo = {"jsonrpc": "2.0", "method": "system.echo"}
        calls = [{**echo, "params": ["x" * 500_000], "id": 0}]
        calls += [{**echo, "params": [[{"$ref": f"/{at - 1}"}] * 3], "id": at} for at in range(1, 40)]
        # Without a key: the method is public, and so was the way to fill the server's memory.
        response = self.post("/jsonrpc/2/api", calls, headers={"JSON-RPC-Batch": "references"})
        answers = response.json()
        self.assertEqual(answers[0]["result"], "x" * 500_000)
        self.assertEqual({answer["error"]["code"] for answer in answers[1:]}, {-32602})
        self.assertLess(len(response.content), 2**20)
