"""What an operation of a resource is, and one call of it.

It must not know any operation by name, nor where operations are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...protocol.openrpc.sample import SampleError
from ...protocol.spec import Action, ErrorSpec
from ..failures import Failures
from ..view import View
from .params import Param, Params

if TYPE_CHECKING:
    from odoo.api import Environment

    from ...protocol.jsonrpc.alike import Alike


@dataclass(slots=True)
class Call:
    """One call of an operation.

    :ivar env: of the caller, in the context of the call
    :ivar failures: what is wrong with it, as far as it was looked at
    :ivar raw: the params as they were sent
    :ivar values: the same, right by type and completed; ``None`` where they are wrong
    :ivar alike: the calls of a batch that it is one of, and that differ in one param only
    """

    env: Environment
    view: View
    failures: Failures
    raw: dict[str, Any]
    values: dict[str, Any] | None
    alike: Alike | None = None

    def right_values(self) -> dict[str, Any]:
        """The params, once nothing is wrong with them.

        :raises InvalidParams: everything that was noted so far
        """
        self.failures.refuse()
        assert self.values is not None, "values that are wrong by type are noted before an operation checks them"
        return self.values


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    :ivar name: last part of the methods' names; its switch is the field ``can_<name>`` of a resource
    :ivar label: of the switch
    :ivar summary: one line for the documentation
    :ivar sequence: its place among the others, in documents and in the form
    :ivar actions: the rights on the resource that a key needs, all of them
    :ivar model_access: the access right on the model that the user needs: ``read``, ``write``, ``create``
        or ``unlink``
    :ivar params: of a view, in the order of their positions; ``context`` is added to all
    :ivar result: JSON Schema of the result for a view, and one line about it
    :ivar example: what a first call sends, as far as types do not tell: by name of the param,
        ``{"value": …}``, or ``{}`` where any value of its type will do
    :ivar check: notes everything that is wrong in ``call.failures`` and returns what is to be done,
        in whatever form ``run`` takes it; it changes nothing
    :ivar run: does it and returns the result
    :ivar errors: that only this operation answers
    :ivar on_by_default: whether a new resource has it switched on. An operation that resources did not
        have from the start stays off: an upgrade must not open anything
    :ivar differing: the param in which calls may differ that are answered together, if there is one
    """

    name: str
    label: str
    summary: str
    sequence: int
    actions: tuple[Action, ...]
    model_access: str
    params: Callable[[View], list[Param]]
    result: Callable[[View], tuple[dict[str, Any], str]]
    example: Callable[[View], dict[str, dict[str, Any]]]
    check: Callable[[Call], Any]
    run: Callable[[Any], Any]
    errors: tuple[ErrorSpec, ...] = ()
    on_by_default: bool = False
    differing: str | None = None

    @property
    def access(self) -> str:
        """``"read"`` if it changes nothing, else ``"write"``."""
        return "read" if self.actions == ("read",) else "write"

    @property
    def switch(self) -> str:
        """The name of the field of a resource that switches it on."""
        return f"can_{self.name}"

    def params_of(self, view: View) -> Params:
        """The params, as a caller with this view may send them; made once."""
        if self.name not in view.types:
            view.types[self.name] = Params(self.params(view))
        return view.types[self.name]

    def examples_of(self, view: View) -> tuple[dict[str, Any], ...]:
        """Example pairings of OpenRPC; the document makes up missing values and results from the types.

        The types alone do not tell which params go together: one of ``id`` and ``ids``, or what
        a new record needs.
        """
        try:
            sent = self.example(view)
        except SampleError:
            return ()
        return ({"name": "sample", "params": [{"name": name, **value} for name, value in sent.items()]},)
