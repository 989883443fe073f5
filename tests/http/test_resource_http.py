"""Resources the whole way: over HTTP, within batches."""


from odoo.tests import new_test_user

from ..common import JsonRpcCase
from ..resource_common import add_line, define


class TestResourceOverHttp(JsonRpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.resource = define(
            cls.env,
            "person",
            "res.partner",
            {"name": {"writable": True, "required": True, "filterable": True}, "is_company": {"writable": True}},
            can_create=True,
            can_update=True,
            domain="[('is_company', '=', True)]",
        )

    def test_calls_travel(self):
        key = self.issue_key()
        created = self.call("person.create", {"values": {"name": "Ann", "is_company": True}}, key=key)
        self.assertEqual(
            self.call("person.get", {"id": created["id"]}, key=key), {**created, "name": "Ann", "is_company": True}
        )
        page = self.call("person.search", {"domain": [["id", "=", created["id"]]]}, key=key)
        self.assertEqual([record["name"] for record in page["records"]], ["Ann"])

    def test_a_refused_creation_leaves_nothing_behind_in_a_batch(self):
        key = self.issue_key()
        body = [
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "person.create",
                "params": {"values": {"name": "Kept", "is_company": True}},
            },
            {"jsonrpc": "2.0", "id": 2, "method": "person.create", "params": {"values": {"name": "Gone"}}},
            {"jsonrpc": "2.0", "id": 3, "method": "person.count"},
        ]
        answers = self.post("/jsonrpc/2/api", body, key=key).json()
        self.assertEqual(answers[1]["error"]["data"]["type"], "validation_failed")
        names = self.env["res.partner"].search([("name", "in", ["Kept", "Gone"])]).mapped("name")
        self.assertEqual(names, ["Kept"])

    def test_a_read_only_key_cannot_write(self):
        error = self.refused("person.create", {"values": {"name": "x"}}, key=self.issue_key(access="read"))
        self.assertEqual(error["data"]["type"], "forbidden")

    def test_nobody_in_particular_cannot_call(self):
        self.assertEqual(self.refused("person.search")["data"]["type"], "unauthenticated")

    def test_what_an_earlier_call_read_with_more_rights_is_not_shown(self):
        self.env.ref("base.res_partner_rule").active = True
        foreign = self.env["res.company"].create({"name": "B"})
        caller = new_test_user(self.env, "http_caller", groups="base.group_user,base.group_partner_manager")
        add_line(self.resource, "child_ids", name="children")
        parent = self.env["res.partner"].create(
            {"name": "P", "is_company": True, "child_ids": [(0, 0, {"name": "F", "company_id": foreign.id})]}
        )
        parent.company_id = False
        parent.child_ids.company_id = foreign
        body = [
            # Odoo itself reads the children of a partner that is written to, with superuser's rights.
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "person.update",
                "params": {"id": parent.id, "values": {"name": "Q"}},
            },
            {"jsonrpc": "2.0", "id": 2, "method": "person.get", "params": {"id": parent.id, "fields": ["children"]}},
        ]
        _first, second = self.post("/jsonrpc/2/api", body, key=self.issue_key(caller)).json()
        self.assertEqual(second["result"], {"id": parent.id, "children": []})
