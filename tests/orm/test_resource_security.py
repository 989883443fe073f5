"""What callers must not reach through a resource: other companies, hidden fields, the rest of the model."""

from odoo.fields import Command
from odoo.tests import new_test_user

from ...engine.access.credential import Credential
from ...engine.protocol.errors import Forbidden, InvalidParams, RpcError
from ..resource_common import ResourceCase, add_line, define


class TestCompanies(ResourceCase):
    """A caller of company A, and partners of company B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.res_partner_rule").active = True
        cls.foreign_company = cls.env["res.company"].create({"name": "B"})
        cls.foreign = cls.env["res.partner"].create(
            {"name": "Foreign", "ref": "foreign", "company_id": cls.foreign_company.id}
        )
        add_line(cls.contact, "company_id", name="company", writable=True, filterable=True)

    def test_foreign_records_are_not_found(self):
        missing = 2**31 - 1
        for operation, params in (
            ("get", {}),
            ("update", {"values": {"name": "Taken"}}),
            ("delete", {}),
        ):
            with self.subTest(operation=operation):
                errors = []
                for id_ in (self.foreign.id, missing):
                    error = self.refused("not_found", operation, id=id_, **params)
                    self.assertEqual(error.data, {"ids": [id_]})
                    errors.append(error.message)
                self.assertEqual(errors[0], errors[1])
        self.assertEqual(self.foreign.name, "Foreign")

    def test_foreign_records_are_not_searched(self):
        self.assertEqual(self.names([["ref", "=", "foreign"]]), [])
        self.assertEqual(self.do("count", domain=[["id", "=", self.foreign.id]]), 0)
        partner = self.partners("Kid", ref="kid")
        self.foreign.child_ids = partner
        self.assertEqual(self.names([["ref", "=", "kid"], ["parent.name", "=", "Foreign"]]), [])
        self.assertEqual(self.names([["ref", "=", "kid"], ["parent", "any", []]]), [])

    def test_foreign_records_cannot_be_linked(self):
        partner = self.partners("Ours")
        for values, path in (
            ({"parent": self.foreign.id}, "values.parent"),
            ({"children": [self.foreign.id]}, "values.children.0"),
            ({"children": {"add": [{"id": self.foreign.id}]}}, "values.children.add.0.id"),
            ({"company": self.foreign_company.id}, "values.company"),
        ):
            with self.subTest(values=values):
                self.assertEqual(self.errors("update", id=partner.id, values=values), {path: "not_found"})
                self.assertEqual(self.errors("create", values={"name": "New", **values}), {path: "not_found"})

    def test_foreign_records_behind_a_relation_lose_all_but_their_id(self):
        partner = self.partners("Kid")
        partner.parent_id = self.foreign
        parent = self.foreign.id
        self.assertEqual(self.do("get", id=partner.id, fields=["parent"])["parent"], {"id": parent, "name": None})
        nested = self.do("get", id=partner.id, fields=[{"parent": ["name", "ref"]}])["parent"]
        self.assertEqual(nested, {"id": parent, "name": None, "ref": None})

    def test_a_reference_that_cannot_be_seen_survives_being_written_back(self):
        partner = self.partners("Kid")
        partner.parent_id = self.foreign
        record = self.do("get", id=partner.id)
        self.do("update", id=partner.id, values=record)
        self.assertEqual(partner.parent_id, self.foreign)

    def test_foreign_lines_are_not_listed_and_survive_a_set(self):
        partner = self.partners("Parent", child_ids=[Command.create({"name": "Ours"})])
        partner.child_ids.company_id = False
        self.env.cr.execute("UPDATE res_partner SET parent_id = %s WHERE id = %s", [partner.id, self.foreign.id])
        self.env.invalidate_all()
        ours = partner.child_ids - self.foreign
        self.assertEqual(self.do("get", id=partner.id, fields=["children"])["children"], ours.ids)
        self.do("update", id=partner.id, values={"children": []})
        self.env.invalidate_all()
        self.assertEqual(self.foreign.parent_id, partner)
        self.assertFalse(ours.parent_id)

    def test_foreign_companies_cannot_be_switched_to(self):
        for context, path in (
            ({"company_id": self.foreign_company.id}, "context.company_id"),
            (
                {"allowed_company_ids": [self.user.company_id.id, self.foreign_company.id]},
                "context.allowed_company_ids.1",
            ),
            ({"allowed_company_ids": [2**31 - 1]}, "context.allowed_company_ids.0"),
        ):
            with self.subTest(context=context):
                self.assertEqual(self.errors("search", context=context), {path: "company"})

    def test_own_companies_can_be_switched_to(self):
        self.user.company_ids |= self.foreign_company
        context = {"company_id": self.foreign_company.id}
        self.assertEqual(self.names([["ref", "=", "foreign"]], context=context), ["Foreign"])
        ours = self.partners("Ours", ref="foreign", company_id=self.user.company_id.id)
        self.assertEqual(self.names([["ref", "=", "foreign"]], context=context), ["Foreign"])
        self.refused("not_found", "get", id=ours.id, context=context)

    def test_a_key_restricted_to_companies_cannot_switch_to_others(self):
        self.user.company_ids |= self.foreign_company
        restricted = Credential("key", self.user.id, company_ids=(self.user.company_id.id,))
        with self.assertRaises(InvalidParams) as caught:
            self.call("contact.search", {"context": {"company_id": self.foreign_company.id}}, credential=restricted)
        self.assertEqual(caught.exception.data["errors"][0]["path"], "context.company_id")


class TestHiddenFields(ResourceCase):
    """The field ``ref`` is for Settings administrators only."""

    def setUp(self):
        super().setUp()
        self.patch(self.env["res.partner"]._fields["ref"], "groups", "base.group_system")
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        self.partner = self.partners("Ann", ref="hidden")

    def test_a_hidden_field_is_not_read(self):
        self.assertNotIn("ref", self.do("get", id=self.partner.id))
        admin = self.env.ref("base.user_admin")
        self.assertEqual(self.call("contact.get", {"id": self.partner.id}, user=admin)["ref"], "hidden")

    def test_a_hidden_field_is_not_documented(self):
        def document(user):
            discovery = self.env(user=user)["jsonrpc.api.discovery"]
            return discovery._document(self.credential).body

        self.patch(self.env["res.partner"]._fields["ref"], "help", "Secret reference")
        self.assertNotIn(b"Secret reference", document(self.user))
        self.assertIn(b"Secret reference", document(self.env.ref("base.user_admin")))

    def test_what_superusers_rights_were_told_is_not_remembered_for_the_user(self):
        resources = self.env(user=self.user)["jsonrpc.resource"]
        self.assertFalse(resources.sudo()._jsonrpc_hidden())
        self.assertIn("contact", [entry[0] for entry in resources._jsonrpc_hidden()])

    def test_a_hidden_field_and_one_that_does_not_exist_are_refused_in_the_same_words(self):
        for operation, params in (
            ("search", {"domain": [["{}", "=", "x"]]}),
            ("search", {"domain": [["parent.{}", "=", "x"]]}),
            ("search", {"domain": [["children", "any", [["{}", "=", "x"]]]]}),
            ("search", {"order": "{}"}),
            ("search", {"fields": ["{}"]}),
            ("search", {"fields": [{"{}": ["id"]}]}),
            ("search", {"fields": [{"parent": ["{}"]}]}),
            ("create", {"values": {"name": "x", "{}": "x"}}),
            ("create", {"list": [{"{}": 1}]}),
            ("create", {"values": {"name": "x", "parent": {"id": self.partner.id, "{}": 1}}}),
            ("create", {"values": {"name": "x", "children": [{"name": "y", "{}": 1}]}}),
            ("update", {"id": self.partner.id, "values": {"{}": "x"}}),
            ("upsert", {"key": {"{}": "x"}, "values": {}}),
        ):
            with self.subTest(operation=operation, params=params):
                answers = []
                for name in ("ref", "nix"):
                    error = self.refused("invalid_params", operation, **_filled(params, name))
                    answers.append(str(error.data).replace(name, "{}"))
                self.assertEqual(answers[0], answers[1])


def _filled(value, name):
    """A value with ``{}`` replaced by a name, everywhere."""
    if isinstance(value, str):
        return value.replace("{}", name)
    if isinstance(value, list):
        return [_filled(item, name) for item in value]
    if isinstance(value, dict):
        return {_filled(key, name): _filled(item, name) for key, item in value.items()}
    return value


class TestResourceDomain(ResourceCase):
    """Only companies are in the resource ``contact``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.domain = "[('is_company', '=', True)]"
        cls.inside, cls.outside = cls.env["res.partner"].create(
            [{"name": "In", "ref": "dom", "is_company": True}, {"name": "Out", "ref": "dom"}]
        )

    def test_records_outside_are_not_found(self):
        self.assertEqual(self.names([["ref", "=", "dom"]]), ["In"])
        self.assertEqual(self.names(["|", ["ref", "=", "dom"], ["id", ">", 0]], limit=1000).count("Out"), 0)
        self.assertEqual(self.do("count", domain=[["ref", "=", "dom"]]), 1)
        for operation, params in (("get", {}), ("update", {"values": {"name": "x"}}), ("delete", {})):
            self.refused("not_found", operation, ids=[self.inside.id, self.outside.id], **params)
        self.assertEqual(self.inside.name, "In")

    def test_a_record_cannot_leave_the_domain(self):
        self.refused("validation_failed", "update", id=self.inside.id, values={"is_company": False})
        self.assertTrue(self.inside.is_company)

    def test_a_record_cannot_be_created_outside(self):
        before = self.env["res.partner"].search_count([])
        self.refused("validation_failed", "create", values={"name": "New"})
        self.refused("validation_failed", "create", list=[{"name": "Good", "is_company": True}, {"name": "Bad"}])
        self.refused("validation_failed", "upsert", key={"ref": "new"}, values={"name": "New"})
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_a_nested_record_cannot_be_created_outside(self):
        before = self.env["res.partner"].search_count([])
        self.refused("validation_failed", "update", id=self.inside.id, values={"children": [{"name": "Kid"}]})
        self.refused(
            "validation_failed", "create", values={"name": "New", "is_company": True, "children": [{"name": "Kid"}]}
        )
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        self.do("update", id=self.inside.id, values={"children": [{"name": "Branch", "is_company": True}]})
        self.assertEqual(self.inside.child_ids.name, "Branch")

    def test_a_record_outside_cannot_be_linked(self):
        errors = self.errors(
            "update", id=self.inside.id, values={"parent": self.outside.id, "children": [self.outside.id]}
        )
        self.assertEqual(errors, {"values.parent": "not_found", "values.children.0": "not_found"})

    def test_records_outside_are_not_seen_through_relations(self):
        self.outside.parent_id = self.inside
        self.assertEqual(self.do("get", id=self.inside.id, fields=["children"])["children"], [])
        self.assertEqual(self.do("get", id=self.inside.id, fields=[{"children": ["name"]}])["children"], [])
        self.assertEqual(self.names([["ref", "=", "dom"], ["children.name", "=", "Out"]]), [])
        self.assertEqual(self.names([["ref", "=", "dom"], ["children", "in", [self.outside.id]]]), [])

    def test_upsert_does_not_reach_outside(self):
        self.outside.ref = "outside"
        created = self.do("upsert", key={"ref": "outside"}, values={"name": "New", "is_company": True})
        self.assertEqual(created["status"], "created")
        self.assertEqual(self.outside.name, "Out")


class TestRights(ResourceCase):
    def test_the_rights_of_the_user_hold(self):
        define(self.env, "parameter", "ir.config_parameter", {"value": {"filterable": True}}, can_create=True)
        for operation, params in (("search", {}), ("get", {"id": 1}), ("count", {}), ("create", {"values": {}})):
            with self.subTest(operation=operation), self.assertRaises(Forbidden) as caught:
                self.call(f"parameter.{operation}", params)
            self.assertNotIn("ir.config_parameter", caught.exception.message)

    def test_reading_does_not_give_writing(self):
        reader = new_test_user(self.env, "only_reads", groups="base.group_user")
        partner = self.partners("Ann")
        self.call("contact.get", {"id": partner.id}, user=reader)
        for operation, params in (
            ("create", {"values": {"name": "x"}}),
            ("update", {"id": partner.id, "values": {"name": "x"}}),
            ("delete", {"id": partner.id}),
            ("upsert", {"key": {"ref": "x"}, "values": {"name": "x"}}),
        ):
            with self.subTest(operation=operation), self.assertRaises(Forbidden):
                self.call(f"contact.{operation}", params, user=reader)

    def test_record_rules_on_writing_hold(self):
        self.env["ir.rule"].create(
            {
                "name": "No writing to colour 7",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('color', '!=', 7)]",
                "perm_read": False,
            }
        )
        partner = self.partners("Ann", color=7)
        self.do("get", id=partner.id)
        self.refused("forbidden", "update", id=partner.id, values={"name": "x"})
        self.refused("forbidden", "delete", id=partner.id)

    def test_operations_that_are_off_do_not_exist(self):
        self.contact.write({"can_delete": False, "can_search": False})
        for operation in ("delete", "search"):
            with self.subTest(operation=operation), self.assertRaises(RpcError) as caught:
                self.do(operation)
            self.assertEqual(caught.exception.type, "method_not_found")

    def test_the_context_takes_nothing_else(self):
        for key in (
            "active_test",
            "bin_size",
            "default_name",
            "prefetch_fields",
            "su",
            "uid",
            "tracking_disable",
            "__x",
        ):
            with self.subTest(key=key):
                self.assertEqual(self.errors("search", context={key: 1}), {f"context.{key}": "extra_forbidden"})
        self.assertEqual(
            self.errors("search", context={"lang": "xx_XX", "tz": "Mars/Base"}),
            {"context.lang": "not_installed", "context.tz": "unknown_time_zone"},
        )

    def test_a_relation_does_not_lead_around_a_grant(self):
        partner = self.partners("Ann", country_id=self.belgium.id)
        granted = Credential("key", self.user.id, grants=frozenset({("contact", "read"), ("contact", "update")}))

        def paths(method, **params):
            with self.assertRaises(InvalidParams) as caught:
                self.call(method, params, credential=granted)
            return {error["path"]: error["type"] for error in caught.exception.data["errors"]}

        self.assertEqual(
            self.call("contact.get", {"id": partner.id, "fields": ["country"]}, credential=granted)["country"]["name"],
            "Belgium",
        )
        self.assertEqual(paths("contact.search", domain=[["country.code", "=", "BE"]]), {"domain.0.0": "unknown_field"})
        self.assertEqual(paths("contact.search", domain=[["country", "any", []]]), {"domain.0.1": "operator"})
        self.assertEqual(paths("contact.search", fields=[{"country": ["code"]}]), {"fields.0.country": "not_nested"})
        self.assertEqual(
            paths("contact.update", id=partner.id, values={"children": [{"name": "Kid"}]}),
            {"values.children.0": "not_allowed"},
        )
