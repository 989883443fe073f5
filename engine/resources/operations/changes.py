"""changes: keep a copy of a resource's records in step, without missing a change.

The first calls read what is there, page by page; the others what has changed since. The snapshot that
changes are read from is taken before the first page: whatever is committed meanwhile comes again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from odoo.fields import Domain
from odoo.tools import SQL

from ...events import feed
from ...events.feed import Row
from ...events.position import Position, Terms
from ...events.snapshot import Snapshot
from ...protocol.errors import CursorExpired, Forbidden
from ...protocol.spec import ErrorSpec
from ..query.cursor import decode_cursor, encode_cursor
from ..query.domain import parse_domain
from ..query.reader import Reader, visible_query
from ..query.selection import Selection
from ..query.size import check_answer_size
from ..schema import record_schema
from ..view import View
from ..visibility import Visibility, unfollowed_condition
from .checks import check_selection
from .operation import Call, Operation
from .params import Param, cursor_param, domain_param, fields_param, limit_param

#: The cursor that begins with what changes from now on.
NOW = "now"
#: Rows of the outbox that one page may look at: a record that changes a thousand times is one record.
MAX_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class ChangesPlan:
    """What to tell.

    :ivar filter: the caller's own condition
    :ivar scope: what cursors of this feed are good for
    :ivar position: where the caller stands; ``None``: they begin
    :ivar skips: they begin with what changes from now on
    """

    call: Call
    filter: Domain
    selection: Selection
    limit: int
    scope: bytes
    position: Position | None
    skips: bool


def check_changes(call: Call) -> ChangesPlan:
    selection = check_selection(call)
    sent = call.raw.get("filter")
    domain = Domain.TRUE
    if isinstance(sent, list):
        domain = parse_domain(call.env, call.view, sent, call.failures, "filter")
        _check_followed(call, domain)
    values = call.right_values()
    scope = _scope(call, values)
    position = None
    if values["cursor"] not in (None, NOW):
        try:
            position = Position.load(decode_cursor(call.env, scope, values["cursor"]))
        except ValueError:
            call.failures.add("cursor", "invalid_cursor", "This cursor is not of these changes")
    return ChangesPlan(call, domain, selection, values["limit"], scope, position, values["cursor"] == NOW)


def _check_followed(call: Call, domain: Domain) -> None:
    """Refuse a filter by what is not kept of a record: nobody could tell what has left it."""
    if call.failures:
        return
    view = call.view
    secret = {line.field for line in view.resource.fields.values() if line.sensitive}
    name = unfollowed_condition(view.model(call.env), domain)
    if name is None:
        name = next((each.field_expr for each in domain.iter_conditions() if each.field_expr in secret), None)
    if name is not None:
        shown = next((line.name for line in view.filterable.values() if line.field == name), "this")
        call.failures.add(
            "filter",
            "not_followed",
            f"Changes cannot be filtered by {shown}: only by short values of the record itself",
        )


def run_changes(plan: ChangesPlan) -> dict[str, Any]:
    """:raises CursorExpired: the caller has to start over
    :raises Forbidden: the caller's record rules look at other records, whose changes nobody follows
    :raises Unavailable: changes are not tracked, or this is no primary database
    """
    view, env = plan.call.view, plan.call.env
    model = view.model(env)
    visibility = Visibility(model, view.resource, plan.filter)
    if not visibility.rules_are_followed or unfollowed_condition(model, view.resource.domain) is not None:
        raise Forbidden(data={"reason": "rights_not_followed"})
    now, source = feed.now(env.cr), feed.source(env.cr, view.resource.model)
    terms = Terms(now.epoch, source.generation, _schema(view), _rights(plan, visibility))
    if plan.position is None:
        position = Position(terms, now.snapshot, None if plan.skips else 0)
        if plan.skips:
            return _answer(plan, [], [], position, more=False)
    else:
        position = plan.position
        if reason := position.expiry(terms, now.snapshot, source.purged):
            raise CursorExpired(data={"reason": reason, "hint": "Call without a cursor, and replace the copy"})
    if position.scanned is not None:
        return _scan(plan, visibility, position)
    return _read(plan, visibility, position, now.snapshot)


def _scan(plan: ChangesPlan, visibility: Visibility, position: Position) -> dict[str, Any]:
    """A page of what is there, in the order of ids."""
    model = plan.call.view.model(plan.call.env)
    query = visibility.query()
    records, more = [], False
    if not query.is_empty():
        id_ = SQL.identifier(model._table, "id")
        query.add_where(SQL("%s > %s", id_, position.scanned))
        query.order, query.limit = id_, plan.limit + 1
        records, _keys, more = Reader(model.env).by_query(plan.selection, query, (), plan.limit)
    position = replace(position, scanned=records[-1]["id"] if more else None)
    # What has changed since the first page comes next.
    return _answer(plan, records, [], position, more=True)


def _read(plan: ChangesPlan, visibility: Visibility, position: Position, now: Snapshot) -> dict[str, Any]:
    """A page of what has changed."""
    call = plan.call
    until = position.until or now
    rows = feed.read_rows(call.env.cr, call.view.resource.model, position.base, until, position.after, MAX_ROWS + 1)
    page = _page(rows[:MAX_ROWS], plan.limit)
    more = len(page) < len(rows)
    relevant = _relevant(call.view, visibility, page)
    changed, removed = _told(plan, visibility, relevant)
    position = position.reached((page[-1].xid, page[-1].id), until) if more else position.completed(until)
    return _answer(plan, changed, removed, position, more=more)


def _page(rows: Sequence[Row], limit: int) -> Sequence[Row]:
    """The rows from the first on that are about so many records."""
    known: set[int] = set()
    for number, row in enumerate(rows):
        known.add(row.record_id)
        if len(known) > limit:
            return rows[:number]
    return rows


def _relevant(view: View, visibility: Visibility, rows: Sequence[Row]) -> list[Row]:
    """The rows that say something of this resource: another one may show more of the same model."""
    shown = {line.field for line in view.resource.fields.values()} | visibility.fields
    return [row for row in rows if row.columns is None or not shown.isdisjoint(row.columns.split(","))]


def _told(
    plan: ChangesPlan, visibility: Visibility, rows: Sequence[Row]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is told of changes: the records as the caller sees them now, and those that they see no longer."""
    # In the order of their last changes.
    ids = list(dict.fromkeys(row.record_id for row in reversed(rows)))[::-1]
    model = plan.call.view.model(plan.call.env)
    query = visible_query(model, visibility.domain, ids)
    records, _keys, _more = Reader(model.env).by_query(plan.selection, query)
    found = {record["id"]: record for record in records}
    gone = [row.id for row in rows if row.record_id not in found]
    ended = visibility.before(gone) if gone else {}
    removed = [{"id": id_, "reason": "deleted" if ended[id_] else "left"} for id_ in ids if id_ in ended]
    return [found[id_] for id_ in ids if id_ in found], removed


def _answer(
    plan: ChangesPlan, changed: list[dict[str, Any]], removed: list[dict[str, Any]], position: Position, *, more: bool
) -> dict[str, Any]:
    check_answer_size(plan.selection, changed)
    cursor = encode_cursor(plan.call.env, plan.scope, position.dump())
    return {"changed": changed, "removed": removed, "cursor": cursor, "more": more}


def _scope(call: Call, values: dict[str, Any]) -> bytes:
    """What a cursor is good for; what it depends on besides, it says by itself."""
    env = call.env
    return orjson.dumps(
        [
            "changes",
            call.view.resource.name,
            values["filter"],
            values["fields"],
            env.uid,
            env.context.get("lang") or None,
        ]
    )


def _schema(view: View) -> str:
    """Digest of what the resource shows, and how."""
    known = view.types.get("changes.schema")
    if known is None:
        resource = view.resource
        lines = [
            (line.name, line.field, line.type, line.readable, line.filterable, line.sensitive, line.target, line.digits)
            for line in resource.fields.values()
        ]
        text = repr((resource.model, str(resource.domain), lines))
        known = view.types["changes.schema"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return known


def _rights(plan: ChangesPlan, visibility: Visibility) -> str:
    """Digest of what the caller may see, by rules, fields and companies."""
    companies = plan.call.env.context.get("allowed_company_ids") or []
    text = repr((visibility.digest, sorted(plan.call.view.known), list(companies)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _params(view: View) -> list[Param]:
    resource = view.resource
    condition = domain_param(view)
    return [
        cursor_param(
            "`cursor` of the answer before; without it, all records are read first; `now` begins with what changes"
            " from now on. Filter and fields must be the same"
        ),
        limit_param(resource.page_size, resource.max_page_size, "Most records that a page tells of"),
        fields_param(view),
        replace(condition, name="filter", description=f"Only records in this domain. {condition.description}"),
    ]


def _result(view: View) -> tuple[dict[str, Any], str]:
    removed = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "reason": {
                "enum": ["deleted", "left"],
                "description": "`left`: it is there, and not for this copy any more",
            },
        },
        "required": ["id", "reason"],
    }
    record = record_schema(view)
    for line in view.readable.values():
        if not line.followed and line.name in record["properties"]:
            record["properties"][line.name]["x-followed"] = False
    properties = {
        "changed": {"type": "array", "items": record, "description": "As they are now, each once"},
        "removed": {"type": "array", "items": removed},
        "cursor": {"type": "string", "description": "For the next call"},
        "more": {"type": "boolean", "description": "Whether the next call has something to tell already"},
    }
    names = [line.name for line in view.readable.values() if not line.followed]
    text = "What has changed" + (f". Changes of {', '.join(names)} alone are not told" if names else "")
    return {"type": "object", "properties": properties, "required": list(properties)}, text


OPERATION = Operation(
    name="changes",
    label="Changes",
    summary="Keep a copy in step: what was created, changed and removed since the call before",
    sequence=35,
    actions=("read",),
    model_access="read",
    params=_params,
    result=_result,
    example=lambda view: {"limit": {"value": min(100, view.resource.max_page_size)}},
    check=check_changes,
    run=run_changes,
    errors=(ErrorSpec.of_class(CursorExpired),),
)
