"""The model ``jsonrpc.key``: states, what may be changed, and whom a token stands for."""

import ast
import re
from datetime import timedelta

from lxml import etree

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...engine.access import token_format
from ...engine.access.credential import Credential

_ROW = "SELECT name, digest, token_hint, last_used_from FROM jsonrpc_key WHERE id = %s"


class KeyCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = cls.env["jsonrpc.key"]
        cls.user = new_test_user(cls.env, "key.user", "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user")

    def issue(self, user=None, **options):
        return self.keys._issue(name="Test", user=user or self.user, **options)

    def state_of(self, token):
        """``(user id, access)`` of whom the token stands for, or ``None``."""
        self.env.flush_all()  # as after the request that changed something
        credential = self.keys._authenticate(token, "203.0.113.7")
        return credential and (credential.user_id, credential.access)


@tagged("post_install", "-at_install")
class TestJsonrpcKey(KeyCase):
    def test_issue_stores_the_digest_and_not_the_token(self):
        key, token = self.issue(access="write")
        self.env.flush_all()
        self.env.cr.execute(_ROW, [key.id])
        row = self.env.cr.fetchone()
        self.assertEqual(row, ("Test", token_format.digest_of_token(token), token[:11], None))
        self.assertNotIn(token, str(row))

    def test_issue_remembers_who_did_it(self):
        admin = self.env.ref("base.user_admin")
        key, _token = self.keys.with_user(admin)._issue(name="Test", user=self.user)
        self.assertEqual((key.create_uid, key.user_id, key.env.uid), (admin, self.user, admin.id))

    def test_issue_for_user_who_can_never_call_is_refused(self):
        archived = new_test_user(self.env, "key.archived", active=False)
        portal = new_test_user(self.env, "key.portal", "base.group_portal")
        for user in (archived, portal, self.env.ref("base.public_user"), self.env["res.users"].browse(SUPERUSER_ID)):
            with self.subTest(user=user.login), self.assertRaises(ValidationError):
                self.issue(user)

    def test_issue_that_expires_in_the_past_is_refused(self):
        with self.assertRaises(ValidationError):
            self.issue(expires_at=fields.Datetime.now())

    def test_issue_with_unknown_access_is_refused(self):
        with self.assertRaises(ValueError):
            self.issue(access="admin")

    def test_state_and_its_search_agree(self):
        active, _token = self.issue(expires_at=fields.Datetime.now() + timedelta(days=15))
        endless, _token = self.issue()
        expiring, _token = self.issue(expires_at=fields.Datetime.now() + timedelta(days=13))
        expired, _token = self.issue()
        expired.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        revoked, _token = self.issue(expires_at=fields.Datetime.now() + timedelta(days=1))
        revoked.action_revoke()
        mine = active | endless | expiring | expired | revoked
        self.assertEqual(mine.mapped("state"), ["active", "active", "expiring", "expired", "revoked"])
        for state, keys in mine.grouped("state").items():
            found = self.keys.with_context(active_test=False).search([("state", "=", state)])
            self.assertEqual(found & mine, keys, state)
            others = self.keys.with_context(active_test=False).search([("state", "!=", state)])
            self.assertEqual(others & mine, mine - keys, state)
        found = self.keys.with_context(active_test=False).search([("state", "in", ["expired", "revoked"])])
        self.assertEqual(found & mine, expired | revoked)

    def test_revoke_says_when_and_only_once(self):
        key, _token = self.issue()
        key.action_revoke()
        self.assertEqual((key.active, bool(key.revoked_at)), (False, True))
        self.env.flush_all()
        self.env.cr.execute("UPDATE jsonrpc_key SET revoked_at = '2020-01-01' WHERE id = %s", [key.id])
        key.invalidate_recordset()
        key.action_revoke()
        self.assertEqual(key.revoked_at, fields.Datetime.to_datetime("2020-01-01"))

    def test_revoked_key_stays_as_it_is(self):
        key, _token = self.issue()
        key.action_revoke()
        for values in ({"active": True}, {"name": "Other"}, {"expires_at": False}):
            with self.subTest(values=values), self.assertRaises(UserError):
                key.write(values)
        with self.assertRaises(UserError):
            key.action_unarchive()
        self.assertFalse(key.active)

    def test_copy_is_refused(self):
        key, _token = self.issue()
        with self.assertRaises(UserError):
            key.copy()

    def test_search_filters_find_what_they_say(self):
        fresh, _token = self.issue()
        forgotten, _token = self.issue()
        dusty, _token = self.issue()
        busy, _token = self.issue()
        self.env.flush_all()
        ago = "UPDATE jsonrpc_key SET {} = now() AT TIME ZONE 'UTC' - interval '%s days' WHERE id = %s"
        for column, days, key in (
            ("create_date", 91, forgotten),
            ("create_date", 400, dusty),
            ("last_used_at", 91, dusty),
            ("create_date", 400, busy),
            ("last_used_at", 89, busy),
        ):
            self.env.cr.execute(ago.format(column), [days, key.id])
        self.env.invalidate_all()
        view = etree.fromstring(self.env.ref("jsonrpc_gateway.jsonrpc_key_view_search").arch)
        domain = ast.literal_eval(view.find(".//filter[@name='unused']").get("domain"))
        self.assertEqual(self.keys.search(domain) & (fresh | forgotten | dusty | busy), forgotten | dusty)


@tagged("post_install", "-at_install")
class TestKeyToken(KeyCase):
    def test_tokens_are_well_formed_and_differ(self):
        tokens = {token_format.generate_token() for _ in range(200)}
        self.assertEqual(len(tokens), 200)
        for token in tokens:
            self.assertTrue(token_format.is_well_formed(token))
            self.assertTrue(re.fullmatch(r"jrg_sk_[0-9A-Za-z]{38}", token))

    def test_format_is_stable(self):
        self.assertTrue(token_format.is_well_formed("jrg_sk_" + "0" * 32 + "0eaasv"))

    def test_every_typo_is_told(self):
        token = token_format.generate_token()
        for position in range(len(token)):
            typo = token[:position] + ("a" if token[position] != "a" else "b") + token[position + 1 :]
            self.assertFalse(token_format.is_well_formed(typo), typo)

    def test_what_only_looks_like_a_token_is_refused(self):
        token = token_format.generate_token()
        letters = "jrg_sk_" + "é" * 38
        for text in ("", " ", token[:-1], token + "0", token + "\n", " " + token, token.swapcase(), letters):
            self.assertFalse(token_format.is_well_formed(text), repr(text))

    def test_digest_is_sha256(self):
        digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        self.assertEqual(token_format.digest_of_token("abc"), digest)

    def test_hint_keeps_the_secret(self):
        token = token_format.generate_token()
        self.assertEqual(token_format.hint_of_token(token), token[:11])


@tagged("post_install", "-at_install")
class TestAuthenticate(KeyCase):
    def setUp(self):
        super().setUp()
        vars(self.registry).pop("_jsonrpc_keys_used", None)

    def test_token_stands_for_its_user(self):
        key, token = self.issue(access="read", full_orm=True)
        self.assertEqual(
            self.keys._authenticate(token),
            Credential(kind="key", user_id=self.user.id, key_id=key.id, name="Test", access="read", full_orm=True),
        )

    def test_unknown_and_malformed_tokens_are_refused(self):
        _key, token = self.issue()
        typo = token[:-1] + ("0" if token[-1] != "0" else "1")
        for other in (token_format.generate_token(), typo, token.lower(), "", "é"):
            self.assertIsNone(self.keys._authenticate(other), other)

    def test_digest_is_no_token(self):
        key, _token = self.issue()
        self.assertIsNone(self.keys._authenticate(key.sudo().digest))

    def test_revoked_key_is_refused(self):
        key, token = self.issue()
        self.assertTrue(self.state_of(token))
        key.action_revoke()
        self.assertIsNone(self.state_of(token))

    def test_deleted_key_is_refused(self):
        key, token = self.issue()
        self.assertTrue(self.state_of(token))
        key.unlink()
        self.assertIsNone(self.state_of(token))

    def test_expired_key_is_refused_although_cached(self):
        key, token = self.issue(expires_at=fields.Datetime.now() + timedelta(hours=1))
        self.assertTrue(self.state_of(token))
        with freeze_time(fields.Datetime.now() + timedelta(hours=1, seconds=1)):
            self.assertIsNone(self.state_of(token))
        self.assertTrue(self.state_of(token))
        key.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertIsNone(self.state_of(token))

    def test_changed_access_is_seen_at_once(self):
        key, token = self.issue(access="write")
        self.assertEqual(self.state_of(token), (self.user.id, "write"))
        key.access = "read"
        self.assertEqual(self.state_of(token), (self.user.id, "read"))

    def test_archived_user_is_refused_and_comes_back(self):
        _key, token = self.issue()
        self.assertTrue(self.state_of(token))
        self.user.active = False
        self.assertIsNone(self.state_of(token))
        self.user.active = True
        self.assertTrue(self.state_of(token))

    def test_user_turned_portal_is_refused(self):
        _key, token = self.issue()
        internal, portal = self.env.ref("base.group_user"), self.env.ref("base.group_portal")
        for way in ("of the user", "of the group"):
            with self.subTest(way):
                self.user.group_ids = internal
                self.assertTrue(self.state_of(token))
                if way == "of the user":
                    self.user.group_ids = portal
                else:
                    internal.user_ids -= self.user
                    portal.user_ids += self.user
                self.assertTrue(self.user.share)
                self.env.flush_all()
                self.assertIsNone(self.state_of(token))

    def test_deleted_user_is_refused(self):
        user = new_test_user(self.env, "key.leaver")
        key, token = self.issue(user)
        self.assertTrue(self.state_of(token))
        user.unlink()
        self.assertIsNone(self.state_of(token))
        self.assertFalse(key.exists())

    def test_malformed_token_costs_no_query(self):
        with self.assertQueryCount(0):
            self.assertIsNone(self.keys._authenticate("jrg_sk_" + "0" * 38))

    def test_unknown_token_costs_one_query_each_time(self):
        token = token_format.generate_token()
        for _time in range(2):
            with self.assertQueryCount(1):
                self.assertIsNone(self.keys._authenticate(token))

    def test_known_token_costs_one_query_and_then_none(self):
        _key, token = self.issue()
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.keys._authenticate(token)
        with self.assertQueryCount(0):
            for _time in range(10):
                self.assertTrue(self.keys._authenticate(token))


@tagged("post_install", "-at_install")
class TestLastUsed(KeyCase):
    def setUp(self):
        super().setUp()
        # Notes are taken on a connection of its own, which must see the keys made here.
        self.registry_enter_test_mode()
        self.key, self.token = self.issue()
        self.env.flush_all()
        self.new_worker()

    def new_worker(self):
        """Forget what this worker noted itself."""
        vars(self.registry).pop("_jsonrpc_keys_used", None)

    def noted(self):
        self.key.invalidate_recordset()
        return self.key.last_used_at, self.key.last_used_from

    def note(self, seconds_ago):
        """Let another worker have noted a use; gives back when."""
        self.env.cr.execute(
            """
            UPDATE jsonrpc_key
               SET last_used_at = date_trunc('second', now() AT TIME ZONE 'UTC') - interval '%s seconds'
             WHERE id = %s
         RETURNING last_used_at
            """,
            [seconds_ago, self.key.id],
        )
        return self.env.cr.fetchone()[0]

    def test_first_use_is_noted_with_its_address(self):
        self.assertEqual(self.noted(), (False, False))
        self.keys._authenticate(self.token, "203.0.113.7")
        when, address = self.noted()
        self.assertLess(abs(fields.Datetime.now() - when), timedelta(minutes=5))
        self.assertEqual(address, "203.0.113.7")

    def test_refused_use_is_not_noted(self):
        self.key.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        self.keys._authenticate(self.token, "203.0.113.7")
        self.assertEqual(self.noted(), (False, False))

    def test_second_use_within_a_minute_is_not_noted(self):
        self.keys._authenticate(self.token, "203.0.113.7")
        self.keys._authenticate(self.token, "203.0.113.8")
        self.assertEqual(self.noted()[1], "203.0.113.7")

    def test_use_within_a_minute_of_another_workers_is_not_noted(self):
        stamp = self.note(50)
        self.keys._authenticate(self.token, "203.0.113.8")
        self.assertEqual(self.noted(), (stamp, False))

    def test_use_after_a_minute_is_noted(self):
        self.note(70)
        self.keys._authenticate(self.token, "203.0.113.8")
        self.assertEqual(self.noted()[1], "203.0.113.8")

    @mute_logger("odoo.addons.jsonrpc_gateway.models.key.jsonrpc_key_authentication", "odoo.sql_db")
    def test_use_that_cannot_be_noted_still_counts(self):
        self.env.cr.execute("ALTER TABLE jsonrpc_key RENAME COLUMN last_used_from TO somewhere")
        self.assertTrue(self.keys._authenticate(self.token, "203.0.113.8"))
        self.env.cr.execute("ALTER TABLE jsonrpc_key RENAME COLUMN somewhere TO last_used_from")
