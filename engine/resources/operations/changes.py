"""changes: keep a copy of a resource's records in step, without missing a change.

The first calls read what is there, page by page; the others what has changed since. The snapshot that
changes are read from is taken before the first page: whatever is committed meanwhile comes again.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from pydantic import Field

from odoo.fields import Domain

from ...access.settings import CHANGE_WAITERS, STATEMENT_TIMEOUT, Setting
from ...compat import odoo_db
from ...events import waiting
from ...events.position import Position
from ...protocol.errors import CursorExpired
from ...protocol.spec import ErrorSpec
from ...protocol.whole_number import parse_whole_number
from ..feed_page import ChangesPlan, told_now
from ..query.cursor import decode_cursor
from ..query.domain import parse_domain
from ..schema import record_schema
from ..view import View
from ..visibility import through_parents, unfollowed_condition
from .checks import check_selection
from .operation import Call, Operation
from .params import Param, cursor_param, domain_param, fields_param, limit_param

if TYPE_CHECKING:
    from odoo.api import Environment

#: The most seats for those who wait, whatever is set.
MAX_SEATS = 64
#: Milliseconds: the most that PostgreSQL knows.
LONGEST_TIMEOUT = 2**31 - 1
#: The cursor that begins with what changes from now on.
NOW = "now"
#: Seconds that a call can wait.
MAX_WAIT = 25
_WAITED = "jsonrpc_gateway.changes_waited"


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
    skips = values["cursor"] == NOW
    return ChangesPlan(call, domain, selection, values["limit"], scope, position, skips, values["wait"])


def _check_followed(call: Call, domain: Domain) -> None:
    """Refuse a filter by what is not kept of a record: nobody could tell what has left it."""
    if call.failures:
        return
    view = call.view
    secret = {line.field for line in view.resource.fields.values() if line.sensitive}
    model = view.model(call.env)
    name = unfollowed_condition(model, through_parents(model, domain))
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
    """What has changed, as soon as there is something, or the time is over.

    :raises RpcError: as :func:`told_now`
    """
    position, answer = told_now(plan)
    if plan.wait and _is_empty(answer) and position.scanned is None and _may_wait(plan.call.env):
        answer = _waited(replace(plan, position=position, skips=False), position, answer)
    return answer


def _is_empty(answer: dict[str, Any]) -> bool:
    return not (answer["changed"] or answer["removed"] or answer["more"])


def _may_wait(env: Environment) -> bool:
    """Whether a request may wait: once, and while it holds nobody up by what it has written."""
    data = env.cr.precommit.data
    if data.get(_WAITED) or waiting.has_written(env.cr):
        return False
    data[_WAITED] = True
    return True


def _waited(plan: ChangesPlan, position: Position, answer: dict[str, Any]) -> dict[str, Any]:
    """Look again until there is something to tell, in transactions of its own: that of the request sees nothing new."""
    call = plan.call
    ends = time.monotonic() + plan.wait
    with call.env.registry.cursor() as cr:
        odoo_db.let_read_only(cr, statement_timeout=min(_number(call.env, STATEMENT_TIMEOUT) * 1000, LONGEST_TIMEOUT))
        with waiting.seat(cr, min(_number(call.env, CHANGE_WAITERS), MAX_SEATS)) as free:
            while free and (left := ends - time.monotonic()) > 0:
                time.sleep(min(waiting.PAUSE, left))
                cr.rollback()
                if not waiting.has_changes(cr, call.view.resource.model, position.base):
                    continue
                env = call.env(cr=cr)
                position, answer = told_now(replace(plan, call=replace(call, env=env), position=position))
                if not _is_empty(answer):
                    break
    return answer


def _number(env: Environment, setting: Setting) -> int:
    # sudo: system parameters are for administrators to read, but they hold for every caller.
    text = env["ir.config_parameter"].sudo().get_param(setting.name) or ""
    return parse_whole_number(text) or setting.default


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
        Param(
            "wait",
            Annotated[int, Field(ge=0, le=MAX_WAIT)],
            "Seconds to wait where there is nothing to tell. Few can wait at once: the answer may come earlier",
            default=0,
        ),
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
