"""The test case for JSON-RPC methods; other addons build their own tests on it.

Example::

    from odoo.addons.jsonrpc_gateway.tests.common import JsonRpcCase

    class TestMyApi(JsonRpcCase):
        def test_rename_returns_name(self):
            key = self.issue_key(access="write")
            self.assertEqual(self.call("partner.get_name", {"partner_id": 1}, key=key), "Ann")
"""

import contextlib
import itertools
import json

from odoo.sql_db import Savepoint
from odoo.tests import HttpCase, tagged

from ..engine.dispatch import process

JSON = {"Content-Type": "application/json"}


@tagged("post_install", "-at_install")
class JsonRpcCase(HttpCase):
    """Calls the running server over HTTP, as a client would.

    A method that is declared wrongly, in any addon, is left out by a server; here it is an error.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["jsonrpc.api"]._jsonrpc_check_methods()
        cls.admin = cls.env.ref("base.user_admin")
        cls._ids = itertools.count(1)

    def setUp(self):
        super().setUp()
        # Outside of the test's transaction: one test must not lock the next one out.
        self.forget_calls()

    def forget_calls(self):
        """Fill the buckets of all callers, and forget failed authentications."""
        database = process.served(self.env.cr.dbname)
        for memory in (database.leases, database.calm, database.refused):
            memory.clear()

    def url_open(self, *args, **kwargs):
        """Send a request as :class:`odoo.tests.HttpCase` does.

        Calls with a read-only key make their transaction read-only. Here it is the test's own,
        and what comes next may write again.
        """
        with self.writable_again():
            return super().url_open(*args, **kwargs)

    @contextlib.contextmanager
    def writable_again(self):
        """Undo what requests did that made the transaction of the test read-only."""
        self.env.flush_all()
        savepoint = Savepoint(self.cr)
        try:
            yield
        finally:
            self.cr.execute("SELECT current_setting('transaction_read_only')")
            if self.cr.fetchone()[0] == "on":
                savepoint.rollback()
            savepoint.close(rollback=False)

    def issue_key(self, user=None, *, access="write", **options):
        """Issue an API key.

        :param user: the ``res.users`` record that it acts as; the administrator by default, and
            the public user for a publishable key
        :param options: of ``jsonrpc.key``'s ``_issue``, for example ``grants={"partner": ["read"]}``
        :returns: the token
        """
        if user is None and options.get("kind") != "publishable":
            user = self.admin
        return self.env["jsonrpc.key"]._issue(name="Test", user=user, access=access, **options)[1]

    def post(self, path, body, *, key=None, headers=None):
        """Send a body as it is.

        :param str path: of the URL
        :param body: bytes or str to send untouched, anything else is sent as JSON
        :param str key: token for ``Authorization: Bearer``
        :param dict headers: more headers; they win
        :returns: the :class:`requests.Response`
        """
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        return self.url_open(path, data=body, headers={**JSON, **authorization, **(headers or {})})

    def rpc(self, method, params=None, *, key=None, path="/jsonrpc/2/api", headers=None):
        """Make one call and give back the whole response object.

        :returns: ``{"jsonrpc", "id", "result" | "error"}``
        """
        request = {"jsonrpc": "2.0", "method": method, "id": next(self._ids)}
        if params is not None:
            request["params"] = params
        response = self.post(path, request, key=key, headers=headers).json()
        self.assertEqual(response["id"], request["id"])
        return response

    def call(self, method, params=None, **options):
        """Make one call that has to work, and give back its result."""
        response = self.rpc(method, params, **options)
        self.assertNotIn("error", response)
        return response["result"]

    def refused(self, method, params=None, **options):
        """Make one call that has to be refused, and give back its error."""
        response = self.rpc(method, params, **options)
        self.assertNotIn("result", response)
        return response["error"]
