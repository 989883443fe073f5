"""What proves who somebody is happens now: no memory and no dry run of it, and no answer outlives what earned it."""

from datetime import timedelta

from odoo import fields

from ..service_common import FORBIDDEN, PASSWORD, ServiceCase

INVALID = -32600


class TestProof(ServiceCase):
    def login(self, method, password, **options):
        """The whole response object of a login, with more members in its request."""
        params = {"service": "common", "method": method, "args": [self.db, "service", password]}
        if method == "authenticate":
            params["args"].append({})
        return self.post(
            "/jsonrpc/2/common", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1, **options}
        ).json()

    def test_no_proof_is_answered_from_memory(self):
        for method in ("login", "authenticate"):
            for password in (PASSWORD, "wrong"):
                with self.subTest(method, password=password):
                    error = self.check_shape(self.login(method, password, idempotency_key="proof"))
                    self.assertEqual((error["code"], error["data"]["member"]), (INVALID, "idempotency_key"))

    def test_no_proof_is_remembered_by_the_header(self):
        params = {"service": "common", "method": "login", "args": [self.db, "service", PASSWORD]}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        answer = self.post("/jsonrpc/2/common", body, headers={"Idempotency-Key": "proof"})
        self.assertEqual(answer.json()["error"]["code"], INVALID)
        self.assertNotIn("Set-Cookie", answer.headers)

    def test_no_proof_is_tried_only(self):
        for method in ("login", "authenticate"):
            with self.subTest(method):
                error = self.check_shape(self.login(method, PASSWORD, validate_only=True))
                self.assertEqual((error["code"], error["data"]["member"]), (INVALID, "validate_only"))
                self.assertNotIn("session_id", self.opener.cookies)

    def create(self, password, key="once"):
        args = [self.db, self.user.id, password, "test_jsonrpc_gateway.note", "create", [{"name": "Once"}]]
        params = {"service": "object", "method": "execute_kw", "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1, "idempotency_key": key}
        return self.post("/jsonrpc/2/object", body).json()

    def test_replay_needs_the_password_that_the_first_call_had(self):
        self.assertIn("result", self.create(PASSWORD))
        self.assertTrue(self.create(PASSWORD)["replayed"])
        self.assertNotIn("result", self.create("wrong"))

    def test_replay_needs_the_right_that_the_first_call_needed(self):
        self.assertIn("result", self.create(PASSWORD))
        self.env["ir.model.access"].search([("model_id.model", "=", self.notes._name)]).perm_create = False
        self.assertEqual(self.create(PASSWORD)["error"]["code"], FORBIDDEN)

    def test_fingerprint_is_keyed(self):
        self.create(PASSWORD)
        memory = self.env["jsonrpc.idempotency"].search([("key", "=", "once")])
        self.assertRegex(memory.fingerprint, "^[0-9a-f]{64}$")
        digest = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        self.env["ir.config_parameter"].sudo().set_param("database.secret", f"{digest}-other")
        self.assertEqual(self.create(PASSWORD)["error"]["data"]["type"], "idempotency_mismatch")


class TestStrangersMemory(ServiceCase):
    """What a caller without credentials makes the database remember."""

    def write(self, key):
        body = {"jsonrpc": "2.0", "method": "tx.sign", "params": ["Stranger"], "id": 1, "idempotency_key": key}
        return self.post("/jsonrpc/2/api", body).json()

    def memories(self):
        self.env.invalidate_all()
        return self.env["jsonrpc.idempotency"].search([("scope", "=", "address-127.0.0.1")])

    def test_it_ends_after_ten_minutes(self):
        first = self.write("stranger")
        self.assertEqual(self.write("stranger"), {**first, "replayed": True})
        ends = self.memories().expires_at
        self.assertAlmostEqual(ends, fields.Datetime.now() + timedelta(minutes=10), delta=timedelta(minutes=1))

    def test_the_next_one_deletes_those_that_have_ended(self):
        for key in ("one", "two"):
            self.write(key)
        self.memories().expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        self.write("three")
        self.assertEqual(self.memories().mapped("key"), ["three"])
