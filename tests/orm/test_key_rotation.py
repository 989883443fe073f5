"""How one key follows another, and who hears of the end of one."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import MockSmtplibCase

USER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"
MANAGER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_manager"
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestRotation(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = cls.env["jsonrpc.key"]
        cls.user = new_test_user(cls.env, "key.user", USER)
        cls.manager = new_test_user(cls.env, "key.manager", MANAGER)
        cls.system = new_test_user(cls.env, "key.system", "base.group_system")

    def issue(self, **options):
        return self.keys._issue(**{"name": "Web shop", "user": self.user} | options)

    def rotate(self, key, *, by=None, overlap=DAY, expires_at=None):
        expires_at = expires_at or fields.Datetime.now() + DAY / 2
        return key.with_user(by or self.user)._rotate(overlap=overlap, expires_at=expires_at)

    def good(self, token, address=None):
        self.env.flush_all()
        return bool(self.keys._authenticate(token, address))

    def test_successor_has_the_same_settings(self):
        company = self.env.company
        key = self.issue(
            access="write",
            grants={"partner": ["read", "create"]},
            addresses="192.0.2.1",
            origins="https://shop.example.com",
            company_ids=company.ids,
        )[0]
        successor, token = self.rotate(key)
        successor = successor.sudo()
        self.assertEqual(successor.user_id, self.user)
        self.assertEqual((successor.name, successor.kind), ("Web shop", "secret"))
        self.assertEqual((successor.access, successor.reach, successor.full_orm), ("write", "restricted", False))
        self.assertEqual(successor.rights, "partner: read, create")
        self.assertEqual((successor.addresses, successor.origins), (key.addresses, key.origins))
        self.assertEqual(successor.company_ids, company)
        self.env.flush_all()
        credential = self.keys._authenticate(token, "192.0.2.1")
        self.assertEqual(credential.grants, {("partner", "read"), ("partner", "create")})
        self.assertFalse(self.good(token, "192.0.2.2"))

    def test_successor_of_a_key_with_everything_has_everything(self):
        for options in ({"access": "read"}, {"access": "write", "full_orm": True}):
            key = self.issue(**options)[0]
            successor, _token = self.rotate(key, by=self.system)
            self.assertEqual((successor.reach, successor.rights), ("all", key.rights))
            self.assertEqual(successor.full_orm, key.full_orm)

    def test_successor_of_a_publishable_key_is_one(self):
        key = self.issue(kind="publishable", user=None, origins="https://shop.example.com")[0]
        successor, token = self.rotate(key, by=self.manager)
        self.assertEqual((successor.kind, successor.user_id, token[:7]), ("publishable", key.user_id, "jrg_pk_"))

    def test_both_are_good_until_the_overlap_ends(self):
        key, old = self.issue()
        _successor, new = self.rotate(key, overlap=timedelta(hours=1))
        self.assertTrue(self.good(old) and self.good(new))
        self.assertEqual(key.state, "expiring")
        with freeze_time(fields.Datetime.now() + timedelta(hours=1, seconds=1)):
            self.assertFalse(self.good(old))
            self.assertTrue(self.good(new))

    def test_no_overlap_revokes_the_old_key_at_once(self):
        key, old = self.issue()
        _successor, new = self.rotate(key, overlap=timedelta())
        self.assertEqual(key.state, "revoked")
        self.assertFalse(self.good(old))
        self.assertTrue(self.good(new))

    def test_earlier_end_of_the_old_key_stays(self):
        end = fields.Datetime.now() + timedelta(hours=2)
        key = self.issue(expires_at=end)[0]
        self.rotate(key)
        self.assertEqual(key.expires_at, end)

    def test_keys_know_each_other(self):
        key = self.issue()[0]
        successor, _token = self.rotate(key)
        self.assertEqual((key.successor_id, successor.predecessor_id), (successor, key))
        self.assertTrue(key.with_user(self.user).replaced)

    def test_key_with_a_good_successor_is_not_replaced_again(self):
        key = self.issue()[0]
        successor = self.rotate(key)[0]
        with self.assertRaisesRegex(UserError, "replaced already"):
            self.rotate(key)
        successor.action_revoke()
        again = self.rotate(key)[0]
        self.assertEqual(key.successor_id, again)

    def test_revoked_key_is_not_replaced(self):
        key = self.issue()[0]
        key.action_revoke()
        with self.assertRaises(UserError):
            self.rotate(key)

    def test_expired_key_is_replaced_and_stays_expired(self):
        key = self.issue()[0]
        key.expires_at = fields.Datetime.now() - DAY
        _successor, token = self.rotate(key)
        self.assertEqual(key.state, "expired")
        self.assertTrue(self.good(token))

    def test_only_who_may_issue_the_key_may_replace_it(self):
        key = self.issue()[0]
        stranger = new_test_user(self.env, "stranger", USER)
        # A manager sees all keys, and would get a token that acts as somebody else.
        for user in (self.manager, stranger):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                self.rotate(key, by=user)
        self.assertFalse(key.successor_ids)
        self.assertTrue(self.rotate(key, by=self.system))

    def test_full_orm_access_is_not_passed_on_by_who_may_not_give_it(self):
        key = self.issue(full_orm=True)[0]
        with self.assertRaises(AccessError):
            self.rotate(key)

    def test_successor_obeys_the_limit_of_duration(self):
        self.env.ref("base.group_user").api_key_duration = 30
        key = self.issue()[0]
        with self.assertRaises(UserError):
            self.rotate(key, expires_at=fields.Datetime.now() + 60 * DAY)

    def test_limits_follow(self):
        key, other = self.issue()[0], self.issue()[0]
        limits = self.env["jsonrpc.limit"].create(
            [
                {"name": "slow", "key_ids": [Command.set(key.ids)]},
                {"name": "slower", "key_ids": [Command.set(key.ids)], "active": False},
                {"name": "other", "key_ids": [Command.set(other.ids)]},
                {"name": "all"},
            ]
        )
        successor = self.rotate(key)[0]
        self.assertEqual(
            [limit.key_ids for limit in limits], [key | successor, key | successor, other, self.keys]
        )

    def test_grants_that_are_gone_do_not_stop_it(self):
        key = self.issue(grants={"partner": ["read"]})[0]
        self.env.cr.execute("UPDATE jsonrpc_key_grant SET namespace = 'gone' WHERE key_id = %s", [key.id])
        self.env.invalidate_all()
        successor = self.rotate(key)[0]
        self.assertEqual((successor.reach, successor.grant_ids.ids), ("restricted", []))

    def test_wizard_works_only_over_http(self):
        key = self.issue()[0]
        wizard = self.env["jsonrpc.key.rotate"].with_user(self.user).create({"key_id": key.id})
        with self.assertRaises(UserError):
            wizard.action_rotate()

    def test_wizard_tells_no_name_of_a_key_of_another(self):
        key = self.issue(user=self.system)[0]
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.env["jsonrpc.key.rotate"].with_user(self.user).create({"key_id": key.id})

    def test_wizard_of_another_is_out_of_reach(self):
        wizard = self.env["jsonrpc.key.rotate"].with_user(self.system).create({"key_id": self.issue()[0].id})
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            wizard.with_user(self.user).overlap = "0"


@tagged("post_install", "-at_install")
class TestWarnings(TransactionCase, MockSmtplibCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "key.user", USER, email="ann@example.com", tz="UTC")
        cls.env["jsonrpc.key"].search([]).action_revoke()
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["ir.mail_server"].create({"name": "Test", "smtp_host": "smtp.example.com"})
        cls.env["ir.config_parameter"].set_param("web.base.url", "https://erp.example.com")

    def issue(self, days=None, **options):
        expires_at = days and fields.Datetime.now() + timedelta(days=days)
        options = {"name": "Web shop", "user": self.user, "expires_at": expires_at} | options
        return self.env["jsonrpc.key"]._issue(**options)[0]

    def run_cron(self, after_days=0):
        """Let the scheduled action run; gives back ``(recipient, subject)`` of each e-mail."""
        moment = fields.Datetime.now() + timedelta(days=after_days)
        with self.enter_registry_test_mode(), self.mock_smtplib_connection(), freeze_time(moment):
            self.env.ref("jsonrpc_gateway.ir_cron_warn_of_expiry").method_direct_trigger()
        self.env.invalidate_all()
        return [email["msg_to"] for email in self.emails]

    def test_holder_is_warned_two_weeks_and_three_days_before_and_once_each(self):
        self.issue(20)
        sent = [len(self.run_cron(after)) for after in (0, 5.9, 6.1, 6.2, 10, 16.9, 17.1, 17.2, 19, 21)]
        self.assertEqual(sent, [0, 0, 1, 0, 0, 0, 1, 0, 0, 0])

    def test_short_lived_key_is_warned_of_once(self):
        self.issue(2)
        self.assertEqual([len(self.run_cron(after)) for after in (0, 0.1, 1)], [1, 0, 0])

    def test_message_says_which_key_and_where_to_replace_it(self):
        key = self.issue(10)
        self.assertEqual(self.run_cron(), ["ann@example.com"])
        message = self.emails[0]["message"]
        for text in ("Web shop", key.token_hint, f"https://erp.example.com/odoo/jsonrpc-keys/{key.id}"):
            self.assertIn(text, message)

    def test_extended_key_is_warned_of_again(self):
        key = self.issue(10)
        self.assertEqual(len(self.run_cron()), 1)
        key.expires_at += timedelta(days=30)
        self.assertEqual([len(self.run_cron(after)) for after in (1, 27, 28)], [0, 1, 0])

    def test_keys_that_need_no_warning_get_none(self):
        self.issue(15)
        self.issue()
        self.issue(10).action_revoke()
        self.issue(10)._rotate(overlap=DAY, expires_at=fields.Datetime.now() + timedelta(days=90))
        self.assertEqual(self.run_cron(), [])

    def test_issuer_is_warned_where_the_user_has_no_address(self):
        issuer = new_test_user(self.env, "issuer", "base.group_system", email="boss@example.com")
        keys = self.env["jsonrpc.key"].with_user(issuer)
        expires_at = fields.Datetime.now() + timedelta(days=10)
        keys._issue(name="Page", kind="publishable", origins="https://a.example.com", expires_at=expires_at)
        self.user.email = False
        keys._issue(name="Bot", user=self.user, expires_at=expires_at)
        self.assertEqual(self.run_cron(), ["boss@example.com"] * 2)

    def test_key_that_nobody_can_be_told_of_is_logged_once(self):
        self.user.email = self.env.user.email = False
        self.issue(10)
        with self.assertLogs("odoo.addons.jsonrpc_gateway.models.key.jsonrpc_key_lifetime", "WARNING") as logs:
            self.assertEqual(self.run_cron(), [])
        self.assertIn("nobody to tell", logs.output[0])
        with self.assertNoLogs("odoo.addons.jsonrpc_gateway.models.key.jsonrpc_key_lifetime", "WARNING"):
            self.run_cron()

    def test_one_bad_key_stops_no_other_warning(self):
        bad, good = self.issue(10), self.issue(9)
        old_name = self.issue(8)
        self.env.flush_all()
        # As it could be stored before names were checked.
        self.env.cr.execute("UPDATE jsonrpc_key SET name = E'Web\nshop' WHERE id = %s", [old_name.id])
        self.env.invalidate_all()
        warning = type(bad)._warning

        def broken(key, holder):
            if key == bad:
                key.env.cr.execute("SELECT 1 / 0")
            return warning(key, holder)

        self.patch(type(bad), "_warning", broken)
        with (
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.jsonrpc_gateway.models.key.jsonrpc_key_lifetime", "WARNING") as logs,
        ):
            self.assertEqual(self.run_cron(), ["ann@example.com"] * 2)
        self.assertEqual(len(logs.output), 1)
        self.assertIn(f"API key {bad.id} ", logs.output[0])
        self.assertEqual([bool(key.warned_of) for key in (bad, good, old_name)], [False, True, True])

    def test_address_cannot_add_a_header(self):
        self.issue(10)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET email = E'a@b.example\nBcc: c@d.example' WHERE id = %s", [self.user.partner_id.id]
        )
        self.env.invalidate_all()
        self.assertEqual(len(self.run_cron()), 1)
        self.assertNotIn("\nBcc:", self.emails[0]["message"])
        self.assertNotIn("\n", str(self.emails[0]["msg_to"]))

    def test_warning_that_cannot_be_sent_is_tried_again(self):
        key = self.issue(10)
        self.env["ir.mail_server"].search([]).smtp_host = "127.0.0.1"
        self.env["ir.mail_server"].search([]).smtp_port = 1
        with self.assertLogs("odoo.addons.jsonrpc_gateway.models.key.jsonrpc_key_lifetime", "WARNING"):
            with self.enter_registry_test_mode():
                self.patch(type(self.env["ir.mail_server"]), "_disable_send", classmethod(lambda cls: False))
                self.env.ref("jsonrpc_gateway.ir_cron_warn_of_expiry").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(key.warned_of)
        self.assertEqual(len(self.run_cron()), 1)
