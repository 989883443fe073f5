"""The settings of the gateway: what they change, and what they refuse."""

from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged

from ...engine.access.settings import DEBUG_IN_ERRORS, MAX_BATCH, MAX_BODY, STATEMENT_TIMEOUT, TOKEN_LIFETIME
from ...engine.dispatch import settings

NUMBERS = (MAX_BATCH, MAX_BODY, STATEMENT_TIMEOUT, TOKEN_LIFETIME)


@tagged("post_install", "-at_install")
class TestSettings(TransactionCase):
    def _save(self, **values):
        self.env["res.config.settings"].create(values).execute()

    def test_saving_what_is_shown_changes_nothing(self):
        before = {name: settings.enabled(self.env, name) for name in (DEBUG_IN_ERRORS,)}
        before |= {name: settings.number(self.env, name) for name in NUMBERS}
        self.assertFalse(before[DEBUG_IN_ERRORS])
        self._save()
        after = {name: settings.enabled(self.env, name) for name in (DEBUG_IN_ERRORS,)}
        after |= {name: settings.number(self.env, name) for name in NUMBERS}
        self.assertEqual(after, before)

    def test_settings_are_what_the_dispatch_reads(self):
        self._save(
            jsonrpc_cors_origins="https://a.example, https://b.example:8443",
            jsonrpc_max_batch=7,
            jsonrpc_max_body=70000,
            jsonrpc_statement_timeout=9,
            jsonrpc_debug_in_errors=True,
        )
        self.assertEqual(settings.origins(self.env), {"https://a.example", "https://b.example:8443"})
        self.assertEqual(settings.number(self.env, MAX_BATCH), 7)
        self.assertEqual(settings.number(self.env, MAX_BODY), 70000)
        self.assertEqual(settings.number(self.env, STATEMENT_TIMEOUT), 9)
        self.assertTrue(settings.enabled(self.env, DEBUG_IN_ERRORS))
        self._save(jsonrpc_cors_origins=False, jsonrpc_debug_in_errors=False)
        self.assertEqual(settings.origins(self.env), frozenset())
        self.assertFalse(settings.enabled(self.env, DEBUG_IN_ERRORS))

    def test_what_is_no_origin_is_refused_by_name(self):
        for text in ("*", "https://a.example/", "a.example", "https://a.example, null"):
            with self.subTest(text), self.assertRaisesRegex(ValidationError, "is not the origin"):
                self._save(jsonrpc_cors_origins=text)

    def test_limits_below_one_are_refused(self):
        for name in ("jsonrpc_max_batch", "jsonrpc_max_body", "jsonrpc_token_lifetime", "jsonrpc_statement_timeout"):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "at least"):
                self._save(**{name: 0})

    def test_parameters_without_sense_count_as_their_defaults(self):
        parameters = self.env["ir.config_parameter"]
        for value in ("", "many", "-5", "0", "1.5", "٣"):
            with self.subTest(value):
                parameters.set_param(MAX_BATCH.name, value)
                self.assertEqual(settings.number(self.env, MAX_BATCH), 100)
