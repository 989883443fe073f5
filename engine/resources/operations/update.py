"""update: change records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ..change.values import Values
from ..change.writer import existing_records, update_records
from ..schema import values_schema, values_type
from ..view import View
from .checks import check_one_of, check_update, ids_answer, ids_result, note_wrong_links, sent_ids
from .operation import Call, Operation
from .params import ID_PARAM, Param, ids_param
from .samples import sample_change

if TYPE_CHECKING:
    from odoo.models import BaseModel


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """Which records to change, and how."""

    call: Call
    records: BaseModel
    prepared: Values
    answer: dict[str, Any]


def check_update_call(call: Call) -> UpdatePlan:
    """:raises NotFound: a record is not there for this caller; values are checked against records that are"""
    check_one_of(call, "id", "ids")
    if call.failures:
        note_wrong_links(call)
    values = call.right_values()
    ids = list(dict.fromkeys(sent_ids(call)))
    records = existing_records(call.env, call.view, ids)
    return UpdatePlan(call, records, check_update(call, records), ids_answer(values, ids))


def run_update(plan: UpdatePlan) -> dict[str, Any]:
    """:raises Forbidden: the caller may see the records and not change them"""
    update_records(plan.call.view, plan.call.env, plan.records, plan.prepared)
    return plan.answer


def _params(view: View) -> list[Param]:
    values, documented = values_type(view, create=False), partial(values_schema, view, create=False)
    what = "What to change; what is not here stays as it is"
    return [ID_PARAM, ids_param(view.resource.max_page_size), Param("values", values, what, documented=documented)]


OPERATION = Operation(
    name="update",
    label="Update",
    summary="Change one record, or several at once",
    sequence=50,
    actions=("update",),
    model_access="write",
    params=_params,
    result=ids_result,
    example=lambda view: {"id": {}, "values": {"value": sample_change(view)}},
    check=check_update_call,
    run=run_update,
)
