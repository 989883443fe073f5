"""The service endpoint ``common``: versions, databases, logins and the sessions that they open."""

import base64
import os
from unittest.mock import patch

from odoo import release
from odoo.http import root
from odoo.tools import config

from ..common import JSON
from ..service_common import FORBIDDEN, NO_METHOD, PARAMS, PASSWORD, UNAUTHENTICATED, ServiceCase


class TestCommon(ServiceCase):
    def test_version_and_about_are_those_of_odoo(self):
        version = self.common("version")
        self.assertEqual((version["server_version"], version["server_serie"]), (release.version, release.serie))
        self.assertEqual(version["server_version_info"], list(release.version_info))
        self.assertIsInstance(self.common("about"), str)
        self.assertEqual(self.common("about", True)[1], release.version)

    def test_list_holds_this_database(self):
        self.assertIn(self.db, self.common("list"))

    def test_list_is_refused_where_databases_are_hidden(self):
        with patch.dict(config.options, {"list_db": False}):
            self.assertEqual(self.check_shape(self.service("common", "list"))["code"], FORBIDDEN)

    def test_login_and_authenticate_give_the_user_id(self):
        self.assertEqual(self.common("login", self.db, "service", PASSWORD), self.user.id)
        self.assertEqual(self.common("authenticate", self.db, "service", PASSWORD, {}), self.user.id)
        self.assertEqual(self.common("authenticate", self.db, "service", PASSWORD, None), self.user.id)

    def test_bad_credentials_give_false_and_no_cookie(self):
        for login, password in (("service", "wrong"), ("nobody", PASSWORD), ("service", ""), ("", "")):
            with self.subTest(login=login, password=password):
                response = self.raw_login(login, password)
                self.assertIs(response.json()["result"], False)
                self.assertNotIn("Set-Cookie", response.headers)

    def test_other_database_is_refused_the_same_way_whether_it_exists(self):
        answers = [
            self.service("common", "login", name, "service", PASSWORD) for name in ("postgres", "no_such", "template1")
        ]
        for answer in answers:
            error = self.check_shape(answer)
            error["data"].pop("request_id")
            self.assertEqual(error["code"], FORBIDDEN)
        self.assertEqual(answers[0]["error"], answers[1]["error"])
        self.assertEqual(answers[0]["error"], answers[2]["error"])

    def test_envelope_of_another_form_is_refused(self):
        for params, code in (
            ({}, PARAMS),
            ({"service": "common"}, PARAMS),
            ({"service": "object", "method": "version"}, PARAMS),
            ({"service": "db", "method": "list"}, PARAMS),
            ({"service": "common", "method": "version", "args": {}}, PARAMS),
            ({"service": "common", "method": "version", "kwargs": {}}, PARAMS),
            ({"service": "common", "method": 1, "args": []}, PARAMS),
            ({"service": "common", "method": "version", "args": [1]}, PARAMS),
            ({"service": "common", "method": "login", "args": [1, 2, 3]}, PARAMS),
            ({"service": "common", "method": "login", "args": [self.db]}, PARAMS),
            ({"service": "common", "method": "set_loglevel", "args": []}, NO_METHOD),
            ({"service": "common", "method": "__class__", "args": []}, NO_METHOD),
        ):
            with self.subTest(params=params):
                response = self.rpc("call", params, path="/jsonrpc/2/common")
                self.assertEqual(self.check_shape(response)["code"], code)

    def test_other_json_rpc_method_is_not_found(self):
        response = self.rpc("version", [], path="/jsonrpc/2/common")
        self.assertEqual(self.check_shape(response)["code"], NO_METHOD)

    def test_batch_is_answered_in_order(self):
        calls = [("version", []), ("login", [self.db, "service", PASSWORD]), ("login", [self.db, "service", "wrong"])]
        body = [
            {"jsonrpc": "2.0", "id": i, "method": "call", "params": {"service": "common", "method": m, "args": a}}
            for i, (m, a) in enumerate(calls)
        ]
        results = [answer["result"] for answer in self.post("/jsonrpc/2/common", body).json()]
        self.assertEqual(results[1:], [self.user.id, False])


class SessionCase(ServiceCase):
    def login(self, password=PASSWORD, **headers):
        return self.raw_login("service", password, **headers)

    def sid(self, **headers):
        return self.login(**headers).cookies["session_id"]


class TestSession(SessionCase):
    """The cookie that a login sets."""

    def test_login_sets_one_cookie_that_scripts_cannot_read(self):
        response = self.login()
        cookies = response.raw.headers.getlist("Set-Cookie")
        self.assertEqual(len(cookies), 1)
        self.assertTrue(cookies[0].startswith("session_id="))
        self.assertIn("HttpOnly", cookies[0])
        self.assertIn("Path=/", cookies[0])
        self.assertNotIn("Secure", cookies[0])

    def test_cookie_over_https_is_secure(self):
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "erp.example.com", "X-Forwarded-For": "192.0.2.1"}
        with patch.dict(config.options, {"proxy_mode": True}):
            cookies = self.login(**headers).raw.headers.getlist("Set-Cookie")
        self.assertEqual(len(cookies), 1)
        self.assertRegex(cookies[0], "; Secure")
        # Nobody is believed without proxy_mode.
        self.assertNotIn("Secure", self.login(**headers).headers["Set-Cookie"])

    def test_cookie_stands_in_for_the_password(self):
        sid = self.sid()
        for empty in ("", None, False):
            for uid in (self.user.id, False):
                with self.subTest(empty=empty, uid=uid):
                    response = self.call_with_cookie(
                        sid, "test_jsonrpc_gateway.note", "answer_context", uid=uid, password=empty
                    )
                    self.assertEqual(response["result"]["uid"], self.user.id)

    def test_cookie_of_one_user_is_none_of_another(self):
        error = self.check_shape(
            self.call_with_cookie(self.sid(), "res.users", "read", [[2]], uid=self.admin.id, password="")
        )
        self.assertEqual((error["code"], error["data"]["name"]), (UNAUTHENTICATED, "odoo.exceptions.AccessDenied"))

    def test_cookie_is_of_its_database(self):
        params = {
            "service": "object",
            "method": "execute_kw",
            "args": ["other", self.user.id, "", "res.users", "read", [[2]]],
        }
        with self.cookie(self.sid()):
            error = self.check_shape(self.rpc("call", params, path="/jsonrpc/2/object"))
        self.assertEqual(error["code"], FORBIDDEN)

    def test_no_cookie_and_no_password_is_refused(self):
        for empty in ("", None, False):
            for uid in (self.user.id, False, 1):
                error = self.refusal("res.users", "read", [[2]], uid=uid, password=empty)
                self.assertEqual(error["code"], UNAUTHENTICATED)

    def test_forged_cookie_is_refused(self):
        for sid in ("x" * 84, "../../etc/passwd", ""):
            error = self.check_shape(self.call_with_cookie(sid, "res.users", "read", [[2]], password=""))
            self.assertEqual(error["code"], UNAUTHENTICATED)

    def test_cookie_ends_with_a_change_of_password(self):
        sid = self.sid()
        self.user.password = "another-password"
        error = self.check_shape(self.call_with_cookie(sid, "res.users", "read", [[2]], password=""))
        self.assertEqual(error["code"], UNAUTHENTICATED)

    def test_cookie_opens_the_web_client_and_the_curated_api(self):
        with self.cookie(self.sid()):
            self.assertEqual(self.call("system.whoami")["login"], "service")
            self.assertEqual(
                self.url_open("/web/session/get_session_info", data="{}", headers=JSON).json()["result"]["uid"],
                self.user.id,
            )

    def test_object_sets_no_cookie(self):
        params = {
            "service": "object",
            "method": "execute_kw",
            "args": [self.db, self.user.id, PASSWORD, "res.users", "read", [[2], ["id"]]],
        }
        response = self.post("/jsonrpc/2/object", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1})
        self.assertNotIn("Set-Cookie", response.headers)

    def test_login_makes_a_new_session(self):
        before = root.session_store.new()
        before.update({"db": self.db, "uid": None})
        root.session_store.save(before)
        self.addCleanup(root.session_store.delete, before)
        with self.cookie(before.sid):
            self.assertNotEqual(self.sid(), before.sid)

    def test_api_key_gives_a_user_id_and_no_session(self):
        response = self.login(password=self.odoo_api_key())
        self.assertEqual(response.json()["result"], self.user.id)
        self.assertNotIn("Set-Cookie", response.headers)


class TestTwoFactors(SessionCase):
    def setUp(self):
        super().setUp()
        self.user.sudo().totp_secret = base64.b32encode(os.urandom(20)).decode()

    def test_password_gives_neither_session_nor_user_id(self):
        response = self.login()
        self.assertIs(response.json()["result"], False)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_password_is_refused_by_object(self):
        self.assertEqual(self.refusal("res.users", "read", [[2]])["code"], UNAUTHENTICATED)

    def test_api_key_is_accepted_by_object(self):
        result = self.result("res.users", "read", [[self.user.id], ["login"]], password=self.odoo_api_key())
        self.assertEqual(result[0]["login"], "service")
