"""Speak to PostgreSQL: one request on standard input, one answer on standard output.

Runs on the virtual environment's Python, for the sandbox itself has only the
standard library.  Must not know Odoo.

Request: ``{"connection": {...}, "action": ..., "database": ...}`` with
``connection`` in libpq's terms.  Answer: ``{"result": ...}`` or ``{"error": "..."}``.
"""

import json
import sys

import psycopg2
from psycopg2 import sql


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
        # Copying files is the faster way, and only the embedded server is asked for it.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            name, sql.Identifier(request["template"])
        )
    else:
        statement = sql.SQL("CREATE DATABASE {} ENCODING 'unicode' LC_COLLATE 'C' TEMPLATE template0").format(name)
    cursor.execute(statement)
    set_note(cursor, request)


def drop(cursor, request):
    """Drop a database, whoever is connected to it."""
    cursor.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(request["database"]))
    )


ACTIONS = {action.__name__: action for action in (probe, create_role, note, set_note, create, drop)}


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
