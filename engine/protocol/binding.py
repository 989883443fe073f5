"""The params of one call to values by name, checked as JSON and no laxer.

It must not know functions or docstrings: names, annotations and defaults are all it gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from .annotation import closed
from .errors import MAX_ERRORS, InvalidParams
from .spec import ParamSpec
from .values import ABSENT, Absent

#: Failures that are looked at one by one: pydantic makes a dictionary of each, or of none.
_MOST_FAILURES = 10_000


class Binder:
    """Checks and completes the params of one method.

    :param params: in the order of their positions
    :param annotations: the type of each, by name
    :param variadic: the name of the last param, if it takes every value that is left
    :raises TypeError: as :func:`~.annotation.closed`
    """

    __slots__ = ("_names", "_validate", "_variadic")

    def __init__(
        self,
        params: Sequence[ParamSpec],
        annotations: dict[str, Any],
        *,
        variadic: str | None = None,
    ):
        self._names = tuple(param.name for param in params if param.name != variadic)
        self._variadic = variadic
        self._validate = closed(_object_of(params, annotations)).validate_json

    def __call__(self, params: list[Any] | dict[str, Any] | Absent) -> dict[str, Any]:
        """Return the value of every param by name, defaults included.

        "by-position: params MUST be an Array, containing the values in the Server expected
        order. by-name: params MUST be an Object, with member names that match the Server
        expected parameter names. The absence of expected names MAY result in an error being
        generated. The names MUST match exactly, including case" (section 4.2).

        Values are checked as JSON: "5" is no integer and true no number, while a date is a
        string in ISO 8601, which is how JSON has dates.

        :raises InvalidParams: with every failure at once in ``data.errors``, each
            ``{"path", "type", "message"}``, and none of the values that were sent
        """
        surplus: list[dict[str, str]] = []
        omitted = 0
        if params is ABSENT:
            params = {}
        elif isinstance(params, list):
            omitted = max(0, len(params) - len(self._names) - MAX_ERRORS)
            params, surplus = self._named(params)
            omitted = omitted if surplus else 0
        try:
            # Encoded again, because only from JSON text does pydantic apply JSON's own
            # strictness; decoding had to be stricter than pydantic's, so it came first.
            values = self._validate(orjson.dumps(params), strict=True)
        except ValidationError as error:
            raise InvalidParams.listing(_failures(error) + surplus, omitted) from None
        if surplus:
            raise InvalidParams.listing(surplus, omitted)
        return values

    def _named(self, values: list[Any]) -> tuple[dict[str, Any], list[dict[str, str]]]:
        """Return positional values by name, and an error for each of the first that no param takes."""
        named = dict(zip(self._names, values, strict=False))
        if self._variadic is not None:
            return named | {self._variadic: values[len(self._names) :]}, []
        return named, [
            {
                "path": str(position),
                "type": "unexpected_positional_argument",
                "message": f"At most {len(self._names)} params are taken",
            }
            for position in range(len(self._names), min(len(values), len(self._names) + MAX_ERRORS))
        ]


def _object_of(params: Sequence[ParamSpec], annotations: dict[str, Any]) -> type:
    """Return a type that pydantic checks as an object with these members and no other.

    A core schema and no TypedDict, because of the defaults, and because a TypedDict takes
    no member whose annotation is a mere value to Python's typing.
    """

    class Params:
        @classmethod
        def __get_pydantic_core_schema__(
            cls, source: Any, handler: GetCoreSchemaHandler
        ) -> CoreSchema:
            return core_schema.typed_dict_schema(
                {
                    param.name: core_schema.typed_dict_field(
                        _value_of(param, handler.generate_schema(annotations[param.name])),
                        required=param.required,
                    )
                    for param in params
                },
                extra_behavior="forbid",
            )

    return Params


def _value_of(param: ParamSpec, schema: CoreSchema) -> CoreSchema:
    if param.required:
        return schema
    # pydantic copies a default that can change, so one call cannot change the next one's.
    return core_schema.with_default_schema(schema, default=param.default)


def _failures(error: ValidationError) -> list[dict[str, str]]:
    if error.error_count() > _MOST_FAILURES:
        message = f"{error.error_count()} values are wrong: too many to list"
        return [{"path": "", "type": "too_many_failures", "message": message}]
    return [
        {
            "path": ".".join(map(str, failure["loc"])),
            "type": failure["type"],
            "message": _message(failure),
        }
        for failure in error.errors(include_url=False, include_input=False)
    ]


def _message(failure: ErrorDetails) -> str:
    """Return pydantic's message, without the value where pydantic would quote it."""
    if failure["type"] == "union_tag_invalid":
        context = failure["ctx"]
        return f"{context['discriminator']} should be one of {context['expected_tags']}"
    if failure["type"] == "uuid_parsing":
        return "Input should be a valid UUID"
    return failure["msg"]
