"""What the tests of the service endpoints share: a user, the envelope, and the shape of errors."""

import contextlib
import json
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user
from odoo.tests.common import HOST

from .common import JsonRpcCase

INTERNAL, PARAMS, NO_METHOD = -32603, -32602, -32601
UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, VALIDATION, USER = -32001, -32002, -32003, -32004, -32005
PASSWORD = "a-long-password"


class ServiceCase(JsonRpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db = cls.env.cr.dbname
        cls.user = new_test_user(cls.env, "service", "base.group_user,base.group_partner_manager", password=PASSWORD)
        cls.notes = cls.env["test_jsonrpc_gateway.note"]

    def service(self, service, method, *args, **options):
        """Make one call, and give back the whole response object."""
        params = {"service": service, "method": method, "args": list(args)}
        return self.rpc("call", params, path=f"/jsonrpc/2/{service}", **options)

    def common(self, method, *args, **options):
        return self.service("common", method, *args, **options)["result"]

    def object(self, model, method, args=(), kwargs=None, *, uid=None, password=PASSWORD, **options):
        """``execute_kw``; the whole response object."""
        user_id = self.user.id if uid is None else uid
        return self.service(
            "object", "execute_kw", self.db, user_id, password, model, method, list(args), kwargs or {}, **options
        )

    def result(self, *args, **options):
        response = self.object(*args, **options)
        self.assertNotIn("error", response)
        return response["result"]

    def refusal(self, *args, **options):
        """The error of ``execute_kw``, in the shape that Odoo's clients parse."""
        return self.check_shape(self.object(*args, **options))

    def check_shape(self, response):
        self.assertNotIn("result", response)
        error = response["error"]
        data = error["data"]
        self.assertLessEqual({"name", "message", "arguments", "context", "type", "request_id"}, set(data))
        self.assertIsInstance(data["arguments"], list)
        self.assertIsInstance(data["context"], dict)
        self.assertNotIn("debug", data)
        self.assertNotIn("Traceback", json.dumps(error))
        return error

    def odoo_api_key(self, user=None):
        keys = self.env["res.users.apikeys"].with_user(user or self.user).sudo()
        return keys._generate("rpc", "Test", fields.Datetime.now() + timedelta(days=1))

    def raw_login(self, login, password, **headers):
        """The whole HTTP response to a login, and no cookie left in the client."""
        params = {"service": "common", "method": "login", "args": [self.db, login, password]}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        response = self.post("/jsonrpc/2/common", body, headers=headers)
        self.opener.cookies.clear()
        return response

    @contextlib.contextmanager
    def cookie(self, sid):
        """Send a session cookie with what follows."""
        self.opener.cookies.set("session_id", sid, domain=HOST)
        try:
            yield
        finally:
            self.opener.cookies.clear()

    def call_with_cookie(self, sid, *args, **options):
        with self.cookie(sid):
            return self.object(*args, **options)
