"""A Python function to the :class:`~.spec.MethodSpec` that its signature and docstring are.

It must not know who decorated the function, nor call it.

The type hints are the validator and the documentation at once, so the two cannot disagree:
pydantic makes the JSON Schema of a param and the check of its values from one annotation.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, Optional

from pydantic.fields import FieldInfo
from pydantic_core import PydanticSerializationError, to_jsonable_python

from . import docstring
from .annotation import json_schema
from .binding import Binder
from .errors import RpcError
from .spec import ErrorSpec, MethodSpec, ParamSpec
from .values import ABSENT

_REFUSED_KINDS = {
    inspect.Parameter.VAR_KEYWORD: "**{} cannot be documented; name every param",
    inspect.Parameter.POSITIONAL_ONLY: "{} is positional-only; params are sent by name too",
}


def describe(
    function: Callable[..., Any],
    *,
    name: str,
    invoke: Callable[[Any, dict[str, Any]], Any],
    errors: Iterable[type[RpcError]] = (),
    injected: Iterable[type] = (),
    **more: Any,
) -> MethodSpec:
    """Return the spec of a function.

    Every parameter is a param, except a first ``self`` or ``cls`` and those that
    :func:`injected_names` tells. One without annotation takes any value. ``*args: T`` is an
    optional param, the last one, whose value is a list of T; sent by position, it takes
    what is left. ``bind`` gives it as a list, and :func:`arguments` spreads it again.

    The docstring's first paragraph becomes the summary, the text before its fields the
    description, ``:param x:`` and ``:returns:`` the descriptions of param and result.

    :param name: of the RPC method
    :param invoke: takes a context and the bound values and returns the result
    :param errors: classes of the errors that the method declares
    :param injected: types whose parameters the gateway fills in
    :param more: fields of :class:`~.spec.MethodSpec` as they are; they win over the docstring
    :raises TypeError: for a signature that no JSON-RPC method can have: ``**kwargs``, a
        positional-only parameter, anything after ``*args``, an annotation that cannot be
        resolved, that JSON cannot express, or that would drop unknown members in silence
    :raises ValueError: as :class:`~.spec.MethodSpec`
    """
    hidden = injected_names(function, injected)
    parameters = [p for p in _parameters(function) if p.name not in hidden]
    hints = _hints(function)
    documented = docstring.parse_docstring(function.__doc__)
    params: list[ParamSpec] = []
    annotations: dict[str, Any] = {}
    variadic = None
    for parameter in parameters:
        name_ = parameter.name
        if variadic:
            raise _refused(function, f"{name_} comes after *{variadic}")
        if parameter.kind is parameter.VAR_POSITIONAL:
            variadic = name_
        annotation, default = _type_and_default(function, parameter, hints.get(name_, Any))
        schema = _schema(function, name_, annotation, "validation")
        if default is not ABSENT:
            schema |= _default_member(default)
        annotations[name_] = annotation
        text = documented.params.get(name_) or schema.get("description", "")
        params.append(ParamSpec(name_, schema, default is ABSENT, default, text, variadic == name_))
    result = {}
    if "return" in hints:
        result = _schema(function, "the result", hints["return"], "serialization")
    texts = {
        "summary": documented.summary,
        "description": documented.description,
        "result_description": documented.returns,
    }
    return MethodSpec(
        name=name,
        params=tuple(params),
        result=result,
        bind=_binder(function, params, annotations, variadic),
        invoke=invoke,
        errors=tuple(ErrorSpec.of_class(error) for error in errors),
        **(texts | more),
    )


def injected_names(function: Callable[..., Any], types: Iterable[type]) -> dict[str, type]:
    """Return the parameters that the gateway fills in: the type of each by its name.

    They are those whose annotation is one of ``types`` itself, not a subclass of it.

    :raises TypeError: for an annotation that cannot be resolved
    """
    hints = _hints(function)
    types = tuple(types)
    return {name: hint for name, hint in hints.items() if name != "return" and hint in types}


def arguments(function: Callable[..., Any]) -> Callable[[dict[str, Any]], tuple[list, dict]]:
    """Return what turns values by name into the ``args, kwargs`` to call a function with.

    Only a function with ``*args`` needs positions; any other gets every value by name.

    :returns: a callable that takes every parameter's value, injected ones included
    """
    parameters = list(_parameters(function))
    names = [parameter.name for parameter in parameters]
    kinds = [parameter.kind for parameter in parameters]
    if inspect.Parameter.VAR_POSITIONAL not in kinds:
        return lambda values: ([], values)
    place = kinds.index(inspect.Parameter.VAR_POSITIONAL)
    before, variadic, after = names[:place], names[place], names[place + 1 :]
    return lambda values: (
        [*(values[name] for name in before), *values[variadic]],
        {name: values[name] for name in after},
    )


def _parameters(function: Callable[..., Any]) -> Iterable[inspect.Parameter]:
    """Return the parameters after the receiver."""
    parameters = list(inspect.signature(function).parameters.values())
    if parameters and parameters[0].name in ("self", "cls"):
        del parameters[0]
    return parameters


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    original = inspect.unwrap(function)
    try:
        # Asked of the annotations alone: of a function, Python 3.10 would make every hint
        # whose default is None an Optional one, injected types included.
        return typing.get_type_hints(
            SimpleNamespace(__annotations__=original.__annotations__),
            globalns=getattr(original, "__globals__", {}),
            include_extras=True,
        )
    except (NameError, TypeError, SyntaxError, AttributeError) as error:
        raise _refused(function, f"an annotation cannot be resolved ({error})") from error


def _type_and_default(
    function: Callable[..., Any], parameter: inspect.Parameter, annotation: Any
) -> tuple[Any, Any]:
    """Return what a param's values are and what they are by default, or ABSENT."""
    name, default = parameter.name, parameter.default
    if parameter.kind in _REFUSED_KINDS:
        raise _refused(function, _REFUSED_KINDS[parameter.kind].format(name))
    if isinstance(default, FieldInfo):
        raise _refused(function, f"write {name}: Annotated[..., Field(...)] = default")
    if parameter.kind is parameter.VAR_POSITIONAL:
        return list[annotation], []
    if default is parameter.empty:
        return annotation, ABSENT
    # Else a caller who sends the documented default would be refused.
    return (Optional[annotation] if default is None else annotation), default


def _schema(
    function: Callable[..., Any],
    what: str,
    annotation: Any,
    mode: typing.Literal["validation", "serialization"],
) -> dict[str, Any]:
    try:
        return json_schema(annotation, mode)
    except TypeError as error:
        raise _refused(function, f"{what}: {error}") from error


def _binder(
    function: Callable[..., Any],
    params: list[ParamSpec],
    annotations: dict[str, Any],
    variadic: str | None,
) -> Binder:
    try:
        return Binder(params, annotations, variadic=variadic)
    except TypeError as error:
        raise _refused(function, str(error)) from error


def _default_member(default: Any) -> dict[str, Any]:
    """Return the ``default`` member of a schema; none for a default that JSON cannot express."""
    try:
        return {"default": to_jsonable_python(default)}
    except PydanticSerializationError:
        return {}


def _refused(function: Callable[..., Any], reason: str) -> TypeError:
    return TypeError(f"{function.__module__}.{function.__qualname__}: {reason}")
