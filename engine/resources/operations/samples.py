"""Values that a first call can send, made of the types of a resource's fields.

It must not know operations.
"""

from __future__ import annotations

from typing import Any

from ...protocol.openrpc.sample import Sampler
from ..schema import values_schema
from ..view import View

#: Of records that callers brought in themselves.
_EXTERNAL_ID = "my_system.record_1"


def sample_new_record(view: View) -> dict[str, Any]:
    """The least that a new record needs.

    :raises SampleError: the types do not tell
    """
    documented = values_schema(view, create=True)
    return Sampler(documented).smallest(documented)


def sample_change(view: View) -> dict[str, Any]:
    """A change of the first field that needs no other record.

    :raises SampleError: the types do not tell
    """
    documented = values_schema(view, create=False)
    sampler = Sampler(documented)
    for line in view.writable.values():
        if not line.comodel and line.type != "binary":
            return {line.name: sampler.whole(documented["properties"][line.name])}
    return {}


def sample_key(view: View) -> dict[str, Any]:
    """A key of a record: its first key field of text, else an external id."""
    for line in view.writable.values():
        if line.key and line.type == "char":
            return {line.name: "A1"}
    return {"external_id": _EXTERNAL_ID}
