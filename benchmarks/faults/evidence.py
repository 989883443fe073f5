"""What the database holds after a run: partners, rows of the log, remembered answers.

It must not know what the clients were told.
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import psycopg2

from .judge import Evidence

# All that is in no transaction any more has been decided.
_BUSY = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND xact_start IS NOT NULL AND pid != pg_backend_pid()
"""
_PARTNERS = "SELECT name, id FROM res_partner WHERE name ~ %s"
_ROWS = """
    SELECT substring(params FROM %s), outcome, replayed, count(*)
      FROM jsonrpc_call WHERE params ~ %s
     GROUP BY 1, 2, 3
"""
_MEMORIES = "SELECT key, outcome FROM jsonrpc_idempotency WHERE key ~ %s"


def collect(run: str, *, patience: float = 30.0) -> Evidence:
    """Look at the database that libpq's environment variables name, once it is quiet.

    :param run: name of the run
    :param patience: seconds for transactions of the killed to end
    :raises TimeoutError: they do not
    """
    pattern = rf"Fault {run} \d+-\d+"
    evidence = Evidence()
    with contextlib.closing(psycopg2.connect("")) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        _wait_until_quiet(cursor, patience)
        cursor.execute(_PARTNERS, (f"^{pattern}$",))
        for name, id_ in cursor.fetchall():
            evidence.partners[name].append(id_)
        cursor.execute(_ROWS, (pattern, pattern))
        for token, outcome, replayed, count in cursor.fetchall():
            if outcome == "done":
                (evidence.replays if replayed else evidence.rows)[token] += count
        cursor.execute(_MEMORIES, (f"^{pattern}$".replace(" ", "-"),))
        for key, outcome in cursor.fetchall():
            evidence.memories[key.replace("-", " ", 2)].append(json.loads(outcome).get("result"))
    return evidence


def _wait_until_quiet(cursor: Any, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        cursor.execute(_BUSY)
        if cursor.fetchone()[0] == 0:
            return
        if time.monotonic() > deadline:
            raise TimeoutError("Transactions are still open in the database")
        time.sleep(0.2)
