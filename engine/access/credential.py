"""Who calls, as far as the gateway knows, and what that alone forbids.

It must not know how the credential was proved, nor the caller's rights on records: those
are Odoo's, and are asked by the call itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..protocol.errors import Forbidden, RpcError, Unauthenticated
from ..protocol.spec import MethodSpec

#: What callers are asked to authenticate for (RFC 9110 section 11.5).
REALM = "Odoo JSON-RPC"

_IDENTIFIED = frozenset({"session", "key", "password"})
_REACH = {"read": frozenset({"read"}), "write": frozenset({"read", "write"})}


@dataclass(frozen=True, slots=True)
class Credential:
    """What was proved about a caller.

    :param kind: how; ``public`` is a caller who proved nothing
    :param user_id: the Odoo user whose rights apply; None only where nobody is known yet
    :param key_id: the gateway key that was used, if one was
    :param name: a name for logs and people: the key's or the user's, never a secret
    :param access: the most that methods called with it may do
    :param full_orm: whether it opens the whole ORM (``/jsonrpc/2/object``)
    :param grants: pairs of a namespace and an action (:data:`~.spec.ACTIONS`) that it is
        restricted to; None where it is not
    :param publishable: whether it may stand in a web page, so that anybody can use it
    :param company_ids: the companies that calls are restricted to, the current one first; None
        where they are not
    :param for_page: whether it is a key for pages of the very origin that calls
    """

    kind: Literal["public", "session", "key", "password"]
    user_id: int | None
    key_id: int | None = None
    name: str = ""
    access: Literal["read", "write"] = "write"
    full_orm: bool = False
    grants: frozenset[tuple[str, str]] | None = None
    publishable: bool = False
    company_ids: tuple[int, ...] | None = None
    for_page: bool = False

    @property
    def is_known(self) -> bool:
        """Whether it proves that somebody calls whom we gave something that not everybody has."""
        return self.kind in _IDENTIFIED and self.user_id is not None and not self.publishable

    def refusal(self, spec: MethodSpec) -> RpcError | None:
        """Return why this credential may not call a method, or None if it may.

        What is not known to be allowed is refused: an unknown kind proves nobody, an
        unknown access reaches nothing, and so does a key without grants.

        A call by name is told what is missing. To deny that the method exists would be a
        pretence: without any credential the same call is told that it needs one. Lists and
        documents show only what :meth:`may` allows.
        """
        identified = self.kind in _IDENTIFIED and self.user_id is not None
        if not identified and not (self.kind == "public" and spec.public):
            return Unauthenticated(f"{spec.name} needs authentication")
        if spec.access not in _REACH.get(self.access, ()):
            return Forbidden(f"This {self.kind} is read-only, and {spec.name} writes")
        if spec.public:
            # A caller could as well leave the credential out.
            return None
        if self.publishable and not spec.publishable:
            return Forbidden(f"{spec.name} is not for publishable keys")
        if self.grants is not None and spec.needs_grant:
            for action in spec.actions:
                if (spec.namespace, action) not in self.grants:
                    missing = {"namespace": spec.namespace, "action": action}
                    message = f"This {self.kind} is not granted to {action} on {spec.namespace}"
                    return Forbidden(message, data={"grant": missing})
        return None

    def may(self, spec: MethodSpec) -> bool:
        """Whether this credential may call a method."""
        return self.refusal(spec) is None
