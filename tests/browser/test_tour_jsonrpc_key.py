"""The life of a key in the web client, by a user who may have their own and nothing else."""

from datetime import timedelta

from odoo import fields
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

    def test_user_widens_a_key_and_loses_nothing_by_the_password(self):
        user = new_test_user(
            self.env, "key.user", "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user", name="key.user"
        )
        soon = fields.Datetime.now() + timedelta(days=5)
        key = self.env["jsonrpc.key"]._issue(name="Stock levels", user=user, expires_at=soon)[0]
        self.start_tour("/odoo/jsonrpc-keys", "jsonrpc_key_widen_tour", login="key.user")
        self.assertEqual((key.name, key.access), ("Stock levels, both ways", "write"))
