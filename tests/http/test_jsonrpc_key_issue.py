"""The wizard that issues keys, as the web client uses it: the password that it asks for."""

from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...engine.access import token_format
from ..common import JsonRpcCase

_USER_GROUP = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"


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
