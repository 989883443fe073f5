"""The JSON Schemas of an OpenRPC document: each named one once, under ``components``.

It must not know methods, nor where a schema comes from: pydantic made most, people wrote some.

"Schema Object: [...] follow[s] the JSON Schema Specification Draft 7" (OpenRPC 1.3.2), while
pydantic writes draft 2020-12. What the drafts say differently is said here in Draft 7's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

_PLACE = "#/components/schemas/"
_DEFINITION = re.compile(r"#/(?:\$defs|definitions)/([^/]+)(.*)", re.DOTALL)
# "All the fixed fields declared above are objects that MUST use keys that match the regular
# expression ^[a-zA-Z0-9\.\-_]+$" (OpenRPC 1.3.2, "Components Object").
_NOT_IN_KEYS = re.compile(r"[^a-zA-Z0-9._-]")

_SCHEMA = frozenset(
    ("additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then")
)
_SCHEMAS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems", "items"))
_NAMED_SCHEMAS = frozenset(("properties", "patternProperties", "$defs", "definitions"))
# Of no meaning, or another one, in the middle of a document; `discriminator` is OpenAPI's.
_DROPPED = frozenset(("$id", "$schema", "discriminator"))


class Schemas:
    """Collects the schemas of one document.

    :ivar components: the schemas by their key, in the order in which they were met
    """

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}
        self._keys: dict[bytes, str] = {}
        self._taken: set[str] = set()
        self._lifted: dict[bytes, dict[str, Any]] = {}
        self._refers: dict[bytes, set[str | None]] = {}

    def lift(self, schema: dict[str, Any], name: str) -> dict[str, Any]:
        """Return a schema fit for the document; what it names goes to the components.

        The same schema under the same name is one component, another one of that name gets
        a number. An object with a title is a component, too: clients make it a named type.

        :param schema: stands alone; left as it is
        :param name: what to call the schema itself, where it has to have a name
        """
        content = _canonical([name, schema])
        if content not in self._lifted:
            self._lifted[content] = self._lift(schema, name)
        return self._lifted[content]

    def _lift(self, schema: dict[str, Any], name: str) -> dict[str, Any]:
        definitions = {**schema.get("definitions", {}), **schema.get("$defs", {})}
        body = {k: v for k, v in schema.items() if k not in ("definitions", "$defs")}
        if b'"additionalProperties":false' in _canonical(body):
            body = _mapped(body, lambda part: _hoisted(part, definitions))
        # The schema itself has no name among its definitions: None.
        bodies = {None: body, **definitions}
        refers = {key: self._referred(schema) for key, schema in bodies.items()}
        reached = _closure(refers[None], refers)
        # In their own order: that of a set changes from process to process.
        used = [key for key in definitions if key in reached]
        keys: dict[str | None, str] = {}
        if _is_named_object(body):
            keys[None] = self._key(body["title"], None, bodies, refers)
        elif None in reached:
            keys[None] = self._key(name, None, bodies, refers)
        for key in used:
            keys[key] = self._key(key, key, bodies, refers)
        for key in used:
            self._add(keys[key], definitions[key], keys)
        if None not in keys:
            return _rewritten(body, keys)
        self._add(keys[None], body, keys)
        return {"$ref": _PLACE + keys[None]}

    def _referred(self, schema: Any) -> set[str | None]:
        """Return what a schema refers to; looking through the same one again would take long."""
        content = _canonical(schema)
        if content not in self._refers:
            self._refers[content] = _referred(schema)
        return self._refers[content]

    def _key(
        self,
        name: str,
        which: str | None,
        bodies: dict[str | None, Any],
        refers: dict[str | None, set[str | None]],
    ) -> str:
        """Return the component's key for a schema: the one it has already, else a new one.

        Two are the same if their texts are, and those of all that they lead to.
        """
        within = _closure(refers[which], refers)
        leads_to = {key or "": bodies[key] for key in within}
        content = _canonical([name, bodies[which], leads_to])
        if content not in self._keys:
            wanted = key = _NOT_IN_KEYS.sub("_", name) or "_"
            number = 1
            while key in self._taken:
                number += 1
                key = f"{wanted}_{number}"
            self._taken.add(key)
            self._keys[content] = key
        return self._keys[content]

    def _add(self, key: str, schema: Any, keys: dict[str | None, str]) -> None:
        if key not in self.components:
            self.components[key] = _rewritten(schema, keys)


def _canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _is_named_object(schema: dict[str, Any]) -> bool:
    """Whether it is a type of its own, and not one that is adapted to a single use."""
    return bool(schema.get("title") and schema.get("properties")) and "default" not in schema


def _referred(schema: Any) -> set[str | None]:
    """Return the names of the definitions that a schema refers to; None is the schema's root."""
    if not isinstance(schema, dict):
        return set()
    names: set[str | None] = set()
    if (reference := schema.get("$ref")) is not None and reference.startswith("#"):
        definition = _DEFINITION.fullmatch(reference)
        names.add(_unescaped(definition[1]) if definition else None)
    for part in _parts(schema):
        names |= _referred(part)
    return names


def _closure(names: set[str | None], refers: dict[str | None, set[str | None]]) -> set[str | None]:
    """Return these names and all that they lead to.

    :raises ValueError: for a definition that is not there
    """
    reached: set[str | None] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        if name not in refers:
            raise ValueError(f"a schema refers to {name!r}, which it does not define")
        waiting |= refers[name] - reached
    return reached


def _parts(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield the schemas inside of a schema; what is a mere value is none, whatever it looks like."""
    for keyword, value in schema.items():
        if keyword in _NAMED_SCHEMAS and isinstance(value, dict):
            yield from value.values()
        elif keyword in _SCHEMAS and isinstance(value, list):
            yield from value
        elif keyword in _SCHEMA:
            yield value


def _mapped(schema: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a schema whose parts, as of :func:`_parts`, are changed."""
    result: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _NAMED_SCHEMAS and isinstance(value, dict):
            result[keyword] = {name: change(part) for name, part in value.items()}
        elif keyword in _SCHEMAS and isinstance(value, list):
            result[keyword] = [change(part) for part in value]
        else:
            result[keyword] = change(value) if keyword in _SCHEMA else value
    return result


def _hoisted(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema without the named objects in it, which become definitions.

    Only closed ones: an open object with a title is as a rule a value that has a label.
    """
    if not isinstance(schema, dict):
        return schema
    result = _mapped(schema, lambda part: _hoisted(part, definitions))
    if not _is_named_object(schema) or schema.get("additionalProperties") is not False:
        return result
    name, number = schema["title"], 1
    while definitions.setdefault(name, result) != result:
        number += 1
        name = f"{schema['title']}_{number}"
    return {"$ref": f"#/$defs/{name.replace('~', '~0').replace('/', '~1')}"}


def _rewritten(schema: Any, keys: dict[str | None, str]) -> Any:
    """Return a schema in Draft 7 whose references lead to the components."""
    if not isinstance(schema, dict):
        return schema
    kept = {keyword: value for keyword, value in schema.items() if keyword not in _DROPPED}
    result = _mapped(kept, lambda part: _rewritten(part, keys))
    if "$ref" in result:
        result["$ref"] = _redirected(result["$ref"], keys)
    if "prefixItems" in result:
        if "items" in result:
            result["additionalItems"] = result.pop("items")
        result["items"] = result.pop("prefixItems")
    if "$ref" in result and len(result) > 1:
        # "All other properties in a "$ref" object MUST be ignored" (Draft 7, section 8.3).
        reference = {"$ref": result.pop("$ref")}
        result["allOf"] = [reference, *result.get("allOf", [])]
    return result


def _redirected(reference: str, keys: dict[str | None, str]) -> str:
    if not reference.startswith("#"):
        return reference
    definition = _DEFINITION.fullmatch(reference)
    if definition is None:
        return _PLACE + keys[None] + reference[1:]
    return _PLACE + keys[_unescaped(definition[1])] + definition[2]


def _unescaped(token: str) -> str:
    """RFC 6901, section 4."""
    return token.replace("~1", "/").replace("~0", "~")
