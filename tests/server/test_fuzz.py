"""Whatever is sent, the gateway answers in its own words: no 500, nothing unanswered, no traceback."""

import contextlib
import http.client
import json
import os
from urllib.parse import urlsplit

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from ..server_common import ServerCase

#: Requests in all; each example of hypothesis sends as many as one page of them.
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "20000"))
PAGE = 40

PATHS = ["/jsonrpc/2/api", "/jsonrpc/2/api/system.echo", "/jsonrpc/2/common", "/jsonrpc/2/object"]
STATUSES = {200, 204, 400, 401, 403, 405, 413, 415, 429}


def _encoded(value):
    return json.dumps(value).encode()


def _damaged(parts):
    raw, at, inserted = parts
    return raw[:at] + inserted + raw[at + 1 :]


_words = st.sampled_from(
    [
        *("jsonrpc", "2.0", "method", "params", "id", "call", "service", "args", "object", "common", "execute_kw"),
        *("login", "system.echo", "partner.get_info", "partner_id", "value", "res.partner", "search_read"),
        *("$ref", "/0", "../..", "idempotency_key", "validate_only", "context", "\x00", "\ud800"),
    ]
)
_scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | _words
_json = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
_calls = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "method": _words, "params": _json, "id": _scalars},
    optional={"idempotency_key": _scalars, "validate_only": _scalars},
)
_envelopes = st.fixed_dictionaries(
    {
        "jsonrpc": st.just("2.0"),
        "method": st.just("call"),
        "params": st.fixed_dictionaries({"service": _words, "method": _words, "args": st.lists(_json, max_size=8)}),
        "id": _scalars,
    }
)
_bodies = st.one_of(
    st.binary(max_size=200),
    st.one_of(_json, _calls, _envelopes, st.lists(_calls | _json, max_size=5)).map(_encoded),
    st.tuples(_calls.map(_encoded), st.integers(0, 400), st.binary(max_size=3)).map(_damaged),
    st.integers(1, 3000).map(lambda depth: b"[" * depth),
)
# Latin-1 without line breaks is what can be sent in a header at all.
_header_text = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
_headers = st.fixed_dictionaries(
    {},
    optional={
        "Authorization": _header_text | _header_text.map("Bearer {}".format) | st.just("Bearer jrg_sk_" + "0" * 38),
        "Content-Encoding": st.sampled_from(["gzip", "identity", "br"]) | _header_text,
        "Accept-Encoding": st.sampled_from(["gzip", "gzip;q=0", "*"]) | _header_text,
        "X-Request-Id": _header_text,
        "Idempotency-Key": _header_text,
        "JSON-RPC-Batch": st.sampled_from(["atomic", "references", "atomic,references"]) | _header_text,
        "Origin": _header_text | st.sampled_from(["null", "https://a.example"]),
        "Cookie": _header_text.map("session_id={}".format),
        "X-Forwarded-For": _header_text,
    },
)
_requests = st.tuples(
    st.sampled_from(["POST"] * 12 + ["GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"]),
    st.sampled_from(PATHS),
    _bodies,
    _headers,
    st.sampled_from(["application/json"] * 8 + ["application/json-rpc", "text/plain", "application/json; charset=x"]),
    st.booleans(),
)


@tagged("post_install", "-at_install")
class TestFuzz(ServerCase):
    options = {"log_level": "info"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Limits are tested elsewhere; here they would answer nearly everything.
        cls.key = cls.database.shell(
            "env['jsonrpc.limit'].search([]).unlink()\n"
            "user = env.ref('base.user_admin')\n"
            "print(env['jsonrpc.key']._issue(name='Fuzz', user=user, access='write', full_orm=True)[1])"
        ).splitlines()[-1]
        cls.address = urlsplit(cls.server.url).netloc

    def send(self, verb, path, body, headers, media_type, with_key):
        headers = {"Content-Type": media_type, **headers}
        if with_key:
            headers["Authorization"] = f"Bearer {self.key}"
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=60)) as connection:
            connection.request(verb, path, body, {name: value.encode("latin1") for name, value in headers.items()})
            answer = connection.getresponse()
            return answer, answer.read()

    def check(self, request):
        answer, body = self.send(*request)
        self.assertIn(answer.status, STATUSES, request)
        self.assertNotIn(b"Traceback", body, request)
        self.assertNotIn(b"psycopg2", body, request)
        if body and answer.headers["Content-Type"] == "application/json" and not answer.headers["Content-Encoding"]:
            answers = json.loads(body)
            for item in answers if isinstance(answers, list) else [answers]:
                self.assertEqual(item["jsonrpc"], "2.0", request)
                self.assertEqual(("result" in item) + ("error" in item), 1, request)

    def test_no_request_makes_the_server_stumble(self):
        sent = 0

        @settings(
            max_examples=REQUESTS // PAGE,
            deadline=None,
            database=None,
            derandomize=True,
            # Shrinking a page of requests would take longer than reading it.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(_requests, min_size=PAGE, max_size=PAGE))
        def fuzz(page):
            nonlocal sent
            for request in page:
                self.check(request)
                sent += 1

        fuzz()
        self.assertGreaterEqual(sent, REQUESTS - PAGE)
        self.assertNotIn("Traceback", self.server.log())
        self.assertEqual(self.server.rpc("system.echo", ["alive"])["result"], "alive")
