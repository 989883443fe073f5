"""Writes that are sent again happen once."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common import JsonRpcCase


def create(name, key=None, id_=1, **more):
    call = {"jsonrpc": "2.0", "method": "partner.create_simple", "params": {"name": name}, "id": id_, **more}
    return call | ({"idempotency_key": key} if key else {})


@tagged("post_install", "-at_install")
class TestIdempotency(JsonRpcCase):
    def setUp(self):
        super().setUp()
        self.key = self.issue_key(full_orm=True)

    def send(self, payload, *, path="/jsonrpc/2/api", key=None, **headers):
        return self.post(path, payload, key=key or self.key, headers=headers).json()

    def count(self, name):
        return self.env["res.partner"].search_count([("name", "=", name)])

    def test_repeated_write_happens_once_and_is_marked(self):
        first = self.send(create("Once", "k1"))
        again = self.send(create("Once", "k1", id_="other"))
        self.assertNotIn("replayed", first)
        self.assertEqual(again, {"jsonrpc": "2.0", "result": first["result"], "id": "other", "replayed": True})
        self.assertEqual(self.count("Once"), 1)

    def test_header_is_the_same_key_as_the_member_quoted_or_bare(self):
        headers = ({"Idempotency-Key": '"k2"'}, {"Idempotency-Key": "k2"})
        first = self.send(create("Once", "k2"))
        for header in headers:
            self.assertEqual(self.send(create("Once"), **header)["result"], first["result"])
        self.assertEqual(self.count("Once"), 1)

    def test_params_by_position_are_the_same_write(self):
        first = self.send(create("Once", "k3"))
        again = self.send({**create("Once", "k3"), "params": ["Once"]})
        self.assertEqual((again["result"], again["replayed"]), (first["result"], True))

    def test_other_write_under_the_same_key_is_refused(self):
        self.send(create("Once", "k4"))
        error = self.send(create("Twice", "k4"))["error"]
        self.assertEqual((error["code"], error["data"]["type"]), (-32013, "idempotency_mismatch"))
        self.assertEqual(self.count("Twice"), 0)

    def test_keys_of_other_credentials_are_other_keys(self):
        results = [self.send(create("Mine", "k5"), key=key)["result"] for key in (self.key, self.issue_key())]
        self.assertNotEqual(*results)

    def test_expired_memory_makes_room(self):
        self.send(create("Once", "k6"))
        memory = self.env["jsonrpc.idempotency"].search([("key", "=", "k6")])
        self.assertAlmostEqual(
            memory.expires_at, fields.Datetime.now() + timedelta(hours=24), delta=timedelta(minutes=1)
        )
        memory.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        self.assertNotIn("replayed", self.send(create("Other", "k6")))
        self.assertTrue(self.send(create("Other", "k6"))["replayed"])
        memory.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        self.env["jsonrpc.idempotency"]._gc_expired()
        self.env.invalidate_all()
        self.assertFalse(memory.exists())

    def test_reads_ignore_it(self):
        for value in ("one", "two"):
            call = {"jsonrpc": "2.0", "method": "system.echo", "params": [value], "id": 1, "idempotency_key": "k7"}
            self.assertEqual(self.send(call), {"jsonrpc": "2.0", "result": value, "id": 1})

    def test_invalid_params_are_not_remembered(self):
        self.assertEqual(self.send(create("", "k8"))["error"]["code"], -32602)
        self.assertIn("result", self.send(create("Mended", "k8")))

    def test_refusal_of_the_application_is_remembered(self):
        user_id, partner = self.admin.id, self.env["res.partner"].create({"name": "Linked"})
        args = [self.env.cr.dbname, user_id, "", "res.partner", "write", [[partner.id], {"parent_id": partner.id}]]
        params = {"service": "object", "method": "execute_kw", "args": args}
        call = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1, "idempotency_key": "k9"}
        first = self.send(call, path="/jsonrpc/2/object")["error"]
        again = self.send(call, path="/jsonrpc/2/object")["error"]
        self.assertEqual(first["code"], -32004)
        self.assertNotIn("replayed", first["data"])
        self.assertTrue(again["data"]["replayed"])
        self.assertEqual((again["code"], again["message"]), (first["code"], first["message"]))
        self.assertEqual(again["data"]["name"], first["data"]["name"])

    def test_object_calls_are_remembered_for_their_user_without_the_password(self):
        def call(password):
            args = [self.env.cr.dbname, self.admin.id, password, "res.partner", "create", [{"name": "By object"}]]
            params = {"service": "object", "method": "execute_kw", "args": args}
            member = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1, "idempotency_key": "k10"}
            return self.post("/jsonrpc/2/object", member).json()

        first, again = call("admin"), call("admin")
        self.assertEqual((again["result"], again["replayed"]), (first["result"], True))
        self.assertEqual(call("wrong")["error"]["code"], -32001)
        self.assertEqual(self.count("By object"), 1)

    def test_each_call_of_a_batch_has_its_own(self):
        batch = [create("A", "k11", 1), create("B", "k12", 2), create("A", "k11", 3)]
        first, again = self.send(batch), self.send(batch)
        self.assertEqual(first[2]["result"], first[0]["result"])
        self.assertEqual([answer.get("replayed") for answer in first], [None, None, True])
        self.assertEqual([answer["result"] for answer in again], [answer["result"] for answer in first])
        self.assertEqual((self.count("A"), self.count("B")), (1, 1))

    def test_header_that_cannot_be_meant_is_refused(self):
        for payload, header in (
            (create("No"), ""),
            (create("No"), '""'),
            (create("No"), "two words"),
            (create("No"), "x" * 300),
            (create("No", "other"), "k13"),
            ([create("No")], "k13"),
        ):
            with self.subTest(payload=payload, header=header):
                error = self.send(payload, **{"Idempotency-Key": header})["error"]
                self.assertEqual((error["code"], error["data"]["header"]), (-32600, "Idempotency-Key"))
        self.assertEqual(self.count("No"), 0)
