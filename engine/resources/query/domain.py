"""The ``domain`` param -> a Domain on the model, checked to the last member.

It is Odoo's own syntax, with external names: ``[["country.code", "=", "BE"], "|", …]``. Only
what the caller may see and filter by is a name, only listed operators are operators, and a
relation is followed only to records that the resource on its other side shows to the
caller. It must not know SQL, nor what is done with the Domain.
"""

from __future__ import annotations

import math
import operator as operators
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from odoo.fields import Domain

from ..definition import FieldDef
from ..failures import Failures
from ..kinds import KINDS, parse_date, parse_datetime
from ..view import View
from .prefix import combine_conditions, is_operator

if TYPE_CHECKING:
    from odoo.api import Environment

#: Conditions and operators in one call, nested ones included.
MAX_ITEMS = 200
#: Values in all lists of one call.
MAX_VALUES = 5_000
#: Relations that a condition follows, by dots and by ``any`` together.
MAX_DEPTH = 4
#: Characters of a text to compare to.
MAX_TEXT = 1_000

_LISTS = frozenset({"in", "not in"})
_NESTING = frozenset({"any", "not any"})
_ORDERED = frozenset({"<", "<=", ">", ">="})
_COMBINED = {"&": operators.and_, "|": operators.or_, "!": operators.invert}
_INTEGERS = frozenset({"id", "integer", "many2one_reference", "many2one", "one2many", "many2many"})


def parse_domain(env: Environment, view: View, raw: list[Any], failures: Failures, path: str = "domain") -> Domain:
    """Check a domain.

    :param raw: as it was sent
    :param failures: gets everything that is wrong, with the path of each
    :returns: the Domain on the resource's model, its own domain not included; meaningless
        where something was wrong
    """
    return _Parser(env, failures).parse(view, raw, path, 0)


def related_domain(env: Environment, view: View, line: FieldDef, domain: Domain, operator: str) -> Domain:
    """The condition that a relation's other side fits a domain, among what the caller sees there."""
    if not env[line.comodel].has_access("read"):
        # Odoo would refuse, in words that name the model; of records that nobody sees, none fits.
        return Domain(line.field, operator, Domain.FALSE)
    domain &= view.target_domain(line)
    if view.model(env)._fields[line.field].bypass_search_access:
        # Odoo would not apply the record rules of the other side.
        return Domain(line.field, operator, env[line.comodel]._search(domain, active_test=False))
    return Domain(line.field, operator, domain)


class _Wrong(Exception):
    """A value that cannot be compared to; ``args`` are type and message."""


class _Parser:
    def __init__(self, env: Environment, failures: Failures):
        self._env = env
        self._failures = failures
        self._items = MAX_ITEMS
        self._values = MAX_VALUES

    def parse(self, view: View, raw: list[Any], path: str, depth: int) -> Domain:
        self._items -= len(raw)
        if self._items < 0:
            self._failures.add(path, "too_long", f"At most {MAX_ITEMS} conditions and operators are taken")
            return Domain.TRUE
        parts = [
            item if is_operator(item) else self._condition(view, item, f"{path}.{position}", depth)
            for position, item in enumerate(raw)
        ]
        return Domain.AND(combine_conditions(parts, _COMBINED, self._failures, path))

    def _condition(self, view: View, item: Any, path: str, depth: int) -> Domain:
        if not isinstance(item, list) or len(item) != 3:
            self._failures.add(path, "condition", "Write [name, operator, value], or one of & | !")
            return Domain.TRUE
        name, operator, value = item
        if not isinstance(name, str) or not name:
            self._failures.add(f"{path}.0", "type", "Write the name of a field")
            return Domain.TRUE
        return self._step(view, name.split("."), operator, value, path, depth)

    def _step(self, view: View, names: list[str], operator: Any, value: Any, path: str, depth: int) -> Domain:
        """The condition on the first of ``names``, and through it on the others."""
        first, *rest = names
        line = view.filterable.get(first)
        if line is None:
            if first in view.known:
                self._failures.add(f"{path}.0", "not_filterable", f"Records cannot be filtered by {first}")
            else:
                self._failures.unknown(f"{path}.0")
            return Domain.TRUE
        if not rest:
            return self._leaf(view, line, operator, value, path, depth)
        target = view.target(self._env, line)
        if target is None:
            self._failures.unknown(f"{path}.0")
            return Domain.TRUE
        if depth >= MAX_DEPTH:
            self._failures.add(f"{path}.0", "too_deep", f"At most {MAX_DEPTH} relations can be followed")
            return Domain.TRUE
        inner = self._step(target, rest, operator, value, path, depth + 1)
        return related_domain(self._env, view, line, inner, "any")

    def _leaf(self, view: View, line: FieldDef, operator: Any, value: Any, path: str, depth: int) -> Domain:
        kind = KINDS[line.type]
        if not isinstance(operator, str) or operator not in kind.operators:
            allowed = ", ".join(sorted(kind.operators))
            self._failures.add(f"{path}.1", "operator", f"The operators of {line.name} are {allowed}")
            return Domain.TRUE
        if operator in _NESTING:
            return self._nested(view, line, operator, value, path, depth)
        try:
            operand = self._operand(line, operator, value)
        except _Wrong as wrong:
            self._failures.add(f"{path}.2", *wrong.args)
            return Domain.TRUE
        if line.multiple and operand is not False:
            # Odoo would tell whether a record is linked that the caller may not see.
            ids = operand if operator in _LISTS else [operand]
            nesting = "any" if operator in ("=", "in") else "not any"
            return related_domain(self._env, view, line, Domain("id", "in", ids), nesting)
        return Domain(line.field, operator, operand)

    def _nested(self, view: View, line: FieldDef, operator: str, value: Any, path: str, depth: int) -> Domain:
        target = view.target(self._env, line)
        if target is None:
            self._failures.add(f"{path}.1", "operator", f"The fields of {line.name} cannot be filtered by")
        elif depth >= MAX_DEPTH:
            self._failures.add(f"{path}.0", "too_deep", f"At most {MAX_DEPTH} relations can be followed")
        elif not isinstance(value, list):
            self._failures.add(f"{path}.2", "type", "Write a domain")
        else:
            inner = self.parse(target, value, f"{path}.2", depth + 1)
            return related_domain(self._env, view, line, inner, operator)
        return Domain.TRUE

    def _operand(self, line: FieldDef, operator: str, value: Any) -> Any:
        """The value to compare to, as the ORM takes it.

        :raises _Wrong: it does not fit the field or the operator
        """
        if operator not in _LISTS:
            return self._value(line, operator, value)
        if not isinstance(value, list):
            raise _Wrong("type", "Write a list of values")
        self._values -= len(value)
        if self._values < 0:
            raise _Wrong("too_long", f"At most {MAX_VALUES} values are taken")
        if line.multiple and None in value:
            raise _Wrong("type", 'Compare to null with "=" or "!="')
        return [self._value(line, operator, item) for item in value]

    def _value(self, line: FieldDef, operator: str, value: Any) -> Any:
        if value is None:
            if operator in _ORDERED or operator.endswith("like") or not KINDS[line.type].empty:
                raise _Wrong("type", "null cannot be compared to here")
            return False
        if operator.endswith("like"):
            return _text(value)
        return _CHECKS.get(line.type, _text)(value, line)


def _text(value: Any, line: FieldDef | None = None) -> str:
    if not isinstance(value, str):
        raise _Wrong("type", "Write a string")
    if len(value) > MAX_TEXT:
        raise _Wrong("too_long", f"At most {MAX_TEXT} characters are compared to")
    return value


def _selection(value: Any, line: FieldDef) -> str:
    if line.options is not None and value not in line.options:
        raise _Wrong("enum", f"Write one of {', '.join(line.options)}")
    return _text(value)


def _boolean(value: Any, line: FieldDef) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("type", "Write true or false")
    return value


def _integer(value: Any, line: FieldDef) -> int:
    if type(value) is not int or not -(2**31) <= value < 2**31:
        raise _Wrong("type", "Write an integer of 32 bits")
    return value


def _number(value: Any, line: FieldDef) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise _Wrong("type", "Write a number")
    return float(value)


def _day(value: Any, line: FieldDef) -> date:
    try:
        return parse_date(_text(value))
    except ValueError:
        raise _Wrong("date", "Write a date as 2026-01-31") from None


def _moment(value: Any, line: FieldDef) -> datetime:
    try:
        return parse_datetime(_text(value))
    except ValueError:
        raise _Wrong("datetime", "Write a moment as 2026-01-31T12:00:00Z") from None


def _nothing(value: Any, line: FieldDef) -> Any:
    raise _Wrong("type", "Only null can be compared to here")


_CHECKS = {
    "selection": _selection,
    "boolean": _boolean,
    "float": _number,
    "monetary": _number,
    "date": _day,
    "datetime": _moment,
    "binary": _nothing,
    **dict.fromkeys(_INTEGERS, _integer),
}
