"""Names in the place of ids: external ids and keys, wherever an id may stand, with the caller's own rights."""

from odoo.fields import Command

from ...engine.access.credential import Credential
from ...engine.resources.change.names import split_external_id
from ..resource_common import ResourceCase, add_line, define


class ReferenceCase(ResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.country.field_ids.filtered(lambda line: line.name == "code").key = True
        cls.tag = define(
            cls.env, "tag", "res.partner.category", {"name": {"writable": True, "key": True}}, can_create=True
        )
        cls.contact.field_ids.filtered(lambda line: line.name == "tags").target_id = cls.tag
        cls.hot, cls.cold = cls.env["res.partner.category"].create([{"name": "Hot"}, {"name": "Cold"}])
        cls.ann, cls.bob = cls.env["res.partner"].create([{"name": "Ann", "ref": "A-1"}, {"name": "Bob", "ref": "B-1"}])
        cls.external(cls.bob, "shop", "c900")

    @classmethod
    def external(cls, record, module, name):
        cls.env["ir.model.data"].create({"module": module, "name": name, "model": record._name, "res_id": record.id})


class TestNames(ReferenceCase):
    def test_names_stand_for_records_in_every_param(self):
        for name in ({"ref": "B-1"}, {"external_id": "shop.c900"}, self.bob.id):
            with self.subTest(name):
                self.assertEqual(self.do("get", id=name, fields=["name"])["name"], "Bob")
                both = self.do("get", ids=[{"ref": "A-1"}, name], fields=["name"])
                self.assertEqual([record["name"] for record in both], ["Ann", "Bob"])
                self.assertEqual(self.do("update", id=name, values={"color": 3}), {"id": self.bob.id})
                self.assertEqual(self.do("update", ids=[name], values={"color": 4}), {"ids": [self.bob.id]})
        self.do("delete", ids=[{"ref": "A-1"}, {"external_id": "shop.c900"}])
        self.assertFalse((self.ann | self.bob).exists())

    def test_names_stand_for_records_in_every_relation(self):
        for change in (
            [{"name": "Hot"}, {"name": "Cold"}],
            {"set": [{"name": "Hot"}, self.cold.id]},
            {"add": [{"name": "Hot"}, {"name": "Cold"}]},
        ):
            with self.subTest(change):
                self.ann.category_id = False
                values = {"country": {"code": "BE"}, "parent": {"external_id": "shop.c900"}, "tags": change}
                self.do("update", id=self.ann.id, values=values)
                self.env.invalidate_all()
                self.assertEqual((self.ann.country_id, self.ann.parent_id), (self.belgium, self.bob))
                self.assertEqual(self.ann.category_id, self.hot | self.cold)
        self.do("update", id=self.ann.id, values={"tags": {"remove": [{"name": "Hot"}]}})
        self.assertEqual(self.ann.category_id, self.cold)
        created = self.do(
            "create",
            values={
                "name": "New",
                "country": {"code": "BE"},
                "children": [{"name": "Kid", "type": "other", "country": {"code": "FR"}, "tags": [{"name": "Hot"}]}],
            },
        )
        partner = self.env["res.partner"].browse(created["id"])
        self.assertEqual(partner.country_id.code, "BE")
        self.assertEqual((partner.child_ids.country_id.code, partner.child_ids.category_id), ("FR", self.hot))

    def test_an_object_that_says_more_is_a_new_record(self):
        self.do("update", id=self.ann.id, values={"tags": {"create": [{"name": "New"}]}})
        self.assertEqual(self.ann.category_id.name, "New")

    def test_names_of_none_or_several_are_refused_with_the_path(self):
        self.env["res.partner.category"].create({"name": "Hot"})
        self.external(self.belgium, "shop", "be")
        values = {
            "country": {"code": "XX"},
            "parent": {"external_id": "shop.nobody"},
            "tags": [{"name": "Cold"}, {"name": "Hot"}, {"name": "Warm"}],
        }
        self.assertEqual(
            self.errors("create", values={"name": "x", **values}),
            {
                "values.country.code": "not_found",
                "values.parent.external_id": "not_found",
                "values.tags.1.name": "ambiguous",
                "values.tags.2.name": "not_found",
            },
        )
        for params, path, kind in (
            ({"id": {"ref": "C-1"}}, "id.ref", "not_found"),
            ({"ids": [self.ann.id, {"ref": "C-1"}]}, "ids.1.ref", "not_found"),
            # Of another model.
            ({"id": {"external_id": "shop.be"}}, "id.external_id", "not_found"),
            ({"id": {"ref": 1}}, "id.ref", "type"),
            ({"id": {"ref": ""}}, "id.ref", "type"),
            ({"id": {"ref": None}}, "id.ref", "type"),
        ):
            with self.subTest(params):
                self.assertEqual(self.errors("get", **params), {path: kind})

    def test_what_is_no_key_names_nothing(self):
        for id_ in ({"name": "Ann"}, {"email": "x"}, {"id": 1}, {"ref": "A-1", "name": "Ann"}, {}):
            with self.subTest(id_):
                self.assertTrue(self.errors("get", id=id_))

    def test_names_find_what_the_caller_sees_and_no_more(self):
        self.contact.domain = "[('ref', '!=', 'B-1')]"
        for name in ({"ref": "B-1"}, {"external_id": "shop.c900"}):
            with self.subTest(name):
                self.assertEqual(set(self.errors("get", id=name).values()), {"not_found"})
                self.assertEqual(
                    set(self.errors("create", values={"name": "x", "parent": name}).values()), {"not_found"}
                )
        narrow = Credential(kind="key", user_id=self.user.id, grants=frozenset({("contact", "create")}))
        params = {"values": {"name": "x", "country": {"code": "BE"}}}
        with self.assertRaises(Exception) as caught:
            self.call("contact.create", params, credential=narrow)
        self.assertEqual(caught.exception.type, "invalid_params")

    def test_archived_records_are_named(self):
        self.bob.active = False
        self.assertEqual(self.do("get", id={"ref": "B-1"}, fields=["name"])["name"], "Bob")

    def test_number_of_queries_does_not_grow_with_the_names(self):
        def queries(number):
            records = self.env["res.partner"].create([{"name": "x", "ref": f"q{number}-{n}"} for n in range(number)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.do("get", ids=[{"ref": f"q{number}-{n}"} for n in range(number)], fields=["name"])
            self.assertTrue(records)
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertEqual(queries(3), queries(60))

    def test_external_ids_of_shops(self):
        for text, parts in (
            ("shop.c900", ("shop", "c900")),
            ("shop.cust/17", ("shop", "cust/17")),
            ("shop.4.711", ("shop", "4.711")),
            ("cust/17", ("__import__", "cust/17")),
            ("4.711", ("__import__", "4.711")),
            ("Cust.17", ("__import__", "Cust.17")),
            ("é.1", ("__import__", "é.1")),
            ("shop.", ("__import__", "shop.")),
        ):
            with self.subTest(text):
                self.assertEqual(split_external_id(text), parts)
        for text in ("shop.cust/17", "4.711", "x" * 255, "Ünïcode/№1"):
            with self.subTest(text):
                made = self.do("upsert", key={"external_id": text}, values={"name": "Of the shop"})
                again = self.do("upsert", key={"external_id": text}, values={"name": "Of the shop"})
                self.assertEqual((made["status"], again), ("created", {"id": made["id"], "status": "updated"}))
                self.assertEqual(self.do("get", id={"external_id": text}, fields=[])["id"], made["id"])
                module, name = split_external_id(text)
                self.assertEqual(self.env.ref(f"{module}.{name}").id, made["id"], "Odoo does not understand it")


class TestInnerChanges(ReferenceCase):
    """An object with an id is what the record has, or a change of it, or refused: nothing is dropped."""

    def setUp(self):
        super().setUp()
        self.company = self.partners("Company", email="old@example.com")
        self.one, self.two = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.company.id, "color": 1} for name in ("One", "Two")]
        )

    def update(self, **values):
        return self.do("update", id=self.company.id, values=values)

    def test_members_beside_the_id_change_the_record(self):
        line = {"id": self.one.id, "color": 7}
        for children in (
            [line, self.two.id],
            {"set": [line, self.two.id]},
            {"add": [line]},
            {"update": [line]},
        ):
            with self.subTest(children):
                self.one.color = 1
                self.update(children=children)
                self.env.invalidate_all()
                self.assertEqual((self.one.color, self.two.color), (7, 1))
                self.assertEqual(self.company.child_ids, self.one | self.two)
        self.do("update", id=self.one.id, values={"parent": {"id": self.company.id, "email": "new@example.com"}})
        self.assertEqual(self.company.email, "new@example.com")

    def test_new_and_changed_records_go_together(self):
        self.update(children={"update": [{"id": self.one.id, "name": "Uno"}], "create": [{"name": "Three"}]})
        self.env.invalidate_all()
        self.assertEqual(set(self.company.child_ids.mapped("name")), {"Uno", "Two", "Three"})

    def test_changes_reach_four_relations_deep(self):
        chain = self.partners("0")
        for number in range(1, 6):
            chain = self.env["res.partner"].create({"name": str(number), "parent_id": chain.id})

        def nested(record, levels):
            inner = {"id": record.id}
            if levels:
                return {**inner, "parent": nested(record.parent_id, levels - 1)}
            return {**inner, "color": 9}

        self.do("update", id=chain.id, values={"parent": nested(chain.parent_id, 3)})
        deep = chain.parent_id.parent_id.parent_id.parent_id
        self.assertEqual((deep.color, deep.name), (9, "1"))
        errors = self.errors("update", id=chain.id, values={"parent": nested(chain.parent_id, 4)})
        self.assertEqual(set(errors.values()), {"too_deep"})

    def test_what_the_record_has_is_no_change(self):
        self.contact.can_update = True
        whole = self.do(
            "get", id=self.company.id, fields=["name", {"children": ["name", "color", {"parent": ["name"]}]}]
        )
        self.assertEqual(self.do("update", id=self.company.id, values=whole), {"id": self.company.id})

    def test_changes_need_the_operation_and_the_grant_on_the_other_side(self):
        land = {"country": {"id": self.belgium.id, "name": "Belgia"}}
        self.company.country_id = self.belgium
        self.assertEqual(self.errors("update", id=self.company.id, values=land), {"values.country.name": "read_only"})
        self.country.field_ids.filtered(lambda line: line.name == "name").writable = True
        self.assertEqual(self.errors("update", id=self.company.id, values=land), {"values.country.name": "not_allowed"})
        person = define(self.env, "person", "res.partner", {"name": {}, "color": {"writable": True}}, can_update=True)
        self.contact.field_ids.filtered(lambda line: line.name == "children").target_id = person
        params = {"id": self.company.id, "values": {"children": {"update": [{"id": self.one.id, "color": 5}]}}}
        granted = {("contact", "read"), ("contact", "update"), ("person", "read")}
        for more, outcome in (((), "invalid_params"), ((("person", "update"),), "done")):
            credential = Credential(kind="key", user_id=self.user.id, grants=frozenset({*granted, *more}))
            try:
                self.call("contact.update", params, credential=credential)
                found = "done"
            except Exception as error:
                found = error.type
            self.assertEqual(found, outcome)

    def test_changes_of_what_is_not_linked_or_not_there_are_refused(self):
        other = self.partners("Other")
        for id_, path in ((other.id, "values.children.update.0.id"), (2**31 - 1, "values.children.update.0.id")):
            errors = self.errors(
                "update", id=self.company.id, values={"children": {"update": [{"id": id_, "color": 5}]}}
            )
            self.assertEqual(errors, {path: "not_found"})

    def test_values_inside_are_checked_like_others(self):
        values = {"children": {"update": [{"id": self.one.id, "color": "red", "nope": 1}, {"color": 1}, 5]}}
        self.assertEqual(
            self.errors("update", id=self.company.id, values=values),
            {
                "values.children.update.0.nope": "unknown_field",
                "values.children.update.0.color": "int_type",
                "values.children.update.1.id": "missing",
                "values.children.update.2": "type",
            },
        )

    def test_the_name_of_a_reference_that_nobody_describes_is_no_value(self):
        add_line(self.contact, "user_id", name="salesperson", writable=True)
        self.do("update", id=self.company.id, values={"salesperson": {"id": self.user.id, "name": "Whoever"}})
        self.assertEqual(self.company.user_id, self.user)
        self.assertNotEqual(self.user.name, "Whoever")

    def test_a_change_inside_obeys_the_domain_of_its_resource(self):
        self.contact.field_ids.filtered(lambda line: line.name == "children").target_id = define(
            self.env,
            "person",
            "res.partner",
            {"name": {"writable": True}, "color": {"writable": True}},
            domain="[('color', '<', 5)]",
            can_update=True,
        )
        values = {"name": "Renamed", "children": {"update": [{"id": self.one.id, "color": 7}]}}
        self.refused("validation_failed", "update", id=self.company.id, values=values)
        self.env.invalidate_all()
        self.assertEqual((self.company.name, self.one.color), ("Company", 1))

    def test_method_lines_take_names(self):
        self.contact.method_ids = [Command.create({"method": "action_archive"})]
        self.call("contact.action_archive", {"ids": [{"ref": "A-1"}, {"external_id": "shop.c900"}]})
        self.assertFalse(self.ann.active or self.bob.active)
