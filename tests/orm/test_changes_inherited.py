"""``changes`` of a model that inherits from another one by ``_inherits``, as products do from their templates."""

from ..feed_common import FeedCase, Mirror
from ..resource_common import define

MODEL = "test_jsonrpc_gateway.member"


class TestInheritedChanges(FeedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            lines = {name: {"filterable": True} for name in ("number", "name", "ref", "active")}
            define(env, "member", MODEL, lines, can_changes=True)
            # A rule of the parent holds for members, too.
            env["ir.rule"].create(
                {
                    "name": "No clerks",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "domain_force": "['|', ('function', '=', False), ('function', '!=', 'Clerk')]",
                }
            )

    def setUp(self):
        super().setUp()
        self.mirror = Mirror(self, method="member.changes", filter=[["ref", "=like", "i-%"]], fields=["number", "name"])
        self.mirror.catch_up()

    def create(self, name, **values):
        with self.transaction() as env:
            member = env[MODEL].create({"name": name, "ref": f"i-{name}", "number": "1", **values})
            return member.id, member.partner_id.id

    def caught_up(self):
        """What is removed by what happened since."""
        self.mirror.removed.clear()
        self.mirror.catch_up()
        return self.mirror.removed

    def test_changes_of_the_parent_are_changes_of_the_record(self):
        id_, partner = self.create("A")
        self.assertEqual(self.caught_up(), [])
        self.database.query("UPDATE res_partner SET name = 'B' WHERE id = %s", partner)
        self.database.query("UPDATE test_jsonrpc_gateway_member SET number = '2' WHERE id = %s", id_)
        self.assertEqual(self.caught_up(), [])
        self.assertEqual(self.mirror.records[id_], {"id": id_, "number": "2", "name": "B"})

    def test_record_leaves_and_comes_back_by_its_parent(self):
        id_, partner = self.create("A")
        self.caught_up()
        self.database.query("UPDATE res_partner SET ref = 'elsewhere' WHERE id = %s", partner)
        self.assertEqual(self.caught_up(), [(id_, "left")])
        self.database.query("UPDATE res_partner SET ref = 'i-back' WHERE id = %s", partner)
        self.caught_up()
        self.assertIn(id_, self.mirror.records)
        self.database.query("UPDATE res_partner SET function = 'Clerk' WHERE id = %s", partner)
        self.assertEqual(self.caught_up(), [(id_, "left")])

    def test_record_that_goes_with_its_parent_is_removed(self):
        id_, partner = self.create("A")
        self.caught_up()
        self.database.query("DELETE FROM res_partner WHERE id = %s", partner)
        self.assertEqual(self.caught_up(), [(id_, "deleted")])

    def test_record_that_the_parents_rule_hid_is_never_named(self):
        for column in ("id", "partner_id"):
            id_, partner = self.create("hidden", function="Clerk")
            self.database.query("UPDATE res_partner SET name = 'still' WHERE id = %s", partner)
            self.database.query("UPDATE test_jsonrpc_gateway_member SET number = '2' WHERE id = %s", id_)
            self.assertEqual(self.caught_up(), [])
            if column == "id":
                self.database.query("DELETE FROM test_jsonrpc_gateway_member WHERE id = %s", id_)
            else:
                self.database.query("DELETE FROM res_partner WHERE id = %s", partner)
            self.assertEqual(self.caught_up(), [])
            self.assertNotIn(id_, self.mirror.records)

    def test_record_is_archived_by_its_own_column(self):
        id_, _partner = self.create("A")
        self.caught_up()
        with self.transaction() as env:
            env[MODEL].browse(id_).active = False
        self.assertEqual(self.caught_up(), [(id_, "left")])
