"""The log of calls in the web client: a manager follows a fault, a user sees their own calls."""

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..http.test_call_log import PIPELINE, CallLogCase


@tagged("post_install", "-at_install")
class TestTourJsonrpcCall(CallLogCase):
    def setUp(self):
        super().setUp()
        self.call("test.greet", key=self.key)
        self.call("tx.write", {"name": "on the dashboard"}, key=self.key)
        with mute_logger(PIPELINE):
            self.refused("test.surprise", key=self.key)
        self.logged()

    def test_manager_follows_a_fault(self):
        self.start_tour("/odoo/jsonrpc-gateway", "jsonrpc_call_tour", login="admin")

    def test_user_sees_own_calls_only(self):
        new_test_user(self.env, "call.user", "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user")
        self.start_tour("/odoo/jsonrpc-gateway", "jsonrpc_call_user_tour", login="call.user")
