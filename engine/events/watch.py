"""What of one model is followed. It must not know SQL, nor why something is followed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parent:
    """A table whose columns records show as their own (``_inherits``).

    :ivar column: of the model's table, that refers to the parent
    :ivar table: of the parent
    :ivar columns: of the parent, pairs of the column and the field of the model that shows it
    """

    column: str
    table: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """The table of a many2many.

    :ivar field: of the model
    :ivar table: of the relation
    :ivar column: of the relation, that refers to the model
    """

    field: str
    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Watch:
    """What of one model is followed.

    :ivar model: its name
    :ivar table: its table, which is no view
    :ivar columns: of its table; a change of another column is none
    :ivar image: columns that are kept as they were before a change, with their PostgreSQL types: what
        decides who could see the record
    :ivar parents: tables of models that it inherits from
    :ivar links: many2many fields
    :ivar files: binary fields that are kept as attachments
    """

    model: str
    table: str
    columns: tuple[str, ...]
    image: tuple[tuple[str, str], ...] = ()
    parents: tuple[Parent, ...] = ()
    links: tuple[Link, ...] = ()
    files: tuple[str, ...] = ()
