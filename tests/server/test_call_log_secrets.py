"""Secrets in every place that a caller can reach: none is in a table or in the server's log file."""

import base64

from ...engine.access import token_format
from ..server_common import ServerCase

#: Words that no rule could know by their look.
WORDS = {
    place: f"Plain-{place}-secret"
    for place in ("named", "nested", "position", "object", "unknown", "domain", "pair", "header", "cookie", "raised")
}


class TestSecrets(ServerCase):
    # As talkative as administrators ever make it.
    options = {"log_level": "info", "log_handler": "odoo.addons.jsonrpc_gateway:DEBUG"}

    def setUp(self):
        super().setUp()
        self.key = self.database.issue_key(full_orm=True)
        self.token = token_format.generate_token()
        self.database.query("UPDATE jsonrpc_key SET log_level = 'result'")

    def test_no_secret_is_kept(self):
        server = self.server
        for send in (self._curated, self._service, self._around):
            send(server)
        self._call("test.greet", [], headers={"X-Request-Id": "last"})
        self.database.await_call("last")
        self._search(server)

    def _call(self, method, params, path="/jsonrpc/2/api", *, id=1, headers=None, key=True):
        body = {"jsonrpc": "2.0", "method": method, "params": params, "id": id}
        response = self.server.post(path, body, key=self.key if key else None, headers=headers)
        self.assertIn("X-Request-Id", response.headers, self.server.log()[-3000:])
        return response.json()

    def _curated(self, server):
        token = self.token
        self._call("test.point", {"point": {"x": 1, "password": WORDS["named"], "list": [{"secret": WORDS["nested"]}]}})
        self._call("test.greet", {"name": token})
        self._call("test.greet", [f"Bearer {token}"])
        self._call("test.greet", {"name": base64.b64encode(b"secret file" * 50).decode()})
        self._call("test.raise_secret", {"password": WORDS["raised"]})
        self._call("no.such.method", {"password": WORDS["unknown"], "list": [token]})
        self._call(token, [WORDS["unknown"]])
        self._call("test.greet", [], id=token)
        self._call("test.greet", [], headers={"X-Request-Id": token})

    def _service(self, server):
        database = self.database.name

        def call(service, method, *args, **options):
            params = {"service": service, "method": method, "args": list(args)}
            return self._call("call", params, f"/jsonrpc/2/{service}", **options)

        call("common", "login", database, "admin", WORDS["position"], key=False)
        call("common", "authenticate", database, "admin", WORDS["position"], {}, key=False)
        call("object", "execute_kw", database, 2, WORDS["position"], "res.partner", "read", [[1]], key=False)
        passwords = ["no", WORDS["object"]]
        call("object", "execute_kw", database, 2, "admin", "res.users", "change_password", passwords, key=False)
        call("object", "exekute", database, 2, WORDS["position"], key=False)
        call("object", "execute", database, WORDS["position"], key=False)
        model = (database, 2, "")
        call("object", "execute_kw", *model, "res.users", "search", [[["password", "=", WORDS["domain"]]]])
        call("object", "execute_kw", *model, "ir.config_parameter", "set_param", ["x.api_key", WORDS["pair"]])
        call("object", "execute_kw", *model, "ir.config_parameter", "get_param", ["x.api_key"])
        values = {"name": "U", "login": "admin", "password": WORDS["object"]}
        call("object", "execute_kw", *model, "res.users", "create", [values])
        # The second one is refused by the database itself, and Odoo notes the statement.
        for _time in range(2):
            values = {"key": "y.api_secret", "value": WORDS["pair"]}
            call("object", "execute_kw", *model, "ir.config_parameter", "create", [values])

    def _around(self, server):
        server.post("/jsonrpc/2/api", {}, key=self.token)
        headers = {"Authorization": f"Basic {WORDS['header']}", "Cookie": f"session_id={WORDS['cookie']}"}
        server.post("/jsonrpc/2/api", {}, headers=headers)
        call = {"jsonrpc": "2.0", "method": self.token, "id": 1}
        server.post(f"/jsonrpc/2/api/{self.token}", call, key=self.key)
        server.post(f"/jsonrpc/2/api?access_token={self.token}", call, key=self.key)
        server.post("/jsonrpc/2/api", f'{{"password": "{WORDS["named"]}"', key=self.key)

    def _search(self, server):
        self.assertGreater(self.database.query("SELECT count(*) FROM jsonrpc_call")[0][0], 20)
        kept = {
            table: "\n".join(text for (text,) in self.database.query(f"SELECT t::text FROM {table} t"))
            for table in ("jsonrpc_call", "jsonrpc_error", "jsonrpc_call_loss", "jsonrpc_idempotency")
        }
        kept["log"] = server.log()
        # They were noted, and without them.
        for noted in ("RuntimeError", "bad query", "/jsonrpc/2/api?access_token="):
            self.assertIn(noted, kept["log"])
        file = base64.b64encode(b"secret file" * 20).decode()
        secrets = {**WORDS, "token": self.token, "key": self.key, "file": file}
        for place, text in kept.items():
            for name, secret in secrets.items():
                lines = [line[:300] for line in text.splitlines() if secret in line]
                with self.subTest(place=place, secret=name):
                    self.assertEqual(lines, [])
