"""Watches -> triggers that write each committed change into the table ``jsonrpc_change``.

Statement triggers with transition tables: they see raw SQL, cascades and other tools, a statement of
5,000 rows costs one INSERT, and what is rolled back leaves nothing, savepoints included. It must not
know why something is followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from odoo.tools import SQL

from .bodies import BEFORE_DELETE, PREFIX, Function, Trigger, functions_of, quoted
from .watch import Watch

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor

#: Seconds to wait for those who write to a table now: everybody else who writes waits behind us.
LOCK_TIMEOUT = 10
#: One process at a time makes triggers.
_LOCK = 0x6A72_6368
_INSERT_SOURCE = "INSERT INTO jsonrpc_change_source (model, generation, purged_xid)"


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
            if table not in on and f" {quoted(table)} " not in body:
                continue
            if columns is None or any(f".{quoted(column)}" in body for column in columns):
                found.add(name)
    _drop(cr, found)
    return bool(found)


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
                "CREATE TRIGGER %s %s ON %s %s EXECUTE FUNCTION %s()",
                SQL.identifier(trigger.name),
                SQL(trigger.event if trigger.event == BEFORE_DELETE else f"AFTER {trigger.event}"),
                SQL.identifier(trigger.table),
                SQL(_ROWS[trigger.event]),
                SQL.identifier(trigger.function),
            )
        )


_ROWS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT",
    "DELETE": "REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT",
    "TRUNCATE": "FOR EACH STATEMENT",
    BEFORE_DELETE: "FOR EACH ROW",
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
