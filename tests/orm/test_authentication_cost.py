"""What it costs the database to refuse a key: the same for every reason, and nothing for a typo.

Times are for ``benchmarks/authentication.py``: no test of them would be true on a busy machine.
"""

import logging
from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, new_test_user, tagged

from ...engine.access import token_format

ATTEMPTS = 10_000
ADDRESS = "192.0.2.1"
LOGGER = logging.getLogger("odoo.addons.jsonrpc_gateway.models.key.jsonrpc_key_authentication")


@tagged("post_install", "-at_install")
class TestAuthenticationCost(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = cls.env["jsonrpc.key"]
        cls.user = new_test_user(cls.env, "cost", "base.group_user")

    def setUp(self):
        super().setUp()
        # Ten thousand lines of it say nothing.
        self.addCleanup(LOGGER.setLevel, LOGGER.level)
        LOGGER.setLevel(logging.WARNING)

    def queries(self, tokens):
        """How many queries it takes to refuse all of them."""
        self.env.flush_all()
        before = self.cr.sql_log_count
        for token in tokens:
            self.assertIsNone(self.keys._authenticate(token, ADDRESS))
        return self.cr.sql_log_count - before

    def test_ten_thousand_malformed_keys_cost_no_query(self):
        good = token_format.generate_token()
        wrong_checksum = good[:-1] + ("a" if good[-1] != "a" else "b")
        shapes = ("", "x", good[:-1], good + "0", wrong_checksum, good.upper(), f" {good}", "jrg_sk_" + "é" * 38)
        self.assertEqual(self.queries(shapes[number % len(shapes)] for number in range(ATTEMPTS)), 0)

    def test_ten_thousand_well_formed_keys_cost_one_query_each(self):
        kinds = ("secret", "publishable", "access")
        guesses = [token_format.generate_token(kinds[number % 3]) for number in range(ATTEMPTS)]
        cached = len(self.env.registry._Registry__caches["default"])
        self.assertLessEqual(self.queries(guesses), ATTEMPTS)
        # Guesses must not push out of the cache what is worth keeping in it.
        self.assertLessEqual(len(self.env.registry._Registry__caches["default"]), cached + 1)

    def test_unknown_revoked_and_expired_keys_cost_the_same(self):
        revoked, expired, archived = (self.keys._issue(name="Test", user=self.user) for _key in range(3))
        other = new_test_user(self.env, "cost.archived", "base.group_user")
        archived = self.keys._issue(name="Test", user=other)
        for key, token in (revoked, expired, archived):
            # They are in the cache, as the key of a good client is, until they are no good.
            self.assertTrue(self.keys._authenticate(token, ADDRESS), key)
        revoked[0].action_revoke()
        expired[0].expires_at = fields.Datetime.now() - timedelta(seconds=1)
        other.active = False
        self.env.flush_all()
        costs = {
            name: [self.queries([token]) for _time in range(3)]
            for name, token in {
                "unknown": token_format.generate_token(),
                "revoked": revoked[1],
                "expired": expired[1],
                "archived": archived[1],
                "access token": token_format.generate_token("access"),
            }.items()
        }
        self.assertEqual(costs, {name: [1, 1, 1] for name in costs})
