"""The wizard that issues keys: what it lets whom choose, and the password it asks for."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...engine.access import token_format
from ..common import JsonRpcCase

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


@tagged("post_install", "-at_install")
class TestIssueOverHttp(JsonRpcCase):
    """The wizard as the web client calls it, and as an attacker would."""

    def setUp(self):
        super().setUp()
        self.user = new_test_user(self.env, "key.user", _USER_GROUP)
        self.authenticate("key.user", "key.user")

    def call_kw(self, model, method, args, kwargs=None):
        """Call a model's method as the web client does; gives back Odoo's whole answer."""
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs or {}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": params}
        with mute_logger("odoo.http"):
            return self.post(f"/web/dataset/call_kw/{model}/{method}", body).json()

    def wizard(self, **values):
        created = self.call_kw("jsonrpc.key.issue", "web_save", [[], {"name": "Test", **values}, {"id": {}}])
        return created["result"][0]["id"]

    def press_issue(self, wizard_id, context=None):
        return self.call_kw("jsonrpc.key.issue", "action_issue", [[wizard_id]], {"context": context or {}})

    def confirm(self, action, password):
        return self.call_kw(
            "res.users.identitycheck", "run_check", [[action["res_id"]]], {"context": {"password": password}}
        )

    def keys(self):
        return self.env["jsonrpc.key"].search([("user_id", "=", self.user.id)])

    def test_password_is_asked_for_and_then_the_token_is_shown(self):
        asked = self.press_issue(self.wizard(access="write"))["result"]
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        self.assertFalse(self.keys())
        shown = self.confirm(asked, "key.user")["result"]
        self.assertEqual((shown["res_model"], shown["target"]), ("jsonrpc.key.show", "new"))
        token = shown["context"]["default_token"]
        self.assertTrue(token_format.is_well_formed(token))
        self.assertEqual(self.call("system.whoami", key=token)["user"]["id"], self.user.id)
        key = self.keys()
        self.assertEqual((key.name, key.access, key.create_uid), ("Test", "write", self.user))

    def test_wrong_password_issues_nothing(self):
        asked = self.press_issue(self.wizard())["result"]
        self.assertIn("error", self.confirm(asked, "wrong"))
        self.assertFalse(self.keys())

    def test_page_shows_token_and_curl(self):
        shown = self.confirm(self.press_issue(self.wizard())["result"], "key.user")["result"]
        page = self.call_kw(
            "jsonrpc.key.show", "onchange", [[], {}, [], {"token": {}, "curl": {}}], {"context": shown["context"]}
        )["result"]["value"]
        token = shown["context"]["default_token"]
        self.assertEqual(page["token"], token)
        self.assertIn(f"{self.env['ir.config_parameter'].get_param('web.base.url')}/jsonrpc/2/api", page["curl"])
        self.assertIn(f"'Authorization: Bearer {token}'", page["curl"])

    def test_token_is_stored_nowhere(self):
        """No column of any table holds it, nor does any session."""
        shown = self.confirm(self.press_issue(self.wizard())["result"], "key.user")["result"]
        token = shown["context"]["default_token"]
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT table_name, quote_ident(column_name)
              FROM information_schema.columns
              JOIN information_schema.tables USING (table_schema, table_name)
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
               AND data_type IN ('character varying', 'text', 'jsonb', 'json', 'bytea')
            """
        )
        columns = self.env.cr.fetchall()
        self.assertIn(("jsonrpc_key_issue", "name"), columns)
        self.assertIn(("res_users_identitycheck", "request"), columns)
        for table, column in columns:
            self.env.cr.execute(f'SELECT 1 FROM "{table}" WHERE {column}::text LIKE %s', [f"%{token[11:]}%"])
            self.assertFalse(self.env.cr.fetchall(), f"{table}.{column}")
        self.assertNotIn(token, str(dict(self.session)))

    def test_wizard_issues_one_key_only(self):
        wizard_id = self.wizard()
        asked = self.press_issue(wizard_id)["result"]
        self.assertIn("result", self.confirm(asked, "key.user"))
        for again in (self.press_issue(wizard_id), self.confirm(asked, "key.user")):
            self.assertIn("error", again)
        self.assertEqual(len(self.keys()), 1)

    def test_key_for_another_user_is_refused(self):
        victim = self.env.ref("base.user_admin")
        before = self.env["jsonrpc.key"].search_count([("user_id", "=", victim.id)])
        for wizard_id, context in (
            (self.wizard(user_id=victim.id), {}),
            (self.wizard(), {"default_user_id": victim.id}),
        ):
            self.confirm(self.press_issue(wizard_id, context)["result"], "key.user")
        self.assertEqual(self.env["jsonrpc.key"].search_count([("user_id", "=", victim.id)]), before)

    def test_full_orm_without_the_right_is_refused(self):
        answer = self.confirm(self.press_issue(self.wizard(full_orm=True))["result"], "key.user")
        self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.AccessError")
        self.assertFalse(self.keys())

    def test_life_beyond_the_limit_is_refused(self):
        late = fields.Datetime.to_string(fields.Datetime.now() + timedelta(days=91))
        for values in ({"duration": "0"}, {"duration": "-1"}, {"duration": "-1", "expires_at": late}):
            with self.subTest(values=values):
                answer = self.confirm(self.press_issue(self.wizard(**values))["result"], "key.user")
                self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.ValidationError")
                # The confirmed password counts for ten minutes; the next one is to be asked again.
                self.authenticate("key.user", "key.user")
        self.assertFalse(self.keys())

    def test_wizard_of_another_cannot_be_pressed(self):
        foreign = self.env["jsonrpc.key.issue"].with_user(self.admin).create({"name": "Test"})
        answer = self.confirm(self.press_issue(foreign.id)["result"], "key.user")
        self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.AccessError")

    def test_private_methods_are_out_of_reach(self):
        for method, args in (
            ("_issue", []),
            ("_authenticate", ["jrg_sk_"]),
            ("_stored_key", ["0" * 64]),
            ("_touch", [1, "203.0.113.7"]),
            ("_check_may_issue", [self.user.id, True]),
            ("_rotate", [[]]),
        ):
            with self.subTest(method=method):
                answer = self.call_kw("jsonrpc.key", method, args)
                self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.AccessError")

    def execute(self, model, method, *args, password="", key=None):
        arguments = [self.env.cr.dbname, self.user.id, password, model, method, list(args)]
        params = {"service": "object", "method": "execute_kw", "args": arguments}
        return self.rpc("call", params, key=key, path="/jsonrpc/2/object")

    def test_key_alone_cannot_issue_another(self):
        """A stolen full-ORM key does not outlive its revocation: it does not reach the wizard."""
        key = self.issue_key(self.user, full_orm=True)
        before = self.keys()
        refused = self.execute("jsonrpc.key.issue", "create", {"name": "Again"}, key=key)
        self.assertEqual(refused["error"]["code"], -32002)
        self.assertEqual(self.keys(), before)

    def test_issuing_outside_of_the_web_client_asks_for_the_identity(self):
        before = self.keys()
        wizard_id = self.execute("jsonrpc.key.issue", "create", {"name": "Again"}, password="key.user")["result"]
        asked = self.execute("jsonrpc.key.issue", "action_issue", [wizard_id], password="key.user")["result"]
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        self.assertEqual(self.keys(), before)
