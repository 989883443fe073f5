"""Which reads of the service ``object`` need only the columns that they name, and what that saves."""


from odoo.tests import TransactionCase, tagged

from ...engine.dispatch.orm import columns
from ...engine.dispatch.orm.execute import execute


@tagged("post_install", "-at_install")
class TestColumns(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.env.ref("base.user_admin")
        parent = cls.env["res.partner"].create({"name": "Parent", "is_company": True})
        cls.partner = cls.env["res.partner"].create(
            {"name": "Child", "email": "child@example.com", "parent_id": parent.id, "user_id": cls.admin.id}
        )

    def _read(self, fields, method="read", **context):
        """The result of a read from scratch, and the SQL that it took."""
        self.env.invalidate_all()
        first = [self.partner.id] if method == "read" else [["id", "=", self.partner.id]]
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            result = execute(
                self.env, self.admin.id, "res.partner", method, [first], {"fields": fields, "context": context}
            )
        return result.value(), "\n".join(logs.output)

    def _suffice(self, fields, method="read"):
        by_name = columns.suffice(self.env["res.partner"], method, [[1]], {"fields": fields})
        by_position = columns.suffice(self.env["res.partner"], method, [[1], fields], {})
        self.assertEqual(by_name, by_position)
        return by_name

    def test_stored_columns_suffice(self):
        self.assertTrue(self._suffice(["name", "active", "color", "write_date", "type", "comment", "id"]))
        self.assertTrue(self._suffice(["name"], "search_read"))

    def test_many2one_named_by_a_column_suffices(self):
        self.assertTrue(self._suffice(["user_id", "company_id", "create_uid"]))

    def test_many2one_named_by_a_computation_does_not_suffice(self):
        self.assertFalse(self._suffice(["name", "parent_id"]))

    def test_fields_that_are_no_columns_do_not_suffice(self):
        for name in ("display_name", "tz_offset", "child_ids", "category_id", "image_128", "no_such_field"):
            with self.subTest(name):
                self.assertFalse(self._suffice(["name", name]))

    def test_unnamed_or_malformed_fields_do_not_suffice(self):
        for fields in (None, [], "name", [1], [["name"]], {"name": 1}):
            with self.subTest(fields):
                self.assertFalse(self._suffice(fields))

    def test_other_methods_do_not_suffice(self):
        for method in ("write", "web_read", "search", "create"):
            with self.subTest(method):
                self.assertFalse(self._suffice(["name"], method))

    def test_result_is_the_same_with_fewer_columns(self):
        fields = ["name", "email", "user_id", "company_id", "create_date"]
        for method in ("read", "search_read"):
            with self.subTest(method):
                narrow, narrow_sql = self._read(fields, method)
                wide, wide_sql = self._read(fields, method, prefetch_fields=True)
                self.assertEqual(narrow, wide)
                self.assertEqual(narrow[0]["user_id"], [self.admin.id, self.admin.display_name])
                self.assertIn('"res_partner"."street"', wide_sql)
                self.assertNotIn('"res_partner"."street"', narrow_sql)

    def test_read_with_a_computed_field_fetches_at_once(self):
        _result, sql = self._read(["name", "parent_id"])
        self.assertIn('"res_partner"."street"', sql)
