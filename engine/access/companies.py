"""The companies of a call: those of its user, those that its key allows, those that its context names.

A key may be restricted to some of its user's companies. Whatever a call asks for is checked
against :func:`companies_in_force`, whoever runs the call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any


def companies_in_force(
    own: Iterable[int], restricted_to: Collection[int] | None, current: int | None = None
) -> tuple[int, ...]:
    """Return the companies that a call may see.

    :param own: ids of the user's companies
    :param restricted_to: ids of the companies that the key is restricted to; ``None`` where it is not
    :param current: id of the user's current company
    :returns: ids, the current company first if it is one of them
    """
    allowed = [company for company in own if restricted_to is None or company in restricted_to]
    return tuple(sorted(allowed, key=lambda company: (company != current, company)))


def companies_in_context(context: dict[str, Any]) -> dict[int, str]:
    """Return the companies that a call's context names, the current one first.

    :param context: its ``company_id`` is the current company, its ``allowed_company_ids`` are
        all companies; values of another type are left out
    :returns: for each id the place in the context that named it, as ``allowed_company_ids.0``
    """
    found = {}
    current, allowed = context.get("company_id"), context.get("allowed_company_ids")
    if type(current) is int:
        found[current] = "company_id"
    if isinstance(allowed, list):
        for position, company in enumerate(allowed):
            if type(company) is int:
                found.setdefault(company, f"allowed_company_ids.{position}")
    return found
