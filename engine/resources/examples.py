"""What a first call of an operation looks like: params that are right, for the documentation.

It must not know the answer, nor the values of params that it only names: their types tell.
"""

from __future__ import annotations

from typing import Any

from ..protocol.openrpc.sample import SampleError, Sampler
from . import schema
from .view import View

#: Of records that callers brought in themselves.
_EXTERNAL_ID = "my_system.record_1"


def of(operation: str, view: View) -> tuple[dict[str, Any], ...]:
    """Example pairings of OpenRPC, whose missing values and results are made up of the types.

    The types alone do not tell which params go together: one of ``id`` and ``ids``, or what
    a new record needs.

    :param operation: a key of :data:`.operations.OPERATIONS`
    """
    try:
        params = _PARAMS[operation](view)
    except SampleError:
        return ()
    return ({"name": "sample", "params": [{"name": name, **value} for name, value in params.items()]},)


def _new(view: View) -> dict[str, Any]:
    """The least that a new record needs."""
    documented = schema.values_schema(view, create=True)
    return Sampler(documented).smallest(documented)


def _change(view: View) -> dict[str, Any]:
    """A change of the first field that needs no other record."""
    documented = schema.values_schema(view, create=False)
    sampler = Sampler(documented)
    for line in view.writable.values():
        if not line.comodel and line.type != "binary":
            return {line.name: sampler.whole(documented["properties"][line.name])}
    return {}


def _key(view: View) -> dict[str, Any]:
    for line in view.writable.values():
        if line.key and line.type == "char":
            return {line.name: "A1"}
    return {"external_id": _EXTERNAL_ID}


def _upsert(view: View) -> dict[str, Any]:
    key = _key(view)
    values = {name: value for name, value in _new(view).items() if name not in key}
    return {"key": {"value": key}, "values": {"value": values or _change(view)}}


_ID: dict[str, Any] = {"id": {}}
_PARAMS = {
    "search": lambda view: {"domain": {"value": []}, "limit": {"value": min(10, view.resource.max_page_size)}},
    "get": lambda view: _ID,
    "count": lambda view: {"domain": {"value": []}},
    "create": lambda view: {"values": {"value": _new(view)}},
    "update": lambda view: {**_ID, "values": {"value": _change(view)}},
    "delete": lambda view: _ID,
    "upsert": _upsert,
}
