"""What the functions of triggers say: Watches -> PL/pgSQL. It must not know what is there already."""

# ruff: noqa: S608 - bodies of functions take no parameters: quoted and _text quote what stands in them.

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .watch import Link, Parent, Watch

#: Functions and triggers of ours begin with it.
PREFIX = "jsonrpc_change__"
_MOST = 63
_INSERT = "INSERT INTO jsonrpc_change (xid, model, record_id, operation, columns, image, changed_at)"

#: Of each row: a cascade reaches the records when their parent is gone already.
BEFORE_DELETE = "BEFORE DELETE"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger.

    :ivar name: of it
    :ivar table: that it is on
    :ivar event: INSERT, UPDATE, DELETE or TRUNCATE of statements, or :data:`BEFORE_DELETE`
    :ivar function: that it calls
    """

    name: str
    table: str
    event: str
    function: str


@dataclass(frozen=True, slots=True)
class Function:
    """One function of triggers.

    :ivar name: of it
    :ivar model: whose changes it writes
    :ivar body: in PL/pgSQL
    :ivar triggers: that call it
    """

    name: str
    model: str
    body: str
    triggers: tuple[Trigger, ...]


def functions_of(watch: Watch) -> Iterator[Function]:
    """The functions that follow one model."""
    yield _function(watch, watch.table, ("INSERT", "UPDATE", "DELETE", "TRUNCATE"), _own(watch))
    for parent in watch.parents:
        yield _function(watch, parent.table, ("UPDATE",), _inherited(watch, parent))
        if parent.image:
            yield _function(watch, parent.table, (BEFORE_DELETE,), _orphaned(watch, parent), "OLD")
    for link in watch.links:
        yield _function(watch, link.table, ("INSERT", "UPDATE", "DELETE", "TRUNCATE"), _linked(watch, link))
    if watch.files:
        yield _function(watch, "ir_attachment", ("INSERT", "UPDATE", "DELETE"), _attached(watch))


def _function(watch: Watch, table: str, events: tuple[str, ...], body: str, returned: str = "NULL") -> Function:
    digest = hashlib.sha256(f"{watch.model} {table} {events}".encode()).hexdigest()[:8]
    name = f"{PREFIX}{watch.table[:20]}__{table[: _MOST - len(PREFIX) - 20 - 14]}__{digest}"
    triggers = tuple(Trigger(f"{name}{event[0].lower()}", table, event, name) for event in events)
    return Function(name, watch.model, f"\nBEGIN\n{body}\nRETURN {returned};\nEND\n", triggers)


def _own(watch: Watch) -> str:
    differs = [f"o.{quoted(column)} IS DISTINCT FROM n.{quoted(column)}" for column in watch.columns]
    changed = ", ".join(
        f"CASE WHEN {test} THEN {_text(column)} END" for test, column in zip(differs, watch.columns, strict=True)
    )
    return f"""\
IF TG_OP = 'UPDATE' THEN
    {_row(watch, "'changed'", f"array_to_string(ARRAY[{changed}]::text[], ',')", "o")}
      FROM old_rows o JOIN new_rows n ON n.id = o.id
     WHERE {" OR ".join(differs) or "false"};
ELSIF TG_OP = 'INSERT' THEN
    {_row(watch, "'created'", "NULL", None)}
      FROM new_rows m;
ELSIF TG_OP = 'DELETE' THEN
    {_row(watch, "'deleted'", "NULL", "m")}
      FROM old_rows m;
ELSE
    {_gap(watch)}
END IF;"""


def _inherited(watch: Watch, parent: Parent) -> str:
    differs = " OR ".join(f"o.{quoted(column)} IS DISTINCT FROM n.{quoted(column)}" for column in parent.columns)
    link = quoted(parent.column)
    return f"""\
{_row(watch, "'changed'", _text(",".join((parent.column, *parent.fields))), "m", {parent.column: "o"})}
      FROM old_rows o JOIN new_rows n ON n.id = o.id JOIN {quoted(watch.table)} m ON m.{link} = o.id
     WHERE m.{link} = ANY (ARRAY(SELECT r.id FROM old_rows r)) AND ({differs});"""


def _orphaned(watch: Watch, parent: Parent) -> str:
    return f"""\
{_row(watch, "'deleted'", "NULL", "m", {parent.column: "OLD"})}
      FROM {quoted(watch.table)} m WHERE m.{quoted(parent.column)} = OLD.id;"""


def _linked(watch: Watch, link: Link) -> str:
    column = quoted(link.column)
    return _sides(watch, link.field, *(f"SELECT r.{column} FROM {rows} r" for rows in ("old_rows", "new_rows")))


def _attached(watch: Watch) -> str:
    """Attachments are columns where they have a ``res_field``; indexing them changes nothing of that."""
    mine = (
        f"r.res_model = {_text(watch.model)} AND r.res_field IN ({', '.join(map(_text, watch.files))})"
        " AND r.res_id IS NOT NULL"
    )
    old, new = (f"SELECT r.res_id FROM {rows} r WHERE {mine}" for rows in ("old_rows", "new_rows"))
    return _sides(watch, ",".join(watch.files), old, new)


def _sides(watch: Watch, fields: str, old: str, new: str) -> str:
    """The records that rows of another table belonged to, and those that they belong to now."""
    return f"""\
IF TG_OP = 'UPDATE' THEN
    {_found(watch, fields, "id", f"{old} UNION {new}")};
ELSIF TG_OP = 'INSERT' THEN
    {_found(watch, fields, "id", new)};
ELSIF TG_OP = 'DELETE' THEN
    {_found(watch, fields, "id", old)};
ELSE
    {_gap(watch)}
END IF;"""


def _found(watch: Watch, fields: str, column: str, ids: str) -> str:
    """Changes of records that are found by a column.

    ``= ANY (ARRAY (...))``: PostgreSQL uses the index whether it may nest loops or not.
    """
    return f"""\
{_row(watch, "'changed'", _text(fields), "m")}
      FROM {quoted(watch.table)} m WHERE m.{quoted(column)} = ANY (ARRAY({ids}))"""


def _row(
    watch: Watch, operation: str, columns: str, alias: str | None, parents: Mapping[str, str] | None = None
) -> str:
    """INSERT and SELECT of one change, up to the FROM.

    :param alias: of the row as it was before, where there was one
    :param parents: by the column that leads there, the alias of a parent as it was before; others are looked up
    """
    image = "NULL"
    if alias is not None:
        kept = [f"{alias}.{quoted(column)}" for column, _type in watch.image]
        for parent in watch.parents:
            for column, name, _type in parent.kept():
                id_ = f"{alias}.{quoted(parent.column)}"
                value = f"(SELECT p.{quoted(column)} FROM {quoted(parent.table)} p WHERE p.id = {id_})"
                if parents and parent.column in parents:
                    value = f"{parents[parent.column]}.{quoted(column)}"
                kept.append(f"{value} AS {quoted(name)}")
        image = f"(SELECT to_jsonb(i) FROM (SELECT {', '.join(kept) or 'NULL AS nothing'}) i)"
    return (
        f"{_INSERT}\n    SELECT pg_current_xact_id(), {_text(watch.model)}, {alias or 'm'}.id, {operation},"
        f" {columns}, {image}, now() AT TIME ZONE 'UTC'"
    )


def _gap(watch: Watch) -> str:
    """A table that is emptied tells no rows: those who follow it start over."""
    return f"UPDATE jsonrpc_change_source SET generation = gen_random_uuid()::text WHERE model = {_text(watch.model)};"


def quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
