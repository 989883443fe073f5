"""One page of a feed: what is there, or what has changed since the page before, as its caller sees it now.

It must not know params, nor who waits for what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from odoo.fields import Domain
from odoo.tools import SQL

from ..events import feed
from ..events.feed import Row
from ..events.position import Position, Terms
from ..events.snapshot import Snapshot
from ..protocol.errors import CursorExpired, Forbidden
from .operations.operation import Call
from .query.cursor import encode_cursor
from .query.reader import Reader, visible_query
from .query.selection import Selection
from .query.size import check_answer_size
from .view import View
from .visibility import Visibility

#: Rows of the outbox that one page may look at: a record that changes a thousand times is one record.
MAX_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class ChangesPlan:
    """What to tell.

    :ivar filter: the caller's own condition
    :ivar scope: what cursors of this feed are good for
    :ivar position: where the caller stands; ``None``: they begin
    :ivar skips: they begin with what changes from now on
    :ivar wait: seconds to wait where there is nothing to tell
    """

    call: Call
    filter: Domain
    selection: Selection
    limit: int
    scope: bytes
    position: Position | None
    skips: bool
    wait: int


def told_now(plan: ChangesPlan) -> tuple[Position, dict[str, Any]]:
    """One page, and where it ends.

    :raises CursorExpired: the caller has to start over
    :raises Forbidden: the caller's record rules look at other records, whose changes nobody follows
    :raises Unavailable: changes are not tracked, or this is no primary database
    """
    view, env = plan.call.view, plan.call.env
    model = view.model(env)
    visibility = Visibility(model, view.resource, plan.filter)
    if not visibility.rules_are_followed or not visibility.domain_is_followed:
        raise Forbidden(data={"reason": "rights_not_followed"})
    now, source = feed.now(env.cr), feed.source(env.cr, view.resource.model)
    terms = Terms(now.epoch, source.generation, _schema(view), _rights(plan, visibility))
    if plan.position is None:
        position = Position(terms, now.snapshot, None if plan.skips else 0)
        if plan.skips:
            return position, _answer(plan, [], [], position, more=False)
    else:
        position = plan.position
        if reason := position.expiry(terms, now.snapshot, source.purged):
            raise CursorExpired(data={"reason": reason, "hint": "Call without a cursor, and replace the copy"})
    if position.scanned is not None:
        return _scan(plan, visibility, position)
    return _read(plan, visibility, position, now.snapshot)


def _scan(plan: ChangesPlan, visibility: Visibility, position: Position) -> tuple[Position, dict[str, Any]]:
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
    return position, _answer(plan, records, [], position, more=True)


def _read(
    plan: ChangesPlan, visibility: Visibility, position: Position, now: Snapshot
) -> tuple[Position, dict[str, Any]]:
    """A page of what has changed."""
    call = plan.call
    until = position.until or now
    rows = feed.read_rows(call.env.cr, call.view.resource.model, position.base, until, position.after, MAX_ROWS + 1)
    page = _page(rows[:MAX_ROWS], plan.limit)
    more = len(page) < len(rows)
    relevant = _relevant(call.view, visibility, page)
    changed, removed = _told(plan, visibility, relevant)
    position = position.reached((page[-1].xid, page[-1].id), until) if more else position.completed(until)
    if not more and until != now:
        # The pages were of an earlier moment: what has changed since then comes next.
        more = bool(feed.read_rows(call.env.cr, call.view.resource.model, until, now, None, 1))
    return position, _answer(plan, changed, removed, position, more=more)


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
