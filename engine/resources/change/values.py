"""What is to be written: the values of one record, once everything that was sent for it is checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..definition import FieldDef
    from ..view import View


@dataclass(slots=True)
class Changes:
    """What becomes of a one2many or many2many value.

    :ivar set: exactly these are linked, of those that the caller can see; ``None``: see the others
    :ivar create: records to create and link
    """

    set: list[int] | None = None
    add: list[int] = field(default_factory=list)
    remove: list[int] = field(default_factory=list)
    create: list[Values] = field(default_factory=list)


@dataclass(slots=True)
class Values:
    """The values of one record.

    :ivar plain: for the ORM, by name in the model
    :ivar many: what becomes of the one2many and many2many fields
    :ivar fixed: what can only be read, as it was sent
    :ivar id: the id that stood among the values
    :ivar inner: changes of records that were sent inside of it, however deep; of the record that the call is about
    """

    plain: dict[str, Any] = field(default_factory=dict)
    many: list[tuple[FieldDef, Changes]] = field(default_factory=list)
    fixed: dict[str, Any] = field(default_factory=dict)
    id: int | None = None
    inner: list[Inner] = field(default_factory=list)


@dataclass(slots=True)
class Inner:
    """A change of a record on the other side of a relation, sent inside of the record that refers to it.

    :ivar view: what the caller sees of it
    :ivar id: of the record
    :ivar values: what changes
    """

    view: View
    id: int
    values: Values
