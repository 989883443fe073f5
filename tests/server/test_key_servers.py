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
        cls.from_web("/web/session/authenticate", db=cls.database.name, login="admin", password="admin")
        cls.confirm_password("admin")

    @classmethod
    def from_web(cls, path, **params):
        """The answer of the first server to the web client."""
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        return cls.server.post(path, body, session=cls.web).json()

    @classmethod
    def call_kw(cls, model, method, args, **kwargs):
        return cls.from_web(
            f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=args, kwargs=kwargs
        )

    @classmethod
    def confirm_password(cls, password):
        """Give the password as the dialog does, so that keys may get more power for ten minutes."""
        name = "jsonrpc_gateway.ir_actions_server_confirm_identity"
        dialog = cls.from_web(
            "/web/action/run", action_id=cls.from_web("/web/action/load", action_id=name)["result"]["id"]
        )
        check_id = dialog["result"]["res_id"]
        cls.call_kw("res.users.identitycheck", "run_check", [[check_id]], context={"password": password})

    def change(self, **values):
        """Change the key on the first server, as the web client does."""
        answer = self.call_kw("jsonrpc.key", "write", [[self.key_id], values])
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
