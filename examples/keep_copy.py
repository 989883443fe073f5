"""Keeps a copy of a resource's records in a file of SQLite, in step with Odoo.

Run it as ``gateway.py`` beside this file; the resource needs *Changes* switched on::

    GATEWAY_URL=https://odoo.example.com GATEWAY_KEY=jrg_sk_... python3 examples/keep_copy.py partner copy.db
"""

import json
import os
import sqlite3
import sys
import time

from gateway import RETRIED, Gateway, NoAnswer, RpcError


class Copy:
    """A copy, and how far it has come.

    :param odoo: the :class:`Gateway`
    :param resource: name of the resource
    :param path: of the file
    :param params: of each call: ``fields``, ``filter``, ``limit``
    """

    def __init__(self, odoo, resource, path, **params):
        self._odoo = odoo
        self._resource = resource
        self._params = params
        self._file = sqlite3.connect(path)
        self._file.execute("CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, value TEXT NOT NULL)")
        self._file.execute("CREATE TABLE IF NOT EXISTS position (cursor TEXT NOT NULL)")

    def records(self):
        """The records, by id."""
        return {id_: json.loads(value) for id_, value in self._file.execute("SELECT id, value FROM record")}

    def step(self, wait=0):
        """Make one call, and put what it tells into the copy.

        :returns: whether there is more to tell already
        """
        position = self._file.execute("SELECT cursor FROM position").fetchone()
        params = {**self._params, "cursor": position[0]} if position else self._params
        try:
            answer = self._odoo.call(f"{self._resource}.changes", wait=wait, **params)
        except RpcError as error:
            if error.data["type"] != "cursor_expired":
                raise
            self._start_over()
            return True
        # The copy and the cursor together, or neither: a step that is cut off happens again.
        with self._file:
            for record in answer["changed"]:
                values = (record["id"], json.dumps(record))
                self._file.execute("INSERT OR REPLACE INTO record (id, value) VALUES (?, ?)", values)
            for gone in answer["removed"]:
                self._file.execute("DELETE FROM record WHERE id = ?", (gone["id"],))
            self._file.execute("DELETE FROM position")
            self._file.execute("INSERT INTO position (cursor) VALUES (?)", (answer["cursor"],))
        return answer["more"]

    def follow(self):
        """Keep the copy in step for ever."""
        pause = 1
        while True:
            try:
                if not self.step(wait=20):
                    # Where nobody may wait, the answer comes at once.
                    time.sleep(1)
                pause = 1
            except (NoAnswer, RpcError) as error:
                if error.data["type"] not in RETRIED:
                    raise
                time.sleep(pause)
                pause = min(2 * pause, 60)

    def _start_over(self):
        with self._file:
            self._file.execute("DELETE FROM position")
            self._file.execute("DELETE FROM record")


def main():
    odoo = Gateway(os.environ["GATEWAY_URL"], os.environ["GATEWAY_KEY"], timeout=60)
    Copy(odoo, *sys.argv[1:3]).follow()


if __name__ == "__main__":
    main()
