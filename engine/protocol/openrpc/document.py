"""Method specifications to the OpenRPC document that describes them.

It must not know who asks: whoever calls it leaves out what the asker may not call. The same
specifications in any order are the same document, to the byte, so it can be cached and compared.

The rules quoted here are those of OpenRPC 1.3.2 (https://spec.open-rpc.org).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .. import docstring, errors
from ..errors import RpcError
from ..spec import ErrorSpec, MethodSpec, ParamSpec
from .sample import SampleError, Sampler
from .schemas import Schemas

VERSION = "1.3.2"

#: What any call may be answered, whatever its method declares.
_OF_ANY_CALL = tuple(
    map(
        ErrorSpec.of_class,
        (
            errors.InvalidParams,
            errors.InternalError,
            errors.RateLimited,
            errors.CallTimeout,
            errors.Unavailable,
        ),
    )
)
_OF_IDENTIFIED_CALLERS = tuple(map(ErrorSpec.of_class, (errors.Unauthenticated, errors.Forbidden)))
_OF_WRITES = tuple(
    map(ErrorSpec.of_class, (errors.ValidationFailed, errors.UserRefused, errors.Conflict))
)

_ROLE = re.compile(r":\w+:`[~.]*([^`]*)`|``([^`]+)``")


def openrpc_document(
    methods: Iterable[MethodSpec],
    *,
    title: str,
    version: str,
    server_url: str,
    description: str = "",
) -> dict[str, Any]:
    """Return the OpenRPC document of some methods.

    Members are in an order that suits people; methods and components are sorted by name.

    :param methods: those that the reader of the document may call
    :param title: of the whole API
    :param version: of the API, not of OpenRPC
    :param server_url: where calls are sent to, absolute
    :raises ValueError: for two methods of one name ("The name MUST be unique within the
        methods array"), or a schema that refers to what it does not define
    """
    schemas, known = Schemas(), _Errors()
    described: dict[str, dict[str, Any]] = {}
    for spec in sorted(methods, key=lambda spec: spec.name):
        if spec.name in described:
            raise ValueError(f"two methods are named {spec.name!r}")
        described[spec.name] = _method(spec, schemas, known)
    result = {
        "openrpc": VERSION,
        "info": _filled({"title": title, "description": description}) | {"version": version},
        "servers": [{"name": title, "url": server_url}],
        "methods": list(described.values()),
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "errors": dict(sorted(known.components.items())),
        },
    }
    sampler = Sampler(result)
    for method in result["methods"]:
        examples = method.pop("examples", None) or [_smallest(method)]
        method.update(_filled({"examples": [made for one in examples if (made := _completed(one, method, sampler))]}))
    return result


def _method(spec: MethodSpec, schemas: Schemas, known: _Errors) -> dict[str, Any]:
    """Return a Method Object."""
    description = spec.description
    if spec.deprecated is not None:
        description = f"**Deprecated.** {spec.deprecated}\n\n{description}"
    namespace = spec.name.rpartition(".")[0]
    tags = dict.fromkeys(tag for tag in (namespace, *spec.tags) if tag)
    method = {
        "name": spec.name,
        "summary": _markdown(spec.summary),
        "description": _markdown(description.strip()),
        "tags": [{"name": tag} for tag in tags],
        "deprecated": spec.deprecated is not None,
        "paramStructure": "either",
    }
    return {
        **_filled(method),
        "params": [_param(spec, param, schemas) for param in spec.params],
        "result": {
            "name": "result",
            **_filled({"description": _markdown(spec.result_description)}),
            "schema": schemas.lift(spec.result, f"{spec.name}.result"),
        },
        "errors": known.of(spec),
        **_filled({"examples": list(spec.examples)}),
        "x-access": spec.access,
        "x-actions": list(spec.actions),
        "x-public": spec.public,
    }


def _param(spec: MethodSpec, param: ParamSpec, schemas: Schemas) -> dict[str, Any]:
    """Return a Content Descriptor Object.

    "The list MUST contain the required parameters before the optional ones": MethodSpec sees
    to that.
    """
    return {
        "name": param.name,
        **_filled({"description": _markdown(param.description)}),
        "required": param.required,
        "schema": schemas.lift(param.schema, f"{spec.name}.{param.name}"),
    }


class _Errors:
    """The errors of the document: each once, under ``components``.

    :ivar components: Error Objects by key, from the start with those of the specification
        and of the gateway, which also answers some of them before it knows the method
    """

    def __init__(self) -> None:
        self.components: dict[str, dict[str, Any]] = {}
        self._keys: dict[ErrorSpec, str] = {}
        for error in vars(errors).values():
            if isinstance(error, type) and issubclass(error, RpcError) and hasattr(error, "code"):
                self._key(ErrorSpec.of_class(error))

    def of(self, spec: MethodSpec) -> list[dict[str, str]]:
        """Return references to the errors of a method: its own ones first, by falling code.

        What the method says of a code wins: "error codes MUST be unique" within a method.
        """
        possible = _OF_ANY_CALL
        if not spec.public:
            possible += _OF_IDENTIFIED_CALLERS
        if spec.access == "write":
            possible += _OF_WRITES
        by_code = {error.code: error for error in (*possible, *spec.errors)}
        keys = (self._key(by_code[code]) for code in sorted(by_code, reverse=True))
        return [{"$ref": f"#/components/errors/{key}"} for key in keys]

    def _key(self, error: ErrorSpec) -> str:
        """Return the key of an error, which is a component from now on."""
        if error not in self._keys:
            self._keys[error] = self._new_key(error)
        return self._keys[error]

    def _new_key(self, error: ErrorSpec) -> str:
        # The Error Object has no description of its own, and takes no extension.
        data = {"type": error.type, **_filled({"description": _prose(error.description)})}
        member = {"code": error.code, "message": error.message, "data": data}
        wanted = key = re.sub(r"[^a-zA-Z0-9._-]", "_", error.type)
        number = 1
        while self.components.setdefault(key, member) != member:
            number += 1
            key = f"{wanted}_{number}"
        return key


def _smallest(method: dict[str, Any]) -> dict[str, Any]:
    """Return the example of a call with nothing in it that may be left out."""
    return {"name": "sample", "params": [{"name": param["name"]} for param in method["params"] if param["required"]]}


def _completed(example: dict[str, Any], method: dict[str, Any], sampler: Sampler) -> dict[str, Any] | None:
    """Return an Example Pairing Object whose values are all there.

    :returns: None where a schema asks for what cannot be made up
    """
    schemas = {param["name"]: param["schema"] for param in method["params"]}
    try:
        params = [
            param if "value" in param else {**param, "value": sampler.smallest(schemas[param["name"]])}
            for param in example["params"]
        ]
        made = example.get("result") or {"name": "result", "value": sampler.whole(method["result"]["schema"])}
    except SampleError:
        return None
    return {**example, "params": params, "result": made}


def _filled(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members that say something."""
    return {name: value for name, value in members.items() if value}


def _prose(text: str) -> str:
    """Return a docstring without its fields."""
    parsed = docstring.parse_docstring(text)
    return _markdown(f"{parsed.summary}\n\n{parsed.description}".strip())


def _markdown(text: str) -> str:
    """Return reST in "GitHub Flavored Markdown syntax", as far as our docstrings use it."""
    return _ROLE.sub(lambda match: f"`{match[1] or match[2]}`", text)
