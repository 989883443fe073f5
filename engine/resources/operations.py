"""search, get, count, create, update, delete, upsert: what each checks, and then does.

An operation is a generator of two steps: up to its ``yield`` it only checks and notes what
is wrong, after it everything was right. It must not know how params travel, nor who may
call it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from odoo.fields import Domain

from ..protocol.errors import InvalidParams
from . import params
from .change import writer
from .change.incoming import Incoming, Values
from .change.lookup import Upsert
from .failures import Failures
from .query import cursor, domain, order, page, selection, size
from .query.reader import Reader, lean
from .view import View

if TYPE_CHECKING:
    from odoo.api import Environment


@dataclass(slots=True)
class Call:
    """One call of an operation.

    :ivar env: of the caller, in the context of the call
    :ivar raw: the params as they were sent
    :ivar values: the same, right by type and completed; ``None`` where they are wrong
    """

    env: Environment
    view: View
    failures: Failures
    raw: dict[str, Any]
    values: dict[str, Any] | None


def search(call: Call) -> Iterator[Any]:
    """Find records, a page at a time."""
    found, wanted = _domain(call), _selection(call)
    sent_order = call.raw.get("order")
    terms = order.parse(call.view, sent_order if isinstance(sent_order, str) else None, call.failures)
    scope, after = b"", None
    if not call.failures and call.values is not None:
        scope = cursor.scope(call.env, call.view.resource.name, order.text_of(terms), call.values["domain"])
        text = call.values["cursor"]
        if text is not None:
            try:
                after = cursor.decode(call.env, scope, text)
            except ValueError:
                call.failures.add("cursor", "invalid_cursor", "This cursor is not of this search")
    yield
    found &= call.view.resource.domain
    records, end = page.read(call.env, wanted, found, terms, call.values["limit"], after)
    size.check(wanted, records)
    result: dict[str, Any] = {
        "records": records,
        "next_cursor": None if end is None else cursor.encode(call.env, scope, end),
    }
    if call.values["with_total"]:
        whole = after is None and end is None
        result["total"] = len(records) if whole else len(lean(call.view.model(call.env))._search(found))
    yield result


def get(call: Call) -> Iterator[Any]:
    """Read records by their ids."""
    wanted = _selection(call)
    _one_or_many(call)
    yield
    ids = _ids(call)
    found = Reader(call.env).by_ids(wanted, ids)
    if len(found) < len(set(ids)):
        writer.existing(call.env, call.view, ids)
    records = [found[id_] for id_ in ids]
    size.check(wanted, records)
    yield records if call.values["id"] is None else records[0]


def count(call: Call) -> Iterator[Any]:
    """Count records."""
    found = _domain(call)
    yield
    yield len(lean(call.view.model(call.env))._search(found & call.view.resource.domain))


def create(call: Call) -> Iterator[Any]:
    """Create records."""
    _either(call, "values", "list")
    incoming = Incoming(call.env, call.failures)
    if call.values is None:
        _prepare_anyway(call, incoming)
        sent = []
    elif call.values["list"] is not None:
        sent = [
            incoming.prepare(call.view, item, f"list.{position}") for position, item in enumerate(call.values["list"])
        ]
    else:
        sent = [incoming.prepare(call.view, call.values["values"] or {}, "values")]
    incoming.check_links()
    yield
    records = writer.create(call.view, call.env, sent)
    yield {"ids": records.ids} if call.values["list"] is not None else {"id": records.id}


def update(call: Call) -> Iterator[Any]:
    """Change records."""
    _one_or_many(call)
    if call.values is None or call.failures:
        incoming = Incoming(call.env, call.failures)
        _prepare_anyway(call, incoming)
        incoming.check_links()
        yield
    ids = list(dict.fromkeys(_ids(call)))
    records = writer.existing(call.env, call.view, ids)
    sent = _prepared(call, records)
    yield
    writer.update(call.view, call.env, records, sent)
    yield _answer(call, ids)


def delete(call: Call) -> Iterator[Any]:
    """Delete records."""
    _one_or_many(call)
    yield
    ids = list(dict.fromkeys(_ids(call)))
    writer.delete(writer.existing(call.env, call.view, ids))
    yield _answer(call, ids)


def upsert(call: Call) -> Iterator[Any]:
    """Change the record that a key stands for, or create it."""
    if call.values is None or call.failures:
        incoming = Incoming(call.env, call.failures)
        _prepare_anyway(call, incoming)
        incoming.check_links()
        yield
    key = Upsert(call.env, call.view, call.values["key"], call.failures)
    for name, value in key.values.items():
        if call.values["values"].get(name, value) != value:
            call.failures.add(f"values.{name}", "conflict", "This contradicts the key")
    if call.failures:
        yield
    record = key.find()
    if record:
        sent = _prepared(call, record)
        yield
        writer.update(call.view, call.env, record, sent)
        yield {"id": record.id, "status": "updated"}
    incoming = Incoming(call.env, call.failures)
    sent = incoming.prepare(call.view, _complete(call, key.values), "values")
    incoming.check_links()
    yield
    record = writer.create(call.view, call.env, [sent])
    key.remember(record)
    yield {"id": record.id, "status": "created"}


OPERATIONS = {
    "search": (search, "read"),
    "get": (get, "read"),
    "count": (count, "read"),
    "create": (create, "create"),
    "update": (update, "write"),
    "delete": (delete, "unlink"),
    "upsert": (upsert, "write"),
}


def _domain(call: Call) -> Domain:
    sent = call.raw.get("domain")
    if not isinstance(sent, list):
        return Domain.TRUE
    return domain.parse(call.env, call.view, sent, call.failures)


def _selection(call: Call) -> selection.Selection:
    sent = call.raw.get("fields")
    return selection.parse(call.env, call.view, sent if isinstance(sent, list) else None, call.failures)


def _one_or_many(call: Call) -> None:
    _either(call, "id", "ids")


def _either(call: Call, one: str, other: str) -> None:
    """Refuse neither and both."""
    if one in call.raw and other in call.raw:
        call.failures.add(other, "conflict", f"Send {one} or {other}, not both")
    elif one not in call.raw and other not in call.raw:
        call.failures.add(one, "missing", f"Send {one} or {other}")


def _ids(call: Call) -> list[int]:
    return call.values["ids"] if call.values["id"] is None else [call.values["id"]]


def _answer(call: Call, ids: list[int]) -> dict[str, Any]:
    return {"ids": ids} if call.values["id"] is None else {"id": ids[0]}


def _prepared(call: Call, records: Any) -> Values:
    """The values of an update, with everything that is wrong in them noted."""
    incoming = Incoming(call.env, call.failures, records)
    sent = incoming.prepare(call.view, call.values["values"] or {}, "values")
    incoming.check_links()
    writer.check_fixed(call.view, call.env, records, sent, call.failures, "values")
    return sent


def _complete(call: Call, key: dict[str, Any]) -> dict[str, Any]:
    """The values of a record that an upsert creates, checked as those of any new one."""
    try:
        checked = params.of("create", call.view).check({"values": {**call.raw["values"], **key}})
    except InvalidParams as refusal:
        call.failures.merge(refusal)
        call.failures.refuse()
    return checked["values"]


def _prepare_anyway(call: Call, incoming: Incoming) -> None:
    """Note what is wrong with ids and objects also where another value is of the wrong type."""
    sent = [("values", call.raw.get("values"))]
    if isinstance(call.raw.get("list"), list):
        sent += [(f"list.{position}", item) for position, item in enumerate(call.raw["list"])]
    for path, values in sent:
        if isinstance(values, dict):
            deferred = {line.name: values[line.name] for line in call.view.deferred if line.name in values}
            incoming.prepare(call.view, deferred, path)
