"""Keys on real servers: changes that every worker heeds at once, and a page that holds a publishable key."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import requests

from odoo.tests import tagged

from .browser import Browser
from .server import Server, ServerCase

_PAGE = """
<!DOCTYPE html>
<title>A page of another site</title>
<body></body>
<script>
    const { url, key, method, credentials } = Object.fromEntries(new URLSearchParams(location.search));
    fetch(`${url}/jsonrpc/2/api`, {
        method: "POST",
        credentials,
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
        body: JSON.stringify({ jsonrpc: "2.0", method, id: 1 }),
    })
        .then(async (response) => `answered ${response.status} ${await response.text()}`)
        .catch((error) => `kept away: ${error.name}`)
        .then((text) => document.body.append(text));
</script>
"""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(_PAGE.encode())

    def log_message(self, *args):
        """Nobody reads it."""


@contextlib.contextmanager
def site():
    """A web site of its own origin, which is given back."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def issue(database, **options):
    """Issue a key; gives back its id and token."""
    printed = database.shell(
        "keys = env['jsonrpc.key'].with_user(env.ref('base.user_admin'))\n"
        f"key, token = keys._issue(**{options!r})\n"
        "print(key.id, token)"
    )
    key_id, token = printed.splitlines()[-1].split()
    return int(key_id), token


@tagged("post_install", "-at_install")
class TestEveryServer(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.servers = (cls.server, cls._entered(Server([cls.database.name])))
        cls.key_id, cls.token = issue(cls.database, name="Test", access="write", grants={"partner": ["read"]})
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


@tagged("post_install", "-at_install")
class TestPublishablePage(ServerCase):
    """A real browser on pages of two origins, one of which the key is for."""

    def test_page_of_the_key_calls_and_another_cannot(self):
        with site() as own, site() as foreign, Browser(self.server.url) as browser:
            _id, key = issue(self.database, name="Page", kind="publishable", origins=own)
            browser.login("admin", "admin")

            def see(origin, text, **options):
                query = {"url": self.server.url, "key": key, "method": "test.price", "credentials": "omit", **options}
                browser.open(f"{origin}/?{urlencode(query)}")
                browser.wait_for("body", text)

            see(own, '"login":"public"')
            see(own, '"type":"forbidden"', method="partner.get_info")
            # A browser is told that cookies are not for this page, so it keeps the answer from it.
            see(own, "kept away: TypeError", credentials="include")
            see(foreign, "kept away: TypeError")
            see(foreign, "kept away: TypeError", credentials="include")
