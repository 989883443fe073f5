"""Request log: what is left of calls on real transactions, replayed, undone and lost."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

from odoo.tools import mute_logger

from ...engine.dispatch.connections import Connections
from ...engine.dispatch.journal import writer
from ..server_common import Server, ServerCase

#: Seconds that the log may be behind, and some for a slow machine.
BEHIND = 15


class ServerLogCase(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.database.issue_key(full_orm=True)

    def rows(self, request_id, count=1):
        """What the log has of a request, as soon as it has as much as expected."""
        statement = (
            "SELECT method, outcome, error_type FROM jsonrpc_call WHERE request_id = %s ORDER BY batch_position, id"
        )
        deadline = time.monotonic() + BEHIND
        while len(found := self.database.query(statement, request_id)) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def send(self, request_id, body, **headers):
        headers["X-Request-Id"] = request_id
        return self.server.post("/jsonrpc/2/api", body, key=self.key, headers=headers).json()

    def one(self, request_id, method, params, **headers):
        return self.send(request_id, {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}, **headers)


class TestServerLog(ServerLogCase):
    def test_read_is_logged_within_a_second(self):
        waited = []
        # On a machine that is busy with other things, one of a few will do.
        for number in range(5):
            self.one(f"read-{number}", "test.greet", [])
            started = time.monotonic()
            self.assertEqual(self.rows(f"read-{number}"), [("test.greet", "done", None)])
            waited.append(time.monotonic() - started)
            if waited[-1] < 2:
                break
        self.assertLess(min(waited), 2)

    def test_write_is_logged_when_it_is_answered(self):
        self.one("write", "tx.write", ["write"])
        statement = "SELECT outcome FROM jsonrpc_call WHERE request_id = 'write'"
        self.assertEqual(self.database.query(statement), [("done",)])

    def test_refused_write_is_logged(self):
        self.one("refused", "tx.write_then_refuse", ["refused"])
        self.assertEqual(self.rows("refused"), [("tx.write_then_refuse", "refused", "user_error")])

    def test_lost_replays_leave_one_row(self):
        # A deadlock each time: Odoo tries five times and gives up.
        self.one("replayed", "tx.raise_sql", ["40P01", "x"])
        self.assertEqual(self.rows("replayed"), [("tx.raise_sql", "refused", "conflict")])

    def test_calls_before_a_lost_one_are_not_done(self):
        calls = [
            {"jsonrpc": "2.0", "method": "tx.write", "params": ["before the loss"], "id": 1},
            {"jsonrpc": "2.0", "method": "tx.raise_sql", "params": ["40P01"], "id": 2},
        ]
        self.send("lost", calls)
        self.assertEqual(
            self.rows("lost", 2), [("tx.write", "refused", "conflict"), ("tx.raise_sql", "refused", "conflict")]
        )

    def test_conflicting_writes_leave_a_row_for_each(self):
        self.one("note", "tx.write", ["counted"])
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda i: self.one(f"increment-{i}", "tx.increment", ["counted", 0.1]), range(4)))
        number = self.database.query("SELECT number FROM test_jsonrpc_gateway_note WHERE name = 'counted'")[0][0]
        done = self.database.query(
            "SELECT count(*), count(DISTINCT request_id) FROM jsonrpc_call"
            " WHERE request_id LIKE 'increment-%%' AND outcome = 'done'"
        )
        self.assertEqual(done, [(number, number)])

    def test_atomic_batch_undone_leaves_no_trace_of_a_change(self):
        calls = [
            {"jsonrpc": "2.0", "method": "tx.write", "params": ["atomic"], "id": 1},
            {"jsonrpc": "2.0", "method": "tx.write_then_refuse", "params": ["atomic 2"], "id": 2},
        ]
        self.send("atomic", calls, **{"JSON-RPC-Batch": "atomic"})
        self.assertEqual(
            self.rows("atomic", 2),
            [("tx.write", "refused", "rolled_back"), ("tx.write_then_refuse", "refused", "user_error")],
        )

    def test_dry_run_is_no_change(self):
        call = {"jsonrpc": "2.0", "method": "tx.write", "params": ["dry"], "id": 1, "validate_only": True}
        self.send("dry", call)
        self.assertEqual(self.rows("dry"), [("tx.write", "dry_run", None)])

    def test_repeated_write_is_marked(self):
        for _time in range(2):
            self.one("repeated", "tx.write", ["once"], **{"Idempotency-Key": '"once"'})
        self.rows("repeated", 2)
        statement = "SELECT replayed FROM jsonrpc_call WHERE request_id = 'repeated' ORDER BY id"
        self.assertEqual(self.database.query(statement), [(False,), (True,)])

    def test_scheduler_forgets_old_calls(self):
        self.database.query(
            "INSERT INTO jsonrpc_call (called_at, request_id)"
            " SELECT now() - interval '31 days', 'old' FROM generate_series(1, 12000)"
        )
        self.one("young", "tx.write", ["young"])
        self.database.shell("env['jsonrpc.call']._cron_vacuum()")
        self.assertEqual(self.database.query("SELECT count(*) FROM jsonrpc_call WHERE request_id = 'old'"), [(0,)])
        self.assertEqual(len(self.rows("young")), 1)

    def test_rows_are_stored_when_the_server_stops(self):
        for options in ({}, {"workers": 2}):
            with self.subTest(options=options), Server([self.database.name], options) as server:
                name = f"stopping-{len(options)}"
                headers = {"X-Request-Id": name}
                server.rpc("test.greet", key=self.key, headers=headers)
            self.assertEqual(self.rows(name), [("test.greet", "done", None)])

    def test_log_that_cannot_be_stored_waits_and_stops_no_call(self):
        with contextlib.closing(self._blocked()):
            for _count in range(5):
                self.assertIn("result", self.one("waiting", "test.greet", []))
        self.assertEqual(len(self.rows("waiting", 5)), 5)

    def _blocked(self):
        """A connection that keeps everybody from writing into the log."""
        with contextlib.ExitStack() as stack:
            cr = stack.enter_context(self.database.cursor())
            cr.execute("LOCK TABLE jsonrpc_call IN SHARE ROW EXCLUSIVE MODE")
            return stack.pop_all()

    def test_lost_connection_of_the_writer_is_mended(self):
        self.one("before", "test.greet", [])
        self.rows("before")
        self.database.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE '%%json_populate_recordset%%'"
            " AND pid <> pg_backend_pid()"
        )
        self.one("after", "test.greet", [])
        self.assertEqual(self.rows("after"), [("test.greet", "done", None)])


class TestWriter(ServerLogCase):
    """The writer itself, in this process, on a database that nobody else writes to."""

    def setUp(self):
        super().setUp()
        self.writer = writer.LogWriter(self.database.name, Connections(1))
        self.addCleanup(self.writer.close)

    def row(self, **values):
        named = dict.fromkeys(writer.COLUMNS)
        return named | {"called_at": writer.utcnow(), "request_id": "writer", **values}

    def test_rows_are_stored_with_what_was_lost(self):
        self.writer.put([self.row(method="a"), self.row(method="b")])
        self.writer.lose(3)
        self.writer.flush()
        self.assertEqual([method for method, _outcome, _error in self.rows("writer", 2)], ["a", "b"])
        self.assertEqual(self.database.query("SELECT count FROM jsonrpc_call_loss ORDER BY id DESC LIMIT 1"), [(3,)])
        self.assertEqual(self.writer.waiting, 0)

    def test_full_buffer_drops_and_counts(self):
        self.writer.put([self.row() for _count in range(writer.MAX_ROWS)])
        self.writer.put([self.row(), self.row()])
        self.assertEqual(self.writer.waiting, writer.MAX_ROWS)
        self.writer.discard()

    def test_large_rows_are_bounded_by_their_size(self):
        large = "x" * (writer.MAX_SIZE // 4)
        for _count in range(6):
            self.writer.put([self.row(params=large)])
        self.assertLessEqual(self.writer.waiting, 4)
        self.writer.discard()

    def test_row_that_cannot_be_stored_is_lost_alone(self):
        names = ["before", None, "after"]
        rows = [self.row(request_id="salvaged", method=name, called_at=name and "2026-01-01") for name in names]
        self.writer.put(rows)
        with mute_logger("odoo.addons.jsonrpc_gateway.engine.dispatch.journal.writer"):
            self.assertTrue(self.writer._flushed(first=True))
        self.assertEqual([method for method, _outcome, _error in self.rows("salvaged", 2)], ["before", "after"])
        self.writer.flush()
        self.assertEqual(self.database.query("SELECT count FROM jsonrpc_call_loss ORDER BY id DESC LIMIT 1"), [(1,)])

    def test_every_character_is_stored(self):
        text = "".join(map(chr, [1, 9, 10, 34, 37, 39, 92, 233, 8364, 128512]))
        self.writer.put([self.row(request_id="characters", method=text)])
        self.writer.flush()
        self.assertEqual(self.rows("characters")[0][0], text)
