"""What outlives what: a restored database, an addon that goes, a server that starts again."""

from odoo.tests import BaseCase, tagged

from ..feed_common import LINES, FeedCase, Mirror
from ..server_common import Database

_TRACK = f"""
resource = env["jsonrpc.resource"].create(
    {{"name": "contact", "model_id": env["ir.model"]._get_id("res.partner"), "can_changes": True}}
)
for name, flags in {LINES!r}.items():
    env["jsonrpc.resource.field"].create({{
        "resource_id": resource.id, "field_id": env["ir.model.fields"]._get("res.partner", name).id, **flags
    }})
"""
_LEFT = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'jsonrpc%%'"


@tagged("post_install", "-at_install")
class TestUninstalled(BaseCase):
    def test_addon_that_goes_takes_its_triggers_and_writes_go_on(self):
        with Database() as database:
            database.shell(_TRACK)
            database.query("UPDATE res_partner SET ref = 'tracked' WHERE id = 1")
            self.assertEqual(database.query("SELECT record_id, columns FROM jsonrpc_change"), [(1, "ref")])
            database.shell(
                "env['ir.module.module'].search([('name', '=', 'jsonrpc_gateway')]).button_immediate_uninstall()"
            )
            self.assertEqual(database.query(_LEFT), [(0,)])
            self.assertEqual(database.query("SELECT to_regclass('jsonrpc_change')"), [(None,)])
            database.query("UPDATE res_partner SET ref = 'untracked' WHERE id = 1")

    def test_triggers_survive_an_upgrade_of_the_addon_that_has_the_model(self):
        with Database() as database:
            database.shell(_TRACK)
            before = database.query("SELECT generation FROM jsonrpc_change_source")
            database.shell("env['ir.module.module'].search([('name', '=', 'base')]).button_immediate_upgrade()")
            database.query("UPDATE res_partner SET ref = 'tracked' WHERE id = 1")
            self.assertEqual(database.query("SELECT columns FROM jsonrpc_change WHERE record_id = 1")[-1:], [("ref",)])
            self.assertEqual(database.query("SELECT generation FROM jsonrpc_change_source"), before)


class TestRestored(FeedCase):
    def test_cursor_of_the_database_that_a_copy_was_made_of_is_expired(self):
        """As after a restore: the same content and secret, and other transaction ids."""
        mirror = Mirror(self, fields=["name"], limit=1000)
        mirror.catch_up()
        epoch = self.database.query("SELECT oid FROM pg_database WHERE datname = current_database()")
        # The name stays, what is behind it is another database.
        self._forget()
        with Database(source=self.database.name) as copy:
            self.database.drop()
            restored = Database(self.database.name, source=copy.name)
            restored.create()
        self.assertNotEqual(
            self.database.query("SELECT oid FROM pg_database WHERE datname = current_database()"), epoch
        )
        self.load()
        error = self.refused(cursor=mirror.cursor, fields=["name"], limit=1000)
        self.assertEqual((error.type, error.data["reason"]), ("cursor_expired", "restored"))
        mirror.catch_up()
        with self.transaction() as env:
            found = env["res.partner"].search([]).ids
        self.assertEqual(sorted(mirror.records), sorted(found))
