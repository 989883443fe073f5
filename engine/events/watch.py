"""What of one model is followed. It must not know SQL, nor why something is followed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parent:
    """A table whose columns records show as their own (``_inherits``).

    :ivar column: of the model's table, that refers to the parent
    :ivar table: of the parent
    :ivar columns: of the parent; a change of another column is none
    :ivar fields: of the model, that show them
    :ivar image: columns of the parent that are kept as they were before a change, with their PostgreSQL types
    """

    column: str
    table: str
    columns: tuple[str, ...]
    fields: tuple[str, ...]
    image: tuple[tuple[str, str], ...] = ()

    def kept(self) -> list[tuple[str, str, str]]:
        """What is kept of it: column, name in the image, and PostgreSQL type. Without an id it was not there."""
        columns = [("id", "int4"), *self.image] if self.image else []
        return [(column, image_name(self.column, column), type_) for column, type_ in columns]


def image_name(link: str, column: str) -> str:
    """The name of a parent's column in the image of a record; PostgreSQL cuts longer ones than this."""
    return f"{link[:20]}__{column[:30]}__{zlib.crc32(f'{link}.{column}'.encode()):08x}"


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
