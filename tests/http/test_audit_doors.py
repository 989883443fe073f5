"""By which door a change was made, as the audit trail tells it; and keys do not reach the trail."""

import json
import xmlrpc.client

from odoo.tests import new_test_user, tagged

from ..common import JSON, JsonRpcCase

PARAMETER = "jsonrpc_gateway.max_batch"


@tagged("post_install", "-at_install")
class TestAuditDoors(JsonRpcCase):
    def setUp(self):
        super().setUp()
        self.key = self.issue_key(full_orm=True)
        self.last = self.env["jsonrpc.audit"].search([], limit=1).id

    def row(self):
        """The one row that was added since the last time."""
        self.env.invalidate_all()
        row = self.env["jsonrpc.audit"].search([("id", ">", self.last)])
        self.assertEqual(len(row), 1, row.mapped("summary"))
        self.last = row.id
        return row

    def call_kw(self, model, method, args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        response = self.url_open(
            "/web/dataset/call_kw", data=json.dumps({"params": params}), headers=JSON
        ).json()
        self.assertNotIn("error", response)
        return response["result"]

    def test_web_client(self):
        self.authenticate("admin", "admin")
        context = {"cron_id": 1, "install_mode": True}
        self.call_kw("ir.config_parameter", "set_param", [PARAMETER, "11"], context=context)
        row = self.row()
        self.assertEqual((row.door, row.login, row.path), ("web", "admin", "/web/dataset/call_kw"))
        self.assertEqual((row.address, row.by_key), ("127.0.0.1", False))

    def test_import(self):
        self.authenticate("admin", "admin")
        self.call_kw("jsonrpc.limit", "load", [["name", "quota"], [["imported", "5"]]])
        self.assertEqual(self.row().door, "import")
        file = {"res_model": "jsonrpc.limit", "file": "name,quota\nimported-2,5\n", "file_type": "text/csv"}
        wizard = self.call_kw("base_import.import", "create", [file])
        names = ["name", "quota"]
        options = {"quoting": '"', "separator": ",", "has_headers": True}
        result = self.call_kw("base_import.import", "execute_import", [wizard, names, names, options])
        self.assertFalse(result["messages"])
        row = self.row()
        self.assertEqual((row.door, row.record_name), ("import", "imported-2"))

    def test_rpc_of_odoo(self):
        uid = self.admin.id
        proxy = xmlrpc.client.ServerProxy(f"{self.base_url()}/xmlrpc/2/object", transport=self.xmlrpc_transport())
        proxy.execute_kw(self.env.cr.dbname, uid, "admin", "ir.config_parameter", "set_param", [PARAMETER, "12"])
        row = self.row()
        self.assertEqual((row.door, row.login, row.path), ("rpc", "admin", "/xmlrpc/2/object"))

    def xmlrpc_transport(self):
        case = self

        class Transport(xmlrpc.client.Transport):
            """As the client of the tests sends."""

            def request(self, host, handler, request_body, verbose=False):
                response = case.url_open(handler, data=request_body, headers={"Content-Type": "text/xml"})
                return xmlrpc.client.loads(response.text)[0]

        return Transport()

    def test_gateway_with_a_key(self):
        args = [self.env.cr.dbname, 0, "", "ir.config_parameter", "set_param", [PARAMETER, "13"]]
        params = {"service": "object", "method": "execute_kw", "args": args}
        self.call("call", params, key=self.key, path="/jsonrpc/2/object")
        row = self.row()
        self.assertEqual((row.door, row.login, row.path), ("gateway", "admin", "/jsonrpc/2/object"))
        self.assertRegex(row.by_key, r"^Test \(\d+\)$")

    def test_gateway_with_a_password(self):
        args = [self.env.cr.dbname, self.admin.id, "admin", "ir.config_parameter", "set_param", [PARAMETER, "14"]]
        self.call("call", {"service": "object", "method": "execute_kw", "args": args}, path="/jsonrpc/2/object")
        row = self.row()
        self.assertEqual((row.door, row.login, row.by_key), ("gateway", "admin", False))

    def test_keys_do_not_reach_the_trail(self):
        for method, extra in (("search_read", [[]]), ("create", [{"login": "nobody"}]), ("unlink", [[self.last]])):
            with self.subTest(method):
                args = [self.env.cr.dbname, 0, "", "jsonrpc.audit", method, extra]
                params = {"service": "object", "method": "execute_kw", "args": args}
                error = self.refused("call", params, key=self.key, path="/jsonrpc/2/object")
                self.assertEqual(error["data"]["type"], "forbidden")
        self.env.invalidate_all()
        self.assertTrue(self.env["jsonrpc.audit"].browse(self.last).exists())

    def test_the_trail_cannot_be_exposed(self):
        new_test_user(self.env, "audit.manager", "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_manager")
        model_id = self.env["ir.model"]._get_id("jsonrpc.audit")
        with self.assertRaisesRegex(Exception, "can never be exposed"):
            self.env["jsonrpc.resource"].create({"name": "trail", "model_id": model_id})
