"""Upsert: one record for one key, whoever asks, however often, also two at once."""

from ..resource_common import ResourceCase


class TestUpsert(ResourceCase):
    def upsert(self, key, **values):
        return self.do("upsert", key=key, values=values)

    def external(self, name):
        return self.env["ir.model.data"].search([("module", "=", "__import__"), ("name", "=", name)])

    def test_a_field_finds_or_creates(self):
        created = self.upsert({"ref": "K1"}, name="New")
        self.assertEqual(created["status"], "created")
        updated = self.upsert({"ref": "K1"}, name="Changed")
        self.assertEqual(updated, {"id": created["id"], "status": "updated"})
        partner = self.env["res.partner"].browse(created["id"])
        self.assertEqual((partner.name, partner.ref), ("Changed", "K1"))

    def test_an_archived_record_is_found(self):
        partner = self.partners("Old", ref="K1", active=False)
        self.assertEqual(self.upsert({"ref": "K1"}, name="New"), {"id": partner.id, "status": "updated"})

    def test_an_external_id_finds_or_creates(self):
        created = self.upsert({"external_id": "shop-7"}, name="New")
        self.assertEqual(self.external("shop-7").res_id, created["id"])
        self.assertEqual(self.upsert({"external_id": "shop-7"}, name="B"), {"id": created["id"], "status": "updated"})
        other = self.upsert({"external_id": "webshop.7"}, name="New")
        self.assertEqual(self.env.ref("webshop.7").id, other["id"])

    def test_an_external_id_of_an_addon_is_updated_and_never_taken(self):
        company = self.env.ref("base.main_partner")
        self.assertEqual(self.upsert({"external_id": "base.main_partner"}, email="a@example.com")["id"], company.id)
        self.refused("conflict", "upsert", key={"external_id": "base.not_there"}, values={"name": "New"})
        # An addon that is not installed may be one day.
        self.refused("conflict", "upsert", key={"external_id": "sale.not_there"}, values={"name": "New"})

    def test_an_external_id_of_something_else_is_refused(self):
        error = self.refused("conflict", "upsert", key={"external_id": "base.be"}, values={"name": "New"})
        self.assertEqual(error.data, {})

    def test_a_key_of_several_records_is_a_conflict(self):
        self.partners("A", "B", ref="twice")
        self.refused("conflict", "upsert", key={"ref": "twice"}, values={"name": "C"})

    def test_wrong_keys_are_refused(self):
        for key, path, kind in (
            ({}, "key", "one_key"),
            ({"ref": "a", "external_id": "b"}, "key", "one_key"),
            ({"ref": ""}, "key.ref", "missing"),
            ({"ref": None}, "key.ref", "missing"),
            ({"ref": 1}, "key.ref", "string_type"),
            ({"name": "a"}, "key.name", "extra_forbidden"),
            ({"external_id": "a b"}, "key.external_id", "string_pattern_mismatch"),
            ({"external_id": "a\tb"}, "key.external_id", "string_pattern_mismatch"),
            ({"external_id": "x" * 256}, "key.external_id", "string_too_long"),
            ({"external_id": ""}, "key.external_id", "string_pattern_mismatch"),
        ):
            with self.subTest(key=key):
                self.assertEqual(self.errors("upsert", key=key, values={"name": "x"}), {path: kind})

    def test_a_new_record_needs_what_every_new_one_needs(self):
        self.assertEqual(self.errors("upsert", key={"ref": "K1"}, values={}), {"values.name": "missing"})
        self.assertEqual(
            self.errors("upsert", key={"ref": "K1"}, values={"name": "x", "updated_at": "2020-01-01T00:00:00Z"}),
            {"values.updated_at": "extra_forbidden"},
        )

    def test_values_that_contradict_the_key_are_refused(self):
        self.partners("Old", ref="K1")
        for key in ("K1", "K2"):
            with self.subTest(key=key):
                errors = self.errors("upsert", key={"ref": key}, values={"name": "x", "ref": "other"})
                self.assertEqual(errors, {"values.ref": "conflict"})
        self.do("upsert", key={"ref": "K1"}, values={"name": "x", "ref": "K1"})
