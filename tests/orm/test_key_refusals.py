"""Why a key is refused: the log tells the reasons apart, the answer and its cost do not (OWASP API2)."""

import logging
from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

from ...engine.access import token_format

LOGGER = "odoo.addons.jsonrpc_gateway.models.key.jsonrpc_key_authentication"
SHOP = "https://shop.example.com"
ADDRESS = "192.0.2.1"


def spoiled_tokens(env):
    """``(reason in the log, key or None, token, origin)`` for each way in which a token can be no good."""
    keys = env["jsonrpc.key"]

    def issue(**options):
        user = options.pop("user", None) or new_test_user(env, f"user{len(made)}")
        return keys._issue(name="Test", user=user, **options)

    made = []

    def add(reason, key, token, origin=None):
        made.append((reason, key, token, origin))

    add("malformed", None, token_format.generate_token()[:-1])
    add("unknown", None, token_format.generate_token())
    key, token = issue()
    key.action_revoke()
    add("revoked", key, token)
    key, token = issue()
    key.expires_at = fields.Datetime.now() - timedelta(seconds=1)
    add("expired", key, token)
    key, token = issue()
    key.user_id.active = False
    add("its user is archived or not internal", key, token)
    key, token = issue(addresses="198.51.100.0/24")
    add("wrong address", key, token)
    key, token = issue(origins=SHOP)
    add("wrong origin 'https://evil.example.com'", key, token, "https://evil.example.com")
    key, token = issue(kind="publishable", user=env.ref("base.public_user"), origins=SHOP)
    add("wrong origin None", key, token)
    user, company = new_test_user(env, "leaver"), env["res.company"].create({"name": "Left"})
    user.company_ids += company
    key, token = issue(user=user, company_ids=company.ids)
    user.company_ids -= company
    add("its user has left its companies", key, token)
    env.flush_all()
    return made


@tagged("post_install", "-at_install")
class TestRefusals(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = cls.env["jsonrpc.key"]
        cls.spoiled = spoiled_tokens(cls.env)

    def test_log_tells_the_reason_and_the_key_and_no_token(self):
        for reason, key, token, origin in self.spoiled:
            with self.subTest(reason), self.assertLogs(LOGGER, logging.INFO) as logs:
                self.assertIsNone(self.keys._authenticate(token, ADDRESS, origin))
            self.assertEqual(
                logs.records[0].getMessage(),
                f"API key refused: {reason} (key {key.id if key else 'unknown'}, address {ADDRESS})",
            )
            self.assertNotIn(token[7:], logs.output[0])

    def test_origin_cannot_forge_lines_of_the_log(self):
        token = self.keys._issue(name="Test", kind="publishable", origins=SHOP)[1]
        self.env.flush_all()
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            self.keys._authenticate(token, ADDRESS, "x\nAPI keys [1] revoked by user 1")
        self.assertNotIn("\n", logs.records[0].getMessage())

    def test_every_refusal_costs_one_query_each_time(self):
        for reason, _key, token, origin in self.spoiled:
            if reason == "malformed":
                continue
            # What the caches of Odoo itself hold of users and companies is not the question.
            self.keys._authenticate(token, ADDRESS, origin)
            for _time in range(3):
                with self.subTest(reason), self.assertQueryCount(1):
                    self.assertIsNone(self.keys._authenticate(token, ADDRESS, origin))

    def test_key_that_expires_in_the_cache_costs_one_query_too(self):
        token = self.keys._issue(
            name="Test", user=new_test_user(self.env, "soon"), expires_at=fields.Datetime.now() + timedelta(hours=1)
        )[1]
        self.env.flush_all()
        self.assertTrue(self.keys._authenticate(token, ADDRESS))
        with freeze_time(fields.Datetime.now() + timedelta(hours=2)), self.assertQueryCount(1):
            self.assertIsNone(self.keys._authenticate(token, ADDRESS))

    def test_refused_keys_fill_no_cache(self):
        for _reason, key, token, origin in self.spoiled:
            self.keys._authenticate(token, ADDRESS, origin)
            if key and not key.active:
                with self.assertQueryCount(1):
                    self.keys._authenticate(token, ADDRESS, origin)
