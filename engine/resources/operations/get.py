"""get: read records by their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..change.writer import existing_records
from ..query.reader import Reader
from ..query.selection import Selection
from ..query.size import check_answer_size
from ..query.together import read_together
from ..schema import record_schema
from ..view import View
from .checks import check_one_of, check_selection, sent_ids
from .operation import Call, Operation
from .params import ID_PARAM, fields_param, ids_param


@dataclass(frozen=True, slots=True)
class GetPlan:
    """Which records to read, and what of them.

    :ivar one: the record itself is the answer, not a list
    """

    call: Call
    selection: Selection
    ids: list[int]
    one: bool


def check_get(call: Call) -> GetPlan:
    selection = check_selection(call)
    check_one_of(call, "id", "ids")
    one = call.right_values()["id"] is not None
    return GetPlan(call, selection, sent_ids(call), one)


def run_get(plan: GetPlan) -> Any:
    """:raises NotFound: one of them is not there for this caller"""
    env, ids, alike = plan.call.env, plan.ids, plan.call.alike
    if alike is not None and plan.one:
        found = read_together(env, plan.selection, ids[0], alike)
    else:
        found = Reader(env).by_ids(plan.selection, ids)
    if len(found) < len(set(ids)):
        existing_records(env, plan.call.view, ids)
    records = [found[id_] for id_ in ids]
    check_answer_size(plan.selection, records)
    return records[0] if plan.one else records


def _result(view: View) -> tuple[dict[str, Any], str]:
    record = record_schema(view)
    return {"anyOf": [record, {"type": "array", "items": record}]}, "The record, or those of `ids` in their order"


OPERATION = Operation(
    name="get",
    label="Get",
    summary="Read records by their ids",
    sequence=20,
    actions=("read",),
    model_access="read",
    params=lambda view: [ID_PARAM, ids_param(view.resource.max_page_size), fields_param(view)],
    result=_result,
    example=lambda view: {"id": {}},
    check=check_get,
    run=run_get,
    on_by_default=True,
    differing="id",
)
