"""The wizard that issues keys: what it lets whom choose."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

_USER_GROUP = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"


@tagged("post_install", "-at_install")
class TestWizard(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "key.user", _USER_GROUP)
        cls.other = new_test_user(cls.env, "key.other", _USER_GROUP)
        cls.admin = new_test_user(cls.env, "key.admin", "base.group_user,base.group_system")

    def wizard(self, user, **values):
        return self.env["jsonrpc.key.issue"].with_user(user).create({"name": "Test", **values})

    def durations(self, user):
        return [value for value, _label in self.env["jsonrpc.key.issue"].with_user(user)._selection_duration()]

    def test_user_chooses_name_access_and_duration_only(self):
        form = Form(self.env["jsonrpc.key.issue"].with_user(self.user))
        self.assertEqual((form.user_id, form.access, form.duration), (self.user, "read", "90"))
        form.name = "Web shop"
        with self.assertRaises(AssertionError):
            form.user_id = self.other
        self.assertNotIn("full_orm", form._view["fields"])

    def test_administrator_chooses_the_user_too(self):
        form = Form(self.env["jsonrpc.key.issue"].with_user(self.admin))
        form.name = "Web shop"
        form.user_id = self.other
        form.full_orm = True
        self.assertEqual(form.save().user_id, self.other)

    def test_durations_are_those_of_odoos_own_keys(self):
        self.assertEqual(self.durations(self.user), ["1", "7", "30", "90", "-1"])
        self.assertEqual(self.durations(self.admin), ["1", "7", "30", "90", "180", "365", "0", "-1"])

    def test_default_duration_follows_the_limit(self):
        limited = self.env.ref("base.group_user")
        for days, default in ((365.0, "90"), (30.0, "30"), (0.5, "-1"), (0.0, "1")):
            with self.subTest(days=days):
                limited.api_key_duration = days
                self.assertEqual(self.env["jsonrpc.key.issue"].with_user(self.user)._default_duration(), default)

    def test_every_duration_has_a_label_of_ours(self):
        for value, label in self.env["jsonrpc.key.issue"].with_user(self.admin)._selection_duration():
            self.assertRegex(label, r"^(In 1? ?|In [36] |Never|On )", value)

    def test_expiry_is_counted_from_the_issue(self):
        for duration, days in (("1", 1), ("90", 90)):
            expiry = self.wizard(self.user, duration=duration)._expiry()
            self.assertLess(abs(expiry - fields.Datetime.now() - timedelta(days=days)), timedelta(minutes=1))
        self.assertIsNone(self.wizard(self.admin, duration="0")._expiry())
        date = fields.Datetime.now() + timedelta(days=3)
        self.assertEqual(self.wizard(self.user, duration="-1", expires_at=date)._expiry(), date)

    def test_chosen_date_that_is_missing_is_no_eternity(self):
        with self.assertRaises(ValidationError):
            self.wizard(self.admin, duration="-1")._expiry()

    def test_date_is_ignored_where_a_duration_was_chosen(self):
        date = fields.Datetime.now() + timedelta(days=80)
        expiry = self.wizard(self.user, duration="1", expires_at=date)._expiry()
        self.assertLess(expiry, fields.Datetime.now() + timedelta(days=2))

    def test_duration_beyond_the_limit_is_refused(self):
        for duration in ("0", "365", "-2", "1.5", "one", "99999999999"):
            with self.subTest(duration=duration), self.assertRaises(ValidationError):
                self.wizard(self.user, duration=duration)._expiry()

    def test_wizard_of_another_is_out_of_reach(self):
        wizard = self.wizard(self.admin, user_id=self.admin.id)
        foreign = wizard.with_user(self.user)
        self.env.invalidate_all()
        for act in (
            lambda: foreign.read(["name"]),
            lambda: foreign.write({"user_id": self.user.id}),
            foreign.unlink,
        ):
            with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
                act()
        self.assertFalse(foreign.search([]))

    def test_wizard_works_only_over_http(self):
        with self.assertRaises(UserError):
            self.wizard(self.user).action_issue()
