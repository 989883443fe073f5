"""Grant lines and the addresses of a key: what may be written into them, and what they mean."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

USER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"
MANAGER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_manager"
SHOP = "https://shop.example.com"


@tagged("post_install", "-at_install")
class TestGrantLines(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = cls.env["jsonrpc.key"]
        cls.lines = cls.env["jsonrpc.key.grant"]
        cls.user = new_test_user(cls.env, "key.user", USER)
        cls.other = new_test_user(cls.env, "key.other", USER)
        cls.manager = new_test_user(cls.env, "key.manager", MANAGER)
        cls.own = cls.keys._issue(name="Own", user=cls.user, grants={"partner": ["read"]})[0]
        cls.foreign = cls.keys._issue(name="Foreign", user=cls.other, grants={"partner": ["read"]})[0]

    def test_namespaces_to_choose_from_are_those_with_something_to_grant(self):
        names = dict(self.lines._selection_namespace())
        self.assertIn("partner", names)
        self.assertNotIn("system", names)
        self.assertNotIn("rpc", names)

    def test_unknown_namespace_is_refused(self):
        for name in ("no_such_thing", "partner.get_info", "PARTNER", "*", "system", "rpc"):
            with self.subTest(name), self.assertRaises(ValidationError):
                self.lines.create({"key_id": self.own.id, "namespace": name})

    def test_namespace_that_is_gone_stays_editable_and_opens_nothing(self):
        self.env.cr.execute("UPDATE jsonrpc_key_grant SET namespace = 'gone' WHERE key_id = %s", [self.own.id])
        self.env.invalidate_all()
        self.assertIn("gone", dict(self.lines._selection_namespace()))
        self.own.grant_ids.may_create = True
        self.assertEqual(self.own.grant_ids.namespace, "gone")

    @mute_logger("odoo.sql_db")
    def test_second_line_for_a_namespace_is_refused(self):
        with self.assertRaisesRegex(Exception, "one line for each namespace|unique"), self.env.cr.savepoint():
            self.lines.create({"key_id": self.own.id, "namespace": "partner"})

    def test_user_grants_their_own_keys(self):
        line = self.own.with_user(self.user).grant_ids
        line.may_update = True
        line.unlink()
        self.lines.with_user(self.user).create({"key_id": self.own.id, "namespace": "partner"})
        self.assertEqual(self.own.grant_ids._actions(), ("read",))

    def test_user_cannot_touch_the_grants_of_others(self):
        lines = self.lines.with_user(self.user)
        self.assertEqual(lines.search([]).key_id, self.own)
        foreign = self.foreign.grant_ids.with_user(self.user)
        for act in (
            lambda: foreign.read(["namespace"]),
            lambda: foreign.write({"may_create": True}),
            foreign.unlink,
            lambda: lines.create({"key_id": self.foreign.id, "namespace": "partner"}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                act()

    def test_line_cannot_be_moved_to_another_key(self):
        for user in (self.user, self.manager):
            with self.assertRaises(AccessError):
                self.own.grant_ids.with_user(user).key_id = self.foreign

    def test_manager_takes_grants_from_all_keys_and_adds_to_own(self):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.foreign.grant_ids.with_user(self.manager).may_delete = True
        self.foreign.grant_ids.with_user(self.manager).may_read = False
        self.assertEqual(self.foreign.grant_ids._actions(), ())

    def test_grants_of_a_revoked_key_stay_as_they_are(self):
        self.own.action_revoke()
        for act in (
            lambda: self.own.grant_ids.write({"may_create": True}),
            self.own.grant_ids.unlink,
            lambda: self.lines.create({"key_id": self.own.id, "namespace": "partner"}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                act()

    def test_grants_are_closed_to_everybody_else(self):
        stranger = new_test_user(self.env, "stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.lines.with_user(stranger).search([])

    def test_full_orm_access_excludes_grants(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.keys._issue(name="Test", user=self.user, full_orm=True, grants={})
        key = self.keys._issue(name="Test", user=self.user, full_orm=True)[0]
        with self.assertRaises(ValidationError):
            key.reach = "restricted"

    def test_rights_in_words(self):
        key = self.keys._issue(name="Test", user=self.user)[0]
        self.assertEqual(key.rights, "Everything, read-only")
        key.access = "write"
        self.assertEqual(key.rights, "Everything")
        key.reach = "restricted"
        self.assertEqual(key.rights, "Nothing yet")
        public = self.keys._issue(name="Test", kind="publishable", origins=SHOP)[0]
        self.assertEqual(public.rights, "What is publishable, read-only")
        public.access = "write"
        self.assertEqual(public.rights, "What is publishable")
        self.assertEqual(self.own.rights, "partner: read")
        self.own.grant_ids.may_delete = True
        self.assertEqual(self.own.rights, "partner: read, delete")

    def test_credentials_of_many_keys_cost_one_query_each(self):
        token = self.keys._issue(name="Test", user=self.user, grants={"partner": ["read"]}, addresses="192.0.2.1")[1]
        self.env.flush_all()
        self.keys._authenticate(token, "192.0.2.1")
        self.env.registry.clear_cache()
        with self.assertQueryCount(1):
            credential = self.keys._authenticate(token, "192.0.2.1")
        self.assertEqual(credential.grants, {("partner", "read")})
        self.env.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'jsonrpc_key'")
        self.assertTrue([line for (line,) in self.env.cr.fetchall() if "UNIQUE" in line and "(digest)" in line])


@tagged("post_install", "-at_install")
class TestAddresses(TransactionCase):
    """A key that is for some addresses only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = cls.env["jsonrpc.key"]
        cls.user = new_test_user(cls.env, "key.user", USER)

    def test_only_listed_addresses_are_let_in(self):
        token = self.keys._issue(name="Test", user=self.user, addresses="192.0.2.0/24, 2001:db8::/32")[1]
        self.env.flush_all()
        for address in ("192.0.2.200", "2001:db8:5::1", "::ffff:192.0.2.1"):
            self.assertTrue(self.keys._authenticate(token, address), address)
        for address in ("192.0.3.1", "2001:db9::1", "", None, "192.0.2.1, 192.0.3.1", "localhost"):
            self.assertIsNone(self.keys._authenticate(token, address), address)

    def test_changed_list_holds_at_once(self):
        key, token = self.keys._issue(name="Test", user=self.user)
        for addresses, let_in in ((False, True), ("192.0.2.1", True), ("192.0.2.2", False), ("", True)):
            key.addresses = addresses
            self.env.flush_all()
            self.assertEqual(bool(self.keys._authenticate(token, "192.0.2.1")), let_in, addresses)

    def test_what_is_no_network_is_refused_by_name(self):
        for text in ("localhost", "192.0.2.7/24", "192.0.2.1, nonsense"):
            with self.subTest(text), self.assertRaisesRegex(ValidationError, text.split(", ")[-1]):
                self.keys._issue(name="Test", user=self.user, addresses=text)
