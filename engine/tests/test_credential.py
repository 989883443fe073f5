"""Which credential may call which method: default deny, cell by cell."""

from dataclasses import replace

from ..access.credential import Credential
from ..protocol import errors
from ..protocol.spec import ACTIONS, MethodSpec
from .common import TestCase


def spec(access="read", public=False, **more):
    return MethodSpec(
        "a.b", params=(), result={}, bind=dict, invoke=print, access=access, public=public, **more
    )


class CredentialCase(TestCase):
    def assert_refused(self, credential, method, error_class):
        self.assertIs(type(credential.refusal(method)), error_class)
        self.assertFalse(credential.may(method))

    def assert_allowed(self, credential, method):
        self.assertIsNone(credential.refusal(method))
        self.assertTrue(credential.may(method))


class TestCredential(CredentialCase):
    def test_identified_caller_may_call_everything_by_default(self):
        for kind in ("session", "key", "password"):
            for access in ("read", "write"):
                for public in (True, False):
                    with self.subTest(kind=kind, access=access, public=public):
                        self.assert_allowed(Credential(kind, 2), spec(access, public))

    def test_public_caller_is_unauthenticated_for_private_methods(self):
        for access in ("read", "write"):
            with self.subTest(access):
                self.assert_refused(
                    Credential("public", None), spec(access), errors.Unauthenticated
                )

    def test_public_caller_may_call_public_methods(self):
        for user_id in (None, 4):
            with self.subTest(user_id):
                self.assert_allowed(Credential("public", user_id), spec(public=True))

    def test_read_only_key_may_read(self):
        self.assert_allowed(Credential("key", 2, access="read"), spec("read"))

    def test_read_only_key_may_not_write(self):
        credential = Credential("key", 2, access="read")
        self.assert_refused(credential, spec("write"), errors.Forbidden)
        self.assertIn("key is read-only", credential.refusal(spec("write")).message)

    def test_read_only_key_may_not_write_in_public_methods_either(self):
        self.assert_refused(
            Credential("key", 2, access="read"), spec("write", public=True), errors.Forbidden
        )

    def test_unknown_kind_is_unauthenticated(self):
        for kind in ("", "admin", None, "Key"):
            with self.subTest(kind):
                credential = Credential(kind, 2)
                self.assert_refused(credential, spec(), errors.Unauthenticated)
                self.assert_refused(credential, spec(public=True), errors.Unauthenticated)

    def test_identified_kind_without_user_is_unauthenticated(self):
        self.assert_refused(Credential("key", None), spec(), errors.Unauthenticated)

    def test_unknown_access_is_forbidden_even_to_read(self):
        for access in ("", "admin", None, "READ"):
            with self.subTest(access):
                self.assert_refused(Credential("key", 2, access=access), spec(), errors.Forbidden)

    def test_full_orm_opens_no_method(self):
        self.assert_refused(
            Credential("public", None, full_orm=True), spec(), errors.Unauthenticated
        )

    def test_defaults_are_write_without_full_orm(self):
        credential = Credential("key", 2)
        self.assertEqual(credential.access, "write")
        self.assertIs(credential.full_orm, False)
        self.assertIsNone(credential.key_id)
        self.assertIsNone(credential.grants)
        self.assertIs(credential.publishable, False)


class TestGrants(CredentialCase):
    def key(self, *grants, **more):
        return Credential("key", 2, grants=frozenset(grants), **more)

    def test_key_without_any_grant_may_call_nothing(self):
        for access in ("read", "write"):
            self.assert_refused(self.key(), spec(access), errors.Forbidden)

    def test_each_action_opens_itself_and_nothing_else(self):
        for granted in ACTIONS:
            key = self.key(("a", granted))
            for action in ACTIONS:
                method = spec("read" if action == "read" else "write", actions=(action,))
                with self.subTest(granted=granted, action=action):
                    if granted == action:
                        self.assert_allowed(key, method)
                    else:
                        self.assert_refused(key, method, errors.Forbidden)

    def test_grant_on_another_namespace_opens_nothing(self):
        for namespace in ("b", "a.b", "A", "", "a."):
            self.assert_refused(self.key((namespace, "read")), spec(), errors.Forbidden)

    def test_method_with_two_actions_needs_both(self):
        method = spec("write", actions=("create", "update"))
        self.assert_refused(self.key(("a", "create")), method, errors.Forbidden)
        self.assert_refused(self.key(("a", "update")), method, errors.Forbidden)
        self.assert_allowed(self.key(("a", "create"), ("a", "update")), method)

    def test_refusal_says_what_is_missing(self):
        refusal = self.key(("a", "create")).refusal(spec("write", actions=("create", "update")))
        self.assertEqual(refusal.data, {"grant": {"namespace": "a", "action": "update"}})

    def test_grants_do_not_widen_access(self):
        method = spec("write", actions=("create",))
        self.assert_refused(self.key(("a", "create"), access="read"), method, errors.Forbidden)

    def test_public_method_and_one_that_needs_no_grant_are_open(self):
        self.assert_allowed(self.key(), spec(public=True))
        self.assert_allowed(self.key(), spec(needs_grant=False))

    def test_grants_of_nobody_open_nothing(self):
        credential = Credential("public", None, grants=frozenset({("a", "read")}))
        self.assert_refused(credential, spec(), errors.Unauthenticated)


class TestPublishable(CredentialCase):
    KEY = Credential("key", 2, publishable=True)

    def test_only_what_is_marked_is_open(self):
        self.assert_refused(self.KEY, spec(), errors.Forbidden)
        self.assert_refused(self.KEY, spec("write"), errors.Forbidden)
        self.assert_refused(self.KEY, spec(needs_grant=False), errors.Forbidden)
        self.assert_allowed(self.KEY, spec(publishable=True))
        self.assert_allowed(self.KEY, spec("write", publishable=True))
        self.assert_allowed(self.KEY, spec(public=True))

    def test_access_and_grants_hold_too(self):
        reading = replace(self.KEY, access="read")
        self.assert_refused(reading, spec("write", publishable=True), errors.Forbidden)
        restricted = replace(self.KEY, grants=frozenset())
        self.assert_refused(restricted, spec(publishable=True), errors.Forbidden)

    def test_mark_for_publishable_keys_opens_nothing_without_a_key(self):
        nobody = Credential("public", None)
        self.assert_refused(nobody, spec(publishable=True), errors.Unauthenticated)
