"""Publishable keys: their limits, and who may issue them."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from ...engine.access.credential import Credential
from ...engine.dispatch.context import CallContext
from ...engine.dispatch.limits import policies

USER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"
MANAGER = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_manager"
SHOP = "https://shop.kinds.example.com"


@tagged("post_install", "-at_install")
class TestPublishableLimits(TransactionCase):
    """Anybody can use the key: whoever overdoes it stops nobody else."""

    def buckets(self, address, *, publishable=True, **policy):
        self.env["jsonrpc.limit"].search([]).action_archive()
        self.env["jsonrpc.limit"].create({"name": "test", "quota": 5, "burst": 5, **policy})
        credential = Credential("key", 4, key_id=7, publishable=publishable)
        context = CallContext(env=self.env, credential=credential, request_id="x", remote_addr=address)
        return [demand.name.partition(":")[2] for demand in policies._demands(context, ["test.price"])]

    def test_each_address_has_its_own_bucket(self):
        self.assertEqual(self.buckets("192.0.2.1", subject="address"), ["key-7:address-192.0.2.1"])

    def test_limit_of_keys_is_not_for_it(self):
        self.assertEqual(self.buckets("192.0.2.1", subject="key"), [])

    def test_limit_of_a_method_counts_each_address(self):
        names = self.buckets("192.0.2.1", subject="method", method="test.*")
        self.assertEqual(names, ["key-7:address-192.0.2.1"])

    def test_secret_key_has_one_bucket_wherever_it_is_used(self):
        self.assertEqual(self.buckets("192.0.2.1", publishable=False, subject="key"), ["key-7"])

    def test_secret_key_is_not_limited_by_address(self):
        self.assertEqual(self.buckets("192.0.2.1", publishable=False, subject="address"), [])


@tagged("post_install", "-at_install")
class TestWhoIssuesPublishableKeys(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "key.user", USER)
        cls.manager = new_test_user(cls.env, "key.manager", MANAGER)
        cls.system = new_test_user(cls.env, "key.system", "base.group_system")

    def issue(self, issuer, **options):
        options = {"kind": "publishable", "origins": SHOP, "expires_at": None} | options
        keys = self.env["jsonrpc.key"].with_user(issuer)
        if not issuer.has_group("base.group_system"):
            self.env.ref("base.group_user").api_key_duration = 30
            options["expires_at"] = fields.Datetime.now() + timedelta(days=1)
        return keys._issue(name="Test", **options)[0]

    def test_manager_issues_one_for_the_public_user(self):
        self.assertEqual(self.issue(self.manager).user_id, self.env.ref("base.public_user"))

    def test_only_settings_administrators_choose_the_user(self):
        self.assertEqual(self.issue(self.system, user=self.user).user_id, self.user)
        for user in (self.manager, self.user):
            with self.assertRaises(AccessError):
                self.issue(self.manager, user=user)

    def test_user_issues_none(self):
        for user in (None, self.user):
            with self.assertRaises(AccessError):
                self.issue(self.user, user=user)

    def test_secret_key_for_the_public_user_is_refused(self):
        with self.assertRaises(ValidationError):
            self.issue(self.system, kind="secret", user=self.env.ref("base.public_user"))

    def test_key_without_origins_is_refused(self):
        for origins in (None, "", " , "):
            with self.subTest(origins=origins), self.assertRaises(ValidationError):
                self.issue(self.system, origins=origins)
        key = self.issue(self.system)
        with self.assertRaises(ValidationError):
            key.origins = False

    def test_full_orm_access_is_refused(self):
        with self.assertRaises(ValidationError):
            self.issue(self.system, full_orm=True)
        key = self.issue(self.system)
        with self.assertRaises(ValidationError):
            key.full_orm = True

    def test_kind_and_user_stay(self):
        key = self.issue(self.system).with_user(self.manager)
        for values in ({"kind": "secret"}, {"user_id": self.manager.id}):
            with self.assertRaises(AccessError):
                key.write(values)
