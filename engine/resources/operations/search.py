"""search: find records, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from odoo.fields import Domain

from ..query.cursor import cursor_scope, decode_cursor, encode_cursor
from ..query.lean import lean
from ..query.order import Term, order_text, parse_order_param
from ..query.page import read_page
from ..query.selection import Selection
from ..query.size import check_answer_size
from ..schema import record_schema
from ..view import View
from .checks import check_domain, check_selection
from .operation import Call, Operation
from .params import Param, cursor_param, domain_param, fields_param, limit_param


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What to search.

    :ivar domain: what is asked for, the resource's own left out
    :ivar scope: what cursors of this search are good for
    :ivar after: where the page before ended
    """

    call: Call
    domain: Domain
    selection: Selection
    terms: tuple[Term, ...]
    limit: int
    with_total: bool
    scope: bytes
    after: Sequence[str | None] | None


def check_search(call: Call) -> SearchPlan:
    domain, selection = check_domain(call), check_selection(call)
    sent_order = call.raw.get("order")
    terms = parse_order_param(call.view, sent_order if isinstance(sent_order, str) else None, call.failures)
    values = call.right_values()
    scope = cursor_scope(call.env, call.view.resource.name, order_text(terms), values["domain"])
    after = None
    if values["cursor"] is not None:
        try:
            after = decode_cursor(call.env, scope, values["cursor"])
        except ValueError:
            call.failures.add("cursor", "invalid_cursor", "This cursor is not of this search")
    return SearchPlan(call, domain, selection, terms, values["limit"], values["with_total"], scope, after)


def run_search(plan: SearchPlan) -> dict[str, Any]:
    env, view = plan.call.env, plan.call.view
    records, end = read_page(env, plan.selection, plan.domain, plan.terms, plan.limit, plan.after)
    check_answer_size(plan.selection, records)
    result: dict[str, Any] = {
        "records": records,
        "next_cursor": None if end is None else encode_cursor(env, plan.scope, end),
    }
    if plan.with_total:
        whole = plan.after is None and end is None
        everything = plan.domain & view.resource.domain
        result["total"] = len(records) if whole else len(lean(view.model(env))._search(everything))
    return result


def _params(view: View) -> list[Param]:
    resource = view.resource
    sortable = sorted(view.sortable)
    order = {"type": "string", "examples": [f"{name} desc" for name in sortable[:1]]}
    return [
        domain_param(view),
        fields_param(view),
        Param("order", str, f"As `name desc, id`. Names: {', '.join(sortable)}", documented=lambda: order),
        limit_param(resource.page_size, resource.max_page_size),
        cursor_param("`next_cursor` of the page before; domain and order must be the same"),
        Param("with_total", bool, "Also count all records of the domain", default=False),
    ]


def _result(view: View) -> tuple[dict[str, Any], str]:
    properties = {
        "records": {"type": "array", "items": record_schema(view)},
        "next_cursor": {"type": ["string", "null"], "description": "Where the next page starts; null on the last one"},
        "total": {"type": "integer", "description": "Only with `with_total`"},
    }
    return {"type": "object", "properties": properties, "required": ["records", "next_cursor"]}, "One page of records"


OPERATION = Operation(
    name="search",
    label="Search",
    summary="Find records, a page at a time",
    sequence=10,
    actions=("read",),
    model_access="read",
    params=_params,
    result=_result,
    example=lambda view: {"domain": {"value": []}, "limit": {"value": min(10, view.resource.max_page_size)}},
    check=check_search,
    run=run_search,
    on_by_default=True,
)
