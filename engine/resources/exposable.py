"""Which models nobody can expose, by kind: what opens more than it shows.

It must not know who asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odoo.models import BaseModel

#: What holds credentials: these models, and whatever inherits from one of them.
_CREDENTIALS = ("res.users.apikeys", "auth.passkey.key", "res.device", "res.device.log")
#: Fields that only such a model has.
_CREDENTIAL_FIELDS = frozenset({"credential_identifier", "session_identifier"})
#: What a model has that gives rights: the four of ``ir.model.access`` and ``ir.rule``.
_RIGHTS = frozenset({"perm_read", "perm_write", "perm_create", "perm_unlink"})
_GROUPS = "res.groups"


def is_never_exposed(model: BaseModel) -> bool:
    """Whether a model can never be a resource.

    * abstract or transient: it has no records, or only those of an open dialog;
    * one of ours: callers would lift their own restrictions;
    * it holds credentials, or inherits from a model that does: a second factor's devices inherit from API keys;
    * it holds groups or rights: callers would give themselves some.
    """
    names = model._fields.keys()
    return bool(
        model._abstract
        or model._transient
        or model._name.startswith("jsonrpc.")
        or any(_is_kind_of(model, name) for name in _CREDENTIALS)
        or names & _CREDENTIAL_FIELDS
        or names >= _RIGHTS
        or _is_kind_of(model, _GROUPS)
    )


def _is_kind_of(model: BaseModel, name: str) -> bool:
    """Whether a model is another one, or inherits from it."""
    return name in model.env and isinstance(model, type(model.env[name]))
