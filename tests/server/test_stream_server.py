"""Streams on real servers: memory, clients that leave, failures in the middle, rights, replays."""

import contextlib
import json
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests

from ...engine.dispatch.process import MOST_STREAMS
from ..server_common import JSON, Server, ServerCase

#: Rows of the large streams.
MANY = 1_000_000
#: Kilobytes that a server process may grow by while it sends them.
MOST_GROWTH = 30 * 1024
#: Seconds that the log may be behind, and that a server may need to notice a client that left.
BEHIND = 15


class StreamCase(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.database.issue_key(name="Streams")

    @contextlib.contextmanager
    def opened(self, method, params=None, *, key=None, name, server=None):
        """A response whose body is read as one wants; the connection is closed at the end."""
        body = {"jsonrpc": "2.0", "method": method, "params": params or {}, "id": 1}
        headers = {"X-Request-Id": name, "Accept-Encoding": "identity", "Authorization": f"Bearer {key or self.key}"}
        response = (server or self.server).request(
            "POST", "/jsonrpc/2/api", data=json.dumps(body), headers={**JSON, **headers}, stream=True
        )
        with response:
            yield response

    def lines(self, method, params=None, **options):
        """All lines of a stream, decoded."""
        with self.opened(method, params, **options) as response:
            self.assertEqual(response.headers["Content-Type"], "application/x-ndjson")
            return [json.loads(line) for line in response.content.splitlines()]

    def row(self, name):
        """What the log has of a request, as soon as it has it: outcome, error type, rows, bytes."""
        statement = (
            "SELECT outcome, error_type, (result::json ->> 'rows')::int, response_size FROM jsonrpc_call"
            " WHERE request_id = %s"
        )
        deadline = time.monotonic() + BEHIND
        while not (found := self.database.query(statement, name)) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(len(found), 1)
        return found[0]

    def assert_no_cursor_is_open(self):
        """No connection of the server is in a transaction, or will be by itself in a moment."""
        statement = (
            "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state LIKE 'idle in transaction%%'"
        )
        deadline = time.monotonic() + BEHIND
        while (found := self.database.query(statement)) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(found, [])

    @contextlib.contextmanager
    def both_servers(self):
        """The threaded server of the class, and a second one with worker processes."""
        with Server([self.database.name], {"workers": 2, "limit_time_cpu": 600}) as forked:
            yield (("threads", self.server), ("workers", forked))


class TestStream(StreamCase):
    def test_a_million_rows_pass_in_constant_memory(self):
        with self.both_servers() as servers:
            for mode, server in servers:
                with self.subTest(mode=mode):
                    self._check_million(server, f"million-{mode}")

    def _check_million(self, server, name):
        self.lines("stream.rows", {"count": 10_000}, name=f"{name}-before", server=server)
        before = _resident(server)
        rows = size = looked = 0
        last, most = b"", _resident(server)
        with self.opened("stream.rows", {"count": MANY}, name=name, server=server) as response:
            for portion in response.iter_content(256 * 1024):
                rows += portion.count(b"\n")
                size += len(portion)
                last = (last + portion)[-100:]
                if time.monotonic() > looked + 0.05:
                    looked = time.monotonic()
                    most = {pid: max(most.get(pid, 0), now) for pid, now in _resident(server).items()}
        self.assertEqual((rows, last.splitlines()[-1]), (MANY + 1, b'{"_end":{"rows":1000000}}'))
        self.assertLess(max(now - before[pid] for pid, now in most.items()), MOST_GROWTH)
        self.assertEqual(self.row(name), ("done", None, MANY, size))
        self.assert_no_cursor_is_open()

    def test_client_that_leaves_half_way_ends_the_stream(self):
        with self.both_servers() as servers:
            for mode, server in servers:
                with self.subTest(mode=mode):
                    name = f"gone-{mode}"
                    with self.opened("stream.rows", {"count": MANY}, name=name, server=server) as response:
                        portions = response.iter_content(512 * 1024)
                        next(portions)
                        # The snapshot is held as long as the client reads.
                        self.assertEqual(len(self._open_cursors()), 1)
                    outcome, error, rows, size = self.row(name)
                    self.assertEqual((outcome, error), ("refused", "client_gone"))
                    self.assertTrue(0 < rows < MANY)
                    self.assertGreater(size, 32 * 1024)
                    self.assert_no_cursor_is_open()

    def _open_cursors(self):
        return self.database.query(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND query LIKE 'FETCH%%' AND state IN ('active', 'idle in transaction')"
        )

    def test_failure_in_the_middle_is_told_by_the_last_line(self):
        with self.both_servers() as servers:
            for mode, server in servers:
                with self.subTest(mode=mode):
                    name = f"failed-{mode}"
                    *rows, last = self.lines(
                        "stream.rows", {"count": MANY, "fail_at": 5_500}, name=name, server=server
                    )
                    self.assertEqual([row["id"] for row in rows], list(range(1, 5_500)))
                    error = last["_error"]
                    self.assertEqual((error["code"], error["data"]["type"]), (-32603, "internal_error"))
                    self.assertEqual(error["data"]["request_id"], name)
                    self.assertNotIn("secret-of-the-house", json.dumps(last))
                    self.assertEqual(self.row(name)[:3], ("failed", "internal_error", 5_499))
                    self.assert_no_cursor_is_open()
        digests = "SELECT count(DISTINCT error_digest), count(*) FROM jsonrpc_call WHERE request_id LIKE 'failed-%%'"
        self.assertEqual(self.database.query(digests), [(1, 2)])

    def test_refusal_in_the_middle_is_told_as_it_is(self):
        lines = self.lines("stream.refuse", name="refused")
        self.assertEqual(lines[0], {})
        self.assertEqual((lines[1]["_error"]["code"], lines[1]["_error"]["message"]), (-32003, "There is no more"))
        self.assertEqual(self.row("refused")[:3], ("refused", "not_found", 1))

    def test_what_is_no_line_ends_the_stream(self):
        lines = self.lines("stream.wrong", name="wrong")
        self.assertEqual([set(line) for line in lines], [{"id"}, {"_error"}])
        self.assertEqual(self.row("wrong")[:3], ("failed", "internal_error", 1))

    def test_secrets_stay_out_of_the_logs(self):
        last = self.lines("stream.broken", {"password": "hunter2-streamed"}, name="broken")[-1]
        self.assertEqual(last["_error"]["data"]["type"], "internal_error")
        self.assertEqual(self.row("broken")[:2], ("failed", "internal_error"))
        self.assertIn("no_such_column", self.server.log())
        self.assertNotIn("hunter2-streamed", self.server.log())
        statement = "SELECT count(*) FROM jsonrpc_error WHERE jsonrpc_error::text LIKE '%%hunter2-streamed%%'"
        self.assertEqual(self.database.query(statement), [(0,)])

    def test_stream_cannot_write(self):
        for commit in (False, True):
            with self.subTest(commit=commit):
                name = f"write-{commit}"
                lines = self.lines("stream.write", {"name": name, "commit": commit}, name=name)
                self.assertEqual([set(line) for line in lines], [{"before"}, {"_error"}])
                self.assertEqual(lines[1]["_error"]["code"], -32603)
                self.assertEqual(self.row(name)[:2], ("failed", "internal_error"))
        self.assertEqual(self.database.query("SELECT 1 FROM test_jsonrpc_gateway_note WHERE name LIKE 'write-%%'"), [])
        # The connection goes back to the pool, where it may write again.
        for number in range(3):
            self.assertIn("result", self.server.rpc("tx.write", [f"after {number}"], key=self.key))

    def test_rights_of_the_caller_hold_in_the_stream(self):
        self.database.shell(
            "company = env['res.company'].create({'name': 'Streamed'})\n"
            "env.ref('base.user_admin').company_ids += company\n"
            "user = env['res.users'].create({'name': 'Reader', 'login': 'stream-reader'})\n"
            "env['ir.rule'].create({'name': 'Own', 'model_id': env.ref("
            "'test_jsonrpc_gateway.model_test_jsonrpc_gateway_note').id, "
            "'domain_force': \"[('number', '=', user.id)]\"})"
        )
        self.addCleanup(
            self.database.shell,
            "env['ir.rule'].search([('name', '=', 'Own')]).unlink(); env.registry.signal_changes()",
        )
        company = self.database.query("SELECT id FROM res_company WHERE name = 'Streamed'")[0][0]
        user = self.database.query("SELECT id FROM res_users WHERE login = 'stream-reader'")[0][0]
        for name, number in (("own", user), ("other", user + 1)):
            self.database.query("INSERT INTO test_jsonrpc_gateway_note (name, number) VALUES (%s, %s)", name, number)
        key = self.database.issue_key(name="Narrow", access="read", company_ids=[company])
        first = self.lines("stream.notes", key=key, name="rights")[0]
        expected = {"uid": 2, "su": False, "companies": [company], "lang": "en_US", "key": "Narrow"}
        self.assertEqual({name: first[name] for name in expected}, expected)
        self.assertEqual((first["read_only"], first["isolation"], first["timeout"]), ("on", "repeatable read", "1min"))
        # Record rules too.
        reader = self.database.issue_key(login="stream-reader", access="read")
        found = self.lines("stream.notes", key=reader, name="rules")
        self.assertEqual((found[0]["uid"], found[1:]), (user, [{"name": "own"}, {"_end": {"rows": 2}}]))

    def test_statement_timeout_holds_in_the_stream(self):
        name = "jsonrpc_gateway.statement_timeout"
        for value in (1, 60):
            self.database.shell(
                f"env['ir.config_parameter'].set_param({name!r}, {value}); env.registry.signal_changes()"
            )
            last = self.lines("stream.sleep", {"seconds": 2}, name=f"slow-{value}")[-1]
            self.assertEqual("_error" in last, value == 1)
        self.assertEqual(self.row("slow-1")[:2], ("refused", "timeout"))

    def test_one_process_has_so_many_streams_at_once(self):
        readers = []
        with contextlib.ExitStack() as stack:
            for number in range(MOST_STREAMS):
                response = stack.enter_context(
                    self.opened("stream.rows", {"count": MANY, "seconds": 0.2}, name=f"crowd-{number}")
                )
                # Kept: with its iterator, the connection is closed.
                readers.append(response.iter_content(1))
                next(readers[-1])
            error = self.server.rpc("stream.rows", {"count": 1}, key=self.key)["error"]
            self.assertEqual(error["data"]["type"], "unavailable")
            self.assertEqual(error["data"]["limit"], MOST_STREAMS)
            # Other calls have their connections.
            self.assertIn("result", self.server.rpc("test.greet", key=self.key))
        for number in range(MOST_STREAMS):
            self.assertEqual(self.row(f"crowd-{number}")[:2], ("refused", "client_gone"))
        self.assert_no_cursor_is_open()
        self.assertEqual(len(self.lines("stream.rows", {"count": 1}, name="room")), 2)

    def test_replayed_request_streams_once(self):
        lines = self.lines("stream.after_replays", {"replays": 1}, name="replayed")
        self.assertEqual(lines, [{"asked": 2, "begun": 1}, {"_end": {"rows": 1}}])
        self.assertEqual(self.row("replayed")[:3], ("done", None, 1))

    def test_client_that_takes_nothing_is_given_up(self):
        self._limit("MAX_STALL", 1, 60)
        address = urlsplit(self.server.url)
        body = json.dumps({"jsonrpc": "2.0", "method": "stream.rows", "params": [MANY], "id": 1})
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall(
                (
                    f"POST /jsonrpc/2/api HTTP/1.1\r\nHost: {address.netloc}\r\nX-Request-Id: stalled\r\n"
                    f"Authorization: Bearer {self.key}\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n{body}"
                ).encode()
            )
            self.assertEqual(self.row("stalled")[:2], ("refused", "client_gone"))
            self.assert_no_cursor_is_open()


    def test_stream_that_takes_too_long_is_ended(self):
        self._limit("MAX_SECONDS", 1, 3600)
        *rows, last = self.lines("stream.rows", {"count": MANY, "seconds": 0.2}, name="long")
        self.assertEqual(last["_error"]["data"]["type"], "timeout")
        self.assertEqual(self.row("long")[:3], ("refused", "timeout", len(rows)))

    def _limit(self, name, seconds, default):
        self.server.rpc("stream.limit", [name, seconds], key=self.key)
        self.addCleanup(self.server.rpc, "stream.limit", [name, default], key=self.key)

    def test_stopped_server_leaves_the_row_of_a_stream(self):
        with Server([self.database.name]) as server:
            params = {"count": MANY, "seconds": 0.2}
            with self.opened("stream.rows", params, name="stopped", server=server) as response:
                portions = response.iter_content(1024)
                last = next(portions)
                server.stop()
                # The connection breaks, or its last words are that something did.
                with contextlib.suppress(requests.RequestException):
                    for portion in portions:
                        last = (last + portion)[-2048:]
        self.assertNotIn(b'{"_end":', last)
        self.assertEqual(self.row("stopped")[:2], ("refused", "unavailable"))


def _resident(server):
    """Kilobytes in memory of each process of a server, by its id."""
    found, waiting = {}, [server._process.pid]
    while waiting:
        pid = waiting.pop()
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            status = Path(f"/proc/{pid}/status").read_text()
            found[pid] = int(status.split("VmRSS:")[1].split()[0])
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return found
