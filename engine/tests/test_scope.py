"""What is left of a credential under a scope."""

from ..access.credential import Credential
from ..access.scope import narrow_to_scope
from .common import TestCase

WRITER = Credential(kind="key", user_id=2, key_id=1, full_orm=True)
READER = Credential(kind="key", user_id=2, key_id=1, access="read")
GRANTED = Credential(kind="key", user_id=2, key_id=1, grants=frozenset({("partner", "read"), ("partner", "create")}))


class TestScope(TestCase):
    def test_empty_scope_leaves_everything(self):
        for credential in (WRITER, READER, GRANTED):
            self.assertIs(narrow_to_scope(credential, ""), credential)
            self.assertIs(narrow_to_scope(credential, "  "), credential)

    def test_scope_narrows(self):
        for credential, scope, access, grants in (
            (WRITER, "read", "read", None),
            (GRANTED, "read", "read", GRANTED.grants),
            (WRITER, "partner:read", "read", {("partner", "read")}),
            (WRITER, "partner:read partner:create", "write", {("partner", "read"), ("partner", "create")}),
            (READER, "partner:read", "read", {("partner", "read")}),
            (GRANTED, "partner:create", "write", {("partner", "create")}),
        ):
            with self.subTest(scope=scope, credential=credential):
                narrowed = narrow_to_scope(credential, scope)
                self.assertEqual((narrowed.access, narrowed.grants), (access, grants))
                self.assertFalse(narrowed.full_orm)
                self.assertEqual((narrowed.user_id, narrowed.key_id), (2, 1))

    def test_scope_never_widens(self):
        for credential, scope in (
            (READER, "partner:create"),
            (READER, "partner:call"),
            (GRANTED, "partner:delete"),
            (GRANTED, "partner:read product:read"),
            (WRITER, "partner"),
            (WRITER, "partner:everything"),
            (WRITER, ":read"),
            (WRITER, "*"),
            (WRITER, "read partner:read"),
            (WRITER, "partner:read:create"),
        ):
            with self.subTest(scope=scope, credential=credential):
                self.assertIsNone(narrow_to_scope(credential, scope))
