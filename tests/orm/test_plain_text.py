"""No text of ours has a control character, whatever field it stands in and whoever writes it."""

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

BREAKS = ("\n", "\r", "\x1b", "\x85", "\u2028")


@tagged("post_install", "-at_install")
class TestPlainText(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key, _token = cls.env["jsonrpc.key"]._issue(name="Shop", user=cls.env.ref("base.user_admin"))
        cls.limit = cls.env["jsonrpc.limit"].create({"name": "plain", "subject": "method", "method": "partner.*"})
        get = cls.env["ir.model.fields"]._get
        cls.resource = cls.env["jsonrpc.resource"].create(
            {
                "name": "plain_partner",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "field_ids": [Command.create({"field_id": get("res.partner", "email").id})],
                "method_ids": [Command.create({"method": "action_archive"})],
            }
        )

    def refused(self, record, name, text):
        with self.subTest(record=record._name, name=name, text=text):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                record[name] = text
                record.flush_recordset()
            record.invalidate_recordset()

    def test_every_text_of_a_line_refuses_them(self):
        records = (self.key, self.limit, self.resource, self.resource.field_ids, self.resource.method_ids)
        for record in records:
            for name, field in record._fields.items():
                if field.type != "char" or not field.store or field.related or name == "digest":
                    continue
                for control in BREAKS:
                    self.refused(record, name, f"{record[name] or 'a'}{control}b")

    def test_texts_of_several_lines_have_lines_and_nothing_else(self):
        self.resource.description = "One.\n\tTwo."
        for record, name in ((self.resource, "description"), (self.resource.method_ids, "description")):
            for control in ("\x1b", "\x00", "\x85"):
                self.refused(record, name, f"a{control}b")

    def test_issuing_refuses_them(self):
        with self.assertRaisesRegex(ValidationError, "Name"):
            self.env["jsonrpc.key"]._issue(name="Web\nshop")

    def test_translations_refuse_them(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        with self.assertRaises(ValidationError):
            self.resource.update_field_translations("deprecation_note", {"fr_FR": "a\nb"})

    def test_every_model_with_texts_of_people_is_checked(self):
        checked = self.env.registry.descendants(["jsonrpc.plain.text"], "_inherit")
        audited = self.env.registry.descendants(["jsonrpc.audited"], "_inherit")
        texts = {
            name
            for name in audited
            if any(
                field.type == "char" and field.store and not field.related and not field.readonly
                for field in self.env[name]._fields.values()
            )
        }
        self.assertEqual(texts - checked, {"ir.config_parameter"})
