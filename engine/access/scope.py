"""OAuth scopes: what a credential may still do under one (RFC 6749 section 3.3).

A scope is empty, ``read``, or items such as ``partner:read`` separated by blanks: a namespace and
one of :data:`~..protocol.spec.ACTIONS`.
"""

from __future__ import annotations

from dataclasses import replace

from ..protocol.spec import ACTIONS
from .credential import Credential

_READ = "read"


def narrow_to_scope(credential: Credential, scope: str) -> Credential | None:
    """Return a credential that may do what both the given one and the scope allow.

    Every scope but the empty one closes the whole ORM: nothing in it can be told apart.

    :param scope: empty for everything, ``"read"`` for everything that changes nothing, or items
    :returns: ``None`` where an item is malformed, or asks for more than the credential may do
    """
    items = scope.split()
    if not items:
        return credential
    if items == [_READ]:
        return replace(credential, access="read", full_orm=False)
    grants = {tuple(item.partition(":")[::2]) for item in items}
    if not all(_may_grant(credential, *grant) for grant in grants):
        return None
    access = "read" if {action for _namespace, action in grants} == {"read"} else credential.access
    return replace(credential, grants=frozenset(grants), access=access, full_orm=False)


def _may_grant(credential: Credential, namespace: str, action: str) -> bool:
    if not namespace or action not in ACTIONS or (credential.access == "read" and action != "read"):
        return False
    return credential.grants is None or (namespace, action) in credential.grants
