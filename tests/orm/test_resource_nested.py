"""Relations: nested reads in a constant number of queries, and nested writes."""

from odoo.fields import Command

from ...engine.protocol.errors import TooLarge
from ...engine.resources.query import reader
from ...engine.resources.query.selection import MAX_DEPTH, MAX_FIELDS
from ..resource_common import ResourceCase, define

NESTED = [
    "name",
    "parent",
    "tags",
    {"country": ["code", "name"]},
    {"children": ["name", {"country": ["code"]}, {"parent": ["name", "country"]}]},
]


def deep(levels):
    """A new contact with children of its own, so many levels in all."""
    return {"name": "x", **({"children": [deep(levels - 1)]} if levels > 1 else {})}


class TestNestedRead(ResourceCase):
    def family(self, number):
        """Companies with two contacts each, all found by their ref."""
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Company {index}",
                    "ref": f"family-{number}",
                    "country_id": self.belgium.id,
                    "child_ids": [Command.create({"name": f"{kid} {index}"}) for kid in ("Ann", "Bob")],
                }
                for index in range(number)
            ]
        )

    def test_fields_of_the_other_side_are_read(self):
        (company,) = self.family(1)
        ann = company.child_ids.filtered(lambda child: child.name == "Ann 0")
        self.assertEqual(
            self.do("get", id=ann.id, fields=["name", {"parent": ["ref", {"country": ["code"]}]}]),
            {
                "id": ann.id,
                "name": "Ann 0",
                "parent": {"id": company.id, "ref": "family-1", "country": {"id": self.belgium.id, "code": "BE"}},
            },
        )
        children = self.do("get", id=company.id, fields=[{"children": ["name"]}])["children"]
        self.assertEqual(children, [{"id": child.id, "name": child.name} for child in company.child_ids])

    def test_the_number_of_queries_does_not_grow_with_the_records(self):
        def queries(number):
            self.family(number)
            self.env.flush_all()
            self.do("search", domain=[["ref", "=", "nobody"]])
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            page = self.do("search", domain=[["ref", "=", f"family-{number}"]], fields=NESTED, limit=80)
            self.assertEqual(len(page["records"]), number)
            self.assertEqual(len(page["records"][-1]["children"]), 2)
            return self.env.cr.sql_log_count - before

        queries(2)
        few, many = queries(3), queries(80)
        self.assertEqual(few, many)
        self.assertLess(many, 30)

    def test_depth_is_limited(self):
        nested = ["name"]
        for _ in range(MAX_DEPTH):
            nested = [{"parent": nested}]
        partner = self.partners("Ann")
        self.do("get", id=partner.id, fields=nested)
        path = "fields" + ".0.parent" * (MAX_DEPTH + 1)
        self.assertEqual(self.errors("get", id=partner.id, fields=[{"parent": nested}]), {path: "too_deep"})

    def test_wrong_selections_are_refused(self):
        for fields, expected in (
            (["nope", "vat", "password"], dict.fromkeys(("fields.0", "fields.1", "fields.2"), "unknown_field")),
            ([{"country": ["nope"]}], {"fields.0.country.0": "unknown_field"}),
            ([{"nope": ["name"]}], {"fields.0.nope": "unknown_field"}),
            ([{"country": "name"}], {"fields.0.country": "type"}),
            ([{"tags": ["name"]}], {"fields.0.tags": "not_nested"}),
            ([{"name": ["x"]}], {"fields.0.name": "not_nested"}),
            ([{}], {"fields.0": "type"}),
            ([1], {"fields.0": "type"}),
            (["name", "name"], {"fields.1": "duplicate"}),
            ("name", {"fields": "list_type"}),
            (["country.name"], {"fields.0": "unknown_field"}),
            ([{"children": ["name"] * (MAX_FIELDS + 1)}], None),
        ):
            with self.subTest(fields=str(fields)[:40]):
                errors = self.errors("search", fields=fields)
                if expected:
                    self.assertEqual(errors, expected)

    def test_too_many_nested_records_are_refused(self):
        self.patch(reader, "MAX_NESTED", 5)
        company = self.family(3)[0]
        self.do("get", id=company.id, fields=[{"children": ["name"]}])
        with self.assertRaises(TooLarge):
            self.do("search", domain=[["ref", "=", "family-3"]], fields=[{"children": ["name"]}])

    def test_records_that_multiply_each_other_are_refused(self):
        # 150 children, whose parent has 150 children each time: few records, 22,500 objects.
        company = self.partners("Company")
        self.partners(*(f"Child {number}" for number in range(150)), parent_id=company.id)
        fields = [{"children": [{"parent": [{"children": ["name"]}]}]}]
        self.refused("too_large", "get", id=company.id, fields=fields)
        self.refused("too_large", "search", domain=[["id", "=", company.id]], fields=fields)
        read = self.do("get", id=company.id, fields=[{"children": [{"parent": ["name"]}]}])
        self.assertEqual(len(read["children"]), 150)

    def test_text_that_is_repeated_without_end_is_refused(self):
        company = self.partners("Company", comment="x" * 1_000_000)
        self.partners(*(f"Child {number}" for number in range(40)), parent_id=company.id)
        self.refused("too_large", "search", domain=[["parent", "=", company.id]], fields=[{"parent": ["comment"]}])
        self.refused("too_large", "get", ids=[company.id] * 40, fields=["comment"])
        self.assertEqual(len(self.do("get", ids=[company.id] * 3, fields=["comment"])), 3)

    def test_archived_records_behind_a_many2one_are_read_and_lines_are_not(self):
        (company,) = self.family(1)
        ann, bob = company.child_ids
        bob.active = False
        self.assertEqual(self.do("get", id=company.id, fields=["children"])["children"], [ann.id])
        company.child_ids.active = False
        company.active = False
        self.assertEqual(self.do("get", id=ann.id, fields=[{"parent": ["name"]}])["parent"]["name"], "Company 0")


class TestNestedWrite(ResourceCase):
    def setUp(self):
        super().setUp()
        self.tags = self.env["res.partner.category"].create([{"name": name} for name in "ABC"])

    def tagged(self, *tags):
        return self.partners("Tagged", category_id=[Command.set([tag.id for tag in tags])])

    def test_set_add_and_remove_change_links(self):
        a, b, c = self.tags
        for value, expected in (
            ([b.id, c.id], b + c),
            ({"set": [c.id]}, c),
            ({"set": []}, a.browse()),
            ([], a.browse()),
            ({"add": [c.id]}, a + b + c),
            ({"remove": [a.id]}, b),
            ({"remove": [a.id], "add": [c.id]}, b + c),
            ({"remove": [c.id]}, a + b),
            ([{"id": a.id, "name": "A"}], a),
        ):
            with self.subTest(value=value):
                partner = self.tagged(a, b)
                self.do("update", id=partner.id, values={"tags": value})
                self.assertEqual(partner.category_id, expected)

    def test_links_of_a_new_record(self):
        a, b, _c = self.tags
        created = self.do("create", values={"name": "New", "tags": {"add": [a.id, b.id]}})
        self.assertEqual(self.env["res.partner"].browse(created["id"]).category_id, a + b)

    def test_set_on_several_records_gives_each_the_same(self):
        a, b, c = self.tags
        partners = self.tagged(a) + self.tagged(b) + self.tagged(c)
        self.do("update", ids=partners.ids, values={"tags": [b.id]})
        self.assertEqual([partner.category_id for partner in partners], [b, b, b])

    def test_set_keeps_what_the_caller_cannot_see(self):
        a, b, c = self.tags
        partner = self.tagged(a, b)
        a.active = False
        self.do("update", id=partner.id, values={"tags": [c.id]})
        # Odoo's cache has forgotten the archived one; the database has not.
        self.env.invalidate_all()
        self.assertEqual(partner.with_context(active_test=False).category_id, a + c)

    def test_objects_create_records(self):
        partner = self.partners("Company")
        self.do(
            "update",
            id=partner.id,
            values={"children": {"create": [{"name": "Ann", "country": self.belgium.id}], "add": [{"name": "Bob"}]}},
        )
        self.assertEqual(partner.child_ids.mapped("name"), ["Ann", "Bob"])
        self.assertEqual(partner.child_ids[0].country_id, self.belgium)
        created = self.do("create", values={"name": "Other", "children": [{"name": "Cid"}]})
        self.assertEqual(self.env["res.partner"].browse(created["id"]).child_ids.name, "Cid")

    def test_wrong_relational_values_are_refused(self):
        partner = self.tagged(*self.tags)
        tag = self.tags[0].id
        for name, value, expected in (
            ("tags", "x", {"": "type"}),
            ("tags", None, {"": "type"}),
            ("tags", {}, {"": "type"}),
            ("tags", {"clear": True}, {"": "type"}),
            ("tags", {"set": 1}, {".set": "type"}),
            ("tags", [[6, 0, [tag]]], {".0": "id"}),
            ("tags", {"set": [tag], "add": [tag]}, {"": "conflict"}),
            ("tags", {"remove": [tag], "add": [tag]}, {"": "conflict"}),
            ("tags", [0], {".0": "id"}),
            ("tags", [True], {".0": "id"}),
            ("tags", ["1"], {".0": "id"}),
            ("tags", [2**40], {".0": "id"}),
            ("tags", [2**31 - 1], {".0": "not_found"}),
            ("tags", [{"name": "New"}], {".0": "not_allowed"}),
            ("tags", [{"id": tag, "color": 1}], {".0.color": "unknown_field"}),
            ("country", {"id": self.belgium.id, "phone_code": 32}, {".phone_code": "unknown_field"}),
            ("country", {"code": "BE"}, {".id": "missing"}),
            ("country", 2**31 - 1, {"": "not_found"}),
            ("country", [self.belgium.id], {"": "id"}),
            ("children", {"create": [{"nope": 1}]}, {".create.0.name": "missing", ".create.0.nope": "extra_forbidden"}),
            (
                "children",
                {"create": [deep(5)]},
                {".create.0.children.0.children.0.children.0.children.0": "too_deep"},
            ),
            ("children", {"create": ["x"]}, {".create.0": "type"}),
        ):
            with self.subTest(name=name, value=value):
                errors = self.errors("update", id=partner.id, values={name: value})
                self.assertEqual(errors, {f"values.{name}{path}": kind for path, kind in expected.items()})

    def test_creating_needs_the_other_resources_operation(self):
        self.contact.can_create = False
        errors = self.errors("update", id=self.partners("A").id, values={"children": [{"name": "x"}]})
        self.assertEqual(errors, {"values.children.0": "not_allowed"})

    def test_removing_lines_that_it_would_delete_needs_the_other_resources_operation(self):
        bank = define(self.env, "bank", "res.partner.bank", {"acc_number": {"writable": True}}, can_create=True)
        line = self.env["jsonrpc.resource.field"].create(
            {
                "resource_id": self.contact.id,
                "field_id": self.env["ir.model.fields"]._get("res.partner", "bank_ids").id,
                "name": "banks",
                "writable": True,
                "target_id": bank.id,
            }
        )
        self.assertTrue(line)
        partner = self.partners("A", bank_ids=[Command.create({"acc_number": "1"})])
        remove = {"banks": {"remove": partner.bank_ids.ids}}
        self.assertEqual(self.errors("update", id=partner.id, values=remove), {"values.banks": "not_allowed"})
        self.assertEqual(self.errors("update", id=partner.id, values={"banks": []}), {"values.banks": "not_allowed"})
        self.assertTrue(partner.bank_ids)
        bank.can_delete = True
        self.do("update", id=partner.id, values=remove)
        self.assertFalse(partner.bank_ids)
