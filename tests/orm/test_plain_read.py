"""What the service ``object`` reads by one SELECT is what Odoo's own ``read`` and ``search_read`` give."""

import orjson

from odoo.exceptions import AccessError, MissingError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.json import json_default

from ...engine.dispatch.orm import columns
from ...engine.dispatch.orm.execute import execute
from ...engine.dispatch.orm.plain_read import plain_read
from ...engine.protocol.errors import InvalidParams


@tagged("post_install", "-at_install")
class TestPlainRead(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "plain", groups="base.group_user,base.group_partner_manager")
        cls.partners = cls.env["res.partner"].create(
            [
                {"name": "Plain 1", "email": "a@example.com", "color": 3, "partner_latitude": 1.25, "ref": ""},
                {"name": "Plain 2", "is_company": True, "user_id": cls.user.id, "type": "other", "active": False},
                {"name": "Plain 3", "country_id": cls.env.ref("base.be").id, "website": "x.example.com"},
                {"name": "Hidden", "ref": "hidden"},
            ]
        )
        cls.partners[0].with_company(cls.env.company).barcode = "plain-1"
        cls.env["ir.rule"].create(
            {
                "name": "hidden",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('ref', '!=', 'hidden')]",
                "groups": [Command.set(cls.env.ref("base.group_user").ids)],
            }
        )
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.env.ref("base.be").with_context(lang="fr_FR").name = "Belgique"
        cls.env.flush_all()

    def plain_fields(self, model):
        records = self.env[model].with_user(self.user)
        return [
            name
            for name, field in records._fields.items()
            if columns.suffice(records, "read", [[1], [name]], {})
            and field.type != "html"
            and records._has_field_access(field, "read")
        ]

    def env_of(self, context):
        return self.env(user=self.user, su=False, context=context)

    def assert_same(self, model, method, args, kwargs=None, context=None, plain=True):
        """Both ways give the same, each from what the database has."""
        kwargs, context = kwargs or {}, context or {}
        self.env.flush_all()
        self.env.invalidate_all()
        found = plain_read(self.env_of({})[model], method, args, {**kwargs, "context": context})
        self.assertEqual(found is not None, plain)
        got = execute(self.env, self.user.id, model, method, args, {**kwargs, "context": context}).value()
        self.env.invalidate_all()
        records = self.env_of(context)[model]
        if method == "read":
            expected = records.browse(args[0]).read(*args[1:], **kwargs)
        else:
            expected = records.search_read(*args, **kwargs)
        expected = orjson.loads(orjson.dumps(expected, default=json_default, option=orjson.OPT_PASSTHROUGH_DATETIME))
        self.assertEqual(got, expected)
        return got

    def test_all_plain_fields_of_models(self):
        for model in ("res.partner", "res.country", "res.currency", "res.lang", "res.company", "res.partner.category"):
            names = self.plain_fields(model)
            ids = self.env_of({})[model].with_context(active_test=False).search([]).ids[:50]
            with self.subTest(model):
                self.assertGreater(len(names), 4)
                if ids:
                    self.assert_same(model, "read", [ids[::-1], names])
                    self.assert_same(model, "search_read", [[], names], {"limit": 30})

    def test_searches(self):
        fields = ["name", "ref", "barcode", "user_id", "country_id", "color", "create_date", "id"]
        domain = [["name", "like", "Plain"]]
        for kwargs in (
            {},
            {"order": "name desc"},
            {"limit": 1},
            {"limit": 2, "offset": 1, "order": "id desc"},
            {"offset": 5},
        ):
            self.assert_same("res.partner", "search_read", [domain], {"fields": fields, **kwargs})
        self.assert_same("res.partner", "search_read", [domain, fields, 1, 1, "id"])
        self.assert_same("res.partner", "search_read", [[*domain, ["active", "in", [True, False]]], fields])
        self.assert_same("res.partner", "search_read", [], {"domain": domain, "fields": fields})
        archived = self.assert_same("res.partner", "search_read", [domain, fields], context={"active_test": False})
        self.assertEqual(len(archived), 3)

    def test_languages_and_companies(self):
        country = self.env.ref("base.be").id
        for lang, name in (("en_US", "Belgium"), ("fr_FR", "Belgique")):
            got = self.assert_same("res.country", "read", [[country], ["name", "code"]], context={"lang": lang})
            self.assertEqual(got[0]["name"], name)
            got = self.assert_same(
                "res.partner", "read", [[self.partners[2].id], ["country_id"]], context={"lang": lang}
            )
            self.assertEqual(got[0]["country_id"], [country, name])
        other = self.env["res.company"].create({"name": "Plain"})
        self.user.company_ids = [Command.link(other.id)]
        for company, barcode in ((self.env.company, "plain-1"), (other, False)):
            context = {"allowed_company_ids": [company.id]}
            got = self.assert_same("res.partner", "read", [[self.partners[0].id], ["barcode"]], context=context)
            self.assertEqual(got[0]["barcode"], barcode)

    def test_what_is_not_for_the_user_is_refused_in_odoos_words(self):
        hidden = self.partners[3].id
        for ids, error in (([hidden], AccessError), ([self.partners[0].id, hidden], AccessError)):
            with self.assertRaises(error):
                execute(self.env, self.user.id, "res.partner", "read", [ids, ["name"]], {})
        self.assertEqual(
            self.assert_same("res.partner", "search_read", [[["id", "=", hidden]], ["name"]], {"order": "id"}), []
        )
        missing = [self.partners[0].id, 2_000_000_000]
        try:
            expected = self.env_of({})["res.partner"].browse(missing).read(["name"])
        except MissingError:
            expected = None
        if expected is not None:
            self.assert_same("res.partner", "read", [missing, ["name"]], plain=False)

    def test_a_field_or_a_model_without_access(self):
        field = self.env["res.partner"]._fields["ref"]
        self.patch(field, "groups", "base.group_system")
        call = [[self.partners[0].id], ["name", "ref"]]
        with self.assertRaises(AccessError):
            execute(self.env, self.user.id, "res.partner", "read", call, {})
        self.env["ir.model.access"].search([("model_id.model", "=", "res.country")]).perm_read = False
        for method, first in (("read", [1]), ("search_read", [])):
            with self.assertRaises(AccessError):
                execute(self.env, self.user.id, "res.country", method, [first, ["name"]], {})

    def test_what_is_not_plain_is_left_to_the_orm(self):
        ids = self.partners[:2].ids
        for method, args, kwargs in (
            ("read", [ids, ["name"]], {"load": None}),
            ("read", [ids + ids, ["name"]], {}),
            ("read", [ids, ["comment"]], {}),
            ("search_read", [[["id", "in", ids]], ["name"]], {"load": ""}),
            ("search_read", [[["id", "in", ids]], ["name"]], {"limit": 0}),
        ):
            with self.subTest(method, args=args, kwargs=kwargs):
                self.assert_same("res.partner", method, args, kwargs, plain=False)
        self.assert_same("res.partner", "read", [ids, ["name"]], context={"bin_size": True}, plain=False)
        # The model reads its records in its own way.
        self.assert_same("res.users", "read", [[self.user.id], ["login", "create_date"]], plain=False)

    def test_wrong_arguments_are_refused_as_before(self):
        for args, kwargs in (([[1]], {"fields": ["name"], "no_such": 1}), ([[1], ["name"], "a", "b"], {})):
            with self.assertRaises(InvalidParams):
                execute(self.env, self.user.id, "res.partner", "read", args, kwargs)
        with self.assertRaises(TypeError):
            execute(self.env, self.user.id, "res.partner", "search_read", [[]], {"fields": ["name"], "no_such": 1})
        with self.assertRaises(ValueError):
            execute(self.env, self.user.id, "res.partner", "search_read", [[["no_such", "=", 1]], ["name"]], {})

    def test_what_is_not_flushed_is_read(self):
        partner = self.partners[0].with_user(self.user)
        partner.name = "Not flushed"
        result = execute(self.env, self.user.id, "res.partner", "read", [partner.ids, ["name"]], {})
        self.assertEqual(result.value(), [{"id": partner.id, "name": "Not flushed"}])

    def test_it_is_one_statement(self):
        call = ("res.partner", "search_read", [[["name", "like", "Plain"]], ["name", "ref", "color"]], {})
        execute(self.env, self.user.id, *call)
        self.env.flush_all()
        with self.assertQueryCount(1):
            execute(self.env, self.user.id, *call)
