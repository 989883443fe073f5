"""What goes wrong: workers killed without warning, backends of PostgreSQL terminated at random.

Only children of the one server, and only backends of its database, without those that are new:
Odoo's main process connects for a moment before it starts a worker, and ends itself if that fails
(``PreforkServer.process_spawn``); then its service manager has to start it again. It must not know
who calls.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading

import psycopg2

from .workers import workers_of

#: Seconds between two kills.
KILL_EVERY = 5.0
#: Seconds between two terminations, at least and at most.
TERMINATE_EVERY = (0.2, 1.0)

_TERMINATE = """
    SELECT pg_terminate_backend(pid), xact_start IS NOT NULL
      FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND pid != pg_backend_pid()
       AND backend_type = 'client backend' AND backend_start < clock_timestamp() - interval '0.5 seconds'
     ORDER BY random() LIMIT 1
"""


class Chaos:
    """Faults for as long as the context lasts.

    :param server_pid: of Odoo's main process
    :param rng: where chance comes from
    :ivar kills: workers killed so far
    :ivar terminations: backends terminated so far
    :ivar in_transaction: those among them that were in a transaction
    """

    def __init__(self, server_pid: int, rng: random.Random):
        self._pid, self._rng = server_pid, rng
        self._over = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._kill, self._terminate)]
        self.kills = self.terminations = self.in_transaction = 0

    def __enter__(self) -> Chaos:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _kill(self) -> None:
        while not self._over.wait(KILL_EVERY):
            workers = workers_of(self._pid)
            if workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._rng.choice(workers), signal.SIGKILL)
                    self.kills += 1

    def _terminate(self) -> None:
        with contextlib.closing(psycopg2.connect("")) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while not self._over.wait(self._rng.uniform(*TERMINATE_EVERY)):
                cursor.execute(_TERMINATE)
                for terminated, in_transaction in cursor.fetchall():
                    self.terminations += terminated
                    self.in_transaction += terminated and in_transaction
