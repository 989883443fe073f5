"""A catalogue of resources -> the MethodSpecs that do what it says.

It must not know where specs are kept, nor who may call them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..protocol.errors import Conflict, Forbidden, InvalidParams, NotFound, UserRefused, ValidationFailed
from ..protocol.spec import ErrorSpec, MethodSpec
from .environment import call_environment
from .failures import Failures
from .method_line import method_line_spec
from .operations.operation import Call, Operation
from .operations.params import name_positions
from .operations.registry import OPERATIONS
from .query.reader import encode_result
from .view import Catalogue, View

if TYPE_CHECKING:
    from odoo.api import Environment

    from .view import HiddenFields

_logger = logging.getLogger(__name__)

_READS = (Forbidden, InvalidParams, NotFound)
_WRITES = (*_READS, Conflict, UserRefused, ValidationFailed)
_ERRORS = {
    "read": tuple(ErrorSpec.of_class(error) for error in _READS),
    "write": tuple(ErrorSpec.of_class(error) for error in _WRITES),
}


def resource_specs(catalogue: Catalogue, env: Environment, hidden: HiddenFields = ()) -> Iterator[MethodSpec]:
    """The methods of all resources.

    A method line that cannot be served is left out with a line in the log.

    :param env: knows the models; nothing of it stays in what is returned
    :param hidden: what not to document; every call goes by what its own caller sees
    """
    for resource in catalogue.resources.values():
        view = catalogue.documented(resource.name, hidden)
        for name, operation in OPERATIONS.items():
            if name in resource.operations:
                yield operation_spec(catalogue, view, operation)
        for line in resource.methods:
            try:
                yield method_line_spec(catalogue, resource, line, env)
            except (AttributeError, TypeError, ValueError):
                _logger.exception("The JSON-RPC method %s.%s cannot be served", resource.name, line.name)


def operation_spec(catalogue: Catalogue, view: View, operation: Operation) -> MethodSpec:
    """One operation, documented as far as a view goes; a call goes by its caller's own."""
    resource = view.resource
    documented = operation.params_of(view).specs
    result, text = operation.result(view)
    return MethodSpec(
        name=f"{resource.name}.{operation.name}",
        # Required ones first, which are where they are by position too.
        params=documented,
        result=result,
        bind=name_positions(tuple(param.name for param in documented)),
        invoke=_invoker(catalogue, resource.name, operation),
        recheck=_rechecker(catalogue, resource.name, operation),
        summary=operation.summary,
        description=resource.description,
        result_description=text,
        access=operation.access,
        actions=operation.actions,
        **resource.openness,
        errors=(*_ERRORS[operation.access], *operation.errors),
        deprecated=resource.deprecated,
        tags=(resource.name,),
        examples=operation.examples_of(view),
        secrets=catalogue.secrets(resource.name),
        log_level=resource.log_level,
        differing=operation.differing,
    )


def _rechecker(catalogue: Catalogue, resource: str, operation: Operation) -> Any:
    """What refuses a caller who has lost the model's right since the call was answered."""

    def recheck(context: Any, raw: dict[str, Any]) -> None:
        view = catalogue.view(context.env, resource, catalogue.reach(context.credential))
        if not view.model(context.env).has_access(operation.model_access):
            raise Forbidden

    return recheck


def _invoker(catalogue: Catalogue, resource: str, operation: Operation) -> Any:
    def invoke(context: Any, raw: dict[str, Any]) -> Any:
        env, failures = context.env, Failures()
        view = catalogue.view(env, resource, catalogue.reach(context.credential))
        if not view.model(env).has_access(operation.model_access):
            raise Forbidden
        values = None
        try:
            values = operation.params_of(view).check(raw)
        except InvalidParams as refusal:
            failures.merge(refusal)
        env = call_environment(env, raw.get("context"), failures, context.credential.company_ids)
        plan = operation.check(Call(env, view, failures, raw, values, context.alike))
        # Whatever a check noted last: nothing runs while something is wrong.
        failures.refuse()
        return encode_result(operation.run(plan))

    return invoke
