"""The helper that starts real servers, since other tests rely on it."""

import requests

from ..server_common import Database, Server, ServerCase, config


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
        self.assertEqual(server._process.wait(20), 0)
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
