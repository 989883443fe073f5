"""What a method is: its name, params, result, errors, and how it is called.

It must not know where a method comes from: a decorated Python function and a resource that
an administrator defined end up here as the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from inspect import getdoc
from typing import Any, Literal, get_args

from .errors import RpcError
from .values import ABSENT, Absent

_WORD = r"[a-zA-Z][a-zA-Z0-9_]*"
_METHOD_NAME = re.compile(rf"{_WORD}(\.{_WORD})*")
_RESERVED = "rpc."
_ACCESSES = ("read", "write")

#: The rights that a key can be granted on a namespace, as in Odoo's own access rights, and
#: ``call`` for what is none of the four.
ACTIONS = ("read", "create", "update", "delete", "call")
Action = Literal["read", "create", "update", "delete", "call"]

#: How much the log keeps of a call, from nothing to all.
LogLevel = Literal["none", "metadata", "params", "result"]
LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One param.

    :param schema: JSON Schema of its value; its own ``$defs`` where it refers to any
    :param required: whether a call without it is refused
    :param default: the value it has in a call without it; ABSENT on a required param
    :param variadic: it is the last one, and sent by position it takes all values that are left
    """

    name: str
    schema: dict[str, Any] = field(hash=False)
    required: bool
    default: Any | Absent = field(default=ABSENT, hash=False)
    description: str = ""
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class ErrorSpec:
    """One error that a method may answer."""

    code: int
    message: str
    type: str
    description: str = ""

    @classmethod
    def of_class(cls, error_class: type[RpcError]) -> ErrorSpec:
        """Return the documentation of an error class; its docstring is the description."""
        # vars(), because getdoc() would publish the docstring of a base class.
        documented = getdoc(error_class) if vars(error_class).get("__doc__") else None
        return cls(
            code=error_class.code,
            message=str(error_class.message),
            type=error_class.type,
            description=documented or "",
        )


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """One method.

    :param name: words joined by dots. "Method names that begin with the word rpc followed by
        a period character are reserved for rpc-internal methods and extensions and MUST NOT
        be used for anything else" (section 4): only ``reserved=True`` opens them, to the
        gateway itself
    :param params: in the order in which they are sent by position, required ones first
    :param result: JSON Schema of the result; ``{}`` where nothing is known about it
    :param bind: takes a request's params (list, dict or ABSENT) and returns the value of
        every param by name; raises :class:`~.errors.InvalidParams`
    :param invoke: takes a context and what ``bind`` returned, and returns the result
    :param secrets: names of params that must be left in no log and no table
    :param identify: takes the same, and returns the :class:`~..access.credential.Credential` that the params
        prove; for methods whose params, and not the request's headers, say who calls
    :param proves_identity: the call itself is the proof of who somebody is: it is answered anew each time,
        so it takes neither an idempotency key nor a dry run
    :param recheck: takes the same as ``invoke``, and raises what refuses the caller now; asked before an
        answer that was earned earlier is given again
    :param explain: takes a context and the exception that ended a call, when the call is undone
        already, and returns the :class:`~.errors.RpcError` to answer with; for methods whose
        callers know errors of another shape
    :param access: whether a call changes anything
    :param actions: the rights on its :attr:`namespace` that a call needs, all of them; by
        default ``read`` for what changes nothing, and ``call`` for the rest
    :param public: whether a caller without a credential may call it
    :param publishable: whether a key that anybody can read in a web page may call it
    :param needs_grant: whether a restricted key must be granted it; what tells callers about
        themselves does not
    :param deprecated: since when or in favour of what, if it is
    :param examples: OpenRPC example pairings
    :param streams: ``invoke`` returns a function that takes an environment and returns a generator of
        bytes, whole lines of JSON each. They are sent while they are read, in a transaction of their
        own; such a method only reads, and is called alone. Experimental: internal until exports use it
    :param log_level: the most that the log keeps of a call, one of :data:`LOG_LEVELS`; None for what
        is set for the caller
    :param log_name: takes the params by name, and returns what the log calls a call; by default
        it is the method's name
    :param differing: name of the param in which calls may differ that stand next to each other in a batch and
        are looked up together (:mod:`.jsonrpc.alike`); only for what reads
    :raises ValueError: for a name, an access, an action, params or errors that break the rules
        above, or for two params of one name, or two errors of one code
    """

    name: str
    params: tuple[ParamSpec, ...]
    result: dict[str, Any] = field(hash=False)
    bind: Callable[[list[Any] | dict[str, Any] | Absent], dict[str, Any]] = field(
        compare=False, repr=False
    )
    invoke: Callable[[Any, dict[str, Any]], Any] = field(compare=False, repr=False)
    secrets: tuple[str, ...] = ()
    identify: Callable[[Any, dict[str, Any]], Any] | None = field(
        default=None, compare=False, repr=False
    )
    proves_identity: bool = False
    recheck: Callable[[Any, dict[str, Any]], None] | None = field(
        default=None, compare=False, repr=False
    )
    explain: Callable[[Any, Exception], RpcError] | None = field(
        default=None, compare=False, repr=False
    )
    summary: str = ""
    description: str = ""
    result_description: str = ""
    access: Literal["read", "write"] = "read"
    actions: tuple[Action, ...] = ()
    public: bool = False
    publishable: bool = False
    needs_grant: bool = True
    errors: tuple[ErrorSpec, ...] = ()
    deprecated: str | None = None
    tags: tuple[str, ...] = ()
    examples: tuple[Any, ...] = field(default=(), hash=False)
    reserved: bool = False
    streams: bool = False
    log_level: LogLevel | None = None
    log_name: Callable[[Any], str] | None = field(default=None, compare=False, repr=False)
    differing: str | None = None

    def __post_init__(self) -> None:
        if not _METHOD_NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} is no method name: words of letters, digits and _, each"
                " starting with a letter, joined by dots"
            )
        if self.name.startswith(_RESERVED) and not self.reserved:
            raise ValueError(f"{self.name!r}: names that start with {_RESERVED!r} are reserved")
        if self.access not in _ACCESSES:
            raise ValueError(f"{self.name}: access is 'read' or 'write', not {self.access!r}")
        if self.access != "read" and (self.streams or self.differing):
            raise ValueError(f"{self.name}: a method that streams, or is looked up together with others, only reads")
        if not self.actions:
            # Frozen for everybody else.
            object.__setattr__(self, "actions", ("read" if self.access == "read" else "call",))
        for action in self.actions:
            if action not in ACTIONS:
                raise ValueError(f"{self.name}: no action is named {action!r}")
            # Who may only read must not change anything, not even by a method's mistake.
            if action != "call" and (action == "read") != (self.access == "read"):
                raise ValueError(f"{self.name}: access {self.access!r} does not {action}")
        if twice := _repeated(param.name for param in self.params):
            raise ValueError(f"{self.name}: two params are named {twice!r}")
        requirements = [param.required for param in self.params]
        if requirements != sorted(requirements, reverse=True):
            raise ValueError(f"{self.name}: a required param comes after an optional one")
        if twice := _repeated(error.code for error in self.errors):
            raise ValueError(f"{self.name}: two errors have the code {twice}")

    @property
    def namespace(self) -> str:
        """The first word of the name, by which keys are granted methods."""
        return self.name.partition(".")[0]


def _repeated(values: Iterable[Any]) -> Any:
    """Return the first value that comes a second time, or None."""
    seen: set[Any] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None
