"""Keys on two real servers of one database: changes hold on every one at the next request."""

import requests

from odoo.tests import tagged

from ..server_common import Server, ServerCase


@tagged("post_install", "-at_install")
class TestEveryServer(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.servers = (cls.server, cls._entered(Server([cls.database.name])))
        cls.token = cls.database.issue_key(grants={"partner": ["read"]})
        ((cls.key_id,),) = cls.database.query("SELECT max(id) FROM jsonrpc_key")
        cls.web = requests.Session()
        login = {"db": cls.database.name, "login": "admin", "password": "admin"}
        cls.server.post("/web/session/authenticate", {"jsonrpc": "2.0", "params": login}, session=cls.web)

    def change(self, **values):
        """Change the key on the first server, as the web client does."""
        params = {"model": "jsonrpc.key", "method": "write", "args": [[self.key_id], values], "kwargs": {}}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        answer = self.server.post("/web/dataset/call_kw/jsonrpc.key/write", body, session=self.web).json()
        self.assertIs(answer.get("result"), True, answer)

    def outcomes(self, method="partner.create_simple", params=("Ann",)):
        """What each server answers: ``"ok"``, or the type of the error."""
        body = {"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1}
        answers = [server.post("/jsonrpc/2/api", body, key=self.token).json() for server in reversed(self.servers)]
        return [answer["error"]["data"]["type"] if "error" in answer else "ok" for answer in answers]

    def test_every_change_holds_everywhere_at_the_next_request(self):
        self.assertEqual(self.outcomes(), ["forbidden"] * 2)
        for values, expected in (
            ({"grant_ids": [[0, 0, {"namespace": "test", "may_read": True}]]}, "forbidden"),
            ({"reach": "all"}, "ok"),
            ({"access": "read"}, "forbidden"),
            ({"access": "write"}, "ok"),
            ({"addresses": "192.0.2.1"}, "unauthenticated"),
            ({"addresses": "127.0.0.0/8"}, "ok"),
            ({"expires_at": "2020-01-01 00:00:00"}, "unauthenticated"),
        ):
            with self.subTest(values=values):
                self.change(**values)
                self.assertEqual(self.outcomes(), [expected] * 2)
