"""A JSON Schema to a value that fits it: the same value every time.

For examples, forms and tests. It must not know what the value is for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

_OF_FORMAT = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T08:30:00Z",
    "time": "08:30:00",
    "duration": "P1D",
    "email": "ann@example.com",
    "uri": "https://example.com/",
    "uuid": "3f2b6c1e-8a4d-4c3b-9e5f-0a1b2c3d4e5f",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "base64": "QUJD",
    "base64url": "QUJD",
    "binary": "QUJD",
    "decimal": "1.0",
}
_TEXTS = (
    "text", "a", "A", "Text", "1", "1.0", "A1", "a1", "a_b", "a.b", "en_US", "EUR",
    "base.main_company", *_OF_FORMAT.values(),
)  # fmt: skip
#: How often a sample goes through one reference before it looks for a way out.
_MAX_VISITS = 2


class SampleError(ValueError):
    """The schema asks for more than can be made up: an unusual pattern, an endless object."""


class Sampler:
    """Makes values up for the schemas of one document.

    :param document: the JSON that references of the form ``#/a/b`` lead into
    """

    def __init__(self, document: Any):
        self._document = document
        self._made: dict[tuple[str, bool], Any] = {}

    def smallest(self, schema: Any) -> Any:
        """Return a value with nothing in it that may be left out.

        :raises SampleError: no value was found
        """
        return _Making(self._document, self._made, whole=False).value(schema)

    def whole(self, schema: Any) -> Any:
        """Return a value that shows every member, and lists of one item.

        :raises SampleError: no value was found
        """
        return _Making(self._document, self._made, whole=True).value(schema)


class _Making:
    """The making of one value: how deep it is inside of each reference.

    :param made: values by reference and ``whole``, shared with the making of other values
    """

    def __init__(self, document: Any, made: dict[tuple[str, bool], Any], *, whole: bool):
        self._document = document
        self._made = made
        self._whole = whole
        self._visits: dict[str, int] = {}
        self._dead_ends = 0

    def value(self, schema: Any) -> Any:
        if schema is False:
            raise SampleError("nothing fits the schema false")
        if schema is True or not schema:
            return "text"
        if (reference := schema.get("$ref")) is not None:
            return self._referred(reference)
        if schema.get("examples"):
            return schema["examples"][0]
        # A default of null says that the param may be left out, and nothing of its values.
        if schema.get("default") is not None:
            return schema["default"]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if "allOf" in schema:
            return self._merged(schema)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                siblings = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}
                return self._first_of(_with(siblings, part) for part in _nulls_last(schema[keyword]))
        return self._of_type(schema)

    def _referred(self, reference: str) -> Any:
        if (reference, self._whole) in self._made:
            return self._made[reference, self._whole]
        if self._visits.get(reference, 0) >= _MAX_VISITS:
            self._dead_ends += 1
            raise SampleError(f"{reference} leads to itself")
        self._visits[reference] = self._visits.get(reference, 0) + 1
        dead_ends = self._dead_ends
        try:
            value = self.value(_at(self._document, reference))
        finally:
            self._visits[reference] -= 1
        if self._dead_ends == dead_ends:
            # Else it may have been cut short for what it is a part of here.
            self._made[reference, self._whole] = value
        return value

    def _first_of(self, schemas: Iterable[Any]) -> Any:
        reason = SampleError("there is no alternative")
        for schema in schemas:
            try:
                return self.value(schema)
            except SampleError as error:
                reason = error
        raise reason

    def _merged(self, schema: dict[str, Any]) -> Any:
        """Return a value of everything that is in ``allOf``, one level deep."""
        siblings = {k: v for k, v in schema.items() if k != "allOf"}
        together: dict[str, Any] = {}
        for part in (*schema["allOf"], siblings):
            for keyword, value in self._resolved(part).items():
                if keyword in together and isinstance(value, dict):
                    together[keyword] = {**together[keyword], **value}
                elif keyword in together and keyword == "required":
                    together[keyword] = [*together[keyword], *value]
                else:
                    together[keyword] = value
        return self.value(together)

    def _resolved(self, schema: Any) -> dict[str, Any]:
        """Return a schema that is no mere reference."""
        found = schema
        while isinstance(found, dict) and "$ref" in found:
            found = _at(self._document, found["$ref"])
        return found if isinstance(found, dict) else {}

    def _of_type(self, schema: dict[str, Any]) -> Any:
        kinds = schema.get("type", _implied_type(schema))
        if isinstance(kinds, list):
            return self._first_of(
                {**schema, "type": kind} for kind in sorted(kinds, key="null".__eq__)
            )
        if kinds == "object":
            return self._object(schema)
        if kinds == "array":
            return self._array(schema)
        if kinds in ("integer", "number"):
            return _number(schema, kinds)
        if kinds == "string":
            return _text(schema)
        return {"boolean": True, "null": None}[kinds]

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        made = {}
        for name, part in properties.items():
            if name in required:
                made[name] = self.value(part)
            elif self._whole:
                try:
                    made[name] = self.value(part)
                except SampleError:
                    continue
        wanted = max(schema.get("minProperties", 0), int(self._whole and not properties))
        others = schema.get("additionalProperties", True)
        for name, part in (*properties.items(), ("key", others), ("other", others)):
            if len(made) >= wanted:
                break
            if name not in made and part is not False:
                made[name] = self.value(part)
        return made

    def _array(self, schema: dict[str, Any]) -> list[Any]:
        items = schema.get("items", True)
        if isinstance(items, list):
            return [self.value(item) for item in items]
        least = schema.get("minItems", 0)
        if not least and (not self._whole or schema.get("maxItems") == 0):
            return []
        try:
            return [self.value(items) for _ in range(max(least, 1))]
        except SampleError:
            if least:
                raise
            return []


def _nulls_last(alternatives: Iterable[Any]) -> list[Any]:
    """Return alternatives with null last: it shows the least."""
    return sorted(alternatives, key={"type": "null"}.__eq__)


def _with(siblings: dict[str, Any], alternative: Any) -> Any:
    return {**siblings, **alternative} if isinstance(alternative, dict) else alternative


def _at(document: Any, reference: str) -> Any:
    """Return what a JSON Pointer leads to (RFC 6901).

    :raises SampleError: it leads nowhere in this document
    """
    found = document
    for escaped in reference.removeprefix("#").split("/")[1:]:
        token = escaped.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict) or token not in found:
            raise SampleError(f"{reference} leads nowhere")
        found = found[token]
    return found


def _implied_type(schema: dict[str, Any]) -> str:
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _number(schema: dict[str, Any], kind: str) -> int | float:
    """Return 1 where it fits, else the number in range that is nearest to the lower end."""
    step = schema.get("multipleOf", 1 if kind == "integer" else None)
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = max(schema["exclusiveMinimum"] + (step or 0.5), -math.inf if low is None else low)
    if "exclusiveMaximum" in schema:
        high = min(schema["exclusiveMaximum"] - (step or 0.5), math.inf if high is None else high)
    made = 1 if low is None and high is None else low if low is not None else high
    if (low is None or low <= 1) and (high is None or high >= 1):
        made = 1
    if step:
        made = (math.ceil if low is not None else math.floor)(made / step) * step
    if (low is not None and made < low) or (high is not None and made > high):
        raise SampleError("no number was found in the range")
    return int(made) if kind == "integer" else made


def _text(schema: dict[str, Any]) -> str:
    candidates = [_OF_FORMAT[schema["format"]]] if schema.get("format") in _OF_FORMAT else _TEXTS
    if "pattern" in schema:
        try:
            pattern = re.compile(schema["pattern"])
        except re.error as error:
            raise SampleError(f"{schema['pattern']!r} is no pattern of Python's") from error
    else:
        pattern = re.compile("")
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    for text in candidates:
        longer = text.ljust(least, text[-1])
        if pattern.search(longer) and least <= len(longer) <= most:
            return longer
    if most == 0 and pattern.search(""):
        return ""
    raise SampleError(f"no text was found for {schema}")
