"""Resources on several servers: one definition, and one creation of many."""

from concurrent.futures import ThreadPoolExecutor

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

    def test_a_changed_rule_counts_on_every_server_at_the_next_call(self):
        created = self.result(self.server, "person.create", values={"name": "Planned"})["id"]
        reads = (("person.get", {"ids": [created]}), ("person.search", {"domain": [["id", "=", created]]}))

        def seen(server, method, params):
            answer = server.rpc(method, {**params, "fields": ["name"]}, key=self.key)
            found = answer.get("result", [])
            return len(found["records"] if isinstance(found, dict) else found)

        for rule, expected in (
            ("rule.create({'name': 'plan', 'model_id': model, 'domain_force': \"[('name', '!=', 'Planned')]\"})", 0),
            ("rule.search([('name', '=', 'plan')]).unlink()", 1),
        ):
            for server in (self.server, self.second):
                for method, params in reads:
                    # So that each has a plan.
                    self.assertEqual(seen(server, method, params), 1 - expected)
            self.database.shell(
                f"rule, model = env['ir.rule'], env['ir.model']._get_id('res.partner')\n{rule}\n"
                "env.cr.commit(); env.registry.signal_changes()"
            )
            for server in (self.server, self.second):
                for method, params in reads:
                    self.assertEqual(seen(server, method, params), expected)
