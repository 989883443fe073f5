"""Keys on real servers: what one worker does, all others heed at the next request."""

import threading
import time

import requests

from odoo.tests import tagged

from ..server_common import Server, ServerCase


def refused(server, token):
    """Whether the token is refused; anything but a clear answer fails."""
    response = server.post("/jsonrpc/2/api", {"jsonrpc": "2.0", "method": "system.whoami", "id": 1}, key=token)
    if response.status_code == 200:
        return False
    return response.status_code == 401 and response.headers["WWW-Authenticate"].startswith("Bearer")


@tagged("post_install", "-at_install")
class TestWorkers(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._entered(Server([cls.database.name]))

    def setUp(self):
        super().setUp()
        self.web = requests.Session()
        login = {"db": self.database.name, "login": "admin", "password": "admin"}
        answer = self.server.post("/web/session/authenticate", {"jsonrpc": "2.0", "params": login}, session=self.web)
        self.assertTrue(answer.json()["result"]["uid"])

    def call_kw(self, model, method, *args, **kwargs):
        """Call a method on the first server as the web client does."""
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        return self.server.post(f"/web/dataset/call_kw/{model}/{method}", body, session=self.web).json()["result"]

    def issue(self, login="admin"):
        """A key that both servers have used, and so remember."""
        token = self.database.issue_key(login=login)
        for server in (self.server, self.second):
            self.assertFalse(refused(server, token))
        (key_id,) = self.call_kw("jsonrpc.key", "search", [("token_hint", "=", token[:11])])
        return key_id, token

    def assertRefusedEverywhere(self, token):
        self.assertTrue(refused(self.second, token), "on the other server")
        self.assertTrue(refused(self.server, token), "on the server that did it")

    def test_revoked_key_is_refused_by_every_server_at_once(self):
        key_id, token = self.issue()
        self.call_kw("jsonrpc.key", "action_revoke", [key_id])
        self.assertRefusedEverywhere(token)

    def test_deleted_key_is_refused_by_every_server_at_once(self):
        key_id, token = self.issue()
        self.call_kw("jsonrpc.key", "unlink", [key_id])
        self.assertRefusedEverywhere(token)

    def test_key_of_archived_user_is_refused_by_every_server_at_once(self):
        _key_id, token = self.issue("demo")
        (user_id,) = self.call_kw("res.users", "search", [("login", "=", "demo")])
        self.call_kw("res.users", "write", [user_id], {"active": False})
        self.assertRefusedEverywhere(token)
        self.call_kw("res.users", "write", [user_id], {"active": True})

    def test_key_revoked_in_a_shell_is_refused_at_once(self):
        key_id, token = self.issue()
        self.database.shell(f"env['jsonrpc.key'].browse({key_id}).action_revoke()")
        self.assertRefusedEverywhere(token)

    def test_locked_key_makes_no_call_wait(self):
        token = self.database.issue_key()
        with self.database.cursor() as cr:
            cr.execute("SELECT id FROM jsonrpc_key WHERE token_hint = %s FOR UPDATE", [token[:11]])
            self.assertEqual(cr.rowcount, 1)
            started = time.monotonic()
            self.assertFalse(refused(self.server, token))
            # Whoever waits for the lock waits longer: it is held until later.
            self.assertLess(time.monotonic() - started, 30)
        self.assertFalse(refused(self.second, token))
        self.assertEqual(
            self.database.query("SELECT last_used_from FROM jsonrpc_key WHERE token_hint = %s", token[:11]),
            [("127.0.0.1",)],
        )

    def test_many_calls_at_once_write_the_last_use_once(self):
        """Each server once at most, and none of the calls fails."""
        token = self.database.issue_key()
        version = "SELECT xmin::text FROM jsonrpc_key WHERE token_hint = %s"
        outcomes = []

        def call(server):
            outcomes.append(refused(server, token))

        threads = [threading.Thread(target=call, args=(server,)) for server in (self.server, self.second) * 6]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(outcomes, [False] * 12)
        before = self.database.query(version, token[:11])
        for server in (self.server, self.second):
            self.assertFalse(refused(server, token))
        self.assertEqual(self.database.query(version, token[:11]), before)
