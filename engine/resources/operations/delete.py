"""delete: delete records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..change.writer import delete_records, existing_records
from .checks import check_one_of, ids_answer, ids_result, sent_ids
from .operation import Call, Operation
from .params import ID_PARAM, ids_param


@dataclass(frozen=True, slots=True)
class DeletePlan:
    """Which records to delete."""

    call: Call
    ids: list[int]
    answer: dict[str, Any]


def check_delete(call: Call) -> DeletePlan:
    check_one_of(call, "id", "ids")
    values = call.right_values()
    ids = list(dict.fromkeys(sent_ids(call)))
    return DeletePlan(call, ids, ids_answer(values, ids))


def run_delete(plan: DeletePlan) -> dict[str, Any]:
    """
    :raises NotFound: a record is not there for this caller
    :raises Forbidden: the caller may see the records and not delete them
    """
    delete_records(existing_records(plan.call.env, plan.call.view, plan.ids))
    return plan.answer


OPERATION = Operation(
    name="delete",
    label="Delete",
    summary="Delete one record, or several at once",
    sequence=60,
    actions=("delete",),
    model_access="unlink",
    params=lambda view: [ID_PARAM, ids_param(view.resource.max_page_size)],
    result=ids_result,
    example=lambda view: {"id": {}},
    check=check_delete,
    run=run_delete,
)
