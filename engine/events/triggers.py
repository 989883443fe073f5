"""Watches -> triggers that write each committed change into the table ``jsonrpc_change``.

Statement triggers with transition tables: they see raw SQL, cascades and other tools, a statement of
5,000 rows costs one INSERT, and what is rolled back leaves nothing, savepoints included. It must not
know why something is followed.
"""

# ruff: noqa: S608 - bodies of functions take no parameters: _name and _text quote what stands in them.

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from odoo.tools import SQL

from .watch import Link, Parent, Watch

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor

#: Functions and triggers of ours begin with it.
PREFIX = "jsonrpc_change__"
#: Seconds to wait for those who write to a table now: everybody else who writes waits behind us.
LOCK_TIMEOUT = 10
#: One process at a time makes triggers.
_LOCK = 0x6A72_6368
_MOST = 63

_INSERT = "INSERT INTO jsonrpc_change (xid, model, record_id, operation, columns, image, changed_at)"
_INSERT_SOURCE = "INSERT INTO jsonrpc_change_source (model, generation, purged_xid)"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger.

    :ivar name: of it
    :ivar table: that it is on
    :ivar event: INSERT, UPDATE, DELETE or TRUNCATE
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
    for link in watch.links:
        yield _function(watch, link.table, ("INSERT", "UPDATE", "DELETE", "TRUNCATE"), _linked(watch, link))
    if watch.files:
        yield _function(watch, "ir_attachment", ("INSERT", "UPDATE", "DELETE"), _attached(watch))


def ensure(cr: BaseCursor, watches: Iterable[Watch]) -> None:
    """Make the triggers of some models, and remove all others of ours.

    Nothing is locked where all is as it should be. Else whoever writes to a table is waited for, so that
    nobody goes on writing by an old function; a model whose triggers were missing has a gap, and those
    who follow it start over.

    :raises psycopg2.errors.LockNotAvailable: a table was written to for too long
    """
    watches = list(watches)
    wanted = {function.name: function for watch in watches for function in functions_of(watch)}
    bodies, triggers = _present(cr)
    models = {watch.model for watch in watches}
    cr.execute("SELECT model FROM jsonrpc_change_source")
    known = {model for (model,) in cr.fetchall()}
    wrong = [function for function in wanted.values() if not _is_right(function, bodies, triggers)]
    obsolete = bodies.keys() - wanted.keys()
    if not wrong and not obsolete and known == models:
        return
    cr.execute(SQL("SELECT pg_advisory_xact_lock(%s), set_config('lock_timeout', %s, true)", _LOCK, f"{LOCK_TIMEOUT}s"))
    _drop(cr, obsolete)
    gaps = models - known
    for function in wrong:
        if any(trigger.name not in triggers for trigger in function.triggers):
            gaps.add(function.model)
        _make(cr, function, triggers)
    cr.execute("SELECT set_config('lock_timeout', '0', true)")
    _note(cr, models, gaps)


def drop_all(cr: BaseCursor) -> None:
    """Remove every trigger of ours."""
    _drop(cr, _present(cr)[0])


def drop_mentioning(cr: BaseCursor, tables: Iterable[str], columns: Iterable[str] | None = None) -> bool:
    """Remove the functions that would fail once tables or columns are gone, with their triggers.

    A function that names a missing column makes every write to its table fail.

    :param columns: of these tables, any of them; ``None``: the tables themselves go
    :returns: whether there were any
    """
    bodies, triggers = _present(cr)
    found = set()
    for name, body in bodies.items():
        on = {trigger.table for trigger in triggers.values() if trigger.function == name}
        for table in tables:
            if table not in on and f" {_name(table)} " not in body:
                continue
            if columns is None or any(f".{_name(column)}" in body for column in columns):
                found.add(name)
    _drop(cr, found)
    return bool(found)


# ------------------------------------------------------------------
# What functions say
# ------------------------------------------------------------------


def _function(watch: Watch, table: str, events: tuple[str, ...], body: str) -> Function:
    digest = hashlib.sha256(f"{watch.model} {table} {events}".encode()).hexdigest()[:8]
    name = f"{PREFIX}{watch.table[:20]}__{table[: _MOST - len(PREFIX) - 20 - 14]}__{digest}"
    triggers = tuple(Trigger(f"{name}{event[0].lower()}", table, event, name) for event in events)
    return Function(name, watch.model, f"\nBEGIN\n{body}\nRETURN NULL;\nEND\n", triggers)


def _own(watch: Watch) -> str:
    differs = [f"o.{_name(column)} IS DISTINCT FROM n.{_name(column)}" for column in watch.columns]
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
    differs = " OR ".join(f"o.{_name(column)} IS DISTINCT FROM n.{_name(column)}" for column, _field in parent.columns)
    fields = ",".join(field for _column, field in parent.columns)
    ids = f"SELECT n.id FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE {differs}"
    return f"{_found(watch, fields, parent.column, ids)};"


def _linked(watch: Watch, link: Link) -> str:
    column = _name(link.column)
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
      FROM {_name(watch.table)} m WHERE m.{_name(column)} = ANY (ARRAY({ids}))"""


def _row(watch: Watch, operation: str, columns: str, alias: str | None) -> str:
    """INSERT and SELECT of one change, up to the FROM.

    :param alias: of the row as it was before, where there was one
    """
    image = "NULL"
    if alias is not None:
        kept = ", ".join(f"{alias}.{_name(column)}" for column, _type in watch.image) or "NULL AS nothing"
        image = f"(SELECT to_jsonb(i) FROM (SELECT {kept}) i)"
    return (
        f"{_INSERT}\n    SELECT pg_current_xact_id(), {_text(watch.model)}, {alias or 'm'}.id, {operation},"
        f" {columns}, {image}, now() AT TIME ZONE 'UTC'"
    )


def _gap(watch: Watch) -> str:
    """A table that is emptied tells no rows: those who follow it start over."""
    return f"UPDATE jsonrpc_change_source SET generation = gen_random_uuid()::text WHERE model = {_text(watch.model)};"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


# ------------------------------------------------------------------
# What is there, and what is to be there
# ------------------------------------------------------------------


def _present(cr: BaseCursor) -> tuple[dict[str, str], dict[str, Trigger]]:
    """The bodies of the functions that are there, and the triggers that work, by name."""
    pattern = PREFIX.replace("_", "\\_") + "%"
    cr.execute(
        SQL(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
            " AND proname LIKE %s",
            pattern,
        )
    )
    bodies = dict(cr.fetchall())
    cr.execute(
        SQL(
            """
            SELECT t.tgname, c.relname, p.proname
              FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
             WHERE c.relnamespace = current_schema()::regnamespace AND t.tgname LIKE %s
               AND t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal
            """,
            pattern,
        )
    )
    return bodies, {name: Trigger(name, table, "", function) for name, table, function in cr.fetchall()}


def _is_right(function: Function, bodies: Mapping[str, str], triggers: Mapping[str, Trigger]) -> bool:
    return bodies.get(function.name) == function.body and all(
        trigger.name in triggers and triggers[trigger.name].table == trigger.table for trigger in function.triggers
    )


def _drop(cr: BaseCursor, names: Iterable[str]) -> None:
    for name in sorted(names):
        cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", SQL.identifier(name)))


def _make(cr: BaseCursor, function: Function, present: Mapping[str, Trigger]) -> None:
    for table in sorted({trigger.table for trigger in function.triggers}):
        cr.execute(SQL("LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE", SQL.identifier(table)))
    cr.execute("SELECT current_schema()")
    schema = cr.fetchone()[0]
    # As the owner of the outbox: whoever may write to the table need not be able to write there. Nested
    # loops over transition tables, whose size PostgreSQL does not know, take seconds for thousands of rows.
    head = SQL(
        "CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        " SET search_path = pg_catalog, %s, pg_temp SET enable_nestloop = off AS ",
        SQL.identifier(function.name),
        SQL.identifier(schema),
    )
    cr.execute(SQL("%s%s", head, function.body))
    for trigger in function.triggers:
        if trigger.name in present:
            continue
        # One that was disabled is there, and does not work.
        cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", SQL.identifier(trigger.name), SQL.identifier(trigger.table)))
        cr.execute(
            SQL(
                "CREATE TRIGGER %s AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %s()",
                SQL.identifier(trigger.name),
                SQL(trigger.event),
                SQL.identifier(trigger.table),
                SQL(_TRANSITIONS[trigger.event]),
                SQL.identifier(trigger.function),
            )
        )


_TRANSITIONS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
    "TRUNCATE": "",
}


def _note(cr: BaseCursor, models: set[str], gaps: set[str]) -> None:
    """Note what is followed, and since which generation without a gap."""
    cr.execute(SQL("DELETE FROM jsonrpc_change_source WHERE NOT model = ANY (%s)", sorted(models)))
    for model in sorted(gaps):
        cr.execute(
            SQL(
                "%s VALUES (%s, gen_random_uuid()::text, '0') ON CONFLICT (model)"
                " DO UPDATE SET generation = EXCLUDED.generation, purged_xid = EXCLUDED.purged_xid",
                SQL(_INSERT_SOURCE),
                model,
            )
        )
