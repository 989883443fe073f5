"""Resources the whole way: over HTTP, within batches, on servers of their own."""

from concurrent.futures import ThreadPoolExecutor

from odoo.tests import new_test_user

from ..common import JsonRpcCase
from ..resource_common import add_line, define
from ..server_common import Server, ServerCase

_DEFINITION = """
resource = env["jsonrpc.resource"].create(
    {"name": "person", "model_id": env["ir.model"]._get_id("res.partner"), "can_create": True, "can_upsert": True}
)
for name in ("name", "ref"):
    env["jsonrpc.resource.field"].create({
        "resource_id": resource.id, "field_id": env["ir.model.fields"]._get("res.partner", name).id,
        "writable": True, "filterable": True, "sortable": True, "key": name == "ref",
    })
"""


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


class TestResourceOnServers(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._entered(Server([cls.database.name]))
        cls.key = cls.database.issue_key()
        cls.database.shell(_DEFINITION)

    def result(self, server, method, **params):
        answer = server.rpc(method, params, key=self.key)
        self.assertNotIn("error", answer)
        return answer["result"]

    def test_of_many_upserts_at_once_one_creates(self):
        self.result(self.server, "person.count")
        for kind, value in (("ref", "race"), ("external_id", "race-1")):
            with self.subTest(kind=kind), ThreadPoolExecutor(4) as pool:
                servers = [self.server, self.second] * 2
                upsert = {"key": {kind: value}, "values": {"name": f"Race {kind}"}}
                answers = list(
                    pool.map(lambda server, upsert=upsert: server.rpc("person.upsert", upsert, key=self.key), servers)
                )
                results = [answer["result"] for answer in answers if "result" in answer]
                # Whoever was replayed five times in vain is told that it may try again.
                self.assertLessEqual(
                    {answer["error"]["data"]["type"] for answer in answers if "error" in answer}, {"conflict"}
                )
                self.assertEqual([result["status"] for result in results].count("created"), 1)
                self.assertEqual(len({result["id"] for result in results}), 1)
                self.assertEqual(self.result(self.server, "person.count", domain=[["name", "=", f"Race {kind}"]]), 1)

    def test_a_changed_definition_counts_on_every_server_at_the_next_call(self):
        for server in (self.server, self.second):
            self.result(server, "person.search", fields=["name"], limit=1)
        self.database.shell("env['jsonrpc.resource'].search([('name', '=', 'person')]).field_ids[0].name = 'title'")
        try:
            for server in (self.server, self.second):
                self.result(server, "person.search", fields=["title"], limit=1)
                self.assertIn("error", server.rpc("person.search", {"fields": ["name"]}, key=self.key))
        finally:
            self.database.shell("env['jsonrpc.resource'].search([('name', '=', 'person')]).field_ids[0].name = 'name'")
