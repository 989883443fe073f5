"""Definitions: who may make them, what is refused and in which words, and that changes count at once."""

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user

from ...engine.protocol.errors import MethodNotFound
from ..resource_common import ResourceCase, add_line, define


class TestDefinition(ResourceCase):
    def assertRefused(self, words, function, *args, **kwargs):
        with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
            function(*args, **kwargs)
            self.env.flush_all()
        for word in words:
            self.assertIn(word, str(caught.exception))

    def line(self, name):
        return self.contact.field_ids.filtered(lambda line: line.name == name)

    def test_names_are_checked(self):
        for name in ("Contact", "1a", "a-b", "a b", "a.b", "_a", "é", "rpc"):
            with self.subTest(name=name):
                self.assertRefused([name], define, self.env, name, "res.country", {})

    def test_a_second_resource_of_a_name_is_refused(self):
        with self.assertRaises(UniqueViolation) as caught, self.env.cr.savepoint():
            define(self.env, "contact", "res.country", {})
        self.assertIn("jsonrpc_resource_name_unique", str(caught.exception))

    def test_models_that_are_never_exposed_are_refused(self):
        for model in (
            "jsonrpc.key",
            "jsonrpc.resource",
            "jsonrpc.resource.field",
            "jsonrpc.resource.method",
            "res.users.apikeys",
            "base.language.install",
            "base",
        ):
            with self.subTest(model=model):
                self.assertRefused(["bad", model], define, self.env, "bad", model, {})

    def test_wrong_domains_are_refused(self):
        for domain in (
            "[('nope', '=', 1)]",
            "[('name', 'bad operator', 1)]",
            "[('name', '=', uid)]",
            "__import__('os').getcwd()",
            "name = 1",
            "{}",
            "[('name', '=')]",
            "['&', ('name', '=', 'x')]",
            "(" * 5000,
        ):
            with self.subTest(domain=domain[:30]):
                self.assertRefused(["contact"], self.contact.write, {"domain": domain})

    def test_wrong_orders_are_refused(self):
        for order in ("nope", "email", "name up", "name,", "name desc;"):
            with self.subTest(order=order):
                self.assertRefused(["contact"], self.contact.write, {"order": order})
        self.contact.order = "name desc, id"

    def test_a_sortable_line_that_the_order_names_stays(self):
        self.contact.order = "name"
        self.assertRefused(["contact", "name"], self.line("name").write, {"sortable": False})
        self.assertRefused(["contact", "name"], self.line("name").unlink)
        self.assertRefused(["contact", "name"], self.line("name").write, {"name": "title"})

    def test_wrong_lines_are_refused_by_name(self):
        for field, flags, words in (
            ("website", {"name": "Bad Name"}, ["Bad Name"]),
            ("website", {"name": "id"}, ["id"]),
            ("website", {"name": "email"}, ["email", "same external name"]),
            ("website", {"required": True}, ["website", "writable"]),
            ("write_uid", {"writable": True}, ["write_uid", "writable"]),
            ("display_name", {"writable": True}, ["display_name", "writable"]),
            ("contact_address", {"writable": True}, ["contact_address", "writable"]),
            ("contact_address", {"filterable": True}, ["contact_address", "filterable"]),
            ("contact_address", {"sortable": True}, ["contact_address", "sortable"]),
            ("state_id", {"sortable": True}, ["state_id", "sortable"]),
            ("user_id", {"target_id": self.country.id}, ["user_id", "land"]),
            ("vat", {"target_id": self.country.id}, ["vat", "land"]),
            ("vat", {"key": True, "readable": False}, ["vat", "key"]),
            ("contact_address", {"key": True}, ["contact_address", "key"]),
            ("state_id", {"key": True, "writable": True}, ["state_id", "key"]),
        ):
            with self.subTest(field=field, flags=flags):
                self.assertRefused(["contact", *words], add_line, self.contact, field, **flags)

    def test_fields_of_other_models_and_of_other_kinds_are_refused(self):
        foreign = self.env["ir.model.fields"]._get("res.country", "code")
        self.assertRefused(
            ["contact", "code"],
            self.env["jsonrpc.resource.field"].create,
            {"resource_id": self.contact.id, "field_id": foreign.id},
        )
        menu = define(self.env, "menu", "ir.ui.menu", {})
        self.assertRefused(["menu", "reference"], add_line, menu, "action")
        users = define(self.env, "account", "res.users", {})
        self.assertRefused(
            ["account", "password"], add_line, users, "password", writable=True, name="password", sortable=True
        )

    def test_the_same_field_twice_is_refused(self):
        self.assertRefused(["contact", "mail", "same field"], add_line, self.contact, "email", name="mail")

    def test_moving_a_resource_to_a_model_without_its_fields_is_refused(self):
        model = self.env["ir.model"]._get_id("res.country")
        self.assertRefused(["contact", "res.country"], self.contact.write, {"model_id": model})

    def test_page_sizes_are_checked(self):
        for sizes in ({"page_size": 0}, {"page_size": 2000}, {"max_page_size": 20000}, {"max_page_size": 10}):
            with self.subTest(sizes=sizes), self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.contact.write(sizes)

    def test_a_full_name_that_python_declares_is_refused_by_name(self):
        define(self.env, "system", "res.country", {})
        line = {"name": "version", "method": "action_archive"}
        self.assertRefused(
            ["system.version"],
            self.env["jsonrpc.resource"].search([("name", "=", "system")]).write,
            {"method_ids": [Command.create(line)]},
        )
        self.call("system.count")
        self.call("system.version")

    def test_deprecated_resources_say_so(self):
        self.contact.write({"deprecated": True, "deprecation_note": "Use land."})
        specs = self.env["jsonrpc.api"]._jsonrpc_methods()
        self.assertEqual(specs["contact.search"].deprecated, "Use land.")
        self.assertIsNone(specs["land.search"].deprecated)


class TestChanges(ResourceCase):
    def test_changes_count_at_the_next_call(self):
        partner = self.partners("Ann")
        self.assertIn("name", self.do("get", id=partner.id))
        line = self.contact.field_ids.filtered(lambda line: line.name == "name")
        line.name = "title"
        self.assertEqual(self.do("get", id=partner.id, fields=["title"])["title"], "Ann")
        self.errors("get", id=partner.id, fields=["name"])
        line.unlink()
        self.errors("get", id=partner.id, fields=["title"])
        self.contact.can_get = False
        with self.assertRaises(MethodNotFound):
            self.do("get", id=partner.id)
        self.contact.write({"can_get": True, "active": False})
        with self.assertRaises(MethodNotFound):
            self.do("get", id=partner.id)
        self.contact.active = True
        self.contact.unlink()
        with self.assertRaises(MethodNotFound):
            self.do("search")

    def test_a_relation_to_an_archived_resource_has_no_fields(self):
        self.country.active = False
        self.assertEqual(self.errors("search", fields=[{"country": ["code"]}]), {"fields.0.country": "not_nested"})

    def test_a_field_that_goes_takes_its_line_along(self):
        field = self.env["ir.model.fields"].create(
            {"name": "x_gone", "model_id": self.contact.model_id.id, "ttype": "char", "field_description": "Gone"}
        )
        add_line(self.contact, "x_gone", name="gone", filterable=True)
        self.assertIn("gone", self.do("search", limit=1)["records"][0])
        field.unlink()
        self.assertNotIn("gone", self.do("search", limit=1)["records"][0])

    def test_a_model_that_goes_takes_its_resource_along(self):
        model = self.env["ir.model"].create({"name": "Gone", "model": "x_gone"})
        define(self.env, "gone", "x_gone", {"x_name": {}})
        self.assertIn("gone.search", self.env["jsonrpc.api"]._jsonrpc_methods())
        model.unlink()
        self.assertFalse(self.env["jsonrpc.resource"].search([("name", "=", "gone")]))
        self.assertNotIn("gone.search", self.env["jsonrpc.api"]._jsonrpc_methods())

    def test_copies_get_a_name_of_their_own(self):
        copy = self.contact.copy()
        self.assertEqual(copy.name, "contact_copy")
        self.assertEqual(copy.field_ids.mapped("name"), self.contact.field_ids.mapped("name"))


class TestManagers(ResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "gateway_manager", groups="jsonrpc_gateway.jsonrpc_gateway_group_manager")

    def test_managers_define_resources(self):
        env = self.env(user=self.manager)
        resource = define(env, "managed", "res.country", {"code": {}})
        resource.action_suggest_fields()
        resource.write({"can_create": True})
        resource.field_ids[0].filterable = True
        resource.unlink()

    def test_only_settings_administrators_expose_sensitive_models(self):
        for model in ("ir.config_parameter", "ir.cron", "res.users", "ir.actions.server"):
            with self.subTest(model=model):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    define(self.env(user=self.manager), "sensitive", model, {})
                resource = define(
                    self.env(user=self.env.ref("base.user_admin")), "sensitive", model, {"create_date": {}}
                )
                managed = resource.with_user(self.manager)
                for change in (
                    lambda managed=managed: managed.write({"can_create": True}),
                    lambda managed=managed: managed.field_ids.write({"filterable": True}),
                    lambda managed=managed: managed.field_ids.unlink(),
                    lambda managed=managed: managed.write(
                        {"method_ids": [Command.create({"method": "action_archive"})]}
                    ),
                    lambda managed=managed: add_line(managed, "write_date"),
                    managed.action_suggest_fields,
                    managed.unlink,
                ):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        change()
                        self.env.flush_all()
                resource.unlink()

    def test_moving_a_resource_to_a_sensitive_model_is_refused(self):
        resource = define(self.env(user=self.manager), "moved", "res.country", {})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            resource.model_id = self.env["ir.model"]._get("ir.cron")

    def test_lines_cannot_be_moved_into_a_sensitive_resource(self):
        users = define(self.env, "account", "res.users", {})
        resource = define(self.env(user=self.manager), "mine", "res.country", {"create_date": {}})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            resource.field_ids.resource_id = users

    def test_others_see_nothing(self):
        resource = self.contact.with_user(self.user)
        for attempt in (
            lambda: resource.read(["name"]),
            lambda: resource.write({"name": "x"}),
            resource.unlink,
            lambda: resource.field_ids.write({"writable": True}),
            lambda: resource.env["jsonrpc.resource"].search([]),
            resource.action_suggest_fields,
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()


class TestSuggestions(ResourceCase):
    def test_suggestions_are_sensible(self):
        resource = define(self.env, "suggested", "res.partner", {"name": {"name": "title"}}, can_create=True)
        resource.action_suggest_fields()
        lines = {line.field_id.name: line for line in resource.field_ids}
        self.assertLessEqual({"email", "phone", "country_id", "active", "write_date", "is_company"}, lines.keys())
        self.assertEqual(lines["name"].name, "title")
        self.assertTrue(lines["email"].writable and lines["email"].filterable and lines["email"].sortable)
        self.assertFalse(lines["write_date"].writable)
        for name in ("image_1920", "signup_token", "child_ids", "contact_address"):
            self.assertNotIn(name, lines)
        count = len(resource.field_ids)
        resource.action_suggest_fields()
        self.assertEqual(len(resource.field_ids), count)

    def test_secrets_and_restricted_fields_are_not_suggested(self):
        resource = define(self.env, "suggested", "res.users", {})
        resource.action_suggest_fields()
        names = set(resource.field_ids.mapped("field_id.name"))
        self.assertIn("login", names)
        self.assertFalse({name for name in names if "password" in name or "totp" in name or "key" in name})
        fields = self.env["res.users"]._fields
        self.assertFalse([name for name in names if fields[name].groups or fields[name].type in ("binary", "html")])

    def test_what_opens_more_than_it_shows_is_never_exposed(self):
        for model in (
            "jsonrpc.key",
            "jsonrpc.change",
            "res.users.apikeys",
            "auth_totp.device",
            "res.device",
            "res.device.log",
            "res.users.identitycheck",
            "res.groups",
            "ir.model.access",
            "ir.rule",
        ):
            with self.subTest(model):
                with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
                    define(self.env, "never", model, {})
                self.assertIn("never be exposed", str(caught.exception))

    def test_resource_from_before_a_model_was_refused_is_not_served(self):
        define(self.env, "harmless", "res.country", {"name": {}})
        self.env.cr.execute(
            "UPDATE jsonrpc_resource SET model_id = %s WHERE name = 'harmless'",
            [self.env["ir.model"]._get_id("res.groups")],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        with self.assertLogs("odoo.addons.jsonrpc_gateway.engine.resources.definition", "ERROR"):
            self.assertFalse(self.env["jsonrpc.resource"].search([("name", "=", "harmless")])._jsonrpc_definitions())

    def test_every_model_can_be_suggested_for_and_served(self):
        admin = self.env.ref("base.user_admin")
        for model in sorted(self.env.registry):
            record = self.env["ir.model"]._get(model)
            records = self.env[model].with_user(admin)
            if not record or records._abstract or records._transient or not records.has_access("read"):
                continue
            name = "m_" + model.replace(".", "_").lower()
            with self.subTest(model=model):
                try:
                    resource = define(self.env, name, model, {})
                except UserError as refusal:
                    self.assertIn("never be exposed", str(refusal))
                    continue
                resource.action_suggest_fields()
                page = self.call(f"{name}.search", {"limit": 2}, user=admin)
                for line in resource.field_ids.filtered("sortable"):
                    self.call(f"{name}.search", {"limit": 1, "order": f"{line.name} desc", "fields": []}, user=admin)
                self.assertLessEqual(len(page["records"]), 2)
