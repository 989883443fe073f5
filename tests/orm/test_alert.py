"""Alerts: who is told of what goes wrong, once, by plain e-mail; and what people decide about errors."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import MockSmtplibCase

from ...engine.dispatch.journal import writer

MANAGER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_manager"
LOGGER = "odoo.addons.jsonrpc_gateway.models.alert.jsonrpc_alert"


class AlertCase(MockSmtplibCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "alert.manager", MANAGER, email="ann@example.com")
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["ir.mail_server"].create({"name": "Test", "smtp_host": "smtp.example.com"})
        cls.env["jsonrpc.error"].search([]).unlink()
        cls.env.cr.execute("DELETE FROM jsonrpc_call")

    def alert(self, kind, **values):
        return self.env["jsonrpc.alert"].create({"name": "Watch", "kind": kind, "user_ids": self.manager.ids, **values})

    def run_cron(self, **later):
        """Let the scheduled action run; gives back the recipients of its messages."""
        with (
            self.enter_registry_test_mode(),
            self.mock_smtplib_connection(),
            freeze_time(fields.Datetime.now() + timedelta(**later)),
        ):
            self.env.ref("jsonrpc_gateway.ir_cron_watch").method_direct_trigger()
        self.env.invalidate_all()
        return [email["msg_to"] for email in self.emails]

    def fault(self, digest="d1", **later):
        """A fault happens, as the writer collects it."""
        moment = fields.Datetime.now() + timedelta(**later)
        row = {"digest": digest, "exception": "KeyError", "place": "a:b:1", "message": "lost", "traceback": "T"}
        row |= {"method": "shop.pay", "request_id": "r1", "count": 1, "last_seen": moment.isoformat()}
        self.env.cr.execute(writer._COLLECT, [writer.encoded([row])])
        self.env.invalidate_all()
        return self.env["jsonrpc.error"].search([("digest", "=", digest)])

    def calls(self, outcomes):
        now = fields.Datetime.now()
        rows = [
            dict.fromkeys(writer.COLUMNS)
            | {"called_at": now.isoformat(), "method": "a.b", "outcome": outcome, "duration": 1}
            for outcome in outcomes
        ]
        self.env.cr.execute(writer.INSERT, [writer.encoded(rows)])


@tagged("post_install", "-at_install")
class TestAlert(AlertCase):
    def test_new_fault_is_told_of_once(self):
        alert = self.alert("error")
        self.assertEqual(self.run_cron(), [])
        self.fault(minutes=1)
        self.assertEqual(self.run_cron(minutes=2), ["ann@example.com"])
        message = self.emails[0]["message"]
        for text in ("KeyError", "shop.pay", "lost", "/odoo/jsonrpc-errors"):
            self.assertIn(text, message)
        self.fault(minutes=3)
        self.assertEqual(self.run_cron(minutes=4), [])
        self.assertIn("KeyError", alert.told_text)

    def test_second_fault_is_told_of_alone(self):
        self.alert("error")
        self.fault(minutes=1)
        self.run_cron(minutes=2)
        self.fault("d2", minutes=3).message = "second"
        self.assertEqual(self.run_cron(minutes=4), ["ann@example.com"])
        self.assertNotIn("shop.pay: lost", self.emails[0]["message"])

    def test_fault_of_before_the_rule_is_no_news(self):
        self.fault(days=-1)
        self.alert("error")
        self.assertEqual(self.run_cron(), [])

    def test_resolved_fault_that_happens_again_comes_back_and_is_told_of(self):
        self.alert("error")
        error = self.fault(minutes=1)
        self.run_cron(minutes=2)
        error.with_user(self.manager).action_resolve()
        self.assertEqual([error.state, self.run_cron(minutes=3)], ["resolved", []])
        self.assertEqual(self.fault(minutes=5).state, "back")
        self.assertEqual(self.run_cron(minutes=6), ["ann@example.com"])

    def test_fault_on_its_way_while_it_is_resolved_does_not_come_back(self):
        error = self.fault()
        error.action_resolve()
        self.assertEqual(self.fault(minutes=-1).state, "resolved")

    def test_muted_fault_is_told_of_to_nobody(self):
        self.alert("error")
        self.fault(minutes=1).action_mute()
        self.assertEqual([self.fault(minutes=2).state, self.run_cron(minutes=3)], ["muted", []])

    def test_many_errors_are_told_of_and_again_after_all_was_well(self):
        self.alert("rate", percent=50, min_calls=4)
        self.calls(["done", "done", "done", "refused"])
        self.assertEqual(self.run_cron(), [])
        self.calls(["refused", "failed", "failed"])
        self.assertEqual(self.run_cron(), ["ann@example.com"])
        self.assertIn("57.1 % of the last 7 calls", self.emails[0]["message"])
        self.assertEqual(self.run_cron(minutes=1), [])
        # An hour later nobody calls: all is well, and may go wrong again.
        self.assertEqual(self.run_cron(hours=1), [])
        self.calls(["failed"] * 4)
        self.assertEqual(self.run_cron(), ["ann@example.com"])

    def test_few_calls_and_refusals_that_do_not_count_are_no_reason(self):
        self.alert("rate", percent=50, min_calls=4)
        self.alert("rate", percent=50, min_calls=1, count_refused=False)
        self.calls(["refused"] * 3)
        self.assertEqual(self.run_cron(), [])

    def test_silent_key_is_told_of_until_it_calls_again(self):
        self.env["jsonrpc.key"].search([]).action_revoke()
        key = self.env["jsonrpc.key"]._issue(name="Web shop", user=self.manager)[0]
        never = self.env["jsonrpc.key"]._issue(name="Never", user=self.manager)[0]
        alert = self.alert("silence", hours=2)
        self.env.flush_all()
        self.env.cr.execute("UPDATE jsonrpc_key SET last_used_at = %s WHERE id = %s", [fields.Datetime.now(), key.id])
        self.env.invalidate_all()
        self.assertEqual([self.run_cron(hours=1), self.run_cron(hours=3)], [[], ["ann@example.com"]])
        self.assertIn("Web shop", alert.told_text)
        self.assertNotIn(never.name, alert.told_text)
        self.assertEqual(self.run_cron(hours=4), [])
        self.env.cr.execute(
            "UPDATE jsonrpc_key SET last_used_at = %s WHERE id = %s",
            [fields.Datetime.now() + timedelta(hours=4), key.id],
        )
        self.env.invalidate_all()
        self.assertEqual([self.run_cron(hours=5), self.run_cron(hours=7)], [[], ["ann@example.com"]])

    def test_revoked_key_is_silent_by_right(self):
        key = self.env["jsonrpc.key"]._issue(name="Gone", user=self.manager)[0]
        self.alert("silence", hours=1, key_ids=key.ids)
        key.action_revoke()
        self.assertEqual(self.run_cron(hours=3), [])

    def test_one_rule_that_fails_stops_no_other(self):
        bad = self.alert("error", name="A bad one")
        self.alert("error", name="Good")
        self.fault(minutes=1)
        follow = type(bad)._follow

        def broken(alert):
            if alert == bad:
                alert.env.cr.execute("SELECT 1 / 0")
            return follow(alert)

        self.patch(type(bad), "_follow", broken)
        with mute_logger("odoo.sql_db"), self.assertLogs(LOGGER, "WARNING"):
            self.assertEqual(self.run_cron(minutes=2), ["ann@example.com"])

    def test_message_that_cannot_be_sent_is_sent_later(self):
        self.alert("error")
        self.fault(minutes=1)
        send = type(self.env["jsonrpc.notice"])._send

        def refused(*args):
            raise OSError("no route to host")

        self.patch(type(self.env["jsonrpc.notice"]), "_send", refused)
        with self.assertLogs(LOGGER, "WARNING"):
            self.assertEqual(self.run_cron(minutes=2), [])
        self.patch(type(self.env["jsonrpc.notice"]), "_send", send)
        self.assertEqual(self.run_cron(minutes=3), ["ann@example.com"])

    def test_test_message_goes_to_who_asks(self):
        alert = self.alert("error").with_user(self.manager)
        with self.mock_smtplib_connection():
            alert.action_try()
        self.assertEqual([email["msg_to"] for email in self.emails], ["ann@example.com"])
        self.manager.email = False
        with self.assertRaises(UserError):
            alert.action_try()

    def test_rules_are_for_managers_and_name_internal_users(self):
        user = new_test_user(self.env, "alert.user", "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user")
        with self.assertRaises(AccessError):
            self.env["jsonrpc.alert"].with_user(user).create({"name": "x", "user_ids": user.ids})
        with self.assertRaises(AccessError):
            self.fault().with_user(user).action_resolve()
        portal = new_test_user(self.env, "alert.portal", "base.group_portal")
        with self.assertRaises(ValidationError):
            self.alert("error", user_ids=portal.ids)
        with self.assertRaises(ValidationError):
            self.alert("error", user_ids=[])

    def test_new_since_an_upgrade(self):
        error, old = self.fault(minutes=1), self.fault("d2", days=-400)
        self.env.cr.execute("UPDATE jsonrpc_error SET first_seen = %s WHERE id = %s", ["2001-01-01", old.id])
        self.env.cr.execute("UPDATE ir_module_module SET write_date = %s", ["2020-01-01"])
        self.env.invalidate_all()
        errors = self.env["jsonrpc.error"]
        self.assertEqual(errors.search([("is_new", "=", True)]), error)
        self.assertEqual(errors.search([("is_new", "=", False)]), old)
        self.assertEqual([error.is_new, old.is_new], [True, False])
