"""What of a key and of a resource is power: which changes widen what can be done, and which do not.

Issuing a key is guarded; a change that widens one has to be guarded alike, or a narrow key is a way to a wide
one. This is the one table. A test fails on a field of a key that stands in none of its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import network, origin


def _is_later(old: Any, new: Any) -> bool:
    """An end that comes later, or never."""
    return new != old and bool(old) and (not new or new > old)


def _reaches_more(old: frozenset[int], new: frozenset[int]) -> bool:
    """A set that restricts and that an empty one does not: more in it, or no restriction any more."""
    return bool(old) and (not new or not new <= old)


def _from_more_addresses(old: str | None, new: str | None) -> bool:
    """Networks that are not all within those of before, or none."""
    before, after = network.parse_networks(old or ""), network.parse_networks(new or "")
    if not before:
        return False
    return not after or not all(
        any(inner.version == outer.version and inner.subnet_of(outer) for outer in before)  # type: ignore[arg-type]
        for inner in after
    )


def _from_more_pages(old: str | None, new: str | None) -> bool:
    """Origins: each opens CORS to its pages; without any, programs from everywhere may use the key."""
    before, after = origin.valid_origins(old or ""), origin.valid_origins(new or "")
    return bool(after - before) or bool(before and not after)


#: Fields of a key whose change may widen it; each takes the value before and the one after.
WIDENING: Mapping[str, Callable[[Any, Any], bool]] = {
    "active": lambda old, new: bool(new and not old),
    "access": lambda old, new: (old, new) == ("read", "write"),
    "reach": lambda old, new: (old, new) == ("restricted", "all"),
    # Pairs of a namespace and an action.
    "grant_ids": lambda old, new: not new <= old,
    "full_orm": lambda old, new: bool(new and not old),
    "expires_at": _is_later,
    "company_ids": _reaches_more,
    "addresses": _from_more_addresses,
    "origins": _from_more_pages,
    # An index in the levels: who keeps less of what a key does hides it.
    "log_level": lambda old, new: new < old,
}
#: Fields that say nothing about what the key may do.
HARMLESS = frozenset(
    {"name", "last_used_at", "last_used_from", "warned_days", "warned_of", "token_hint", "revoked_at", "predecessor_id"}
)
#: Fields that nobody can change once the key is issued.
FIXED = frozenset({"user_id", "kind", "digest"})


def widened_by(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields by which a change widens a key.

    :param before: a value for each name of :data:`WIDENING`
    :param after: the same, after the change
    """
    return [name for name, widens in WIDENING.items() if widens(before[name], after[name])]


#: Whom a resource is open to, from few to many.
AUDIENCES = ("keys", "publishable", "public")


def opens(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a change opens anything of a resource that was closed.

    :param before: ``active``; ``audience``, of :data:`AUDIENCES`; ``switches``, the operations; ``lines``, what
        each line opens, as a set of hashable values; ``domain`` and ``model``
    :param after: the same, after the change
    """
    if not after["active"]:
        return False
    if not before["active"]:
        return True
    return (
        AUDIENCES.index(after["audience"]) > AUDIENCES.index(before["audience"])
        or not after["switches"] <= before["switches"]
        or not after["lines"] <= before["lines"]
        # No domain at all is the widest; of two others nobody can tell.
        or (after["domain"] != before["domain"] and before["domain"] != "[]")
        or after["model"] != before["model"]
        or after["name"] != before["name"]
    )
