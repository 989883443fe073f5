"""The name behind a many2one: read along with the record where it may be, and the same either way."""

from odoo.tests import tagged

from ..resource_common import ResourceCase


@tagged("post_install", "-at_install")
class TestNames(ResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Ann", "country_id": cls.belgium.id})

    def read(self, **more):
        fields = {"fields": ["country"], **more}
        read = self.do("get", id=self.partner.id, **fields)["country"]
        (found,) = self.do("search", domain=[["id", "=", self.partner.id]], **fields)["records"]
        self.assertEqual(found["country"], read)
        return read

    def rule(self, domain, **more):
        values = {"name": "Test", "model_id": self.env["ir.model"]._get_id("res.country"), "domain_force": domain}
        return self.env["ir.rule"].create({**values, **more})

    def test_it_is_in_the_language_of_the_call(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.belgium.with_context(lang="fr_FR").name = "Belgique"
        self.assertEqual(self.read(), {"id": self.belgium.id, "name": "Belgium"})
        self.assertEqual(self.read(context={"lang": "fr_FR"})["name"], "Belgique")

    def test_it_costs_no_query_of_its_own(self):
        def queries(name):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.do("get", id=self.partner.id, fields=[name])
            return self.env.cr.sql_log_count - before

        # The first call of each makes its plan.
        queries("country"), queries("name")
        self.assertEqual(queries("country"), queries("name"))

    def test_a_record_rule_hides_it(self):
        self.rule("[('code', '!=', 'BE')]")
        self.assertEqual(self.read(), {"id": self.belgium.id, "name": None})

    def test_a_record_rule_that_lets_it_be_seen_shows_it(self):
        self.rule("[('code', '=', 'BE')]")
        self.assertEqual(self.read(), {"id": self.belgium.id, "name": "Belgium"})

    def test_a_rule_of_writing_hides_nothing(self):
        self.rule("[('code', '!=', 'BE')]", perm_read=False)
        self.assertEqual(self.read()["name"], "Belgium")

    def test_without_the_right_to_read_it_is_hidden(self):
        rights = self.env["ir.model.access"].search([("model_id.model", "=", "res.country")])
        rights.perm_read = False
        self.assertEqual(self.read(), {"id": self.belgium.id, "name": None})

    def test_outside_the_other_resource_it_is_hidden(self):
        self.country.domain = "[('code', '!=', 'BE')]"
        self.assertEqual(self.read(), {"id": self.belgium.id, "name": None})

    def test_a_change_earlier_in_the_transaction_is_seen(self):
        self.read()
        self.belgium.name = "Kingdom of Belgium"
        self.assertEqual(self.read()["name"], "Kingdom of Belgium")

    def test_empty_is_null(self):
        self.partner.country_id = False
        self.assertIsNone(self.read())
