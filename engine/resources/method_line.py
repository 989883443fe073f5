"""A public method of a model, chosen by an administrator -> a MethodSpec.

Its params are what its type hints say, else what the administrator's JSON Schema says. It
must not know how lines are stored.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from odoo.models import BaseModel

from ..compat import odoo_orm
from ..protocol import signature
from ..protocol.errors import Conflict, Forbidden, InvalidParams, NotFound, UserRefused, ValidationFailed
from ..protocol.spec import MethodSpec
from .change.names import Names
from .change.writer import check_inside, existing_records
from .definition import MethodDef, ResourceDef
from .environment import ContextParam, call_environment
from .failures import Failures
from .json_types import UNSET, schema_parameters
from .kinds import NamedId
from .view import Catalogue

if TYPE_CHECKING:
    from odoo.api import Environment

_ERRORS = (Conflict, Forbidden, InvalidParams, NotFound, UserRefused, ValidationFailed)
#: Of what every model has, what a resource may expose: the rest reads and writes past its fields.
_COMMON = frozenset({"action_archive", "action_unarchive"})
_OWN = frozenset({"ids", "context"})


def method_line_spec(catalogue: Catalogue, resource: ResourceDef, line: MethodDef, env: Environment) -> MethodSpec:
    """Describe a method.

    :raises AttributeError: the model has no such method
    :raises ValueError: it cannot be exposed; the message says why
    :raises TypeError: its signature cannot be described
    """
    model = env[resource.model]
    method = public_method(model, line)
    described = _described(method, line, resource.max_page_size)
    name = f"{resource.name}.{line.name}"

    def invoke(context: Any, values: dict[str, Any]) -> Any:
        failures = Failures()
        own = {key: values.pop(key) for key in _OWN & values.keys()}
        env = call_environment(context.env, own["context"], failures, context.credential.company_ids)
        failures.refuse()
        view = catalogue.view(env, resource.name, catalogue.reach(context.credential))
        records = view.model(env)
        if line.takes_ids:
            names = Names(env, failures)
            ids = names.ids(view, own["ids"], "ids")
            names.resolve()
            failures.refuse()
            records = existing_records(env, view, list(dict.fromkeys(ids)))
        # Looked up again: what is called is the method of this registry, overrides included.
        result = odoo_orm.public_method(records, line.method)(records, **values)
        if line.access == "write":
            _check_left_inside(records, result, resource)
        return result.ids if isinstance(result, BaseModel) else result

    return signature.describe(
        described,
        name=name,
        invoke=invoke,
        access=line.access,
        **resource.openness,
        errors=_ERRORS,
        deprecated=resource.deprecated,
        tags=(resource.name,),
        secrets=catalogue.secrets(resource.name),
        log_level=resource.log_level,
        **({"description": line.description} if line.description else {}),
    )


def _check_left_inside(records: BaseModel, result: Any, resource: ResourceDef) -> None:
    """:raises ValidationFailed: what the method was called on, or gave back, is outside of the resource now"""
    if isinstance(result, BaseModel) and result._name == records._name:
        records |= result
    if records and not resource.domain.is_true():
        check_inside(records.exists(), resource.domain)


def check_method_line(model: BaseModel, line: MethodDef) -> None:
    """Refuse a line that cannot be served.

    :raises ValueError: why
    :raises TypeError: why; the signature cannot be described
    """
    signature.describe(_described(public_method(model, line), line, 1), name="resource.method", invoke=id)


def public_method(model: BaseModel, line: MethodDef) -> Callable[..., Any]:
    """The method of a model that a line exposes.

    :raises ValueError: it does not exist or cannot be exposed; the message says why
    """
    name = line.method
    if name.startswith("_"):
        raise ValueError(f"{name} starts with an underscore: it is private")
    if name not in _COMMON and hasattr(BaseModel, name):
        raise ValueError(f"{name} works on any field of any record, around this resource")
    try:
        method = odoo_orm.public_method(model, name)
    except AttributeError:
        raise ValueError(f"the model has no method {name}") from None
    except Exception as exc:
        raise ValueError(f"{name} is private") from exc
    if line.takes_ids and odoo_orm.takes_no_ids(method):
        raise ValueError(f"{name} is called on the model, not on records: it takes no ids")
    return method


def needs_schema(method: Callable[..., Any]) -> bool:
    """Whether a method's signature does not tell the types of all its params."""
    parameters = _parameters(method)
    return any(parameter.annotation is parameter.empty for parameter in parameters)


def _described(method: Callable[..., Any], line: MethodDef, most: int) -> Callable[..., Any]:
    """A function with the signature that callers see; it is described, and never called."""

    def described() -> None:
        """"""

    described.__doc__ = method.__doc__
    described.__name__ = line.name
    described.__qualname__ = method.__qualname__
    described.__module__ = method.__module__
    params: list[inspect.Parameter] = []
    if line.takes_ids:
        ids = Annotated[list[NamedId], Field(min_length=1, max_length=most)]
        params.append(inspect.Parameter("ids", inspect.Parameter.KEYWORD_ONLY, annotation=ids))
    returns = inspect.Signature.empty
    if line.params is not None:
        _check_names(method, line)
        own = {parameter.name: parameter.default for parameter in _parameters(method)}
        params += [
            param.replace(default=own[param.name]) if param.default is UNSET else param
            for param in schema_parameters(line.params)
        ]
    else:
        if needs_schema(method):
            raise ValueError(f"{line.method} has no type hints: give a JSON Schema of its params")
        hints = typing.get_type_hints(method, include_extras=True)
        params += [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[parameter.name])
            for parameter in _parameters(method)
        ]
    if taken := {param.name for param in params[line.takes_ids :]} & _OWN:
        raise ValueError(f"a param cannot be named {min(taken)}")
    params.append(inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=ContextParam, default={}))
    params.sort(key=lambda param: param.default is not param.empty)
    described.__signature__ = inspect.Signature(params, return_annotation=returns)
    described.__annotations__ = {param.name: param.annotation for param in params}
    return described


def _check_names(method: Callable[..., Any], line: MethodDef) -> None:
    """Refuse a JSON Schema that names params which the method does not take, or omits one that it needs."""
    given = set(line.params.get("properties", ()))
    required = set(line.params.get("required", ()))
    parameters = {parameter.name: parameter for parameter in _parameters(method)}
    if unknown := given - parameters.keys():
        raise ValueError(f"{line.method} takes no param {min(unknown)}")
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in required:
            raise ValueError(f"{line.method} needs the param {name}: the JSON Schema has to require it")


def _parameters(method: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters after the receiver.

    :raises ValueError: one of them has no name that a caller could send
    """
    _receiver, *parameters = inspect.signature(method).parameters.values()
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise ValueError(f"the parameter {parameter.name} of {method.__name__} cannot be sent by name")
    return parameters
