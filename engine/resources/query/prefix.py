"""Conditions in the order in which Odoo writes them: an operator stands before its operands.

It must not know what a condition is about, nor what they are combined to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..failures import Failures

T = TypeVar("T")

#: How many operands each operator takes.
ARITY = {"&": 2, "|": 2, "!": 1}


def is_operator(item: object) -> bool:
    """Whether an item is an operator, and not a condition."""
    return isinstance(item, str) and item in ARITY


def combine_conditions(
    items: Sequence[T | str], combined: dict[str, Callable[..., T]], failures: Failures, path: str
) -> list[T]:
    """Apply the operators to the conditions after them.

    :param items: operators, and conditions that are no strings
    :param combined: by operator, what makes one condition of its operands
    :param failures: gets the operators that lack an operand
    :returns: what is left, in order: all of these have to hold
    """
    stack: list[T] = []
    for position in range(len(items) - 1, -1, -1):
        item = items[position]
        if not isinstance(item, str):
            stack.append(item)
        elif len(stack) < ARITY[item]:
            failures.add(f"{path}.{position}", "missing_operand", f"Fewer than {ARITY[item]} conditions follow")
        else:
            stack.append(combined[item](*(stack.pop() for _operand in range(ARITY[item]))))
    return stack[::-1]
