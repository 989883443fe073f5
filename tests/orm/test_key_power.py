"""Nobody widens a key whom they could not issue: not the key, not its grants, not what it reaches."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, RedirectWarning
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from ...engine.access import power
from ..resource_common import define

USER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"
MANAGER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_manager"
#: A narrow key, and by the name of a field the value that widens it.
NARROW = {
    "access": "read",
    "grants": {"partner": ["read"]},
    "addresses": "192.0.2.0/24, 2001:db8::/32",
    "origins": "https://a.example.com",
}
WIDER = {
    "access": "write",
    "reach": "all",
    "addresses": "192.0.2.0/23, 2001:db8::/32",
    "origins": "https://a.example.com, https://b.example.com",
    "expires_at": False,
    "company_ids": False,
    "log_level": "none",
}
#: The same fields with values that narrow it, or change nothing.
NARROWER = {
    "access": "read",
    "reach": "restricted",
    "addresses": "192.0.2.7",
    "origins": "https://a.example.com",
    "name": "Another name",
    "log_level": "result",
    "full_orm": False,
}


class PowerCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "power.user", USER)
        cls.manager = new_test_user(cls.env, "power.manager", MANAGER)
        cls.admin = new_test_user(cls.env, "power.admin", "base.group_user,base.group_system")
        cls.soon = fields.Datetime.now() + timedelta(days=5)
        cls.env["jsonrpc.key"].search([]).action_revoke()

    def issue(self, user, **options):
        values = {"name": "Narrow", "expires_at": self.soon, "company_ids": user.company_id.ids, **NARROW, **options}
        return self.env["jsonrpc.key"]._issue(user=user, **values)[0]

    def refused(self, act, error=AccessError):
        with self.assertRaises(error), self.env.cr.savepoint():
            act()
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestTable(PowerCase):
    def test_every_field_of_a_key_is_in_one_column(self):
        columns = [set(power.WIDENING), set(power.HARMLESS), set(power.FIXED)]
        for number, column in enumerate(columns):
            for other in columns[number + 1 :]:
                self.assertEqual(column & other, set())
        stored = {
            name
            for name, field in self.env["jsonrpc.key"]._fields.items()
            if (field.store or field.type in ("one2many", "many2many")) and name not in models.MAGIC_COLUMNS
        }
        self.assertEqual(stored - set().union(*columns) - {"successor_ids"}, set(), "does it widen a key?")

    def test_settings_are_in_the_columns_that_can_change(self):
        self.assertEqual(self.env["jsonrpc.key"]._settings & power.FIXED, set())

    def test_values_that_only_look_alike(self):
        widens = power.WIDENING
        self.assertFalse(widens["addresses"]("192.0.2.0/24", "192.0.2.1, 192.0.2.128/25"))
        self.assertTrue(widens["addresses"]("192.0.2.0/24", "2001:db8::/32"))
        self.assertTrue(widens["addresses"]("192.0.2.0/24", ""))
        self.assertFalse(widens["addresses"]("", "192.0.2.0/24"))
        self.assertFalse(widens["origins"]("https://a.example, https://b.example", "https://b.example"))
        self.assertTrue(widens["origins"]("", "https://a.example"))
        self.assertTrue(widens["origins"]("https://a.example", ""))
        self.assertTrue(widens["company_ids"](frozenset({1}), frozenset()))
        self.assertFalse(widens["company_ids"](frozenset({1, 2}), frozenset({2})))
        self.assertTrue(widens["expires_at"](self.soon, None))
        self.assertFalse(widens["expires_at"](None, self.soon))


@tagged("post_install", "-at_install")
class TestKeysOfOthers(PowerCase):
    def test_manager_widens_no_key_of_an_administrator(self):
        for name, value in WIDER.items():
            with self.subTest(name):
                key = self.issue(self.admin)
                self.refused(lambda key=key, name=name, value=value: key.with_user(self.manager).write({name: value}))
        key = self.issue(self.admin, grants=None)
        self.refused(lambda: key.with_user(self.manager).write({"access": "write", "reach": "all", "full_orm": True}))

    def test_manager_narrows_any_key(self):
        for name, value in NARROWER.items():
            with self.subTest(name):
                self.issue(self.admin).with_user(self.manager).write({name: value})

    def test_manager_adds_no_grant_by_any_command(self):
        key = self.issue(self.admin).with_user(self.manager)
        line = key.grant_ids
        values = {"namespace": "country", "may_read": True}
        self.refused(lambda: line.write({"may_update": True}))
        self.refused(lambda: line.write({"namespace": "country"}))
        self.refused(lambda: line.create({"key_id": key.id, **values}))
        self.refused(lambda: key.write({"grant_ids": [Command.create(values)]}))
        self.refused(lambda: key.write({"grant_ids": [Command.update(line.id, {"may_call": True})]}))
        self.refused(lambda: key.web_save({"grant_ids": [[1, line.id, {"may_call": True}]]}, {}))
        self.refused(lambda: line.copy({"namespace": "country"}))
        line.write({"may_read": False})
        line.unlink()
        self.assertFalse(key.grant_ids)

    def test_import_widens_no_key(self):
        key = self.issue(self.admin)
        self.env["ir.model.data"].create({"module": "power", "name": "key", "model": "jsonrpc.key", "res_id": key.id})
        found = key.with_user(self.manager).load(["id", "access"], [["power.key", "write"]])
        self.assertFalse(found["ids"])
        self.env.invalidate_all()
        self.assertEqual(key.access, "read")

    def test_manager_replaces_no_key_of_an_administrator(self):
        key = self.issue(self.admin).with_user(self.manager)
        self.refused(lambda: key._rotate(overlap=timedelta(), expires_at=self.soon))

    def test_publishable_key_of_a_user_is_an_administrators(self):
        key = self.issue(self.admin, kind="publishable")
        for name in ("access", "reach", "origins"):
            with self.subTest(name):
                self.refused(lambda name=name: key.with_user(self.manager).write({name: WIDER[name]}))
        visitors = self.env["jsonrpc.key"]._issue(name="Page", kind="publishable", origins="https://a.example.com")[0]
        visitors.with_user(self.manager).write({"access": "write"})

    def test_user_widens_own_key_and_no_other(self):
        own, other = self.issue(self.user), self.issue(self.manager)
        own.with_user(self.user).write({"access": "write", "reach": "all"})
        self.refused(lambda: other.with_user(self.user).write({"access": "write"}))

    def test_administrator_widens_any_key(self):
        key = self.issue(self.user).with_user(self.admin)
        for name, value in WIDER.items():
            key.write({name: value})


@tagged("post_install", "-at_install")
class TestPassword(PowerCase):
    """Where somebody is at a screen, widening asks for the password; the prompt itself is tested over HTTP."""

    def setUp(self):
        super().setUp()
        self.fresh = False
        self.patch(type(self.env["ir.http"]), "_jsonrpc_identity_proved", lambda http: self.fresh)

    def test_widening_asks_and_narrowing_does_not(self):
        key = self.issue(self.user).with_user(self.user)
        for name, value in WIDER.items():
            if name == "log_level":
                continue
            with self.subTest(name):
                self.refused(lambda name=name, value=value: key.write({name: value}), RedirectWarning)
        self.refused(lambda: key.grant_ids.write({"may_create": True}), RedirectWarning)
        for name in ("access", "addresses", "name"):
            key.write({name: NARROWER[name]})
        key.grant_ids.unlink()
        self.fresh = True
        key.write({"access": "write", "reach": "all"})

    def test_who_may_not_at_all_is_not_asked(self):
        key = self.issue(self.admin).with_user(self.manager)
        self.refused(lambda: key.write({"access": "write"}), AccessError)


@tagged("post_install", "-at_install")
class TestOpeningResources(PowerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.resource = define(
            cls.env, "power", "res.partner", {"name": {"filterable": True}}, can_create=False, can_update=False
        )

    def changes(self):
        """What opens something of a resource, as functions of it."""
        city = self.env["ir.model.fields"]._get("res.partner", "city").id
        line = self.resource.field_ids
        return {
            "an operation": lambda resource: resource.write({"can_update": True}),
            "the audience": lambda resource: resource.write({"audience": "publishable"}),
            "a line": lambda resource: resource.write(
                {"field_ids": [Command.create({"field_id": city, "name": "city"})]}
            ),
            "a line by itself": lambda resource: resource.field_ids.create(
                {"resource_id": resource.id, "field_id": city, "name": "city"}
            ),
            "a flag": lambda resource: line.with_user(resource.env.user).write({"writable": True}),
            "a flag from the resource": lambda resource: resource.write(
                {"field_ids": [Command.update(line.id, {"writable": True})]}
            ),
            "a method": lambda resource: resource.write(
                {"method_ids": [Command.create({"method": "action_archive", "name": "close"})]}
            ),
            "another name": lambda resource: resource.write({"name": "power_two"}),
            "a copy": lambda resource: resource.copy(),
        }

    def test_manager_opens_nothing_to_keys_of_others(self):
        key = self.issue(self.admin, grants=None)
        for what, change in self.changes().items():
            with self.subTest(what):
                self.refused(lambda change=change: change(self.resource.with_user(self.manager)))
        key.action_revoke()
        for what, change in self.changes().items():
            with self.subTest(what), self.env.cr.savepoint() as savepoint:
                change(self.resource.with_user(self.manager))
                savepoint.rollback()

    def test_domain_is_widened_by_administrators_only(self):
        self.resource.domain = "[('is_company', '=', True)]"
        self.issue(self.admin, grants=None)
        self.refused(lambda: self.resource.with_user(self.manager).write({"domain": "[]"}))
        self.resource.domain = "[]"
        self.resource.with_user(self.manager).write({"domain": "[('is_company', '=', True)]"})

    def test_archived_resource_is_prepared_by_managers_and_opened_by_administrators(self):
        self.issue(self.admin, grants=None)
        prepared = self.resource.with_user(self.manager)
        prepared.write({"active": False})
        prepared.write({"can_update": True, "audience": "public"})
        self.refused(lambda: prepared.write({"active": True}))
        prepared.with_user(self.admin).write({"active": True})

    def test_closing_is_for_every_manager(self):
        self.issue(self.admin, grants=None)
        resource = self.resource.with_user(self.manager)
        resource.write({"can_get": False})
        resource.field_ids.write({"filterable": False})
        resource.field_ids.unlink()
        resource.unlink()

    def test_keys_that_reach_nothing_of_it_do_not_count(self):
        self.issue(self.admin, grants={"partner": ["read"]})
        self.issue(self.admin, grants=None, full_orm=True)
        self.issue(self.admin, grants=None, kind="publishable")
        self.env["jsonrpc.key"]._issue(name="Page", kind="publishable", origins="https://a.example.com")
        self.issue(self.manager, grants=None)
        resource = self.resource.with_user(self.manager)
        resource.write({"can_update": True})
        # The publishable key acts as the administrator: visitors of its pages would write as them.
        self.refused(lambda: resource.write({"audience": "publishable"}))

    def test_granted_key_counts(self):
        self.issue(self.admin, grants={"power": ["read"]})
        self.refused(lambda: self.resource.with_user(self.manager).write({"can_update": True}))
