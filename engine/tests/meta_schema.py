"""The official meta-schema of OpenRPC, for the tests of what has to satisfy it."""

import json
from pathlib import Path

from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

_DATA = Path(__file__).resolve().parents[2] / "tests" / "data" / "openrpc"


def _load(name):
    schema = json.loads((_DATA / name).read_bytes())
    # It is its own meta-schema, and says itself that it is Draft 7 with other words.
    return Resource(contents=schema, specification=DRAFT7)


_OPENRPC = _load("openrpc-1.3.json")
_SCHEMAS = _load("json-schema.json")
_REGISTRY = Registry().with_resources(
    (uri + slash, resource)
    for uri, resource in (
        ("https://meta.open-rpc.org", _OPENRPC),
        ("https://meta.json-schema.tools", _SCHEMAS),
    )
    for slash in ("", "/")
)


def breaches(document):
    """What a document does against the meta-schema, a line each.

    :param document: a decoded OpenRPC document
    """
    validator = Draft7Validator(_OPENRPC.contents, registry=_REGISTRY)
    return [
        f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(document)
    ]


def misfits(document, schema, value):
    """What of a value does not fit a schema of a document, a line each.

    :param document: where the schema's references lead into
    """
    root = Resource(contents=document, specification=DRAFT7)
    registry = Registry().with_resource("urn:document", root)
    # References are to the document, wherever in it the schema stands.
    wrapped = {"$id": "urn:document", "components": document["components"], "allOf": [schema]}
    validator = Draft7Validator(wrapped, registry=registry)
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]
