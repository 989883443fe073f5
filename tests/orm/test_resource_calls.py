"""Search, get, count, create, update, delete: the shapes of what goes in and comes out."""

from odoo.fields import Command

from ..resource_common import ResourceCase


class TestResourceRead(ResourceCase):
    def test_search_returns_values_in_their_shapes(self):
        partner = self.partners("Ann", ref="R", color=3, partner_latitude=1.5, country_id=self.belgium.id)
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
                "country": {"id": self.belgium.id, "name": "Belgium"},
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
        error = self.refused("not_found", "get", ids=[self.partners("Ann").id, 2**31 - 1])
        self.assertEqual(error.data["ids"], [2**31 - 1])

    def test_count_counts_the_domain(self):
        self.partners("A", "B", "C", ref="count-me")
        self.assertEqual(self.do("count", domain=[["ref", "=", "count-me"]]), 3)

    def test_search_with_total_counts_all_pages(self):
        self.partners("A", "B", "C", ref="count-me")
        page = self.do("search", domain=[["ref", "=", "count-me"]], limit=1, with_total=True)
        self.assertEqual((len(page["records"]), page["total"]), (1, 3))

    def test_positional_params_are_taken(self):
        partner = self.partners("Ann", ref="R")
        page = self.call("contact.search", [[["ref", "=", "R"]], ["name"]])
        self.assertEqual(page["records"], [{"id": partner.id, "name": "Ann"}])


class TestResourceWrite(ResourceCase):
    def test_create_returns_the_id(self):
        created = self.do("create", values={"name": "New", "color": 4, "country": self.belgium.id})
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
            "Ann", ref="R", country_id=self.belgium.id, category_id=[Command.link(tag.id)],
            child_ids=[Command.create({"name": "Kid"})], comment="<p>Hi</p>", partner_latitude=2.25,
        )  # fmt: skip
        record = self.do("get", id=partner.id)
        self.do("update", id=partner.id, values=record)
        self.assertEqual(self.do("get", id=partner.id), record)

    def test_a_changed_read_only_value_is_refused(self):
        partner = self.partners("Ann")
        errors = self.errors("update", id=partner.id, values={"updated_at": "2020-01-01T00:00:00Z", "id": 1})
        self.assertEqual(errors, {"values.updated_at": "read_only", "values.id": "read_only"})
