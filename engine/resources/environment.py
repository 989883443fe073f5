"""The ``context`` param of a call -> the environment that it runs in.

Nothing else of Odoo's context can be set by a caller: its keys switch off checks, change
defaults and reach into business code. It must not know resources.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Any

import pytz
from pydantic import Field
from typing_extensions import TypedDict

from ..compat import odoo_base
from .failures import Failures
from .kinds import RecordId

if TYPE_CHECKING:
    from odoo.api import Environment


class CallContext(TypedDict, total=False):
    """In which language, time zone and companies the call is made; the user's own by default."""

    lang: Annotated[str, Field(description="Code of an installed language, as en_US")]
    tz: Annotated[str, Field(description="Name of a time zone, as Europe/Brussels")]
    company_id: Annotated[RecordId, Field(description="Current company")]
    allowed_company_ids: Annotated[
        list[RecordId], Field(min_length=1, max_length=1000, description="Companies whose records are seen")
    ]


def apply(
    env: Environment, sent: Any, failures: Failures, restricted_to: Collection[int] | None = None, path: str = "context"
) -> Environment:
    """The environment for a call.

    :param env: of the caller
    :param sent: as it was sent; whatever is not of its type is left to pydantic, which refuses it
    :param failures: gets what the caller may not have: a language that is not installed, an
        unknown time zone, a company of somebody else or of nobody, which look the same
    :param restricted_to: the companies of the caller's key, where it is restricted to some
    """
    if not sent or not isinstance(sent, dict):
        return env
    context: dict[str, Any] = {}
    lang, tz = sent.get("lang"), sent.get("tz")
    if isinstance(lang, str):
        if lang not in dict(env["res.lang"].get_installed()):
            failures.add(f"{path}.lang", "not_installed", "This language is not installed")
        context["lang"] = lang
    if isinstance(tz, str):
        if tz not in pytz.all_timezones_set:
            failures.add(f"{path}.tz", "unknown_time_zone", "There is no such time zone")
        context["tz"] = tz
    companies = _companies(env, sent, failures, restricted_to, path)
    if companies:
        context["allowed_company_ids"] = companies
    return env if failures else env(context={**env.context, **context})


def _companies(
    env: Environment, sent: dict[str, Any], failures: Failures, restricted_to: Collection[int] | None, path: str
) -> list[int]:
    """The companies of the call, the current one first."""
    current, allowed = sent.get("company_id"), sent.get("allowed_company_ids")
    wanted = {}
    if type(current) is int:
        wanted[current] = f"{path}.company_id"
    if isinstance(allowed, list):
        for position, company in enumerate(allowed):
            if type(company) is int:
                wanted.setdefault(company, f"{path}.allowed_company_ids.{position}")
    if wanted:
        own = set(odoo_base.company_ids(env.user))
        if restricted_to is not None:
            own &= set(restricted_to)
        for company, where in wanted.items():
            if company not in own:
                failures.add(where, "company", "There is no such company among yours")
    return list(wanted)
