"""Values: what is read, what is taken, what is refused, each type with its limits."""

import base64

from odoo.tests import tagged

from ...engine.protocol.errors import InvalidParams
from ...engine.resources.schema import MAX_BINARY
from ..resource_common import ResourceCase, add_line, define

_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestValues(ResourceCase):
    def test_empty_values_are_null_and_zero(self):
        record = self.do("get", id=self.partners("Ann", type=False).id)
        for name in ("ref", "email", "type", "comment", "country", "parent"):
            self.assertIsNone(record[name], name)
        self.assertEqual(
            (record["color"], record["latitude"], record["is_company"], record["tags"]), (0, 0.0, False, [])
        )
        self.assertIsInstance(record["latitude"], float)

    def test_values_of_the_wrong_type_are_refused_all_at_once(self):
        wrong = {
            "name": 1,
            "ref": True,
            "type": "nope",
            "is_company": 1,
            "color": "1",
            "latitude": "1",
            "country": "BE",
            "parent": {"name": "x"},
            "tags": "x",
            "children": {"replace": []},
            "image": "not base64!",
            "nope": 1,
            "country_id": 1,
        }
        expected = {
            "values.name": "string_type",
            "values.ref": "string_type",
            "values.type": "literal_error",
            "values.is_company": "bool_type",
            "values.color": "int_type",
            "values.latitude": "float_type",
            "values.country": "id",
            "values.parent.id": "missing",
            "values.tags": "type",
            "values.children": "type",
            "values.image": "base64",
            "values.nope": "extra_forbidden",
            "values.country_id": "extra_forbidden",
        }
        self.assertEqual(self.errors("create", values=wrong), expected)
        self.assertEqual(self.errors("update", id=self.partners("A").id, values=wrong), expected)

    def test_numbers_out_of_range_are_refused(self):
        for color in (2**31, -(2**31) - 1, 1.5):
            with self.subTest(color=color):
                self.assertIn("values.color", self.errors("create", values={"name": "A", "color": color}))
        self.do("create", values={"name": "A", "color": -(2**31)})

    def test_decimals_have_the_digits_of_the_field(self):
        # partner_latitude has digits=(10, 7).
        created = self.do("create", values={"name": "A", "latitude": 50.8466281})
        self.assertEqual(self.do("get", id=created["id"], fields=["latitude"])["latitude"], 50.8466281)
        self.assertEqual(
            self.errors("create", values={"name": "A", "latitude": 50.84662819}), {"values.latitude": "decimal_places"}
        )
        self.assertEqual(
            self.errors("create", values={"name": "A", "latitude": 1e9}), {"values.latitude": "number_too_large"}
        )

    def test_what_is_required_cannot_be_left_out_or_empty(self):
        self.assertEqual(self.errors("create", values={}), {"values.name": "missing"})
        self.assertEqual(self.errors("create", values={"name": None}), {"values.name": "string_type"})
        self.assertEqual(self.errors("create", values={"name": ""}), {"values.name": "string_too_short"})
        self.assertEqual(
            self.errors("create", list=[{"name": "Good"}, {}, {"name": 1}]),
            {"list.1.name": "missing", "list.2.name": "string_type"},
        )

    def test_a_required_relation_cannot_be_empty(self):
        self.contact.field_ids.filtered(lambda line: line.name == "country").required = True
        self.assertEqual(self.errors("create", values={"name": "A"}), {"values.country": "missing"})
        self.assertEqual(self.errors("create", values={"name": "A", "country": None}), {"values.country": "missing"})

    def test_the_size_of_a_text_is_limited(self):
        resource = define(
            self.env,
            "tongue",
            "res.country",
            {"code": {"writable": True}, "name": {"writable": True}},
            can_update=True,
        )
        self.assertTrue(resource)
        with self.assertRaises(InvalidParams) as caught:
            self.call(
                "tongue.update",
                {"id": self.belgium.id, "values": {"code": "BEL"}},
                user=self.env.ref("base.user_admin"),
            )
        self.assertEqual(caught.exception.data["errors"][0]["type"], "string_too_long")

    def test_dates_and_moments_are_written_and_read(self):
        resource = define(
            self.env,
            "rate",
            "res.currency.rate",
            {
                "name": {"name": "day", "writable": True, "required": True},
                "currency_id": {"name": "currency", "writable": True, "required": True},
                "rate": {"writable": True},
            },
            can_create=True,
        )
        self.assertTrue(resource)
        admin = self.env.ref("base.user_admin")
        currency = self.env.ref("base.CHF").id
        values = {"day": "2031-02-28", "currency": currency, "rate": 1.25}
        created = self.call("rate.create", {"values": values}, user=admin)
        self.assertEqual(self.call("rate.get", {"id": created["id"]}, user=admin)["day"], "2031-02-28")
        for day in ("2031-02-29", "28.2.2031", "2031-02-28T00:00:00Z", 0, "0"):
            with self.subTest(day=day), self.assertRaises(InvalidParams) as caught:
                self.call("rate.create", {"values": {**values, "day": day}}, user=admin)
            self.assertEqual(caught.exception.data["errors"][0]["path"], "values.day")

    def test_a_moment_is_taken_in_any_zone_and_given_in_utc(self):
        define(
            self.env,
            "job",
            "ir.cron",
            {"nextcall": {"name": "next", "writable": True}},
            can_update=True,
        )
        admin = self.env.ref("base.user_admin")
        job = self.env["ir.cron"].search([], limit=1)
        self.call("job.update", {"id": job.id, "values": {"next": "2031-01-01T00:30:00+02:00"}}, user=admin)
        self.assertEqual(
            self.call("job.get", {"id": job.id, "fields": ["next"]}, user=admin)["next"], "2030-12-31T22:30:00Z"
        )
        for moment in ("2031-01-01T00:30:00", "2031-01-01", 1900000000, "1900000000", "9999-12-31T23:59:59-01:00"):
            with self.subTest(moment=moment), self.assertRaises(InvalidParams) as caught:
                self.call("job.update", {"id": job.id, "values": {"next": moment}}, user=admin)
            self.assertEqual(caught.exception.data["errors"][0]["path"], "values.next")

    def test_binary_is_base64_and_sent_only_when_asked_for(self):
        created = self.do("create", values={"name": "A", "image": _PIXEL})
        self.assertNotIn("image", self.do("get", id=created["id"]))
        image = self.do("get", id=created["id"], fields=["image"])["image"]
        self.assertTrue(base64.b64decode(image, validate=True))
        self.do("update", id=created["id"], values={"image": None})
        self.assertIsNone(self.do("get", id=created["id"], fields=["image"])["image"])

    def test_binary_that_is_not_base64_or_too_large_is_refused(self):
        for content, kind in (("%%%", "base64"), ("é", "base64"), ({"size": 3}, "base64"), (1, "base64")):
            with self.subTest(content=content):
                self.assertEqual(self.errors("create", values={"name": "A", "image": content}), {"values.image": kind})
        large = base64.b64encode(b"\0" * (MAX_BINARY + 1)).decode()
        self.assertEqual(self.errors("create", values={"name": "A", "image": large}), {"values.image": "too_long"})

    def test_large_content_is_left_out_with_its_size(self):
        define(self.env, "file", "ir.attachment", {"datas": {"name": "content", "writable": True}}, can_update=True)
        admin = self.env.ref("base.user_admin")
        file = self.env["ir.attachment"].create({"name": "f", "raw": b"\1" * (MAX_BINARY + 100)})
        record = self.call("file.get", {"id": file.id, "fields": ["content"]}, user=admin)
        self.assertEqual(record["content"].keys(), {"size"})
        self.assertGreater(record["content"]["size"], MAX_BINARY)
        self.call("file.update", {"id": file.id, "values": record}, user=admin)
        self.assertEqual(len(file.raw), MAX_BINARY + 100)

    def test_translated_values_are_in_the_language_of_the_call(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.belgium.with_context(lang="fr_FR").name = "Belgique"
        partner = self.partners("A", country_id=self.belgium.id)
        french = {"lang": "fr_FR"}
        self.assertEqual(self.call("land.get", {"id": self.belgium.id, "context": french})["name"], "Belgique")
        self.assertEqual(self.call("land.get", {"id": self.belgium.id})["name"], "Belgium")
        nested = self.do("get", id=partner.id, fields=["country", {"parent": ["name"]}], context=french)
        self.assertEqual(nested["country"]["name"], "Belgique")

    def test_company_dependent_values_are_of_the_company_of_the_call(self):
        add_line(self.contact, "barcode", writable=True, filterable=True, sortable=True)
        company = self.env["res.company"].create({"name": "B"})
        self.user.company_ids |= company
        partner = self.partners("A")
        self.do("update", id=partner.id, values={"barcode": "here"})
        self.do("update", id=partner.id, values={"barcode": "there"}, context={"company_id": company.id})
        both = {"company_id": company.id, "allowed_company_ids": [company.id, self.user.company_id.id]}
        self.assertEqual(self.do("get", id=partner.id, fields=["barcode"])["barcode"], "here")
        self.assertEqual(self.do("get", id=partner.id, fields=["barcode"], context=both)["barcode"], "there")
        self.assertEqual(self.names([["barcode", "=", "there"]], context=both, order="barcode"), ["A"])
        self.assertEqual(self.names([["barcode", "=", "there"]]), [])
