"""create: create records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from ..change.incoming import Incoming
from ..change.values import Values
from ..change.writer import create_records
from ..schema import values_schema, values_type
from ..view import View
from .checks import check_one_of, ids_result, note_wrong_links, with_ids
from .operation import Call, Operation
from .params import Param
from .samples import sample_new_record


@dataclass(frozen=True, slots=True)
class CreatePlan:
    """What to create.

    :ivar one: a single record was sent, so a single id is answered
    """

    call: Call
    prepared: Sequence[Values]
    one: bool


def check_create(call: Call) -> CreatePlan:
    check_one_of(call, "values", "list")
    if call.values is None:
        note_wrong_links(call)
    values = call.right_values() if call.values is None else call.values
    several = values["list"]
    incoming = Incoming(call.env, call.failures)
    if several is None:
        sent = [("values", values["values"] or {})]
    else:
        sent = [(f"list.{position}", item) for position, item in enumerate(several)]
    prepared = [
        incoming.prepare(call.view, one, path) for (path, _sent), one in zip(sent, with_ids(call, sent), strict=True)
    ]
    incoming.check_links()
    return CreatePlan(call, prepared, several is None)


def run_create(plan: CreatePlan) -> dict[str, Any]:
    records = create_records(plan.call.view, plan.call.env, plan.prepared)
    return {"id": records.id} if plan.one else {"ids": records.ids}


def _params(view: View) -> list[Param]:
    one = values_type(view, create=True)
    many = Annotated[list[one], Field(min_length=1, max_length=view.resource.max_page_size)]  # type: ignore[valid-type]
    documented = partial(values_schema, view, create=True)

    def several() -> dict[str, Any]:
        return {"type": "array", "items": documented(), "minItems": 1, "maxItems": view.resource.max_page_size}

    return [
        Param("values", one, "Values of one new record", documented=documented),
        Param("list", many, "Values of several new records, in place of `values`", documented=several),
    ]


OPERATION = Operation(
    name="create",
    label="Create",
    summary="Create one record, or several at once",
    sequence=40,
    actions=("create",),
    model_access="create",
    params=_params,
    result=ids_result,
    example=lambda view: {"values": {"value": sample_new_record(view)}},
    check=check_create,
    run=run_create,
)
