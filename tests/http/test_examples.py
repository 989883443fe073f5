"""The clients in ``examples/`` work as they stand."""

import importlib.util
import os
import pathlib
import re
import shutil
import socket
import socketserver
import subprocess
import sys
import threading

from odoo.tests import tagged

from ..common import JsonRpcCase

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


@tagged("post_install", "-at_install")
class TestExamples(JsonRpcCase):
    def _run(self, *command):
        environment = {**os.environ, "GATEWAY_URL": self.base_url(), "GATEWAY_KEY": self.issue_key()}
        # The clients are programs of their own, without the cookie of Odoo's test harness.
        with self.allow_requests(all_requests=True):
            finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((finished.returncode, finished.stderr), (0, ""))
        return finished.stdout

    def test_python_client_prints_what_it_did(self):
        output = self._run(sys.executable, str(EXAMPLES / "gateway.py"))
        self.assertIn(f"I am {self.admin.name}", output)
        self.assertIn("'name': 'Ada Lovelace'", output)
        self.assertIn("Refused: There is no partner with id 2000000000 (-32003) not_found", output)
        self.assertIn("'hello'", output)

    def test_curl_client_prints_answers(self):
        output = self._run(shutil.which("sh"), str(EXAMPLES / "gateway.sh"))
        created, echoed, batch = output.splitlines()
        self.assertIn('"result":{"partner_id":', created)
        self.assertEqual(echoed, '{"jsonrpc":"2.0","result":"hello","id":2}')
        self.assertIn('"code":-32602', batch)
        self.assertNotIn("nobody hears this", batch)


@tagged("post_install", "-at_install")
class TestRetries(JsonRpcCase):
    """``write`` of the Python client, when the answer to a write is lost on the way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        described = importlib.util.spec_from_file_location("gateway", EXAMPLES / "gateway.py")
        cls.gateway = importlib.util.module_from_spec(described)
        described.loader.exec_module(cls.gateway)

    def lossy(self, *losses):
        """A relay to the server of the tests that loses answers.

        :param losses: for each of the first connections, what its client gets in place of the answer
        :returns: its URL
        """
        server = ("127.0.0.1", self.http_port())
        left = list(losses)

        class Relay(socketserver.StreamRequestHandler):
            def handle(self):
                with socket.create_connection(server) as upstream:
                    head = b""
                    while not head.endswith(b"\r\n\r\n"):
                        head += self.rfile.readline()
                    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
                    upstream.sendall(head + self.rfile.read(length))
                    answer = b"".join(iter(lambda: upstream.recv(65536), b""))
                self.wfile.write(left.pop(0) if left else answer)

        relay = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay)
        relay.daemon_threads = True
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        self.addCleanup(relay.server_close)
        self.addCleanup(relay.shutdown)
        return f"http://127.0.0.1:{relay.server_address[1]}"

    def create(self, name, *losses):
        odoo = self.gateway.Gateway(self.lossy(*losses), self.issue_key(), timeout=10)
        with self.allow_requests(all_requests=True):
            created = odoo.write("partner.create_simple", name=name)
        self.assertEqual(self.env["res.partner"].search([("name", "=", name)]).ids, [created["partner_id"]])

    def test_answer_that_is_lost_is_asked_for_again(self):
        self.create("Lost", b"")

    def test_half_an_answer_is_asked_for_again(self):
        self.create("Half", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")

    def test_page_of_a_proxy_is_no_answer(self):
        self.create("Proxy", b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>")

    def test_conflict_is_tried_again(self):
        body = b'{"jsonrpc":"2.0","id":1,"error":{"code":-32006,"message":"","data":{"type":"conflict"}}}'
        self.create("Conflict", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def test_refusal_is_final(self):
        odoo = self.gateway.Gateway(self.base_url(), self.issue_key(access="read"))
        with self.allow_requests(all_requests=True), self.assertRaisesRegex(self.gateway.RpcError, "32002"):
            odoo.write("partner.create_simple", name="Refused")
