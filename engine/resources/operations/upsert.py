"""upsert: change the record that a key stands for, or create it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import StringConstraints
from typing_extensions import NotRequired, TypedDict

from ...protocol.errors import InvalidParams
from ..change.incoming import Incoming
from ..change.lookup import Upsert
from ..change.values import Values
from ..change.writer import create_records, update_records
from ..schema import value_type, values_schema, values_type
from ..view import View
from .checks import check_update, note_wrong_links, with_ids
from .create import OPERATION as CREATE
from .operation import Call, Operation
from .params import Param
from .samples import sample_change, sample_key, sample_new_record

if TYPE_CHECKING:
    from odoo.models import BaseModel

#: Whatever shops have: ``name`` alone, or ``module.name``, without blanks.
ExternalId = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f]+$", max_length=255)]


@dataclass(frozen=True, slots=True)
class UpsertPlan:
    """What becomes of which record.

    :ivar record: to be changed; empty: one is created
    :ivar prepared: its values, those of the key among them
    """

    call: Call
    key: Upsert
    record: BaseModel
    prepared: Values


def check_upsert(call: Call) -> UpsertPlan:
    """The record is looked up here, and its key locked: what is right depends on whether there is one.

    :raises Conflict: the key stands for several records, or for one that the caller may not change
    """
    if call.failures:
        note_wrong_links(call)
    values = call.right_values()
    key = Upsert(call.env, call.view, values["key"], call.failures)
    for name, value in key.values.items():
        if values["values"].get(name, value) != value:
            call.failures.add(f"values.{name}", "conflict", "This contradicts the key")
    call.failures.refuse()
    record = key.find()
    if record:
        return UpsertPlan(call, key, record, check_update(call, record))
    incoming = Incoming(call.env, call.failures)
    (sent,) = with_ids(call, [("values", _new_values(call, key.values))])
    prepared = incoming.prepare(call.view, sent, "values")
    incoming.check_links()
    return UpsertPlan(call, key, record, prepared)


def run_upsert(plan: UpsertPlan) -> dict[str, Any]:
    """:raises Forbidden: the caller may see the record and not change it"""
    env, view = plan.call.env, plan.call.view
    if plan.record:
        update_records(view, env, plan.record, plan.prepared)
        return {"id": plan.record.id, "status": "updated"}
    record = create_records(view, env, [plan.prepared])
    plan.key.remember(record)
    return {"id": record.id, "status": "created"}


def _new_values(call: Call, key: dict[str, Any]) -> dict[str, Any]:
    """The values of a record that is created, checked as those of any new one."""
    try:
        checked = CREATE.params_of(call.view).check({"values": {**call.raw["values"], **key}})
    except InvalidParams as refusal:
        call.failures.merge(refusal)
        call.failures.refuse()
    return checked["values"]


def _params(view: View) -> list[Param]:
    keys = {name: NotRequired[value_type(line)] for name, line in view.writable.items() if line.key}
    key = TypedDict(f"{view.resource.name}_key", {**keys, "external_id": NotRequired[ExternalId]})
    values, documented = values_type(view, create=False), partial(values_schema, view, create=False)
    what = "What to write; a new record also gets the key"
    return [
        Param("key", key, "What identifies the record: one field, or its external id", required=True),
        Param("values", values, what, required=True, documented=documented),
    ]


def _result(view: View) -> tuple[dict[str, Any], str]:
    properties = {"id": {"type": "integer"}, "status": {"enum": ["created", "updated"]}}
    return {"type": "object", "properties": properties, "required": list(properties)}, "What became of which record"


def _example(view: View) -> dict[str, dict[str, Any]]:
    key = sample_key(view)
    values = {name: value for name, value in sample_new_record(view).items() if name not in key}
    return {"key": {"value": key}, "values": {"value": values or sample_change(view)}}


OPERATION = Operation(
    name="upsert",
    label="Upsert",
    summary="Change the record that a key stands for, or create it",
    sequence=70,
    actions=("create", "update"),
    model_access="write",
    params=_params,
    result=_result,
    example=_example,
    check=check_upsert,
    run=run_upsert,
)
