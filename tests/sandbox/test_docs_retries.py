"""The client loop that the documentation teaches ("Retries"), as it stands there, against a server that fails."""

import http.server
import importlib.util
import json
import re
import sys
import textwrap
import threading
from unittest import mock

from common import CHECKOUT, SandboxCase


def example():
    """The Python client of ``examples/``, as a module."""
    spec = importlib.util.spec_from_file_location("gateway_example", CHECKOUT / "examples" / "gateway.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def loop(client):
    """The function ``write`` of the documentation; it imports the rest from a client."""
    section = (CHECKOUT / "docs" / "calling.rst").read_text(encoding="utf-8").split("\nRetries\n=", 1)[1]
    block = re.search(r"\.\. code-block:: python\n\n((?: {4}.*\n|\n)+)", section)[1]
    with mock.patch.dict(sys.modules, gateway=client):
        defined = {}
        exec(textwrap.dedent(block), defined)
    return defined["write"]


class Failing(http.server.BaseHTTPRequestHandler):
    """Answers each request with the next of the server's answers; nothing, for ``None``."""

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.keys.append(call["idempotency_key"])
        answer = self.server.answers.pop(0)
        if answer is None:
            return
        status, body, missing = answer
        raw = (body if isinstance(body, str) else json.dumps({"jsonrpc": "2.0", "id": call["id"], **body})).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw) + missing))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args):
        """Nothing."""


def error(kind, status=200, **data):
    return status, {"error": {"code": -32000, "message": kind, "data": {"type": kind, **data}}}, 0


RESULT = 200, {"result": "written", "replayed": True}, 0


class TestRetries(SandboxCase):
    def setUp(self):
        super().setUp()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Failing)
        self.http.keys = []
        self.addCleanup(self.http.server_close)
        self.addCleanup(self.http.shutdown)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.example = example()
        self.pauses = []
        self.enter(mock.patch("time.sleep", self.pauses.append))

    def write(self, *answers):
        self.http.answers = list(answers)
        odoo = self.example.Gateway(f"http://127.0.0.1:{self.http.server_address[1]}", "key")
        return loop(self.example)(odoo, "partner.create_simple", name="Ada")

    def test_whatever_is_no_answer_is_sent_again_under_the_same_key(self):
        cut_off = 200, {"result": "written"}, 1
        page = 502, "<html>Bad gateway</html>", 0
        self.assertEqual(self.write(None, cut_off, page, error("unavailable", 503), RESULT), "written")
        self.assertEqual(len(self.http.keys), 5)
        self.assertEqual(len(set(self.http.keys)), 1)
        self.assertEqual(self.pauses, [1, 2, 4, 8])

    def test_server_says_how_long_to_wait(self):
        passing = (error("in_progress", retry_after=1), error("rate_limited", 429, retry_after=30), error("conflict"))
        self.assertEqual(self.write(*passing, RESULT), "written")
        self.assertEqual(self.pauses, [1, 30, 4])

    def test_refusal_is_not_repeated(self):
        with self.assertRaises(self.example.RpcError) as caught:
            self.write(error("validation_failed"))
        self.assertEqual((caught.exception.data["type"], self.pauses), ("validation_failed", []))

    def test_end_of_patience_is_told(self):
        with self.assertRaises(TimeoutError):
            self.write(*[None] * 6)
        self.write(RESULT)
        self.assertEqual(len(set(self.http.keys)), 2)
