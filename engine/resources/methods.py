"""A catalogue of resources -> the MethodSpecs that do what it says.

It must not know where specs are kept, nor who may call them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..protocol.errors import Conflict, Forbidden, InvalidParams, NotFound, UserRefused, ValidationFailed
from ..protocol.spec import ErrorSpec, MethodSpec
from . import environment, examples, params, python_method, schema
from .failures import Failures
from .operations import OPERATIONS, Call
from .query.reader import encode
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
_ACTIONS = {
    "search": ("read",),
    "get": ("read",),
    "count": ("read",),
    "create": ("create",),
    "update": ("update",),
    "delete": ("delete",),
    "upsert": ("create", "update"),
}


def specs(catalogue: Catalogue, env: Environment, hidden: HiddenFields = ()) -> Iterator[MethodSpec]:
    """The methods of all resources.

    A method line that cannot be served is left out with a line in the log.

    :param env: knows the models; nothing of it stays in what is returned
    :param hidden: what not to document; every call goes by what its own caller sees
    """
    for resource in catalogue.resources.values():
        view = catalogue.documented(resource.name, hidden)
        for operation in OPERATIONS:
            if operation in resource.operations:
                yield operation_spec(catalogue, view, operation)
        for line in resource.methods:
            try:
                yield python_method.spec(catalogue, resource, line, env)
            except (AttributeError, TypeError, ValueError):
                _logger.exception("The JSON-RPC method %s.%s cannot be served", resource.name, line.name)


def operation_spec(catalogue: Catalogue, view: View, operation: str) -> MethodSpec:
    """One operation, documented as far as a view goes; a call goes by its caller's own."""
    resource = view.resource
    access = "read" if _ACTIONS[operation] == ("read",) else "write"
    documented = params.of(operation, view).specs
    names = tuple(param.name for param in documented)
    result, text = _RESULTS[operation](view)
    return MethodSpec(
        name=f"{resource.name}.{operation}",
        # Required ones first, which are where they are by position too.
        params=documented,
        result=result,
        bind=params.named(names),
        invoke=_invoker(catalogue, resource.name, operation),
        summary=_SUMMARIES[operation],
        description=resource.description,
        result_description=text,
        access=access,
        actions=_ACTIONS[operation],
        **resource.openness,
        errors=_ERRORS[access],
        deprecated=resource.deprecated,
        tags=(resource.name,),
        examples=examples.of(operation, view),
        secrets=catalogue.secrets(resource.name),
        log_level=resource.log_level,
    )


def _invoker(catalogue: Catalogue, resource: str, operation: str) -> Any:
    steps, needed = OPERATIONS[operation]

    def invoke(context: Any, raw: dict[str, Any]) -> Any:
        env, failures = context.env, Failures()
        view = catalogue.view(env, resource, catalogue.reach(context.credential))
        if not view.model(env).has_access(needed):
            raise Forbidden
        values = None
        try:
            values = params.of(operation, view).check(raw)
        except InvalidParams as refusal:
            failures.merge(refusal)
        env = environment.apply(env, raw.get("context"), failures, context.credential.company_ids)
        call = steps(Call(env, view, failures, raw, values))
        next(call)
        failures.refuse()
        return encode(next(call))

    return invoke


_SUMMARIES = {
    "search": "Find records, a page at a time",
    "get": "Read records by their ids",
    "count": "Count records",
    "create": "Create one record, or several at once",
    "update": "Change one record, or several at once",
    "delete": "Delete one record, or several at once",
    "upsert": "Change the record that a key stands for, or create it",
}


def _search_result(view: View) -> tuple[dict[str, Any], str]:
    properties = {
        "records": {"type": "array", "items": schema.record(view)},
        "next_cursor": {"type": ["string", "null"], "description": "Where the next page starts; null on the last one"},
        "total": {"type": "integer", "description": "Only with `with_total`"},
    }
    return {"type": "object", "properties": properties, "required": ["records", "next_cursor"]}, "One page of records"


def _get_result(view: View) -> tuple[dict[str, Any], str]:
    record = schema.record(view)
    return {"anyOf": [record, {"type": "array", "items": record}]}, "The record, or those of `ids` in their order"


def _ids_result(view: View) -> tuple[dict[str, Any], str]:
    one, many = {"id": {"type": "integer"}}, {"ids": {"type": "array", "items": {"type": "integer"}}}
    schemas = [{"type": "object", "properties": known, "required": list(known)} for known in (one, many)]
    return {"anyOf": schemas}, "The id, or the ids in the order in which they were sent"


def _upsert_result(view: View) -> tuple[dict[str, Any], str]:
    properties = {"id": {"type": "integer"}, "status": {"enum": ["created", "updated"]}}
    return {"type": "object", "properties": properties, "required": list(properties)}, "What became of which record"


_RESULTS = {
    "search": _search_result,
    "get": _get_result,
    "count": lambda view: ({"type": "integer", "minimum": 0}, "How many records there are"),
    "create": _ids_result,
    "update": _ids_result,
    "delete": _ids_result,
    "upsert": _upsert_result,
}
