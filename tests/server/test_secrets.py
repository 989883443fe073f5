"""A dump of the database and the server's log hold no secret that anybody sent or was given.

What the log of calls redacts, place by place, is in ``test_call_log_secrets.py``.
"""

import base64
import shutil
import subprocess
from urllib.parse import quote

from odoo.sql_db import connection_info_for
from odoo.tests import tagged
from odoo.tools import config
from odoo.tools.misc import find_pg_tool

from ...engine.access import token_format
from ..server_common import ServerCase

JSON_CALL = {"jsonrpc": "2.0", "id": 1}
PASSWORDS = {"good": "Right-of-admin-7c1f", "wrong": "Wrong-of-admin-93ab", "new": "Changed-by-call-51de"}
IDEMPOTENCY_KEY = "order-4711-once-only"


@tagged("post_install", "-at_install")
class TestSecrets(ServerCase):
    # As talkative as an administrator makes it for a morning.
    options = {"log_level": "info", "log_handler": "odoo.addons.jsonrpc_gateway:DEBUG"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No statement of a test, in any log: what is searched for came in over HTTP, or was given out.
        cls.tokens = cls.database.shell(
            "admin = env.ref('base.user_admin')\n"
            f"admin.password = {PASSWORDS['good']!r}\n"
            "keys = env['jsonrpc.key']\n"
            "print(keys._issue(name='All', user=admin, access='write', full_orm=True)[1])\n"
            "print(keys._issue(name='Some', user=admin, grants={'partner': ['read']})[1])\n"
            "page = keys._issue(name='Page', kind='publishable', origins='https://shop.example.com')\n"
            "print(page[1])\n"
            "revoked = keys._issue(name='Revoked', user=admin)\n"
            "revoked[0].action_revoke()\n"
            "print(revoked[1])\n"
            "print(keys.search([('name', '=', 'All')]).client_id)\n"
            "print(env['res.users.apikeys'].with_user(admin).sudo()._generate('rpc', 'Odoo', False))\n"
            "env['jsonrpc.key'].search([]).log_level = 'result'\n"
        ).splitlines()[-6:]

    def test_neither_dump_nor_log_has_a_secret(self):
        everything, some, page, revoked, client_id, odoo_key = self.tokens
        unknown = token_format.generate_token()
        basic = base64.b64encode(f"{quote(client_id)}:{quote(everything)}".encode()).decode()
        access_tokens = self._access_tokens(client_id, everything, basic)
        self._call_with_keys([everything, some, *access_tokens], [revoked, unknown, everything[:-1]], page)
        sessions = self._call_with_passwords(odoo_key, everything)
        # The log of calls and the last use of keys are written after the answer.
        self.server.rpc("system.whoami", key=everything, headers={"X-Request-Id": "last"})
        self.database.await_call("last")
        secrets = {
            **{f"key {number}": key for number, key in enumerate((everything, some, revoked, unknown, odoo_key))},
            **{f"access token {number}": token for number, token in enumerate(access_tokens)},
            **{f"session {number}": session for number, session in enumerate(sessions)},
            **{f"{name} password": password for name, password in PASSWORDS.items()},
            # Anybody can read it in a web page; our tables keep none of it all the same.
            "publishable key": page,
            "basic credentials": basic,
        }
        self._search({"database": self._dump(), "log": self.server.log()}, secrets)

    def _access_tokens(self, client_id, secret, basic):
        """By both ways of proving a client; and the ways that are refused."""
        form = {"grant_type": "client_credentials"}
        by_body = {**form, "client_id": client_id, "client_secret": secret}
        in_header = {"Authorization": f"Basic {basic}"}

        def token(**options):
            return self.server.request("POST", "/jsonrpc/2/token", **options)

        answers = [token(data=by_body), token(data={**form, "scope": "read"}, headers=in_header)]
        self.assertEqual([answer.status_code for answer in answers], [200, 200], [answer.text for answer in answers])
        refused = (
            token(data={**by_body, "client_id": "jrg-999"}),
            token(data={**by_body, "grant_type": secret}),
            token(data={**by_body, "scope": secret}),
            token(data=by_body, headers=in_header),
            token(data=form, params={"client_secret": secret}),
        )
        self.assertFalse([answer.text for answer in refused if answer.status_code < 400])
        return [answer.json()["access_token"] for answer in answers]

    def _call_with_keys(self, good, bad, page):
        """What works, and what fails in every place that a key can be put into by mistake."""
        post = self.server.post
        for number, key in enumerate(good):
            create = {
                "method": "partner.create_simple",
                "params": ["New"],
                "idempotency_key": f"{IDEMPOTENCY_KEY}-{number}",
            }
            for _time in range(2):
                post("/jsonrpc/2/api", {**JSON_CALL, **create}, key=key)
            post("/jsonrpc/2/api", [{**JSON_CALL, "method": "system.whoami"}] * 2, key=key)
            post("/jsonrpc/2/api", {**JSON_CALL, "method": "partner.get_info", "params": [10**6]}, key=key)
            post("/jsonrpc/2/api", {**JSON_CALL, "method": "partner.get_info", "params": {"partner_id": key}}, key=key)
            post("/jsonrpc/2/api", {**JSON_CALL, "method": "partner.search", "params": {"domain": [[key]]}}, key=key)
            post("/jsonrpc/2/api", {**JSON_CALL, "method": key, "params": {key: key}, "id": key}, key=key)
            post(f"/jsonrpc/2/api/{key}", JSON_CALL, key=key)
            post(f"/jsonrpc/2/api?access_token={key}", JSON_CALL)
            post("/jsonrpc/2/api", f'{{"key": "{key}"', key=key)
            post("/jsonrpc/2/api", JSON_CALL, headers={"X-Request-Id": key, "Idempotency-Key": key, "Origin": key})
            post("/jsonrpc/2/api", JSON_CALL, headers={"Authorization": key})
            self.server.request("GET", "/jsonrpc/2/openrpc.json", headers={"Authorization": f"Bearer {key}"})
        for key in bad:
            for path in ("/jsonrpc/2/api", "/jsonrpc/2/object"):
                self.assertEqual(post(path, {**JSON_CALL, "method": "system.whoami"}, key=key).status_code, 401)
        post(
            "/jsonrpc/2/api",
            {**JSON_CALL, "method": "system.version"},
            key=page,
            headers={"Origin": "https://shop.example.com"},
        )

    def _call_with_passwords(self, odoo_key, everything):
        """Logins and calls of objects.

        :returns: the sessions that logins opened
        """
        database, service = self.database.name, self.server.service
        sessions = []
        self._forgive()
        for path_method in ("login", "authenticate"):
            for password in (PASSWORDS["good"], PASSWORDS["wrong"], odoo_key):
                more = [{}] if path_method == "authenticate" else []
                params = {"service": "common", "method": path_method, "args": [database, "admin", password, *more]}
                body = {**JSON_CALL, "method": "call", "params": params}
                answer = self.server.post("/jsonrpc/2/common", body)
                sessions += [answer.cookies["session_id"]] if "session_id" in answer.cookies else []
        self.assertEqual(len(sessions), 2)
        self._forgive()
        [(admin,)] = self.database.query("SELECT id FROM res_users WHERE login = 'admin'")

        def execute(password, model, method, *args, key=None, **kwargs):
            return service(
                "object", "execute_kw", database, admin, password, model, method, list(args), kwargs, key=key
            )

        for password in (PASSWORDS["good"], PASSWORDS["wrong"], odoo_key):
            execute(password, "res.partner", "search_read", [], ["name"], limit=1)
            execute(password, "res.partner", "no_such_method")
            execute(password, "res.partner", "write", [1], {"no_such_field": password})
            execute(password, "res.partner", "search", [["no_such_field", "=", password]])
        created = execute(
            PASSWORDS["good"], "res.users", "create", {"name": "U", "login": "secret", "password": PASSWORDS["new"]}
        )
        self.assertIn("result", created)
        # PostgreSQL refuses it, and Odoo writes the statement into its log.
        execute(
            PASSWORDS["good"], "res.users", "create", {"name": "U", "login": "secret", "password": PASSWORDS["new"]}
        )
        changed = execute(
            None, "res.users", "write", [created["result"]], {"password": PASSWORDS["new"]}, key=everything
        )
        self.assertTrue(changed.get("result"), changed)
        execute(None, "res.users", "change_password", PASSWORDS["wrong"], PASSWORDS["new"], key=everything)
        return sessions

    def _forgive(self):
        """Failures are what is wanted here, and not the lockout that they lead to."""
        self.database.query("DELETE FROM jsonrpc_bucket")

    def _dump(self):
        """The whole database as SQL; without ``pg_dump``, every value of every table as text."""
        info = connection_info_for(self.database.name)[1]
        try:
            tool = find_pg_tool("pg_dump")
        except Exception:
            tool = shutil.which("pg_dump")
        version = self.database.query("SHOW server_version_num")[0][0]
        if tool and _major(tool) >= int(version) // 10000:
            names = {"host": "--host", "port": "--port", "user": "--username"}
            options = [f"{option}={info[name]}" for name, option in names.items() if info.get(name)]
            environment = {"PGPASSWORD": info["password"]} if info.get("password") else {}
            ran = subprocess.run(
                [tool, "--inserts", *options, self.database.name],
                env={"PATH": config["pg_path"] or "/usr/bin:/bin", **environment},
                capture_output=True,
                text=True,
                errors="replace",
                check=True,
            )
            return ran.stdout
        # Ours and Odoo's; the server's own catalogue is not for every role to read.
        tables = self.database.query(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return "\n".join(
            str(row) for (table,) in tables for (row,) in self.database.query(f"SELECT t::text FROM {table} t")
        )

    def _search(self, places, secrets):
        # What is looked at is what was meant to be.
        self.assertIn("jsonrpc_key", places["database"])
        self.assertIn(token_format.digest_of_token(secrets["key 0"]), places["database"])
        self.assertIn("/jsonrpc/2/object", places["log"])
        for place, text in places.items():
            for name, secret in secrets.items():
                with self.subTest(place, secret=name):
                    at = text.find(secret)
                    self.assertEqual(at, -1, text[max(0, at - 300) : at].rpartition("\n")[2])
                    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
                    self.assertNotIn(encoded, text)
            self.assertNotRegex(text, token_format.PATTERN)


def _major(tool):
    """The major version of a program of PostgreSQL; an older one dumps no newer server."""
    ran = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False)
    words = ran.stdout.split()
    return int(words[2].partition(".")[0]) if len(words) > 2 and words[2][:1].isdigit() else 0
