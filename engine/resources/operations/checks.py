"""Checks that several operations make of a call, and the answers that several give.

It must not know which operation it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from odoo.fields import Domain

from ..change.incoming import Incoming
from ..change.names import Names
from ..change.values import Values
from ..change.writer import check_fixed
from ..query.domain import parse_domain
from ..query.selection import Selection, parse_selection
from ..view import View
from .operation import Call

if TYPE_CHECKING:
    from odoo.models import BaseModel


def check_domain(call: Call) -> Domain:
    """The records that the ``domain`` param asks for, the resource's own domain not included."""
    sent = call.raw.get("domain")
    if not isinstance(sent, list):
        return Domain.TRUE
    return parse_domain(call.env, call.view, sent, call.failures)


def check_selection(call: Call) -> Selection:
    """What the ``fields`` param asks to be read."""
    sent = call.raw.get("fields")
    return parse_selection(call.env, call.view, sent if isinstance(sent, list) else None, call.failures)


def check_one_of(call: Call, one: str, other: str) -> None:
    """Refuse neither and both of two params."""
    if one in call.raw and other in call.raw:
        call.failures.add(other, "conflict", f"Send {one} or {other}, not both")
    elif one not in call.raw and other not in call.raw:
        call.failures.add(one, "missing", f"Send {one} or {other}")


def check_update(call: Call, records: BaseModel) -> Values:
    """The values of an update, with everything that is wrong in them noted.

    :param records: what will be updated
    """
    (values,) = with_ids(call, [("values", call.right_values()["values"] or {})])
    incoming = Incoming(call.env, call.failures, records, may_read=call.view.may_read)
    prepared = incoming.prepare(call.view, values, "values")
    incoming.check_links()
    check_fixed(call.view, call.env, records, prepared, call.failures, "values")
    return prepared


def note_wrong_links(call: Call) -> None:
    """Note what is wrong with ids and objects also where something else of the call is wrong.

    So the caller is told at once.
    """
    incoming = Incoming(call.env, call.failures)
    sent = [("values", call.raw.get("values"))]
    if isinstance(call.raw.get("list"), list):
        sent += [(f"list.{position}", item) for position, item in enumerate(call.raw["list"])]
    deferred = [
        (path, {line.name: values[line.name] for line in call.view.deferred if line.name in values})
        for path, values in sent
        if isinstance(values, dict)
    ]
    for (path, _values), values in zip(deferred, with_ids(call, deferred), strict=True):
        incoming.prepare(call.view, values, path)
    incoming.check_links()


def sent_ids(call: Call) -> list[int]:
    """The ids of a call, whether one or several were sent, and of the records that were named.

    :raises InvalidParams: a name stands for no record, or for several; and whatever else is wrong
    """
    values = call.right_values()
    names = Names(call.env, call.failures)
    if values["id"] is None:
        ids = names.ids(call.view, values["ids"], "ids")
    else:
        ids = names.one_id(call.view, values["id"], "id")
    names.resolve()
    call.failures.refuse()
    return ids


def with_ids(call: Call, sent: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The values of records with ids in the place of names.

    :param sent: paths and values
    """
    names = Names(call.env, call.failures)
    values = [names.values(call.view, one, path) for path, one in sent]
    names.resolve()
    return values


def ids_answer(values: dict[str, Any], ids: list[int]) -> dict[str, Any]:
    """The answer of a call: ids as they were sent, one or several."""
    return {"ids": ids} if values["id"] is None else {"id": ids[0]}


def ids_result(view: View) -> tuple[dict[str, Any], str]:
    """The schema of such an answer."""
    one, many = {"id": {"type": "integer"}}, {"ids": {"type": "array", "items": {"type": "integer"}}}
    schemas = [{"type": "object", "properties": known, "required": list(known)} for known in (one, many)]
    return {"anyOf": schemas}, "The id, or the ids in the order in which they were sent"
