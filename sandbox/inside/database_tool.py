"""Speak to PostgreSQL: one request on standard input, one answer on standard output.

Runs on the virtual environment's Python, for the sandbox itself has only the
standard library.  Must not know Odoo.

Request: ``{"connection": {...}, "action": ..., "database": ...}`` with
``connection`` in libpq's terms.  Answer: ``{"result": ...}`` or ``{"error": "..."}``.
"""

import json
import sys

import psycopg2
from psycopg2 import errors, sql

_DROP_ATTEMPTS = 4


def probe(cursor, request):
    """Tell what the server and the role are."""
    cursor.execute(
        "SELECT rolname, rolsuper OR rolcreatedb, current_setting('server_version_num')::int"
        " FROM pg_roles WHERE rolname = current_user"
    )
    role, may_create, version = cursor.fetchone()
    return {"role": role, "may_create": may_create, "version": version}


def create_role(cursor, request):
    """Make a role that may create databases and nothing else."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [request["role"]])
    if not cursor.fetchone():
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(request["role"])))


def note(cursor, request):
    """Read a database's comment; null when there is no such database."""
    cursor.execute(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s",
        [request["database"]],
    )
    row = cursor.fetchone()
    return row and row[0]


def set_note(cursor, request):
    """Write a database's comment."""
    cursor.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(
            sql.Identifier(request["database"]), sql.Literal(request["note"])
        )
    )


def create(cursor, request):
    """Create a database: a copy of another, or empty the way Odoo does it."""
    name = sql.Identifier(request["database"])
    if request["template"]:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(request["template"]))
        if request["by_files"]:
            statement += sql.SQL(" STRATEGY FILE_COPY")
    else:
        statement = sql.SQL("CREATE DATABASE {} ENCODING 'unicode' LC_COLLATE 'C' TEMPLATE template0").format(name)
    cursor.execute(statement)
    set_note(cursor, request)


def drop(cursor, request):
    """Drop a database, whoever of this role is connected to it.

    Not ``WITH (FORCE)``: that ends everybody, an autovacuum worker too, which belongs to the
    superuser and which a plain role may not end. The plain statement sends such a worker away by
    itself (PostgreSQL's ``CountOtherDBBackends``).
    """
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [request["database"]])
    if not cursor.fetchone():
        return
    name = sql.Identifier(request["database"])
    cursor.execute(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(name))
    for attempt in range(_DROP_ATTEMPTS):
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
            [request["database"]],
        )
        try:
            cursor.execute(sql.SQL("DROP DATABASE {}").format(name))
            return
        except errors.ObjectInUse:
            # It has waited for five seconds.
            if attempt == _DROP_ATTEMPTS - 1:
                raise


def drop_all(cursor, request):
    """Drop the databases whose names begin with a prefix."""
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname::text, %s)", [request["prefix"]]
    )
    for (name,) in cursor.fetchall():
        drop(cursor, {"database": name})


ACTIONS = {action.__name__: action for action in (probe, create_role, note, set_note, create, drop, drop_all)}


def main():
    """Answer the one request."""
    request = json.load(sys.stdin)
    try:
        connection = psycopg2.connect(**request["connection"])
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                result = ACTIONS[request["action"]](cursor, request)
        finally:
            connection.close()
        answer = {"result": result}
    except psycopg2.Error as error:
        answer = {"error": " ".join(str(error).split())}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
