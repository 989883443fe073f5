"""Track changes: what leaves a row in the outbox, whoever makes the change, and what does not."""

from odoo.exceptions import ValidationError
from odoo.fields import Command

from ...engine.events import bodies
from ..resource_common import ResourceCase, add_line, define


class TestTrackedChanges(ResourceCase):
    def setUp(self):
        super().setUp()
        self.contact.track_changes = True
        self.partner = self.partners("Ann", ref="A", color=1)
        self.forget()

    def forget(self):
        """Begin with an empty outbox."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM jsonrpc_change")

    def rows(self, model="res.partner"):
        """What is in the outbox: record, operation and columns of each row."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT record_id, operation, columns FROM jsonrpc_change WHERE model = %s ORDER BY id", [model]
        )
        return self.env.cr.fetchall()

    def image(self):
        """What the last row keeps of the record before."""
        self.env.cr.execute("SELECT image FROM jsonrpc_change ORDER BY id DESC LIMIT 1")
        return self.env.cr.fetchone()[0]

    def functions(self):
        self.env.cr.execute(
            "SELECT count(*) FROM pg_proc WHERE proname LIKE %s", [bodies.PREFIX.replace("_", "\\_") + "%"]
        )
        return self.env.cr.fetchone()[0]

    def test_creation_change_and_deletion_leave_a_row_each(self):
        partner = self.partners("Bob")
        self.env.flush_all()
        created = len(self.rows())
        partner.write({"ref": "B", "color": 3})
        self.env.flush_all()
        partner.unlink()
        rows = self.rows()
        self.assertEqual(
            [rows[0], *rows[created:]],
            [(partner.id, "created", None), (partner.id, "changed", "color,ref"), (partner.id, "deleted", None)],
        )

    def test_row_has_the_transaction_and_what_decided_before_who_sees_the_record(self):
        self.partner.ref = "Z"
        self.assertEqual(self.rows(), [(self.partner.id, "changed", "ref")])
        image = self.image()
        self.assertEqual((image["ref"], image["color"], image["active"], image["name"]), ("A", 1, True, "Ann"))
        # A rule of the model looks at these, and nobody exposes them.
        self.assertIn("company_id", image)
        self.assertIn("partner_share", image)
        # Texts are large, and no filter of those who follow.
        self.assertNotIn("comment", image)
        self.env.cr.execute("SELECT xid = pg_current_xact_id(), changed_at IS NOT NULL FROM jsonrpc_change")
        self.assertEqual(self.env.cr.fetchall(), [(True, True)])

    def test_raw_sql_leaves_rows_and_what_changes_nothing_leaves_none(self):
        self.env.cr.execute("UPDATE res_partner SET ref = 'raw' WHERE id = %s", [self.partner.id])
        self.env.cr.execute("UPDATE res_partner SET ref = 'raw' WHERE id = %s", [self.partner.id])
        self.env.cr.execute("UPDATE res_partner SET website = 'https://example.com' WHERE id = %s", [self.partner.id])
        self.assertEqual(self.rows(), [(self.partner.id, "changed", "ref")])

    def test_what_a_savepoint_undoes_leaves_no_row(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.partner.ref = "undone"
            self.env.flush_all()
            raise ZeroDivisionError
        self.assertEqual(self.rows(), [])

    def test_cascade_leaves_a_row(self):
        bank = define(self.env, "account", "res.partner.bank", {"acc_number": {}}, track_changes=True)
        account = self.env["res.partner.bank"].create({"acc_number": "1", "partner_id": self.partner.id})
        self.forget()
        self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", [self.partner.id])
        self.assertEqual(self.rows(bank.model), [(account.id, "deleted", None)])
        self.assertEqual(self.rows(), [(self.partner.id, "deleted", None)])

    def test_many2many_leaves_a_row_of_the_record(self):
        tag = self.env["res.partner.category"].create({"name": "VIP"})
        self.partner.category_id = tag
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM res_partner_res_partner_category_rel WHERE partner_id = %s", [self.partner.id])
        self.assertEqual(self.rows(), [(self.partner.id, "changed", "category_id")] * 2)
        self.assertEqual(self.image()["ref"], "A")

    def test_deletion_of_the_other_side_of_a_many2many_leaves_a_row_of_the_record(self):
        tag = self.env["res.partner.category"].create({"name": "VIP"})
        self.partner.category_id = tag
        self.forget()
        tag.unlink()
        self.assertEqual(self.rows(), [(self.partner.id, "changed", "category_id")])

    def test_attachment_of_a_binary_field_leaves_a_row_of_the_record(self):
        pixel = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
        self.partner.image_1920 = pixel
        self.assertIn((self.partner.id, "changed", "image_1920"), self.rows())
        self.forget()
        self.env["ir.attachment"].create(
            {"name": "a letter", "raw": b"text", "res_model": "res.partner", "res_id": self.partner.id}
        )
        self.assertEqual(self.rows(), [])

    def test_inherited_field_leaves_a_row_of_the_model_that_inherits(self):
        define(self.env, "login", "res.users", {"login": {}, "email": {}}, track_changes=True)
        self.forget()
        self.user.partner_id.email = "new@example.com"
        ((record, operation, columns),) = self.rows("res.users")
        self.assertEqual((record, operation), (self.user.id, "changed"))
        self.assertIn("email", columns.split(","))

    def test_line_more_is_followed_at_once_and_none_after_the_switch(self):
        self.partner.street = "Here"
        self.assertEqual(self.rows(), [])
        add_line(self.contact, "street")
        self.partner.street = "There"
        self.assertEqual(self.rows(), [(self.partner.id, "changed", "street")])
        self.contact.track_changes = False
        self.partner.street = "Nowhere"
        self.assertEqual(len(self.rows()), 1)
        self.assertEqual(self.functions(), 0)
        self.env.cr.execute("SELECT count(*) FROM jsonrpc_change_source")
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_archived_and_deleted_resources_are_followed_no_longer(self):
        self.contact.active = False
        self.assertEqual(self.functions(), 0)
        self.contact.active = True
        self.assertGreater(self.functions(), 0)
        self.contact.unlink()
        self.assertEqual(self.functions(), 0)

    def test_record_rule_makes_what_it_looks_at_followed(self):
        self.partner.function = "Clerk"
        self.assertEqual(self.rows(), [])
        rule = self.env["ir.rule"].create(
            {
                "name": "No clerks",
                "model_id": self.contact.model_id.id,
                "domain_force": "[('function', '!=', 'Clerk')]",
            }
        )
        self.partner.function = "Boss"
        self.assertEqual(self.rows(), [(self.partner.id, "changed", "function")])
        self.assertEqual(self.image()["function"], "Clerk")
        rule.unlink()
        self.partner.function = "Clerk"
        self.assertEqual(len(self.rows()), 1)

    def test_nothing_is_done_to_triggers_that_are_right(self):
        self.env.cr.execute("SELECT oid, xmin FROM pg_trigger WHERE tgname LIKE 'jsonrpc%' ORDER BY oid")
        before = self.env.cr.fetchall()
        self.contact.description = "More words"
        self.env["jsonrpc.change.source"]._register_hook()
        self.env.cr.execute("SELECT oid, xmin FROM pg_trigger WHERE tgname LIKE 'jsonrpc%' ORDER BY oid")
        self.assertEqual(self.env.cr.fetchall(), before)

    def generation(self):
        self.env.cr.execute("SELECT generation FROM jsonrpc_change_source WHERE model = 'res.partner'")
        return self.env.cr.fetchone()[0]

    def test_trigger_that_was_taken_is_made_again_and_those_who_follow_start_over(self):
        self.env.cr.execute(
            "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'jsonrpc%' AND tgrelid = 'res_partner'::regclass"
        )
        name = self.env.cr.fetchall()[0][0]
        for statement in (f"DROP TRIGGER {name} ON res_partner", f"ALTER TABLE res_partner DISABLE TRIGGER {name}"):
            before = self.generation()
            self.env.cr.execute(statement)
            self.env["jsonrpc.change.source"]._register_hook()
            self.partners("Bob")
            self.partner.ref = statement[:5]
            self.assertNotEqual(self.rows(), [])
            self.assertNotEqual(self.generation(), before)
            self.forget()

    def test_field_that_goes_does_not_break_writes(self):
        field = self.env["ir.model.fields"].create(
            {"name": "x_size", "ttype": "integer", "model_id": self.contact.model_id.id, "state": "manual"}
        )
        self.env["jsonrpc.resource.field"].create({"resource_id": self.contact.id, "field_id": field.id})
        self.partner.x_size = 3
        self.assertEqual(self.rows(), [(self.partner.id, "changed", "x_size")])
        field.unlink()
        self.partner.ref = "after"
        self.assertEqual(self.rows()[1:], [(self.partner.id, "changed", "ref")])

    def test_table_that_is_emptied_makes_those_who_follow_start_over(self):
        tags = define(self.env, "tag", "res.partner.category", {"name": {}}, track_changes=True)
        self.env.cr.execute("SELECT generation FROM jsonrpc_change_source WHERE model = %s", [tags.model])
        before = self.env.cr.fetchone()
        self.env.flush_all()
        self.env.cr.execute("TRUNCATE res_partner_category CASCADE")
        self.env.cr.execute("SELECT generation FROM jsonrpc_change_source WHERE model = %s", [tags.model])
        self.assertNotEqual(self.env.cr.fetchone(), before)

    def test_thousands_of_rows_cost_no_nested_loops(self):
        self.env["res.partner"].create([{"name": f"Many {number}"} for number in range(3000)])
        self.forget()
        self.env.cr.execute("SET LOCAL statement_timeout = '5s'")
        self.env.cr.execute("UPDATE res_partner SET ref = 'x' || id WHERE name LIKE 'Many %'")
        self.env.cr.execute("SET LOCAL statement_timeout = 0")
        self.assertEqual(len(self.rows()), 3000)

    def test_model_that_decides_by_code_cannot_be_tracked(self):
        with self.assertRaises(ValidationError):
            define(self.env, "message", "ir.attachment", {"name": {}}, track_changes=True)

    def test_field_of_many_columns_is_followed(self):
        lines = [
            field.id
            for field in self.contact.model_id.field_id
            if field.ttype in ("char", "boolean", "integer")
            and field.store
            and field.name != "id"
            and field.name not in self.contact.field_ids.mapped("field_id.name")
        ]
        self.contact.field_ids = [Command.create({"field_id": id_, "filterable": True}) for id_ in lines]
        self.partner.vat = "BE1"
        self.assertEqual(self.rows(), [(self.partner.id, "changed", "vat")])
