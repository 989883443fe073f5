"""The values that a method may return beyond those of JSON, and how they look on the wire.

It must not know which method returned them, nor Odoo's own conventions.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import date, datetime, time, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal

from pydantic import BaseModel


class Absent(Enum):
    """The type of :data:`ABSENT`; it has that one member."""

    ABSENT = "absent"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


#: A member that was not sent, which is not the same as one that was sent as ``null``.
ABSENT: Final[Literal[Absent.ABSENT]] = Absent.ABSENT


def plain(value: Any) -> Any:
    """Return a JSON value for one that is none; the ``default`` of :func:`.codec.encode`.

    Dates and times are ISO 8601 (RFC 3339); a datetime without a zone is in UTC, as all of
    Odoo's are, and says so with a ``Z``.

    :param value: a date, time, datetime, Decimal, set, mapping or pydantic model
    :raises TypeError: for any other type: an answer must not show what it happens to print as
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=timezone.utc)
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        # As pydantic documents it: a number on the wire would not be the same number.
        return str(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return list(value)
    raise TypeError(f"a {type(value).__name__} is no JSON value")
