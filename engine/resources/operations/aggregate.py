"""aggregate: count, add up and compare records in groups, a page of groups at a time.

What a call may group by and measure is what it may read; :mod:`..query.groups` does it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from ..definition import is_column, parse_order
from ..kinds import parse_date, parse_datetime
from ..query.cursor import cursor_scope, decode_cursor, encode_cursor
from ..query.domain import MAX_ITEMS
from ..query.field_path import parse_field_path
from ..query.groups import COMPARISONS, Column, Condition, Grouping, read_groups
from ..query.order import MAX_TERMS
from ..query.prefix import combine_conditions, is_operator
from ..view import View
from .checks import check_domain
from .operation import Call, Operation
from .params import Param, cursor_param, domain_param, limit_param

MAX_GROUP_BY = 8
MAX_MEASURES = 30
BUCKETS = ("day", "week", "month", "quarter", "year")
_COUNT = "count"
_NUMBERS = frozenset({"integer", "float", "monetary"})
_DATES = frozenset({"date", "datetime"})
#: By function, the types of fields that it takes; ``None``: all that records can be grouped by.
FUNCTIONS = {
    "count_distinct": None,
    "sum": _NUMBERS,
    "avg": _NUMBERS,
    "min": _NUMBERS | _DATES,
    "max": _NUMBERS | _DATES,
}


@dataclass(frozen=True, slots=True)
class AggregatePlan:
    """What to aggregate.

    :ivar scope: what cursors of this call are good for
    :ivar after: where the page before ended
    """

    call: Call
    grouping: Grouping
    limit: int
    scope: bytes
    after: Sequence[str | None] | None


def check_aggregate(call: Call) -> AggregatePlan:
    domain = check_domain(call) & call.view.resource.domain
    groups = [_group(call, text, f"group_by.{position}") for position, text in _texts(call, "group_by", [])]
    measures = [_measure(call, text, f"measures.{position}") for position, text in _texts(call, "measures", [_COUNT])]
    known = _by_name(call, groups, measures)
    having = _having(call, {name: column for name, column in known.items() if column in measures})
    order = _order(call, [column for column in groups if column], known)
    values = call.right_values()
    asked = [values[name] for name in ("domain", "group_by", "measures", "having")]
    terms = ",".join(f"{column.name} {'desc' if descending else 'asc'}" for column, descending in order)
    # The time zone decides which group a moment is in.
    scope = cursor_scope(call.env, f"{call.view.resource.name}.aggregate", terms, [*asked, str(call.env.tz)])
    after = None
    if values["cursor"] is not None:
        try:
            after = decode_cursor(call.env, scope, values["cursor"])
        except ValueError:
            call.failures.add("cursor", "invalid_cursor", "This cursor is not of this call")
    call.failures.refuse()
    grouping = Grouping(call.view, domain, groups, measures, having, order)
    return AggregatePlan(call, grouping, values["limit"], scope, after)


def run_aggregate(plan: AggregatePlan) -> dict[str, Any]:
    """:raises InvalidParams: a group holds amounts of several currencies"""
    env = plan.call.env
    groups, end = read_groups(env, plan.grouping, plan.limit, plan.after, plan.call.failures)
    return {"groups": groups, "next_cursor": None if end is None else encode_cursor(env, plan.scope, end)}


def _texts(call: Call, param: str, default: list[str]) -> list[tuple[int, str]]:
    """The texts of a list, with their positions; what is no text is wrong by type already."""
    sent = call.raw.get(param, default)
    sent = sent[: max(MAX_GROUP_BY, MAX_MEASURES)] if isinstance(sent, list) else []
    return [(position, text) for position, text in enumerate(sent) if isinstance(text, str)]


def _group(call: Call, text: str, where: str) -> Column | None:
    """``name``, or ``name:bucket`` for dates."""
    name, colon, bucket = text.partition(":")
    path = parse_field_path(call.env, call.view, name, call.failures, where)
    if path is None:
        return None
    if colon and (bucket not in BUCKETS or path.line.type not in _DATES):
        call.failures.add(where, "bucket", f"Dates and datetimes are grouped by one of {', '.join(BUCKETS)}")
        return None
    if not colon and path.line.type == "datetime":
        call.failures.add(where, "bucket", f"Write {name}: and one of {', '.join(BUCKETS)} after it")
        return None
    return Column(text, path, bucket=bucket or ("day" if path.line.type == "date" else None))


def _measure(call: Call, text: str, where: str) -> Column | None:
    """``count``, or ``name:function``."""
    if text == _COUNT:
        return Column(text)
    name, _colon, function = text.partition(":")
    if function not in FUNCTIONS:
        call.failures.add(where, "function", f"Write {_COUNT}, or a name, a colon and one of {', '.join(FUNCTIONS)}")
        return None
    path = parse_field_path(call.env, call.view, name, call.failures, where)
    if path is None:
        return None
    types = FUNCTIONS[function]
    if types is not None and path.line.type not in types:
        call.failures.add(where, "function", f"{function} takes fields of type {', '.join(sorted(types))}")
        return None
    currency = None
    if path.line.type == "monetary" and function != "count_distinct":
        model = path.view.model(call.env)
        currency = model._fields[path.line.field].get_currency_field(model)
        if not is_column(model, model._fields[currency]):
            call.failures.add(where, "function", f"The currencies of {name} cannot be told apart here")
            return None
    return Column(text, path, function=function, currency=currency)


def _by_name(call: Call, groups: list[Column | None], measures: list[Column | None]) -> dict[str, Column]:
    """All columns by their names, which are the members of an answer's groups."""
    known: dict[str, Column] = {}
    for param, columns in (("group_by", groups), ("measures", measures)):
        for position, column in enumerate(columns):
            if column is not None and column.name in known:
                call.failures.add(f"{param}.{position}", "duplicate", f"{column.name} stands there twice")
            elif column is not None:
                known[column.name] = column
    return known


def _order(call: Call, groups: list[Column], known: dict[str, Column]) -> list[tuple[Column, bool]]:
    """The terms of the order, completed by the groups that it does not name."""
    sent = call.raw.get("order")
    terms: dict[str, tuple[Column, bool]] = {}
    try:
        names = parse_order(sent if isinstance(sent, str) else None)
    except ValueError as exc:
        call.failures.add("order", "order", str(exc).capitalize())
        return []
    if len(names) > MAX_TERMS:
        call.failures.add("order", "too_long", f"At most {MAX_TERMS} terms are taken")
        return []
    for name, descending in names:
        if name not in known:
            call.failures.add("order", "not_sortable", "Groups are sorted by what group_by and measures name")
        elif name in terms:
            call.failures.add("order", "duplicate", f"{name} stands there twice")
        else:
            terms[name] = known[name], descending
    return [*terms.values(), *((column, False) for column in groups if column.name not in terms)]


def _having(call: Call, measures: dict[str, Column]) -> list[Condition | str]:
    sent = call.raw.get("having")
    if not isinstance(sent, list):
        return []
    if len(sent) > MAX_ITEMS:
        call.failures.add("having", "too_long", f"At most {MAX_ITEMS} conditions and operators are taken")
        return []
    found = [
        item if is_operator(item) else _condition(call, item, f"having.{at}", measures) for at, item in enumerate(sent)
    ]
    # Here only to find operators that lack an operand.
    operands = [item if is_operator(item) else None for item in found]
    combine_conditions(operands, dict.fromkeys("&|!", lambda *_operands: None), call.failures, "having")
    return [item for item in found if item is not None]


def _condition(call: Call, item: Any, where: str, measures: dict[str, Column]) -> Condition | None:
    if not isinstance(item, list) or len(item) != 3:
        call.failures.add(where, "condition", "Write [measure, operator, value], or one of & | !")
        return None
    name, operator, value = item
    measure = measures.get(name) if isinstance(name, str) else None
    if measure is None:
        call.failures.add(f"{where}.0", "unknown_measure", "Write one of the measures")
        return None
    if not isinstance(operator, str) or operator not in COMPARISONS:
        call.failures.add(f"{where}.1", "operator", f"The operators are {', '.join(COMPARISONS)}")
        return None
    try:
        return Condition(measure, operator, _operand(measure, operator, value))
    except ValueError as exc:
        call.failures.add(f"{where}.2", "type", str(exc))
        return None


def _operand(measure: Column, operator: str, value: Any) -> Any:
    """:raises ValueError: the value cannot be compared to the measure; the message says why"""
    if value is None:
        if operator not in ("=", "!="):
            raise ValueError("null cannot be compared to here")
        return None
    if measure.type in _DATES:
        if not isinstance(value, str):
            raise ValueError("Write a date or datetime as reading gives it")
        return parse_date(value) if measure.type == "date" else parse_datetime(value)
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("Write a number")
    return value


def _groupable(view: View) -> list[str]:
    """What a call can group by, of the resource's own fields."""
    names = []
    for name, line in view.readable.items():
        if line.column and view.resource.direct:
            names += [f"{name}:{bucket}" for bucket in BUCKETS] if line.type in _DATES else [name]
    return names


def _params(view: View) -> list[Param]:
    group_by = {"type": "array", "items": {"type": "string"}, "maxItems": MAX_GROUP_BY}
    measures = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_MEASURES}
    order = {"type": "string", "examples": [f"{_COUNT} desc"]}
    return [
        domain_param(view),
        Param(
            "group_by",
            Annotated[list[str], Field(max_length=MAX_GROUP_BY)],
            "What the records of a group have in common: names, names behind relations as `country.code`, dates by "
            f"{', '.join(BUCKETS)} as `date:month`. Without it, all records are one group. Names: "
            + ", ".join(_groupable(view)),
            default=[],
            documented=lambda: group_by,
        ),
        Param(
            "measures",
            Annotated[list[str], Field(min_length=1, max_length=MAX_MEASURES)],
            f"What is computed of each group: `{_COUNT}`, or a name and a function as `amount:sum`. Functions: "
            + ", ".join(FUNCTIONS),
            default=[_COUNT],
            documented=lambda: measures,
        ),
        Param(
            "having",
            list[Any],
            f'Which groups, as a domain on measures: `[["{_COUNT}", ">", 1]]`',
            default=[],
            documented=lambda: {"type": "array", "items": {}},
        ),
        Param("order", str, "By what `group_by` and `measures` name", documented=lambda: order),
        limit_param(view.resource.page_size, view.resource.max_page_size, "Most groups in the answer"),
        cursor_param("`next_cursor` of the page before; everything but `limit` must be the same"),
    ]


def _result(view: View) -> tuple[dict[str, Any], str]:
    group = {"type": "object", "description": "A member for each of `group_by` and `measures`, under that name"}
    properties = {
        "groups": {"type": "array", "items": group},
        "next_cursor": {"type": ["string", "null"], "description": "Where the next page starts; null on the last one"},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}, "One page of groups"


def _example(view: View) -> dict[str, dict[str, Any]]:
    return {
        "domain": {"value": []},
        "group_by": {"value": [name for name in _groupable(view) if name != "id"][:1]},
        "measures": {"value": [_COUNT]},
    }


OPERATION = Operation(
    name="aggregate",
    label="Aggregate",
    summary="Count, add up and compare records in groups",
    sequence=35,
    actions=("read",),
    model_access="read",
    params=_params,
    result=_result,
    example=_example,
    check=check_aggregate,
    run=run_aggregate,
)
