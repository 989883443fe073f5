"""No call reaches further than its resource: not by links, nor by methods, nor by what a comparison tells."""

from odoo.fields import Command

from ...engine.access.credential import Credential
from ...engine.protocol.errors import RpcError
from ..resource_common import ResourceCase, add_line, define


class ReachCase(ResourceCase):
    def key(self, *grants):
        """A key with grants as ``contact.update``."""
        pairs = frozenset(tuple(grant.split(".")) for grant in grants)
        return Credential(kind="key", user_id=self.user.id, grants=pairs)

    def outcome(self, method, params, credential=None):
        """``"done"``, or the type of the error, or the types by path."""
        try:
            self.call(method, params, credential=credential)
        except RpcError as error:
            errors = error.data.get("errors")
            return {failure["path"]: failure["type"] for failure in errors} if errors else error.type
        return "done"


class TestLinks(ReachCase):
    """A one2many is written on its other side: a link needs what that change would need there."""

    def setUp(self):
        super().setUp()
        self.child_resource = define(
            self.env,
            "person",
            "res.partner",
            {"name": {"writable": True}, "parent_id": {"name": "parent", "writable": True}},
        )
        line = self.contact.field_ids.filtered(lambda line: line.name == "children")
        line.target_id = self.child_resource
        self.company, self.loose = self.partners("Company", "Loose")
        self.linked = self.env["res.partner"].create({"name": "Linked", "parent_id": self.company.id})

    def changes(self):
        ids = {"loose": self.loose.id, "linked": self.linked.id}
        return {
            "add": {"add": [ids["loose"]]},
            "set more": {"set": [ids["linked"], ids["loose"]]},
            "list": [ids["linked"], ids["loose"]],
            "remove": {"remove": [ids["linked"]]},
            "set none": {"set": []},
        }

    def update(self, change, credential=None):
        return self.outcome("contact.update", {"id": self.company.id, "values": {"children": change}}, credential)

    def test_links_need_the_operation_on_the_other_side(self):
        for name, change in self.changes().items():
            with self.subTest(name):
                self.assertEqual(self.update(change), {"values.children": "not_allowed"})
        self.child_resource.can_update = True
        for name, change in self.changes().items():
            with self.subTest(name, allowed=True), self.env.cr.savepoint() as savepoint:
                self.assertEqual(self.update(change), "done")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_links_need_the_grant_on_the_other_side(self):
        self.child_resource.can_update = True
        narrow = self.key("contact.read", "contact.update", "person.read")
        wide = self.key("contact.read", "contact.update", "person.read", "person.update")
        change = {"add": [self.loose.id]}
        self.assertEqual(self.update(change, narrow), {"values.children": "not_allowed"})
        self.assertEqual(self.update(change, wide), "done")

    def test_links_of_a_new_record_need_it_too(self):
        params = {"values": {"name": "New", "children": [self.loose.id]}}
        self.assertEqual(self.outcome("contact.create", params), {"values.children": "not_allowed"})
        self.child_resource.can_update = True
        self.assertEqual(self.outcome("contact.create", params), "done")

    def test_what_is_linked_already_needs_nothing(self):
        for change in ({"set": [self.linked.id]}, [self.linked.id], {"add": [self.linked.id]}):
            with self.subTest(change):
                self.assertEqual(self.update(change), "done")

    def test_records_that_nobody_describes_are_not_moved(self):
        line = self.contact.field_ids.filtered(lambda line: line.name == "children")
        line.target_id = False
        self.assertEqual(self.update({"add": [self.loose.id]}), {"values.children": "not_allowed"})

    def test_tags_are_linked_as_before(self):
        tag = self.env["res.partner.category"].create({"name": "Tag"})
        params = {"id": self.company.id, "values": {"tags": {"add": [tag.id]}}}
        self.assertEqual(self.outcome("contact.update", params), "done")


class TestDomain(ReachCase):
    """What a call has touched is inside its resource at the end, or the call is undone."""

    def setUp(self):
        super().setUp()
        self.company, self.loose = self.partners("Company", "Loose")
        self.linked = self.env["res.partner"].create({"name": "Linked", "parent_id": self.company.id})

    def test_linked_records_stay_inside(self):
        self.contact.domain = "[('parent_id', '=', False)]"
        params = {"id": self.company.id, "values": {"children": {"add": [self.loose.id]}}}
        self.assertEqual(self.outcome("contact.update", params), "validation_failed")
        self.env.invalidate_all()
        self.assertFalse(self.loose.parent_id)
        params = {"values": {"name": "New", "children": [self.loose.id]}}
        self.assertEqual(self.outcome("contact.create", params), "validation_failed")

    def test_records_that_are_linked_no_more_stay_inside(self):
        person = define(
            self.env, "person", "res.partner", {"name": {}}, domain="[('parent_id', '!=', False)]", can_update=True
        )
        self.contact.field_ids.filtered(lambda line: line.name == "children").target_id = person
        for change in ({"remove": [self.linked.id]}, {"set": []}):
            with self.subTest(change):
                params = {"id": self.company.id, "values": {"children": change}}
                self.assertEqual(self.outcome("contact.update", params), "validation_failed")
                self.env.invalidate_all()
                self.assertEqual(self.linked.parent_id, self.company)

    def test_methods_leave_their_records_inside(self):
        self.contact.method_ids = [Command.create({"method": "action_archive"})]
        params = {"ids": [self.loose.id]}
        with self.env.cr.savepoint() as savepoint:
            self.assertEqual(self.outcome("contact.action_archive", params), "done")
            savepoint.rollback()
            self.env.invalidate_all()
        self.contact.domain = "[('active', '=', True)]"
        self.assertEqual(self.outcome("contact.action_archive", params), "validation_failed")
        self.env.invalidate_all()
        self.assertTrue(self.loose.active)


class TestComparison(ReachCase):
    """Giving back a read-only value says whether it is right: only to who may read it."""

    def setUp(self):
        super().setUp()
        add_line(self.contact, "vat")
        self.partner = self.partners("Ann", vat="BE0477472701", country_id=self.belgium.id)

    def test_who_may_read_gives_a_record_back_whole(self):
        key = self.key("contact.read", "contact.update")
        for value, outcome in (("BE0477472701", "done"), ("BE1", {"values.vat": "read_only"})):
            params = {"id": self.partner.id, "values": {"name": "Ann", "vat": value}}
            self.assertEqual(self.outcome("contact.update", params, key), outcome)

    def test_who_may_not_read_is_told_nothing(self):
        key = self.key("contact.update")
        for value in ("BE0477472701", "BE1"):
            params = {"id": self.partner.id, "values": {"name": "Ann", "vat": value}}
            self.assertEqual(self.outcome("contact.update", params, key), {"values.vat": "read_only"})

    def test_reference_that_stays_is_no_question_either(self):
        self.country.domain = "[('code', '=', 'FR')]"
        for grants, outcome in (
            (("contact.read", "contact.update"), "done"),
            (("contact.update",), {"values.country": "not_found"}),
        ):
            params = {"id": self.partner.id, "values": {"country": self.belgium.id}}
            with self.subTest(grants):
                self.assertEqual(self.outcome("contact.update", params, self.key(*grants)), outcome)
