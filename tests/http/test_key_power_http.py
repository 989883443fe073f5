"""Widening a key by every door over HTTP, and what a user's own key opens to pages."""

import time
from datetime import timedelta

from odoo import fields
from odoo.http import root
from odoo.tests import new_test_user

from ..common import JSON, JsonRpcCase

MANAGER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_manager"
USER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"
PAGE = "https://page.example.com"


class TestDoors(JsonRpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "doors.manager", MANAGER)
        cls.soon = fields.Datetime.now() + timedelta(days=5)
        cls.own = cls.env["jsonrpc.key"]._issue(name="Own", user=cls.manager, expires_at=cls.soon)[0]
        cls.foreign = cls.env["jsonrpc.key"]._issue(name="Foreign", user=cls.admin, grants={}, expires_at=cls.soon)[0]

    def login(self, *, proved):
        session = self.authenticate("doors.manager", "doors.manager")
        if proved:
            session["identity-check-last"] = time.time()
            root.session_store.save(session)

    def call_kw(self, method, args, **kwargs):
        params = {"model": "jsonrpc.key", "method": method, "args": args, "kwargs": kwargs}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        return self.post(f"/web/dataset/call_kw/jsonrpc.key/{method}", body).json()

    def access(self, key):
        self.env.invalidate_all()
        return key.access

    def test_web_client_asks_for_the_password_and_leads_to_where_it_is_given(self):
        self.login(proved=False)
        answer = self.call_kw("web_save", [[self.own.id], {"access": "write"}], specification={})
        data = answer["error"]["data"]
        self.assertEqual(data["name"], "odoo.exceptions.RedirectWarning")
        action = self.env.ref("jsonrpc_gateway.ir_actions_server_confirm_identity")
        self.assertEqual(data["arguments"][1], action.id)
        self.assertEqual(self.access(self.own), "read")
        body = {"jsonrpc": "2.0", "method": "call", "params": {"action_id": action.id}, "id": 1}
        opened = self.post("/web/action/run", body).json()["result"]
        self.assertEqual(opened["res_model"], "res.users.identitycheck")

    def test_web_client_widens_own_key_after_the_password(self):
        self.login(proved=True)
        self.assertIn("result", self.call_kw("web_save", [[self.own.id], {"access": "write"}], specification={}))
        self.assertEqual(self.access(self.own), "write")

    def test_password_helps_nobody_to_a_key_of_another(self):
        self.login(proved=True)
        answer = self.call_kw("web_save", [[self.foreign.id], {"access": "write"}], specification={})
        self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.AccessError")
        self.assertEqual(self.access(self.foreign), "read")

    def test_narrowing_asks_for_nothing(self):
        self.login(proved=False)
        self.assertIn(
            "result", self.call_kw("web_save", [[self.foreign.id], {"addresses": "192.0.2.1"}], specification={})
        )

    def test_odoos_own_rpc_widens_nothing(self):
        args = [self.env.cr.dbname, self.manager.id, "doors.manager", "jsonrpc.key", "write"]
        params = {"service": "object", "method": "execute_kw", "args": [*args, [[self.own.id], {"access": "write"}]]}
        answer = self.post("/jsonrpc", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}).json()
        self.assertIn("error", answer)
        self.assertEqual(self.access(self.own), "read")

    def test_key_widens_no_key(self):
        token = self.issue_key(self.manager, full_orm=True)
        args = [self.env.cr.dbname, self.manager.id, "", "jsonrpc.key", "write", [[self.own.id], {"access": "write"}]]
        params = {"service": "object", "method": "execute_kw", "args": args}
        answer = self.rpc("call", params, path="/jsonrpc/2/object", key=token)
        self.assertIn("error", answer)
        self.assertEqual(self.access(self.own), "read")


class TestPagesOfSecretKeys(JsonRpcCase):
    """Whoever may have a key of their own opens CORS for its pages to that key, and to nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "pages.user", USER)

    def setUp(self):
        super().setUp()
        self.token = self.issue_key(self.user, origins=PAGE)

    def readable(self, path, *, key=None, body=None):
        """Whether a page may read the answer."""
        body = body or {"jsonrpc": "2.0", "method": "system.version", "id": 1}
        response = self.post(path, body, key=key, headers={"Origin": PAGE})
        return response.headers.get("Access-Control-Allow-Origin") == PAGE

    def test_page_reads_what_its_key_is_answered(self):
        self.assertTrue(self.readable("/jsonrpc/2/api", key=self.token))
        wrong = {"jsonrpc": "2.0", "method": "no.such", "id": 1}
        self.assertTrue(self.readable("/jsonrpc/2/api", key=self.token, body=wrong))

    def test_page_reads_no_answer_without_that_key(self):
        common = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {"service": "common", "method": "version", "args": []},
            "id": 1,
        }
        self.assertFalse(self.readable("/jsonrpc/2/api"))
        self.assertFalse(self.readable("/jsonrpc/2/common", body=common))
        self.assertFalse(self.readable("/jsonrpc/2/api", key="jrg_sk_wrong"))
        self.assertFalse(self.readable("/jsonrpc/2/api", key=self.issue_key(self.user)))

    def test_preflight_may_be_asked(self):
        headers = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
        response = self.opener.options(self.base_url() + "/jsonrpc/2/api", headers=headers)
        self.assertEqual([response.status_code, response.headers.get("Access-Control-Allow-Origin")], [204, PAGE])

    def test_pages_of_publishable_keys_read_refusals_too(self):
        self.issue_key(kind="publishable", origins="https://shop.example.com")
        headers = {**JSON, "Origin": "https://shop.example.com"}
        response = self.post("/jsonrpc/2/api", {}, key="jrg_sk_wrong", headers=headers)
        self.assertEqual(response.headers.get("Access-Control-Allow-Origin"), "https://shop.example.com")
