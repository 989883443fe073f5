"""A database that takes no changes, has no room left, or is gone: a clear error, and no half write.

All of it with a real server and a real PostgreSQL. The server is never started anew: what it does
after the fault is what it does with the same processes.
"""

import contextlib
import time

from psycopg2 import sql

from ..server_common import ServerCase, _on_server, end_connections

UNAVAILABLE, FORBIDDEN = (-32012, "unavailable"), (-32002, "forbidden")


class FaultCase(ServerCase):
    """Writes of a partner by every endpoint, and what is left of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key, cls.reader = cls.database.shell(
            "admin = env.ref('base.user_admin')\n"
            "for options in ({'access': 'write', 'full_orm': True}, {'access': 'read'}):\n"
            "    print(env['jsonrpc.key']._issue(name='Test', user=admin, **options)[1])\n"
        ).split()[-2:]
        cls.home = cls.create("Home")["result"]["partner_id"]

    @classmethod
    def create(cls, name, **more):
        request = {"jsonrpc": "2.0", "method": "partner.create_simple", "params": {"name": name}, "id": 1, **more}
        return cls.server.post("/jsonrpc/2/api", request, key=cls.key).json()

    def execute(self, method, args):
        args = [self.database.name, None, "", "res.partner", method, args, {}]
        params = {"service": "object", "method": "execute_kw", "args": args}
        return self.server.rpc("call", params, path="/jsonrpc/2/object", key=self.key)

    def batch(self, *calls, **headers):
        body = [
            {"jsonrpc": "2.0", "method": name, "params": params, "id": n} for n, (name, *params) in enumerate(calls)
        ]
        return self.server.post("/jsonrpc/2/api", body, key=self.key, headers=headers).json()

    def read(self, key=None, **headers):
        return self.server.rpc("partner.get_info", [self.home], key=key or self.key, headers=headers)

    def assert_refused(self, response, expected=UNAVAILABLE):
        error = response["error"]
        self.assertEqual((error["code"], error["data"]["type"]), expected)
        # What clients of Odoo parse, perhaps; no traceback, and no words of PostgreSQL's.
        self.assertLessEqual(set(error["data"]), {"type", "request_id", "name", "message", "arguments", "context"})
        self.assertNotIn("no more", str(error))

    def assert_left_nothing(self, *names):
        for name in names:
            with self.subTest(name=name):
                self.assertEqual(self.made(name), 0)
                self.assertEqual(self.rows(name, "done"), [])

    def made(self, name):
        return self.database.query("SELECT count(*) FROM res_partner WHERE name = %s", name)[0][0]

    def rows(self, name, outcome):
        return self.database.query(
            "SELECT method, error_type FROM jsonrpc_call WHERE params LIKE %s AND outcome = %s", f'%"{name}"%', outcome
        )

    def assert_row_arrives(self, name, error_type):
        """The refused call's row has waited in the server's memory, and is stored as soon as it can be."""
        deadline = time.monotonic() + 15
        while not (found := self.rows(name, "refused")) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual([row[1] for row in found], [error_type])


class TestNoChanges(FaultCase):
    """PostgreSQL's own errors of a read-only database (25006) and a full disk (53100), in every place.

    They are raised by triggers. Odoo asks for transactions that may write, whatever the database's
    default is; a standby is more than a test can set up; and to fill a disk takes a file system of
    one's own, which not every machine lets a test mount. The error's class, and the statement that
    it ends, are what a server sees of the real thing.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for condition in ("read_only_sql_transaction", "disk_full"):
            cls.database.query(
                f"CREATE FUNCTION refuse_{condition}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN RAISE EXCEPTION 'no more' USING ERRCODE = '{condition}'; END $$"
            )

    @contextlib.contextmanager
    def refusing(self, condition, *tables, trigger="TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON {}"):
        """Let PostgreSQL refuse all changes of some tables, or of all."""
        if not tables:
            rows = self.database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = [name for (name,) in rows]
        statement = f"CREATE {trigger} EXECUTE FUNCTION refuse_{condition}()"
        self._on_each(tables, statement)
        try:
            yield
        finally:
            self._on_each(tables, "DROP TRIGGER refuse ON {}")

    def _on_each(self, tables, statement):
        with self.database.cursor() as cr:
            cr.execute(sql.SQL("; ").join(sql.SQL(statement).format(sql.Identifier(name)) for name in tables))

    def assert_write_fails_whole(self, name):
        self.assert_refused(self.create(name, idempotency_key=name))
        self.assertEqual(self.read()["result"]["name"], "Home")

    def assert_write_succeeds_once(self, name):
        self.assertNotIn("replayed", self.create(name, idempotency_key=name))
        self.assertTrue(self.create(name, idempotency_key=name)["replayed"])
        self.assertEqual(self.made(name), 1)
        self.assert_row_arrives(name, "unavailable")

    def test_nothing_can_be_changed(self):
        for condition in ("read_only_sql_transaction", "disk_full"):
            with self.subTest(condition):
                self.check_nothing_can_be_changed(condition)

    def check_nothing_can_be_changed(self, condition):
        refused = [f"{condition}-{place}" for place in ("alone", "by-object", "in-a-batch", "atomic")]
        alone, by_object, in_batch, atomic = refused
        with self.refusing(condition):
            for key in (self.key, self.reader):
                self.assertEqual(self.read(key)["result"]["name"], "Home")
            self.assertEqual(self.execute("read", [[self.home], ["name"]])["result"][0]["name"], "Home")
            self.assert_write_fails_whole(alone)
            self.assert_refused(self.execute("create", [{"name": by_object}]))
            first, second = self.batch(("partner.create_simple", in_batch), ("system.echo", "read"))
            self.assert_refused(first)
            self.assertEqual(second["result"], "read")
            calls = [("system.echo", "read"), ("partner.create_simple", atomic)]
            first, second = self.batch(*calls, **{"JSON-RPC-Batch": "atomic"})
            self.assertEqual(first["error"]["data"]["type"], "rolled_back")
            self.assert_refused(second)
            # Who may only read is told so all the same; nobody is let in whom nobody knows.
            answer = self.server.rpc("partner.create_simple", ["Never"], key=self.reader)
            self.assert_refused(answer, FORBIDDEN)
            response = self.server.post("/jsonrpc/2/api", {"jsonrpc": "2.0", "method": "x", "id": 1}, key="jrg_wrong")
            self.assertEqual((response.status_code, response.json()["error"]["code"]), (401, -32001))
        self.assertIn("are not limited", self.server.log())
        self.assert_left_nothing(*refused)
        self.assert_write_succeeds_once(alone)
        for name in refused:
            self.assert_row_arrives(name, "unavailable")

    def test_no_room_for_the_row_of_the_log(self):
        with self.refusing("disk_full", "jsonrpc_call"):
            self.assert_write_fails_whole("log")
        self.assert_left_nothing("log")
        self.assert_write_succeeds_once("log")

    def test_no_room_for_the_memory_of_the_write(self):
        with self.refusing("disk_full", "jsonrpc_idempotency"):
            self.assert_write_fails_whole("memory")
        self.assert_left_nothing("memory")
        self.assert_write_succeeds_once("memory")

    def test_no_room_when_the_transaction_is_committed(self):
        deferred = "CONSTRAINT TRIGGER refuse AFTER INSERT ON {} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        with self.refusing("disk_full", "res_partner", trigger=deferred):
            self.assert_write_fails_whole("commit")
            answer = self.batch(("partner.create_simple", "commit 1"), ("partner.create_simple", "commit 2"))
            self.assert_refused(answer)
        self.assert_left_nothing("commit", "commit 1", "commit 2")
        self.assert_write_succeeds_once("commit")

    def test_no_room_to_count_calls_limits_nothing(self):
        with self.refusing("disk_full", "jsonrpc_bucket"):
            # Those taken ahead need no room.
            for _ in range(60):
                self.assertEqual(self.read()["result"]["name"], "Home")
            self.assertIn("result", self.create("uncounted"))
        self.assertIn("result", self.create("counted"))


class TestConnections(FaultCase):
    """Connections that are refused, or may not write."""

    @contextlib.contextmanager
    def gone(self):
        """PostgreSQL lets nobody in, as while it starts anew."""
        _on_server("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", self.database.name)
        end_connections(self.database.name)
        try:
            yield
        finally:
            _on_server("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", self.database.name)

    def post(self, path):
        request = {"jsonrpc": "2.0", "method": "system.version", "id": 7}
        return self.server.post(path, request, key=self.key)

    def test_calls_are_unavailable_until_it_is_back(self):
        with self.gone():
            for path in ("/jsonrpc/2/api", "/jsonrpc/2/object", "/jsonrpc/2/api/system.version"):
                response = self.post(path)
                self.assertEqual((response.status_code, response.headers["Content-Type"]), (503, "application/json"))
                self.assertTrue(response.headers["X-Request-Id"])
                self.assertEqual(response.json()["id"], 7)
                self.assert_refused(response.json())
            self.assert_refused(self.create("Gone", idempotency_key="g1"))
            # What is none of ours is left to Odoo.
            self.assertEqual(self.post("/jsonrpc/3/api").status_code, 404)
        self.assertNotIn("replayed", self.create("Gone", idempotency_key="g1"))
        self.assertEqual(self.made("Gone"), 1)
        self.assertEqual(self.read()["result"]["name"], "Home")

    def test_database_that_is_read_only_by_default_is_served(self):
        """``default_transaction_read_only``, as hosting companies set it on a database that grows too large.

        Odoo's own transactions say that they write, and go on; those beside them do not.
        """
        name = self.database.name
        _on_server("ALTER DATABASE {} SET default_transaction_read_only = on", name)
        self.addCleanup(_on_server, "ALTER DATABASE {} RESET default_transaction_read_only", name)
        end_connections(name)
        for _ in range(60):
            self.assertEqual(self.read(**{"X-Request-Id": "by-default"})["result"]["name"], "Home")
        self.assertIn("are not limited", self.server.log())
        self.assertIn("result", self.create("Written"))
        self.assertIn("error", self.create(""))
        time.sleep(1)
        read = "SELECT count(*) FROM jsonrpc_call WHERE request_id = 'by-default'"
        self.assertEqual(self.database.query(read), [(0,)])
        _on_server("ALTER DATABASE {} RESET default_transaction_read_only", name)
        end_connections(name)
        deadline = time.monotonic() + 15
        while self.database.query(read) != [(60,)] and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.database.query(read), [(60,)])
        self.assertEqual(self.rows("Written", "done"), [("partner.create_simple", None)])

    def test_wrong_address_is_still_not_found(self):
        self.assertEqual(self.post("/jsonrpc/2/nothing").status_code, 404)
        headers = {"X-Odoo-Database": "no_such_database"}
        response = self.server.post("/jsonrpc/2/api", {"jsonrpc": "2.0", "method": "x", "id": 1}, headers=headers)
        self.assertEqual(response.status_code, 404)
