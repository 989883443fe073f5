"""The transport: verbs, media types, sizes, headers, and JSON that is none."""

import base64
import gzip
import http.client
import json
import os
import socket

from odoo.tests.common import HOST, TEST_CURSOR_COOKIE_NAME

from ..common import JSON, JsonRpcCase

API = "/jsonrpc/2/api"
ECHO = {"jsonrpc": "2.0", "method": "system.echo", "params": ["x"], "id": 1}
PARSE, INVALID, NOT_FOUND, PARAMS = -32700, -32600, -32601, -32602
UNAUTHENTICATED, TOO_LARGE, VERB, MEDIA = -32001, -32008, -32010, -32011


class TransportCase(JsonRpcCase):
    def error(self, response, status, code):
        """Check a refusal of the whole request, and give back its error."""
        self.assertEqual((response.status_code, response.headers["Content-Type"]), (status, "application/json"))
        answer = response.json()
        self.assertEqual((answer["jsonrpc"], answer["error"]["code"]), ("2.0", code))
        self.assertEqual(answer["error"]["data"]["request_id"], response.headers["X-Request-Id"])
        self.assertNotIn("Traceback", response.text)
        return answer["error"]

    def echo(self, value="x", **options):
        return self.post(API, {**ECHO, "params": [value]}, **options)

    def set_parameter(self, name, value):
        self.env["ir.config_parameter"].set_param(f"jsonrpc_gateway.{name}", value)


class TestVerbs(TransportCase):
    def test_other_verbs_are_refused_with_allow(self):
        for path in (API, f"{API}/system.echo", "/jsonrpc/2/common", "/jsonrpc/2/object"):
            for verb in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
                with self.subTest(path=path, verb=verb):
                    response = self.opener.request(verb, self.base_url() + path, timeout=12)
                    self.error(response, 405, VERB)
                    self.assertEqual(response.headers["Allow"], "POST")

    def test_head_is_refused_without_body(self):
        response = self.opener.head(self.base_url() + API, timeout=12)
        self.assertEqual((response.status_code, response.headers["Allow"], response.content), (405, "POST", b""))

    def test_refusal_by_verb_ignores_the_query(self):
        response = self.opener.get(f"{self.base_url()}{API}?access_token=x&method=system.echo", timeout=12)
        self.error(response, 405, VERB)


class TestMediaTypes(TransportCase):
    def test_json_types_are_accepted(self):
        for media in (
            "application/json",
            "application/json-rpc",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            "Application/JSON",
            "application/json-rpc; charset=latin-1",
        ):
            with self.subTest(media=media):
                self.assertEqual(self.echo("ü", headers={"Content-Type": media}).json()["result"], "ü")

    def test_other_types_are_refused(self):
        form = "application/x-www-form-urlencoded"
        for media in ("text/plain", form, "multipart/form-data; boundary=x", "text/json", ""):
            with self.subTest(media=media), self.assertNoLogs("odoo", "ERROR"):
                self.error(self.echo(headers={"Content-Type": media}), 415, MEDIA)

    def test_missing_type_is_refused(self):
        self.error(self.echo(headers={"Content-Type": None}), 415, MEDIA)

    def test_compressed_body_is_refused(self):
        body = gzip.compress(json.dumps(ECHO).encode())
        for encoding in ("gzip", "deflate", "br", "gzip, identity"):
            with self.subTest(encoding=encoding):
                error = self.error(self.post(API, body, headers={"Content-Encoding": encoding}), 415, MEDIA)
                self.assertIn("Compressed", error["message"])

    def test_identity_encoding_is_accepted(self):
        self.assertEqual(self.echo(headers={"Content-Encoding": "identity"}).json()["result"], "x")

    def test_refused_type_echoes_the_id(self):
        self.assertEqual(self.echo(headers={"Content-Type": "text/plain"}).json()["id"], 1)


class TestBodyLimit(TransportCase):
    def setUp(self):
        super().setUp()
        self.set_parameter("max_body", "10000")

    def test_body_at_the_limit_is_accepted(self):
        size = 10000 - len(json.dumps({**ECHO, "params": [""]}))
        self.assertEqual(len(self.echo("x" * size).json()["result"]), size)
        self.error(self.echo("x" * (size + 1)), 413, TOO_LARGE)

    def test_body_far_above_the_limit_reads_its_refusal(self):
        with self.assertNoLogs("odoo", "ERROR"):
            self.error(self.echo("x" * 30_000_000), 413, TOO_LARGE)

    def test_large_body_of_a_wrong_type_reads_its_refusal(self):
        self.error(self.echo("x" * 30_000_000, headers={"Content-Type": "text/plain"}), 415, MEDIA)

    def test_large_body_with_a_bad_key_reads_its_refusal(self):
        self.error(self.echo("x" * 30_000_000, key="nonsense"), 401, UNAUTHENTICATED)

    def test_limit_holds_for_the_method_in_the_url(self):
        self.error(self.post(f"{API}/system.echo", {**ECHO, "params": ["x" * 20000]}), 413, TOO_LARGE)

    def test_chunks_are_accepted_up_to_the_limit(self):
        self.assertEqual(self.url_open(API, data=iter([json.dumps(ECHO).encode()]), headers=JSON).json()["result"], "x")
        for size in (9_000, 10_001, 5_000_000):
            with self.subTest(size=size):
                body = json.dumps(ECHO).encode().ljust(size)
                chunks = (body[at : at + 1000] for at in range(0, size, 1000))
                response = self.url_open(API, data=chunks, headers=JSON)
                if size < 10_000:
                    self.assertEqual(response.json()["result"], "x")
                else:
                    self.error(response, 413, TOO_LARGE)

    def test_limit_that_makes_no_sense_is_the_default(self):
        for nonsense in ("0", "-1", "many", "", "1e9", "²", "9" * 5000, "10 000"):
            with self.subTest(nonsense=nonsense[:20]):
                self.set_parameter("max_body", nonsense)
                self.assertEqual(len(self.echo("x" * 1_000_000).json()["result"]), 1_000_000)
                self.error(self.echo("x" * 1_100_000), 413, TOO_LARGE)

    def test_limit_holds_for_routes_of_other_addons_that_say_none(self):
        body = {"jsonrpc": "2.0", "method": "call", "params": {"names": ["x" * 20000]}, "id": 1}
        self.error(self.post("/my_custom_api/strings", body), 413, TOO_LARGE)

    def test_refusal_names_the_limit(self):
        error = self.error(self.echo("x" * 20000), 413, TOO_LARGE)
        self.assertEqual(error["data"]["limit"], 10000)

    def test_values_that_need_too_much_are_refused_before_they_are_read(self):
        self.set_parameter("max_body", "2000000")
        body = json.dumps(ECHO).replace('"x"', ",".join(["{}"] * 300_000)).encode()
        page = "https://shop.example.com"
        publishable = self.issue_key(kind="publishable", origins=page)
        for key, most in ((None, 4), (publishable, 4), (self.issue_key(), None)):
            with self.subTest(key=bool(key), most=most):
                answer = self.post(API, body, key=key, headers={"Origin": page} if key == publishable else {})
                if most is None:
                    self.assertEqual(answer.json()["error"]["data"]["type"], "invalid_params")
                    continue
                error = self.error(answer, 413, TOO_LARGE)
                self.assertLess(error["data"]["limit"], most * len(body) + 8 * 2**20)
                self.assertGreater(error["data"]["size"], error["data"]["limit"])

    def test_service_endpoints_have_a_limit_of_their_own(self):
        params = {"service": "common", "method": "version", "args": []}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params, "id": 1})
        answer = self.post("/jsonrpc/2/common", body + " " * 2_000_000).json()
        self.assertEqual(answer["result"]["protocol_version"], 1)
        self.set_parameter("max_service_body", "3000")
        self.error(self.post("/jsonrpc/2/common", body + " " * 3000), 413, TOO_LARGE)

    def test_service_endpoints_take_more_of_who_is_known(self):
        params = {"service": "common", "method": "version", "args": []}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}) + " " * (9 * 2**20)
        error = self.error(self.post("/jsonrpc/2/common", body), 413, TOO_LARGE)
        self.assertEqual(error["data"]["limit"], 8 * 2**20)
        self.assertIn("result", self.post("/jsonrpc/2/common", body, key=self.issue_key()).json())

    def test_file_of_five_megabytes_is_attached_with_a_password_and_with_a_key(self):
        content = base64.b64encode(os.urandom(5_000_000)).decode()
        for password, key in (("admin", None), ("", self.issue_key(full_orm=True))):
            with self.subTest(key=bool(key)):
                values = {"name": "Überblick 😀.bin", "datas": content}
                args = [self.env.cr.dbname, self.admin.id, password, "ir.attachment", "create", [values]]
                params = {"service": "object", "method": "execute_kw", "args": args}
                answer = self.rpc("call", params, path="/jsonrpc/2/object", key=key)
                self.assertEqual(self.env["ir.attachment"].browse(answer["result"]).file_size, 5_000_000)


class TestRawBodies(TransportCase):
    """Bodies that no well-behaved client sends, through a bare connection."""

    def raw(self, headers, *parts):
        connection = http.client.HTTPConnection(HOST, self.http_port(), timeout=12)
        self.addCleanup(connection.close)
        with self.allow_requests():
            cookie = f"{TEST_CURSOR_COOKIE_NAME}={self.http_request_key}"
            connection.putrequest("POST", API)
            for name, value in {"Content-Type": "application/json", "Cookie": cookie, **headers}.items():
                connection.putheader(name, value)
            connection.endheaders()
            for part in parts:
                connection.send(part)
            connection.sock.shutdown(socket.SHUT_WR)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def test_broken_chunks_are_a_parse_error_or_a_bad_request(self):
        with self.assertNoLogs("odoo", "ERROR"):
            status, answer = self.raw({"Transfer-Encoding": "chunked"}, b"zz\r\nnonsense\r\n")
        self.assertIn(status, (200, 400))
        self.assertIn(answer["error"]["code"], (PARSE, INVALID))

    def test_body_that_ends_early_is_a_bad_request(self):
        with self.assertNoLogs("odoo", "ERROR"):
            status, answer = self.raw({"Content-Length": "1000"}, b'{"jsonrpc":')
        self.assertIn(status, (200, 400))
        self.assertIn(answer["error"]["code"], (PARSE, INVALID))


class TestHeaders(TransportCase):
    def test_answer_has_safe_headers_and_no_cookie(self):
        for response in (self.echo(), self.post(API, "{"), self.echo(key="nonsense"), self.post(API, [ECHO])):
            self.assertEqual(response.headers["Content-Type"], "application/json")
            self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(response.headers["Cache-Control"], "no-store")
            self.assertNotIn("Set-Cookie", response.headers)

    def test_session_caller_gets_no_cookie(self):
        self.authenticate("admin", "admin")
        response = self.post(API, {**ECHO, "method": "system.whoami", "params": []})
        self.assertEqual(response.json()["result"]["credential"], "session")
        self.assertNotIn("Set-Cookie", response.headers)

    def test_sane_request_id_is_kept(self):
        for sane in ("a", "0b8f7a3c-1f0e-4b5e-9c55-d2f6b1a4c7de", "trace:1.2_3", "x" * 64):
            with self.subTest(sane=sane):
                response = self.post(API, "{", headers={"X-Request-Id": sane})
                self.assertEqual(self.error(response, 200, PARSE)["data"]["request_id"], sane)

    def test_other_request_id_is_replaced(self):
        for other in ("", "x" * 65, "a b", "ü", "a;b", "<script>", "a,b"):
            with self.subTest(other=other):
                response = self.post(API, "{", headers={"X-Request-Id": other.encode()})
                self.assertRegex(self.error(response, 200, PARSE)["data"]["request_id"], r"^[0-9a-f]{32}$")

    def test_request_ids_differ(self):
        self.assertNotEqual(self.echo().headers["X-Request-Id"], self.echo().headers["X-Request-Id"])

    def test_request_id_finds_the_failure_in_the_log(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR") as logs:
            error = self.refused("test.surprise", key=self.issue_key(), headers={"X-Request-Id": "find-me"})
        self.assertEqual(error["code"], -32603)
        self.assertNotIn("secret-of-the-house", json.dumps(error))
        self.assertIn("request find-me", logs.output[0])
        self.assertIn("secret-of-the-house", logs.output[0])


class TestCompression(TransportCase):
    def test_large_answer_is_compressed_when_asked(self):
        response = self.echo("x" * 10_000, headers={"Accept-Encoding": "gzip"})
        self.assertEqual(response.headers["Content-Encoding"], "gzip")
        self.assertLess(int(response.headers["Content-Length"]), 1000)
        self.assertEqual(response.json()["result"], "x" * 10_000)

    def test_answer_is_plain_unless_asked(self):
        for accepted in ("identity", "", "br", "gzip;q=0", "deflate, gzip;q=0.0"):
            with self.subTest(accepted=accepted):
                response = self.echo("x" * 10_000, headers={"Accept-Encoding": accepted})
                self.assertNotIn("Content-Encoding", response.headers)
                self.assertIn("Accept-Encoding", response.headers["Vary"])

    def test_small_answer_is_plain(self):
        self.assertNotIn("Content-Encoding", self.echo(headers={"Accept-Encoding": "gzip"}).headers)


class TestNotifications(TransportCase):
    def silent(self, body):
        response = self.post(API, body)
        self.assertEqual((response.status_code, response.content), (200, b""))
        self.assertNotIn("Content-Type", response.headers)
        self.assertEqual(response.headers["Content-Length"], "0")
        self.assertIn("X-Request-Id", response.headers)

    def test_notification_is_not_answered(self):
        self.silent({"jsonrpc": "2.0", "method": "system.echo", "params": ["x"]})

    def test_batch_of_notifications_is_not_answered(self):
        self.silent([{"jsonrpc": "2.0", "method": "system.version"}] * 3)

    def test_failing_notification_is_not_answered(self):
        self.silent({"jsonrpc": "2.0", "method": "no.such"})
        self.silent({"jsonrpc": "2.0", "method": "system.echo", "params": {"wrong": 1}})
        self.silent({"jsonrpc": "2.0", "method": "partner.get_info", "params": [1]})

    def test_invalid_request_without_id_is_answered(self):
        self.assertIsNone(self.post(API, {"jsonrpc": "2.0"}).json()["id"])

    def test_mixed_batch_answers_its_calls(self):
        answers = self.post(API, [{"jsonrpc": "2.0", "method": "system.version"}, ECHO, 1]).json()
        self.assertEqual([(a["id"], a.get("result")) for a in answers], [(1, "x"), (None, None)])


class TestIds(TransportCase):
    def test_id_comes_back_as_it_was_sent(self):
        numbers = ("0", "-1", "1", "1.5", str(2**53 + 1), str(-(2**63)), str(2**64 - 1))
        for text in (*numbers, '""', '"1"', '"ünï\\u2028"', "null"):
            with self.subTest(id=text):
                answer = self.post(API, f'{{"jsonrpc":"2.0","method":"system.version","id":{text}}}')
                self.assertEqual(answer.json()["id"], json.loads(text))
                self.assertIs(type(answer.json()["id"]), type(json.loads(text)))

    def test_id_of_a_wrong_type_is_refused(self):
        for text in ("true", "[]", "{}", "[1]"):
            with self.subTest(id=text):
                response = self.post(API, f'{{"jsonrpc":"2.0","method":"system.version","id":{text}}}')
                self.error(response, 200, INVALID)
                self.assertIsNone(response.json()["id"])

    def test_same_id_twice_is_answered_twice(self):
        self.assertEqual([answer["id"] for answer in self.post(API, [ECHO, ECHO]).json()], [1, 1])


class TestUnauthenticated(TransportCase):
    CALL = {"jsonrpc": "2.0", "method": "partner.get_info", "params": [1], "id": "mine"}

    def test_no_credential_is_challenged_without_error_code(self):
        response = self.post(API, self.CALL)
        self.error(response, 401, UNAUTHENTICATED)
        self.assertEqual(response.headers["WWW-Authenticate"], 'Bearer realm="Odoo JSON-RPC"')
        self.assertEqual(response.json()["id"], "mine")

    def test_bad_credential_is_challenged_as_invalid_token(self):
        good = self.issue_key()
        near = (f"Bearer {good}x", f"Bearer {good},Bearer {good}", f"BEARER {good} x")
        for header in ("Bearer nonsense", "bearer x", "Bearer", "Bearer ", *near):
            with self.subTest(header=header):
                response = self.post(API, self.CALL, headers={"Authorization": header})
                self.error(response, 401, UNAUTHENTICATED)
                self.assertRegex(response.headers["WWW-Authenticate"], r'error="?invalid_token"?')
                self.assertEqual(response.json()["id"], "mine")
                self.assertNotIn(good, response.text)

    def test_bad_credential_is_refused_for_public_methods_too(self):
        self.error(self.echo(key="nonsense"), 401, UNAUTHENTICATED)

    def test_bad_credential_does_not_fall_back_to_the_session(self):
        self.authenticate("admin", "admin")
        for header in ("Bearer", "Bearer nonsense"):
            self.error(self.post(API, self.CALL, headers={"Authorization": header}), 401, UNAUTHENTICATED)

    def test_scheme_is_case_insensitive(self):
        key = self.issue_key()
        for scheme in ("bearer", "BEARER", "Bearer  "):
            self.assertIn("result", self.post(API, {**self.CALL}, headers={"Authorization": f"{scheme} {key}"}).json())

    def test_other_scheme_is_nobody(self):
        # A proxy may ask for Basic credentials of its own and pass them on.
        response = self.post(API, self.CALL, headers={"Authorization": "Basic YWRtaW46YWRtaW4="})
        self.error(response, 401, UNAUTHENTICATED)
        self.assertNotIn("invalid_token", response.headers["WWW-Authenticate"])
        self.assertIn("result", self.echo(headers={"Authorization": "Basic YWRtaW46YWRtaW4="}).json())

    def test_key_in_the_query_is_nobody(self):
        key = self.issue_key()
        self.error(self.post(f"{API}?access_token={key}&api_key={key}", self.CALL), 401, UNAUTHENTICATED)

    def test_batch_with_a_public_call_is_answered_call_by_call(self):
        response = self.post(API, [ECHO, self.CALL])
        self.assertEqual(response.status_code, 200)
        self.assertEqual([a.get("error", {}).get("code") for a in response.json()], [None, UNAUTHENTICATED])

    def test_batch_without_public_call_is_challenged(self):
        response = self.post(API, [self.CALL, {**self.CALL, "id": 2}])
        self.assertEqual(response.status_code, 401)
        self.assertEqual([a["id"] for a in response.json()], ["mine", 2])

    def test_batch_with_bad_credential_gets_one_answer(self):
        response = self.post(API, [self.CALL], key="nonsense")
        self.error(response, 401, UNAUTHENTICATED)
        self.assertIsNone(response.json()["id"])

    def test_notification_with_bad_credential_is_answered(self):
        response = self.post(API, {"jsonrpc": "2.0", "method": "system.version"}, key="nonsense")
        self.assertIsNone(response.json()["id"])
        self.error(response, 401, UNAUTHENTICATED)


class TestMethodInUrl(TransportCase):
    def test_method_in_the_url_is_called(self):
        for path in (f"{API}/system.echo", f"{API}/system.echo/"):
            self.assertEqual(self.post(path, ECHO).json()["result"], "x")

    def test_other_method_in_the_body_is_refused(self):
        response = self.post(f"{API}/system.version", ECHO)
        self.assertEqual(self.error(response, 200, INVALID)["data"]["member"], "method")
        self.assertEqual(response.json()["id"], 1)

    def test_each_call_of_a_batch_has_to_agree(self):
        answers = self.post(f"{API}/system.echo", [ECHO, {**ECHO, "method": "system.version"}]).json()
        self.assertEqual([a.get("error", {}).get("code") for a in answers], [None, INVALID])

    def test_unknown_method_in_both_is_not_found(self):
        self.error(self.post(f"{API}/no.such", {**ECHO, "method": "no.such"}), 200, NOT_FOUND)


class TestBrokenJson(TransportCase):
    def test_broken_text_is_a_parse_error(self):
        call = json.dumps(ECHO)
        for name, body in {
            "blank": b"  ",
            "cut": call[:-1].encode(),
            "twice": call.encode() * 2,
            "utf-16": call.encode("utf-16"),
            "utf-16-le": call.encode("utf-16-le"),
            "utf-32": call.encode("utf-32"),
            "latin-1": call.replace("x", "ü").encode("latin-1"),
            "byte order mark": call.encode("utf-8-sig"),
            "NaN": call.replace('"x"', "NaN").encode(),
            "Infinity": call.replace('"x"', "-Infinity").encode(),
            "too large a float": call.replace('"x"', "1e400").encode(),
            "member twice": call.replace('"id": 1', '"id": 1, "id": 2').encode(),
            "depth": call.replace('"x"', "[" * 100_000 + "]" * 100_000).encode(),
            "open depth": b"[" * 500_000,
            "depth of objects": b'{"a":' * 100_000,
            "raw surrogate": call.encode().replace(b"x", b"\xed\xa0\x80"),
            "raw NUL": call.replace("x", "\0").encode(),
            "control character": call.replace("x", "\n").encode(),
            "single quotes": call.replace('"', "'").encode(),
            "comment": b"/* */" + call.encode(),
            "trailing comma": call.replace('"id": 1', '"id": 1,').encode(),
        }.items():
            with self.subTest(name), self.assertNoLogs("odoo", "ERROR"):
                response = self.post(API, body)
                error = self.error(response, 200, PARSE)
                self.assertIsNone(response.json()["id"])
                self.assertTrue(error["data"]["reason"])

    def test_values_that_cannot_be_served_are_refused_by_their_path(self):
        call = json.dumps(ECHO)
        for name, body, type_ in (
            ("too many digits", call.replace('"x"', "9" * 6000), "int_too_large"),
            ("70 bits", call.replace('"x"', str(2**70)), "int_too_large"),
            ("lone surrogate", call.replace("x", "\\ud800"), "string_unstorable"),
            ("NUL", call.replace("x", "\\u0000"), "string_unstorable"),
        ):
            for sent in (body, f"[{call}, {body}]"):
                with self.subTest(name, batch=sent[0] == "["), self.assertNoLogs("odoo", "ERROR"):
                    answer = self.post(API, sent).json()
                    if isinstance(answer, list):
                        self.assertEqual(answer[0]["result"], "x")
                        answer = answer[1]
                    (error,) = answer["error"]["data"]["errors"]
                    self.assertEqual((answer["error"]["code"], answer["id"]), (PARAMS, 1))
                    self.assertEqual((error["path"], error["type"]), ("0", type_))

    def test_id_of_70_bits_is_echoed_and_one_of_6000_digits_is_invalid(self):
        call = json.dumps(ECHO)
        answer = self.post(API, call.replace('"id": 1', f'"id": {2**70}')).json()
        self.assertEqual((answer["id"], answer["result"]), (2**70, "x"))
        error = self.error(self.post(API, call.replace('"id": 1', f'"id": {"9" * 6000}')), 200, INVALID)
        self.assertEqual(error["data"]["member"], "id")

    def test_empty_body_is_a_parse_error(self):
        self.error(self.url_open(API, method="POST", headers=JSON), 200, PARSE)

    def test_other_values_are_invalid_requests(self):
        for body in ("1", '"x"', "null", "true", "{}", "[]", '{"jsonrpc":"1.0","method":"system.version","id":1}'):
            with self.subTest(body), self.assertNoLogs("odoo", "ERROR"):
                self.error(self.post(API, body), 200, INVALID)

    def test_params_that_are_no_structure_are_refused(self):
        for params in ("1", '"x"', "null", "true"):
            response = self.post(API, f'{{"jsonrpc":"2.0","method":"system.echo","params":{params},"id":7}}')
            self.error(response, 200, INVALID)
            self.assertEqual(response.json()["id"], 7)

    def test_odd_method_names_are_not_found(self):
        near = ("system.Echo", "SYSTEM.ECHO", "system.echo ", "system._jsonrpc_own_methods")
        for method in ("", *near, "__class__", "rpc.x", "x" * 10_000, "ü", "../api"):
            with self.subTest(method[:20]), self.assertNoLogs("odoo", "ERROR"):
                self.error(self.post(API, {**ECHO, "method": method}), 200, NOT_FOUND)

    def test_service_endpoints_are_as_strict(self):
        for path in ("/jsonrpc/2/common", "/jsonrpc/2/object"):
            with self.assertNoLogs("odoo", "ERROR"):
                self.error(self.post(path, b'{"id": NaN}'), 200, PARSE)
                self.error(self.post(path, {"jsonrpc": "2.0", "method": "call", "id": []}), 200, INVALID)


class TestBatchLimit(TransportCase):
    def test_batch_over_the_limit_is_refused_as_one(self):
        self.assertEqual(len(self.post(API, [ECHO] * 100).json()), 100)
        error = self.error(self.post(API, [ECHO] * 101), 200, TOO_LARGE)
        self.assertEqual((error["data"]["limit"], error["data"]["size"]), (100, 101))

    def test_limit_is_a_system_parameter(self):
        self.set_parameter("max_batch", "2")
        self.assertEqual(len(self.post(API, [ECHO] * 2).json()), 2)
        self.error(self.post(API, [ECHO] * 3), 200, TOO_LARGE)

    def test_limit_that_makes_no_sense_is_the_default(self):
        for nonsense in ("0", "-5", "none", "9" * 5000, " "):
            with self.subTest(nonsense=nonsense[:10]):
                self.set_parameter("max_batch", nonsense)
                self.assertEqual(len(self.post(API, [ECHO] * 100).json()), 100)
                self.error(self.post(API, [ECHO] * 101), 200, TOO_LARGE)

    def test_nothing_of_a_refused_batch_is_done(self):
        write = {"jsonrpc": "2.0", "method": "tx.write", "params": ["a"], "id": 1}
        self.error(self.post(API, [write] * 101, key=self.issue_key()), 200, TOO_LARGE)
        self.assertEqual(self.env["test_jsonrpc_gateway.note"].search_count([]), 0)
