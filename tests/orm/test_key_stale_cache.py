"""A key that one thread still reads while another changes it is not remembered."""



from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestStaleCache(BaseCase):
    """Two threads of one worker: one still reads the old state while the other changes it."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())

    def check(self, change):
        """``change(key)`` must end the use of a key that is read in between, and so cached."""
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            user = new_test_user(env, "key.stale")
            self.addCleanup(self.remove, user.ids, user.partner_id.ids)
            key, token = env["jsonrpc.key"]._issue(name="Test", user=user)
        with self.registry.cursor() as changing, self.registry.cursor() as reading:
            env = Environment(changing, SUPERUSER_ID, {})
            change(key.with_env(env))
            env.flush_all()
            self.assertTrue(self.authenticate(reading, token), "the change is not committed yet")
            changing.commit()
        with self.registry.cursor() as cr:
            self.assertIsNone(self.authenticate(cr, token))

    def remove(self, user_ids, partner_ids):
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            env["res.users"].browse(user_ids).exists().unlink()
            env["res.partner"].browse(partner_ids).unlink()

    def authenticate(self, cr, token):
        return Environment(cr, SUPERUSER_ID, {})["jsonrpc.key"]._authenticate(token)

    def test_key_is_revoked_meanwhile(self):
        self.check(lambda key: key.action_revoke())

    def test_key_is_deleted_meanwhile(self):
        self.check(lambda key: key.unlink())

    def test_user_is_archived_meanwhile(self):
        self.check(lambda key: key.user_id.write({"active": False}))

    def test_user_is_deleted_meanwhile(self):
        self.check(lambda key: key.user_id.unlink())

    def test_user_turns_portal_meanwhile(self):
        self.check(lambda key: key.user_id.write({"group_ids": [Command.set(key.env.ref("base.group_portal").ids)]}))

    def test_group_loses_its_user_meanwhile(self):
        self.check(lambda key: key.env.ref("base.group_user").write({"user_ids": [Command.unlink(key.user_id.id)]}))
