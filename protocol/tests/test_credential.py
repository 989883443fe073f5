"""Which credential may call which method: default deny, cell by cell."""

from .. import errors
from ..credential import Credential
from ..spec import MethodSpec
from .common import TestCase


def spec(access="read", public=False):
    return MethodSpec(
        "a.b", params=(), result={}, bind=dict, invoke=print, access=access, public=public
    )


class TestCredential(TestCase):
    def assert_refused(self, credential, method, error_class):
        self.assertIs(type(credential.refusal(method)), error_class)
        self.assertFalse(credential.may(method))

    def assert_allowed(self, credential, method):
        self.assertIsNone(credential.refusal(method))
        self.assertTrue(credential.may(method))

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
