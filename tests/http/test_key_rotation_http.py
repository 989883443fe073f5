"""One key follows another over HTTP."""


from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import JsonRpcCase

USER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"


@tagged("post_install", "-at_install")
class TestRotationOverHttp(JsonRpcCase):
    def call_kw(self, model, method, args):
        body = {"jsonrpc": "2.0", "id": 1, "method": "call"}
        body["params"] = {"model": model, "method": method, "args": args, "kwargs": {}}
        with mute_logger("odoo.http"):
            return self.post(f"/web/dataset/call_kw/{model}/{method}", body).json()

    def test_password_is_asked_for(self):
        user = new_test_user(self.env, "key.user", USER)
        key, old = self.env["jsonrpc.key"]._issue(name="Test", user=user)
        self.authenticate("key.user", "key.user")
        opened = self.call_kw("jsonrpc.key", "action_rotate", [[key.id]])["result"]
        self.assertEqual((opened["res_model"], opened["context"]["default_key_id"]), ("jsonrpc.key.rotate", key.id))
        created = self.call_kw("jsonrpc.key.rotate", "web_save", [[], {"key_id": key.id, "overlap": "1"}, {"id": {}}])
        asked = self.call_kw("jsonrpc.key.rotate", "action_rotate", [[created["result"][0]["id"]]])["result"]
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        self.assertFalse(key.successor_ids)
        body = {"jsonrpc": "2.0", "id": 1, "method": "call"}
        body["params"] = {
            "model": "res.users.identitycheck",
            "method": "run_check",
            "args": [[asked["res_id"]]],
            "kwargs": {"context": {"password": "key.user"}},
        }
        shown = self.post("/web/dataset/call_kw/res.users.identitycheck/run_check", body).json()["result"]
        new = shown["context"]["default_token"]
        self.assertEqual(self.call("system.whoami", key=new)["login"], "key.user")
        self.assertEqual(self.call("system.whoami", key=old)["login"], "key.user")
