"""The life of a key in the web client, by a user who may have their own and nothing else."""

from odoo.tests import new_test_user, tagged

from ..common import JsonRpcCase


@tagged("post_install", "-at_install")
class TestTourJsonrpcKey(JsonRpcCase):
    def test_user_issues_uses_and_revokes_a_key(self):
        user = new_test_user(
            self.env, "key.user", "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user", name="key.user"
        )
        self.start_tour("/odoo/jsonrpc-keys", "jsonrpc_key_tour", login="key.user")
        key = self.env["jsonrpc.key"].with_context(active_test=False).search([("user_id", "=", user.id)])
        self.assertEqual((key.name, key.state, key.create_uid), ("Web shop", "revoked", user))
        self.assertTrue(key.last_used_at)

    def test_user_restricts_replaces_and_revokes_a_key(self):
        user = new_test_user(
            self.env, "key.user", "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user", name="key.user"
        )
        self.start_tour("/odoo/jsonrpc-keys", "jsonrpc_key_restricted_tour", login="key.user")
        keys = self.env["jsonrpc.key"].with_context(active_test=False)
        old, new = keys.search([("user_id", "=", user.id)], order="id")
        self.assertEqual((old.state, new.state, new.predecessor_id), ("revoked", "active", old))
        self.assertEqual((old.rights, new.rights), ("partner: read", "partner: read"))
