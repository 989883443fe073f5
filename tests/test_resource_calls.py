"""Resources over HTTP: search, get, count, create, update, delete, upsert, as a client calls them."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import JsonRpcCase


@tagged("post_install", "-at_install")
class ResourceCase(JsonRpcCase):
    """A resource of its own over partners, and a key that may do everything with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.country = cls.define(
            "land",
            "res.country",
            {"name": {"filterable": True, "sortable": True}, "code": {"filterable": True, "sortable": True}},
        )
        cls.partner = cls.define(
            "contact",
            "res.partner",
            {
                "name": {"writable": True, "required": True, "filterable": True, "sortable": True},
                "ref": {"writable": True, "filterable": True, "sortable": True, "key": True},
                "email": {"writable": True},
                "type": {"writable": True, "filterable": True},
                "is_company": {"writable": True, "filterable": True, "sortable": True},
                "active": {"writable": True, "filterable": True},
                "color": {"writable": True, "filterable": True, "sortable": True},
                "partner_latitude": {"name": "latitude", "writable": True, "filterable": True, "sortable": True},
                "comment": {"writable": True, "filterable": True},
                "country_id": {"name": "country", "writable": True, "filterable": True, "target_id": cls.country.id},
                "write_date": {"name": "updated_at", "filterable": True, "sortable": True},
                "image_1920": {"name": "image", "writable": True, "filterable": True},
                "category_id": {"name": "tags", "writable": True, "filterable": True},
            },
            can_create=True,
            can_update=True,
            can_delete=True,
            can_upsert=True,
        )
        for name, field in (("parent", "parent_id"), ("children", "child_ids")):
            cls.add_line(cls.partner, field, name=name, writable=True, filterable=True, target_id=cls.partner.id)

    def setUp(self):
        super().setUp()
        self.key = self.issue_key()

    @classmethod
    def define(cls, name, model, lines, **more):
        """Create a resource.

        :param dict lines: flags by name of the model's field
        """
        resource = cls.env["jsonrpc.resource"].create(
            {"name": name, "model_id": cls.env["ir.model"]._get_id(model), **more}
        )
        resource.field_ids = [
            Command.create({"field_id": cls.env["ir.model.fields"]._get(model, field).id, **flags})
            for field, flags in lines.items()
        ]
        return resource

    @classmethod
    def add_line(cls, resource, field, **flags):
        """Add a field to a resource."""
        return cls.env["jsonrpc.resource.field"].create(
            {"resource_id": resource.id, "field_id": cls.env["ir.model.fields"]._get(resource.model, field).id, **flags}
        )

    def do(self, method, **params):
        """Call ``contact.<method>`` and give back its result."""
        return self.call(f"contact.{method}", params, key=self.key)

    def errors(self, method, **params):
        """Call ``contact.<method>``, which must find the params wrong.

        :returns: type by path
        """
        error = self.refused(f"contact.{method}", params, key=self.key)
        self.assertEqual(error["code"], -32602, error)
        return {failure["path"]: failure["type"] for failure in error["data"]["errors"]}

    def partners(self, *names, **values):
        return self.env["res.partner"].create([{"name": name, **values} for name in names])


class TestResourceRead(ResourceCase):
    def test_search_returns_values_in_their_shapes(self):
        partner = self.partners("Ann", ref="R", color=3, partner_latitude=1.5, country_id=self.env.ref("base.be").id)
        (record,) = self.do("search", domain=[["ref", "=", "R"]])["records"]
        self.assertEqual(
            record,
            {
                "id": partner.id,
                "name": "Ann",
                "ref": "R",
                "email": None,
                "type": "contact",
                "is_company": False,
                "active": True,
                "color": 3,
                "latitude": 1.5,
                "comment": None,
                "country": {"id": self.env.ref("base.be").id, "name": "Belgium"},
                "updated_at": partner.write_date.replace(microsecond=0).isoformat() + "Z",
                "tags": [],
                "parent": None,
                "children": [],
            },
        )

    def test_get_returns_records_in_the_order_of_ids(self):
        first, second = self.partners("First", "Second")
        records = self.do("get", ids=[second.id, first.id], fields=["name"])
        self.assertEqual(records, [{"id": second.id, "name": "Second"}, {"id": first.id, "name": "First"}])

    def test_get_of_a_missing_id_is_not_found(self):
        error = self.refused("contact.get", {"ids": [self.partners("Ann").id, 2**31 - 1]}, key=self.key)
        self.assertEqual((error["data"]["type"], error["data"]["ids"]), ("not_found", [2**31 - 1]))

    def test_count_counts_the_domain(self):
        self.partners("A", "B", "C", ref="count-me")
        self.assertEqual(self.do("count", domain=[["ref", "=", "count-me"]]), 3)

    def test_search_with_total_counts_all_pages(self):
        self.partners("A", "B", "C", ref="count-me")
        page = self.do("search", domain=[["ref", "=", "count-me"]], limit=1, with_total=True)
        self.assertEqual((len(page["records"]), page["total"]), (1, 3))

    def test_positional_params_are_taken(self):
        partner = self.partners("Ann", ref="R")
        page = self.call("contact.search", [[["ref", "=", "R"]], ["name"]], key=self.key)
        self.assertEqual(page["records"], [{"id": partner.id, "name": "Ann"}])


class TestResourceWrite(ResourceCase):
    def test_create_returns_the_id(self):
        created = self.do("create", values={"name": "New", "color": 4, "country": self.env.ref("base.be").id})
        partner = self.env["res.partner"].browse(created["id"])
        self.assertEqual((partner.name, partner.color, partner.country_id.code), ("New", 4, "BE"))

    def test_create_of_a_list_returns_ids_in_its_order(self):
        created = self.do("create", list=[{"name": "One"}, {"name": "Two"}])
        self.assertEqual(self.env["res.partner"].browse(created["ids"]).mapped("name"), ["One", "Two"])

    def test_update_changes_what_is_sent_and_nothing_else(self):
        partner = self.partners("Old", ref="R")
        self.assertEqual(self.do("update", id=partner.id, values={"name": "New"}), {"id": partner.id})
        self.assertEqual((partner.name, partner.ref), ("New", "R"))

    def test_update_to_null_empties(self):
        partner = self.partners("Ann", ref="R")
        self.do("update", ids=[partner.id], values={"ref": None})
        self.assertFalse(partner.ref)

    def test_delete_deletes(self):
        partners = self.partners("A", "B")
        self.assertEqual(self.do("delete", ids=partners.ids), {"ids": partners.ids})
        self.assertFalse(partners.exists())

    def test_a_record_read_can_be_written_back_unchanged(self):
        tag = self.env["res.partner.category"].create({"name": "T"})
        partner = self.partners(
            "Ann", ref="R", country_id=self.env.ref("base.be").id, category_id=[Command.link(tag.id)],
            child_ids=[Command.create({"name": "Kid"})], comment="<p>Hi</p>", partner_latitude=2.25,
        )  # fmt: skip
        record = self.do("get", id=partner.id)
        self.do("update", id=partner.id, values=record)
        self.assertEqual(self.do("get", id=partner.id), record)

    def test_a_changed_read_only_value_is_refused(self):
        partner = self.partners("Ann")
        errors = self.errors("update", id=partner.id, values={"updated_at": "2020-01-01T00:00:00Z", "id": 1})
        self.assertEqual(errors, {"values.updated_at": "read_only", "values.id": "read_only"})
