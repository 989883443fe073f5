"""The administrator's two minutes in the web client, with another system calling along."""

from odoo.tests import tagged

from ..common import JsonRpcCase


@tagged("post_install", "-at_install")
class TestTourJsonrpcResource(JsonRpcCase):
    def test_administrator_exposes_a_model_and_renames_a_field(self):
        self.env["jsonrpc.resource"].search([]).unlink()
        self.env["res.bank"].create({"name": "Tour Bank", "bic": "TOURBEBB"})
        key = self.issue_key(access="read")
        self.start_tour(
            "/odoo/jsonrpc-resources", "jsonrpc_resource_tour", login="admin", cookies={"jsonrpc_tour_key": key}
        )
        resource = self.env["jsonrpc.resource"].search([])
        self.assertEqual((resource.name, resource.model), ("bank", "res.bank"))
        self.assertEqual(resource.field_ids.filtered(lambda line: line.field_id.name == "bic").name, "swift")
