"""count: count records."""

from __future__ import annotations

from dataclasses import dataclass

from odoo.fields import Domain

from ..query.lean import lean
from .checks import check_domain
from .operation import Call, Operation
from .params import domain_param


@dataclass(frozen=True, slots=True)
class CountPlan:
    """What to count.

    :ivar domain: the resource's own included
    """

    call: Call
    domain: Domain


def check_count(call: Call) -> CountPlan:
    return CountPlan(call, check_domain(call) & call.view.resource.domain)


def run_count(plan: CountPlan) -> int:
    return len(lean(plan.call.view.model(plan.call.env))._search(plan.domain))


OPERATION = Operation(
    name="count",
    label="Count",
    summary="Count records",
    sequence=30,
    actions=("read",),
    model_access="read",
    params=lambda view: [domain_param(view)],
    result=lambda view: ({"type": "integer", "minimum": 0}, "How many records there are"),
    example=lambda view: {"domain": {"value": []}},
    check=check_count,
    run=run_count,
    on_by_default=True,
)
