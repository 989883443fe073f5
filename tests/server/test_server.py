"""The helper that starts real servers, since other tests rely on it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import requests

from odoo.sql_db import connection_info_for

from ..server_common import Database, Server, ServerCase, config, maintenance_cursor


class TestServer(ServerCase):
    def test_server_answers_on_its_own_database(self):
        key = self.database.issue_key(access="read")
        whoami = self.server.rpc("system.whoami", key=key)["result"]
        self.assertEqual(whoami["login"], "admin")
        self.assertNotIn(self.database.name, config["db_name"])

    def test_shell_commits_and_reports_failure(self):
        printed = self.database.shell("print(env['res.partner'].create({'name': 'From the shell'}).id)")
        rows = self.database.query("SELECT name FROM res_partner WHERE id = %s", int(printed))
        self.assertEqual(rows, [("From the shell",)])
        with self.assertRaisesRegex(AssertionError, "no such thing"):
            self.database.shell("raise ValueError('no such thing')")

    def test_server_ends_when_its_parent_is_gone(self):
        server = Server([self.database.name]).start()
        self.addCleanup(server.stop)
        # What the death of the parent does to the pipe.
        server._process.stdin.close()
        self.assertEqual(server._process.wait(60), 0)
        with self.assertRaises(requests.ConnectionError):
            server.rpc("system.version")

    def test_failed_start_shows_the_log(self):
        with self.assertRaisesRegex(AssertionError, "unrecognized|no such option|invalid"):
            Server(options={"limit_time_cpu": "no number"}).start()

    def test_database_is_dropped(self):
        # The copy of this class is in use by its server, so a copy of "template1" it is.
        with Database(source="template1") as database:
            self.assertEqual(database.query("SELECT 1"), [(1,)])
        self.assertEqual(self.database.query("SELECT datname FROM pg_database WHERE datname = %s", database.name), [])

    def test_database_is_dropped_while_autovacuum_works_in_it(self):
        """The worker belongs to PostgreSQL's superuser, so the role of the tests may not end it."""
        with Database(source="template1") as ours, Database(source="template1") as sandboxed:
            for database in (ours, sandboxed):
                database.query(
                    "CREATE TABLE slow (id integer) WITH (autovacuum_vacuum_threshold = 0,"
                    " autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100,"
                    " autovacuum_vacuum_cost_limit = 1)"
                )
                database.query("INSERT INTO slow SELECT generate_series(1, 200000)")
                database.query("DELETE FROM slow")
            self.await_worker(sandboxed.name)
            self.drop_by_sandbox(sandboxed.name)
            self.await_worker(ours.name)
        names = (ours.name, sandboxed.name)
        self.assertEqual(self.database.query("SELECT datname FROM pg_database WHERE datname IN %s", names), [])

    def drop_by_sandbox(self, name):
        """Drop a database as the sandbox does it."""
        tool = Path(__file__).resolve().parents[2] / "sandbox" / "inside" / "database_tool.py"
        request = {"connection": connection_info_for("postgres")[1], "action": "drop", "database": name}
        ran = subprocess.run(
            [sys.executable, tool], input=json.dumps(request), capture_output=True, text=True, check=True
        )
        self.assertEqual(json.loads(ran.stdout), {"result": None})

    def await_worker(self, name):
        """Wait until somebody of no role of ours is at work in a database."""
        with maintenance_cursor() as cr:
            cr.execute("SELECT extract(epoch FROM current_setting('autovacuum_naptime')::interval)")
            deadline = time.monotonic() + 3 * float(cr.fetchone()[0]) + 30
            while time.monotonic() < deadline:
                cr.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND usename IS DISTINCT FROM current_user",
                    [name],
                )
                if cr.fetchone():
                    return
                time.sleep(0.1)
        self.fail("No autovacuum worker came; is autovacuum off on this server?")
