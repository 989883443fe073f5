"""The audit trail: every kind of change leaves a row, secrets never do, and nobody edits one."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from ...engine.access.settings import AUDIT_DAYS
from ...models.audit import audited_state

GROUP_USER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"
GROUP_MANAGER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_manager"


class AuditCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "audit.user", GROUP_USER)
        cls.manager = new_test_user(cls.env, "audit.manager", GROUP_MANAGER)
        cls.trail = cls.env["jsonrpc.audit"]

    def setUp(self):
        super().setUp()
        self.last = self.trail.search([], limit=1).id or 0

    def rows(self, *domain):
        """The rows that were added since the last time, oldest first."""
        self.env.flush_all()
        rows = self.trail.search([("id", ">", self.last), *domain], order="id")
        self.last = max([self.last, *rows.ids])
        return rows

    def row(self):
        """The one row that was added since the last time."""
        rows = self.rows()
        self.assertEqual(len(rows), 1, rows.mapped("summary"))
        return rows

    def changes(self, row):
        """What a row says: a pair of old and new by field."""
        return {change["field"]: (change["old"], change["new"]) for change in json.loads(row.changes)}

    def issue(self, user=None, **options):
        """A key, as its user has it, and its token."""
        user = user or self.user
        options = {"name": "Shop", "expires_at": self.tomorrow(), **options}
        key, token = self.env["jsonrpc.key"].with_user(user)._issue(**options)
        return key, token

    def tomorrow(self):
        return fields.Datetime.now() + timedelta(days=1)

    def resource(self, **values):
        return self.env["jsonrpc.resource"].create(
            {"name": "audited_partner", "model_id": self.env["ir.model"]._get_id("res.partner"), **values}
        )

    def field_id(self, name):
        return self.env["ir.model.fields"]._get("res.partner", name).id


@tagged("post_install", "-at_install")
class TestAuditedChanges(AuditCase):
    def test_issued_key_says_who_what_and_how(self):
        key, _token = self.issue(access="write")
        row = self.row()
        self.assertEqual(
            (row.action, row.model, row.record_id, row.record_name), ("issued", "jsonrpc.key", key.id, "Shop")
        )
        self.assertEqual((row.user_id, row.login, row.door), (self.user.id, "audit.user", "script"))
        self.assertEqual((row.subject_model, row.subject_id), ("jsonrpc.key", key.id))
        self.assertEqual(self.changes(row)["access"], (None, "write"))
        self.assertIn("Access: Read and write", row.summary)
        self.assertLess(abs(row.changed_at - fields.Datetime.now()), timedelta(minutes=1))

    def test_change_has_old_and_new_value(self):
        key, _token = self.issue()
        self.rows()
        key.write({"name": "Warehouse", "access": "write"})
        row = self.row()
        self.assertEqual(row.action, "changed")
        self.assertEqual(self.changes(row), {"name": ("Shop", "Warehouse"), "access": ("read", "write")})
        self.assertEqual(row.summary.splitlines(), ["Name: Shop → Warehouse", "Access: Read → Read and write"])

    def test_nothing_changed_leaves_no_row(self):
        key, _token = self.issue()
        self.rows()
        key.write({"name": "Shop", "access": "read"})
        key.sudo().write({"warned_days": 3, "last_used_from": "192.0.2.7"})
        self.env["ir.config_parameter"].set_param("web.unrelated", "1")
        self.assertFalse(self.rows())

    def test_relations_are_named(self):
        company = self.env["res.company"].create({"name": "Audited Company"})
        self.user.company_ids += company
        key, _token = self.issue()
        self.rows()
        key.with_user(self.env.ref("base.user_admin")).write({"company_ids": [Command.link(company.id)]})
        row = self.row()
        self.assertEqual(self.changes(row)["company_ids"], (None, company.ids))
        self.assertIn("Audited Company", row.summary)
        self.assertEqual(row.login, "admin")

    def test_grants_are_recorded_from_either_side(self):
        key, _token = self.issue(grants={"partner": ["read"]})
        self.assertEqual(self.rows().mapped("action"), ["issued", "created"])
        line = key.grant_ids
        key.write({"grant_ids": [Command.update(line.id, {"may_create": True})]})
        row = self.row()
        self.assertEqual((row.model, row.subject_id, row.subject_name), ("jsonrpc.key.grant", key.id, "Shop"))
        self.assertEqual(self.changes(row), {"may_create": (None, True)})
        self.assertEqual(row.summary, "Create: no → yes")
        line.write({"may_create": False})
        self.assertEqual(self.changes(self.row()), {"may_create": (True, None)})
        key.write({"grant_ids": [Command.clear()]})
        self.assertEqual(self.row().action, "deleted")
        self.env["jsonrpc.key.grant"].with_user(self.user).create({"key_id": key.id, "namespace": "partner"})
        self.assertEqual(self.row().action, "created")

    def test_rotation_names_both_keys(self):
        old, _token = self.issue()
        self.rows()
        new, _token = old._rotate(overlap=timedelta(hours=1), expires_at=self.tomorrow())
        rows = self.rows()
        self.assertEqual([(row.record_id, row.action) for row in rows], [
            (new.id, "issued"), (old.id, "replaced"), (old.id, "changed")
        ])  # fmt: skip
        self.assertEqual(self.changes(rows[0])["predecessor_id"], (None, old.id))
        self.assertEqual(self.changes(rows[1]), {"": (None, new.id)})
        self.assertIn("expires_at", self.changes(rows[2]))

    def test_revocation_is_called_so(self):
        key, _token = self.issue()
        self.rows()
        key.action_revoke()
        self.assertEqual(self.row().action, "revoked")

    def test_deleted_key_takes_its_grants_and_limits_along(self):
        key, _token = self.issue(grants={"partner": ["read"]})
        limit = self.env["jsonrpc.limit"].create({"name": "audited", "key_ids": key.ids})
        grant = key.grant_ids
        self.rows()
        key.with_user(self.manager).unlink()
        rows = {(row.model, row.record_id): row for row in self.rows()}
        self.assertEqual({name: row.action for name, row in rows.items()}, {
            ("jsonrpc.key", key.id): "deleted",
            ("jsonrpc.key.grant", grant.id): "deleted",
            ("jsonrpc.limit", limit.id): "changed",
        })  # fmt: skip
        self.assertEqual(self.changes(rows["jsonrpc.limit", limit.id]), {"key_ids": (key.ids, None)})
        self.assertEqual(self.changes(rows["jsonrpc.key", key.id])["name"], ("Shop", None))
        self.assertEqual(rows["jsonrpc.key", key.id].login, "audit.manager")

    def test_deleted_user_takes_their_keys_along(self):
        key, _token = self.issue(grants={"partner": ["read"]})
        self.rows()
        self.user.unlink()
        self.assertFalse(key.exists())
        rows = self.rows(("action", "=", "deleted"))
        self.assertEqual(set(rows.mapped("model")), {"jsonrpc.key", "jsonrpc.key.grant"})
        self.assertEqual(self.changes(rows.filtered(lambda row: row.model == "jsonrpc.key"))["user_id"][1], None)

    def test_resources_and_their_lines(self):
        resource = self.resource()
        self.assertEqual((self.row().action, resource.name), ("created", "audited_partner"))
        resource.write({"can_delete": True, "field_ids": [Command.create({"field_id": self.field_id("email")})]})
        rows = self.rows()
        self.assertEqual(set(rows.mapped("model")), {"jsonrpc.resource", "jsonrpc.resource.field"})
        self.assertEqual(set(rows.mapped("subject_name")), {"audited_partner"})
        line = resource.field_ids
        line.writable = True
        self.assertEqual(self.changes(self.row()), {"writable": (None, True)})
        resource.method_ids = [Command.create({"method": "action_archive"})]
        self.assertEqual(self.row().model, "jsonrpc.resource.method")
        resource.method_ids.unlink()
        self.assertEqual(self.row().action, "deleted")
        resource.unlink()
        self.assertEqual(set(self.rows().mapped("action")), {"deleted"})

    def test_deleted_model_takes_its_resources_along(self):
        model = self.env["ir.model"].create({"name": "Audited", "model": "x_audited"})
        field = self.env["ir.model.fields"].create(
            {"name": "x_code", "model_id": model.id, "ttype": "char", "field_description": "Code"}
        )
        resource = self.env["jsonrpc.resource"].create(
            {"name": "audited", "model_id": model.id, "field_ids": [Command.create({"field_id": field.id})]}
        )
        line = resource.field_ids
        self.rows()
        field.unlink()
        row = self.row()
        self.assertEqual((row.model, row.record_id, row.action), ("jsonrpc.resource.field", line.id, "deleted"))
        model.unlink()
        row = self.row()
        self.assertEqual((row.model, row.record_id, row.action), ("jsonrpc.resource", resource.id, "deleted"))

    def test_translation_is_recorded(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        resource = self.resource(description="Partners")
        self.rows()
        resource.update_field_translations("description", {"fr_FR": "Partenaires"})
        self.assertEqual(self.changes(self.row()), {"description": ("Partners", "Partenaires")})

    def test_limits(self):
        limit = self.env["jsonrpc.limit"].with_user(self.manager).create({"name": "audited"})
        self.assertEqual((self.row().login, limit.quota), ("audit.manager", 600))
        limit.quota = 7
        self.assertEqual(self.changes(self.row()), {"quota": (600, 7)})
        limit.unlink()
        self.assertEqual(self.row().action, "deleted")

    def test_settings_by_form_and_by_parameter(self):
        self.env["res.config.settings"].create({"jsonrpc_max_batch": 7}).execute()
        rows = self.rows(("record_name", "=", "jsonrpc_gateway.max_batch"))
        self.assertEqual(self.changes(rows), {"value": ("100", "7")})
        self.rows()
        self.env["ir.config_parameter"].set_param("web.cors.origins", "https://a.example")
        row = self.row()
        self.assertEqual((row.model, row.action), ("ir.config_parameter", "created"))
        parameter = self.env["ir.config_parameter"].search([("key", "=", "web.cors.origins")])
        parameter.key = "web.cors.nothing"
        self.assertEqual(self.row().action, "deleted")
        parameter.key = "web.cors.origins"
        self.assertEqual(self.row().action, "created")
        parameter.unlink()
        self.assertEqual(self.row().action, "deleted")

    def test_changes_of_the_superuser_are_recorded(self):
        key, _token = self.issue()
        self.rows()
        key.sudo().name = "Renamed"
        self.assertEqual(self.row().login, "audit.user")
        self.env["jsonrpc.key"].browse(key.id).name = "Again"
        self.assertEqual(self.row().login, "__system__")

    def test_what_is_undone_leaves_no_row(self):
        key, _token = self.issue()
        self.rows()
        with self.assertRaisesRegex(RuntimeError, "undone"), self.env.cr.savepoint():
            key.name = "Undone"
            self.assertEqual(self.row().record_name, "Undone")
            raise RuntimeError("undone")
        self.assertFalse(self.trail.search([("record_name", "=", "Undone")]))

    def test_every_audited_model_has_a_name_in_the_trail(self):
        names = dict(self.trail._fields["model"].selection)
        audited = self.env.registry.descendants(["jsonrpc.audited"], "_inherit")
        self.assertEqual({name for name in audited if not self.env[name]._abstract}, names.keys())


@tagged("post_install", "-at_install")
class TestAuditBounds(AuditCase):
    def test_secrets_are_never_recorded(self):
        key, token = self.issue()
        key._rotate(overlap=timedelta(), expires_at=self.tomorrow())
        digest = key.sudo().digest
        self.env.cr.execute("SELECT row_to_json(a)::text FROM jsonrpc_audit a WHERE id > %s", [self.last])
        text = "".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("Shop", text)
        self.assertNotIn(token, text)
        self.assertNotIn(digest, text)
        for name in self.env.registry.descendants(["jsonrpc.audited"], "_inherit"):
            for field in audited_state.recorded_fields(self.env[name]):
                with self.subTest(field):
                    self.assertNotRegex(field.name, "digest|secret|password|token(?!_hint)")

    def test_values_are_cut(self):
        resource = self.resource(description="d" * 5_000)
        row = self.rows(("record_id", "=", resource.id))
        (old, new) = self.changes(row)["description"]
        self.assertEqual((old, new), (None, "d" * audited_state.LONGEST + "… (5000)"))
        self.assertLess(len(row.changes), 6_000)
        resource.description = "d" * 4_999
        self.assertIn("(4999)", self.changes(self.row())["description"][1])

    def test_retention_is_the_only_end(self):
        self.issue()
        row = self.row()
        for years, days, kept in ((0, "", True), (2, "", False)):
            with self.subTest(years=years):
                moment = fields.Datetime.now() - timedelta(days=365 * years + 1)
                self.env.cr.execute("UPDATE jsonrpc_audit SET changed_at = %s WHERE id = %s", [moment, row.id])
                self.env["ir.config_parameter"].set_param(AUDIT_DAYS.name, days)
                self.env["jsonrpc.audit"]._vacuum(10_000)
                self.assertEqual(bool(row.exists()), kept)

    def test_nobody_shortens_the_trail_below_a_month(self):
        self.issue()
        row = self.row()
        self.env["ir.config_parameter"].set_param(AUDIT_DAYS.name, "1")
        for days, kept in ((29, True), (31, False)):
            moment = fields.Datetime.now() - timedelta(days=days)
            self.env.cr.execute("UPDATE jsonrpc_audit SET changed_at = %s WHERE id = %s", [moment, row.id])
            self.env["jsonrpc.audit"]._vacuum(10_000)
            self.assertEqual(bool(row.exists()), kept)

    def test_more_days_than_there_are_dates_keep_everything(self):
        self.issue()
        row = self.row()
        for name in (AUDIT_DAYS.name, "jsonrpc_gateway.log_days"):
            self.env["ir.config_parameter"].set_param(name, "9" * 12)
        self.assertEqual(self.trail._vacuum(10), 0)
        self.assertTrue(row.exists())
        self.assertLess(self.env["jsonrpc.call"]._retained_since().year, 1900)

    def test_vacuum_works_in_portions(self):
        for name in ("a", "b", "c"):
            self.issue(name=name)
        self.env.flush_all()
        self.env.cr.execute("UPDATE jsonrpc_audit SET changed_at = '2001-01-01'")
        self.assertEqual(self.trail._vacuum(2), 2)


@tagged("post_install", "-at_install")
class TestAuditRights(AuditCase):
    def test_users_read_about_their_own_keys_only(self):
        mine, _token = self.issue(grants={"partner": ["read"]})
        other, _token = self.issue(self.manager)
        self.env["jsonrpc.limit"].create({"name": "audited"})
        seen = self.trail.with_user(self.user).search([("id", ">", self.last)])
        self.assertEqual(set(seen.mapped("subject_id")), set(mine.ids))
        self.assertIn("jsonrpc.key.grant", seen.mapped("model"))
        action = mine.action_open_changes()
        self.assertEqual(self.trail.with_user(self.user).search(action["domain"]), seen)
        seen = self.trail.with_user(self.manager).search([("id", ">", self.last)])
        self.assertEqual(set(seen.mapped("subject_id")) & {mine.id, other.id}, {mine.id, other.id})
        self.assertIn("jsonrpc.limit", seen.mapped("model"))
        self.assertTrue(all(seen.mapped("summary")))

    def test_others_read_nothing(self):
        stranger = new_test_user(self.env, "audit.stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.trail.with_user(stranger).search([])

    def test_nobody_edits_a_row(self):
        self.issue()
        row = self.row()
        before = row.read()
        for user in (self.user, self.manager, self.env.ref("base.user_admin"), self.env.ref("base.user_root")):
            for sudo in (False, True):
                as_user = row.with_user(user).sudo(sudo)
                for edit in (
                    lambda row: row.write({"login": "nobody"}),
                    lambda row: row.web_save({"login": "nobody"}, {}),
                    lambda row: setattr(row, "login", "nobody"),
                    lambda row: row.unlink(),
                    lambda row: row.copy(),
                    lambda row: row.create({"login": "nobody"}),
                ):
                    with self.subTest(user=user.login, sudo=sudo), self.assertRaises(AccessError):
                        edit(as_user)
        result = row.load(["changed_at", "login"], [["2001-01-01 00:00:00", "nobody"]])
        self.assertTrue(result["messages"])
        self.env.invalidate_all()
        self.assertEqual(row.read(), before)
        self.assertFalse(self.trail.search([("login", "=", "nobody")]))
