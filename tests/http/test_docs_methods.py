"""The test that the documentation shows to those who write methods."""

from odoo.addons.jsonrpc_gateway.tests.common import JsonRpcCase


class TestPartnerAdmin(JsonRpcCase):
    def test_rename_stores_name(self):
        partner = self.env["res.partner"].create({"name": "Ann"})
        key = self.issue_key(grants={"partner_admin": ["call"]})
        renamed = self.call("partner_admin.rename", {"partner_id": partner.id, "name": "Beth"}, key=key)
        self.assertEqual(renamed, {"id": partner.id, "name": "Beth"})
