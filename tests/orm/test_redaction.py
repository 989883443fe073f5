"""Redaction: secrets of every kind, by name, place and look; and what is none."""

import json
import time

from odoo.tests import BaseCase, tagged

from ...engine.dispatch.journal.redaction import HIDDEN, LIMIT, Redaction, is_secret_name

TOKEN = "jrg_sk_" + "aB3dE6gH9" * 4 + "xx"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


@tagged("post_install", "-at_install")
class TestRedaction(BaseCase):
    def kept(self, value, **options):
        return Redaction(**options).value(value)

    def test_secret_names_are_hidden_at_any_depth(self):
        for name in (
            *("password", "Password", "new_password", "newPassword", "passwd", "PWD", "db_pwd", "passphrase"),
            *("secret", "client_secret", "clientSecret", "token", "access_token", "refreshToken", "api_key", "apiKey"),
            *("apikey", "x-api-key", "Authorization", "cookie", "private_key", "otp", "pin", "card_number", "cvv"),
        ):
            with self.subTest(name=name):
                self.assertTrue(is_secret_name(name))
                self.assertEqual(self.kept({"a": [{"b": {name: "hunter2"}}]}), {"a": [{"b": {name: HIDDEN}}]})

    def test_innocent_names_are_kept(self):
        names = ("name", "key", "shipping", "opinion", "compass", "author", "partner_id", "passengers", "tokenless")
        for name in names:
            with self.subTest(name=name):
                self.assertFalse(is_secret_name(name))

    def test_what_a_secret_name_holds_is_hidden_whole(self):
        self.assertEqual(self.kept({"password": {"old": "a1", "new": ["b2"]}}), {"password": HIDDEN})
        self.assertEqual(self.kept({"pin": 1234}), {"pin": HIDDEN})

    def test_emptiness_is_no_secret(self):
        value = {"password": None, "token": "", "secret": False}
        self.assertEqual(self.kept(value), value)

    def test_value_behind_a_secret_name_is_hidden(self):
        self.assertEqual(self.kept([["password", "=", "hunter2"]]), [["password", "=", HIDDEN]])
        self.assertEqual(self.kept(["database.secret", "hunter2"]), ["database.secret", HIDDEN])
        self.assertEqual(
            self.kept({"key": "mail.smtp_password", "value": "hunter2"}), {"key": "mail.smtp_password", "value": HIDDEN}
        )

    def test_sensitive_names_of_the_method_are_hidden(self):
        kept = self.kept({"diagnosis": "x", "age": 4}, sensitive=("diagnosis",))
        self.assertEqual(kept, {"diagnosis": HIDDEN, "age": 4})

    def test_secrets_are_known_by_their_look(self):
        for text in (
            TOKEN,
            JWT,
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "sk-proj-abcdefghijklmnop1234",
            "AKIAIOSFODNN7EXAMPLE",
            "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c",
            "k8Jf93kLqPz72mXcVb10TyUe",
            "Bearer abcdefgh",
            "Basic dXNlcjpwYXNzd29yZA==",
            "https://user:hunter2pw@example.com/x",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJB\n-----END RSA PRIVATE KEY-----",
            "login failed: password=hunter2pw",
            '{"password": "hunter2pw"}',
        ):
            with self.subTest(text=text):
                kept = self.kept(f"before {text} after")
                self.assertIn(HIDDEN, kept)
                for part in (TOKEN, JWT, "hunter2pw", "abcdefgh", "MIIB", "dXNl", "EXAMPLE", "0f1e", "k8Jf"):
                    self.assertNotIn(part, kept)

    def test_secrets_in_names_are_hidden(self):
        self.assertEqual(list(self.kept({TOKEN: 1})), [HIDDEN])

    def test_what_is_no_secret_is_kept(self):
        for text in (
            "123e4567-e89b-12d3-a456-426614174000",
            "sale_order_line_view_form_inherit",
            "Donaudampfschifffahrtsgesellschaft",
            "/usr/lib/python3/dist-packages/odoo/addons/base",
            "12345678901234567890123456789012345",
            "2026-11-23T10:00:00.000000+00:00",
            "basic terms",
        ):
            with self.subTest(text=text):
                self.assertEqual(self.kept(text), text)

    def test_files_are_counted_not_kept(self):
        self.assertEqual(self.kept({"datas": "QUJD" * 100}), {"datas": "[base64, 400 characters]"})
        self.assertEqual(self.kept("data:image/png;base64," + "QUJD" * 100), "[base64, 422 characters]")

    def test_hidden_values_are_hidden_in_words_too(self):
        redaction = Redaction()
        redaction.value({"password": "correct horse", "args": {"pin": 4711}})
        self.assertEqual(redaction.text("no user has correct horse or 4711"), f"no user has {HIDDEN} or {HIDDEN}")

    def test_everything_leaves_names_only(self):
        self.assertEqual(Redaction().everything({"args": ["old", "new"]}), {"args": HIDDEN})

    def test_kept_is_bounded_and_stays_json(self):
        for value in (
            [{"name": "x" * 100}] * 10_000,
            {f"n{i}": i for i in range(10_000)},
            "x" * 1_000_000,
            [[["y" * 3000] * 5] * 5] * 5,
        ):
            with self.subTest(type=type(value)):
                self.assertLess(len(json.dumps(self.kept(value))), LIMIT * 2)
        self.assertEqual(self.kept(list(range(10_000)))[-1], "… 9488 more")

    def test_secret_across_the_cut_is_hidden(self):
        for before in range(980, 1030):
            with self.subTest(before=before):
                self.assertNotIn(TOKEN[:12], self.kept("x " * (before // 2) + TOKEN))

    def test_hostile_text_costs_no_time(self):
        started = time.process_time()
        for text in ("a" * 10**6, "://" + "a:" * 10**5, "passwd" * 10**5, "eyJaaaaaaaaaa." * 10**5, "bearer " * 10**5):
            self.kept(text)
        self.assertLess(time.process_time() - started, 1)

    def test_zero_character_cannot_reach_the_database(self):
        self.assertNotIn("\x00", self.kept("a\x00b"))
