"""The ways around the rights on API keys: what a client may send that no view of ours ever would."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_jsonrpc_key_access import AccessCase


@tagged("post_install", "-at_install")
class TestMassAssignment(AccessCase):
    """What is no setting cannot be changed, by nobody and on no way."""

    FIXED = {
        "user_id": 2,
        "digest": "0" * 64,
        "active": True,
        "token_hint": "jrg_sk_0000",
        "last_used_at": "2020-01-01 00:00:00",
        "last_used_from": "192.0.2.1",
        "revoked_at": False,
        "state": "active",
        "create_uid": 2,
    }

    def own_keys(self):
        for name in ("user", "manager", "admin"):
            user = self.actors[name]
            yield name, self._issue_for(user).with_user(user)

    def test_write_of_what_is_no_setting_is_refused(self):
        for name, key in self.own_keys():
            for field, value in self.FIXED.items():
                for method in ("write", "web_save"):
                    with self.subTest(actor=name, field=field, method=method), self.assertRaises(AccessError):
                        specification = [{"name": {}}] if method == "web_save" else []
                        getattr(key, method)({field: value, "name": "Renamed"}, *specification)
            self.assertEqual(key.name, "Test")

    def test_creation_on_every_way_is_refused(self):
        for name, key in self.own_keys():
            model = key.browse()
            values = {"name": "Forged", "user_id": key.env.uid, "digest": "0" * 64}
            ways = {
                "create": lambda model=model, values=values: model.create([values]),
                "web_save": lambda model=model, values=values: model.web_save(values, {"name": {}}),
                "name_create": lambda model=model: model.name_create("Forged"),
                "copy": lambda key=key: key.copy({"name": "Forged"}),
            }
            for way, act in ways.items():
                with self.subTest(actor=name, way=way), self.assertRaises(UserError):
                    act()

    def test_import_is_refused(self):
        for name, key in self.own_keys():
            with self.subTest(actor=name):
                new = key.browse().load(["name", "user_id/.id", "digest"], [["Forged", str(key.env.uid), "0" * 64]])
                self.assertFalse(new["ids"])
                changed = key.browse().load([".id", "user_id/.id"], [[str(key.id), str(self.bot.id)]])
                self.assertFalse(changed["ids"])
                self.assertEqual(key.user_id, key.env.user)

    def test_unarchiving_is_refused(self):
        for name, key in self.own_keys():
            with self.subTest(actor=name):
                key.action_revoke()
                for act in (key.action_unarchive, lambda key=key: key.write({"active": True})):
                    with self.assertRaises(UserError):
                        act()
                self.assertFalse(key.active)

    def test_archiving_around_the_revocation_is_refused(self):
        for name, key in self.own_keys():
            with self.subTest(actor=name), self.assertRaises(AccessError):
                key.action_archive()

    def test_commands_from_another_model_are_refused(self):
        """Nor do the commands of a many2one's or one2many's owner reach keys (no sudo)."""
        self.assertFalse(self.env["jsonrpc.key"]._allow_sudo_commands)

    def test_default_values_do_not_reach_an_issued_key(self):
        user = self.actors["user"]
        model = self.env["jsonrpc.key"].with_user(user)
        model = model.with_context(
            default_user_id=self.bot.id, default_digest="0" * 64, default_active=False, default_full_orm=True
        )
        key, token = model._issue(name="Test", user=user, expires_at=self.soon)
        self.assertEqual((key.user_id, key.active, key.full_orm), (user, True, False))
        self.assertEqual(model._authenticate(token).user_id, user.id)


@tagged("post_install", "-at_install")
class TestDigestSecrecy(AccessCase):
    """The digest leaves the database on no way, for nobody: offline it could be checked for guesses."""

    def ways(self, key):
        model = key.browse()
        digest = key.sudo().digest
        yield "read", lambda: key.read(["digest"])
        yield "web_read", lambda: key.web_read({"digest": {}})
        yield "search_read", lambda: model.search_read([], ["digest"])
        yield "attribute", lambda: key.digest
        yield "export", lambda: key.export_data(["digest"])
        yield "search", lambda: model.search([("digest", "=like", digest[:4] + "%")])
        yield "search_count", lambda: model.search_count([("digest", "=", digest)])
        yield "order", lambda: model.search([], order="digest")
        yield "group", lambda: model.formatted_read_group([], ["digest"], ["__count"])
        yield "aggregate", lambda: model.formatted_read_group([], [], ["digest:array_agg"])
        yield "filtered_domain", lambda: key.filtered_domain([("digest", "=like", digest[:4] + "%")])
        yield "onchange", lambda: key.onchange({}, ["digest"], {"digest": {}})

    def test_every_way_is_refused(self):
        for name in ("user", "manager", "admin"):
            key = self._issue_for(self.actors[name]).with_user(self.actors[name])
            for way, act in self.ways(key):
                with self.subTest(actor=name, way=way), mute_logger("odoo.orm.models"), self.assertRaises(UserError):
                    act()

    def test_fields_do_not_name_it(self):
        model = self.env["jsonrpc.key"].with_user(self.actors["admin"])
        self.assertNotIn("digest", model.fields_get())
        self.assertIn("token_hint", model.fields_get())

    def test_default_read_leaves_it_out(self):
        key = self._issue_for(self.actors["admin"]).with_user(self.actors["admin"])
        self.assertNotIn("digest", key.read()[0])

    def test_views_do_not_name_it(self):
        views = self.env["ir.ui.view"].search([("model", "=", "jsonrpc.key")])
        self.assertGreaterEqual(len(views), 3)
        for view in views:
            self.assertNotIn("digest", view.arch)
