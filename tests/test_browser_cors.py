"""A page of another origin calls the gateway from a real browser; a page of a third one cannot."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo.tests import tagged

from .browser import Browser
from .server import ServerCase

# Each call says what became of it; a browser that keeps an answer from the page throws.
_CALLS = """
    const post = (path, payload, options = {}) =>
        fetch(GATEWAY + path, {
            method: "POST",
            headers: { "Content-Type": "application/json", ...options.headers },
            body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...payload }),
            credentials: options.credentials || "omit",
        }).then((response) => response.json(), (error) => ({ kept: error.name }));
    const service = (name, method, args) => post(
        `/jsonrpc/2/${name}`,
        { method: "call", params: { service: name, method, args } },
        { credentials: "include" },
    );
    const login = await service("common", "login", [DATABASE, "admin", "admin"]);
    const read = await service(
        "object", "execute_kw", [DATABASE, UID, "", "res.users", "read", [[UID], ["login"]]]
    );
    const session = await post("/jsonrpc/2/api", { method: "system.whoami" }, { credentials: "include" });
    const page = await post(
        "/jsonrpc/2/api",
        { method: "land.search", params: { limit: 1, fields: ["code"] } },
        { headers: { Authorization: `Bearer ${KEY}` } },
    );
    return { login, read, session, page };
"""


class _Page(BaseHTTPRequestHandler):
    """An empty page; what it does is up to the browser that a test drives."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Shop</title>")

    def log_message(self, *args):
        """Nothing."""


@contextlib.contextmanager
def page_server():
    """Serve an empty page; its origin differs from the gateway's by the port.

    :returns: the origin
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@tagged("post_install", "-at_install")
class TestBrowserCors(ServerCase):
    def test_allowed_page_logs_in_and_calls_and_a_foreign_one_cannot(self):
        with page_server() as shop, page_server() as foreign:
            uid, key = self.database.shell(
                f"""
from odoo.fields import Command
env["ir.config_parameter"].set_param("web.cors.origins", {shop!r})
land = env["jsonrpc.resource"].create(
    {{"name": "land", "model_id": env["ir.model"]._get_id("res.country"), "audience": "publishable"}})
field = env["ir.model.fields"]._get("res.country", "code")
land.field_ids = [Command.create({{"field_id": field.id}})]
print(env.ref("base.user_admin").id)
print(env["jsonrpc.key"]._issue(name="Page", kind="publishable", access="read", origins={shop!r})[1])
"""
            ).splitlines()[-2:]
            script = "\n".join(
                f"const {name} = {json.dumps(value)};"
                for name, value in {
                    "GATEWAY": self.server.url,
                    "DATABASE": self.database.name,
                    "UID": int(uid),
                    "KEY": key,
                }.items()
            )
            with Browser(shop) as browser:
                browser.open("/")
                allowed = browser.run(script + _CALLS)
                self.assertEqual(allowed["login"]["result"], int(uid))
                self.assertEqual(allowed["read"]["result"], [{"id": int(uid), "login": "admin"}])
                self.assertEqual(allowed["session"]["result"]["login"], "admin")
                self.assertEqual(set(allowed["page"]["result"]["records"][0]), {"id", "code"})
            with Browser(foreign) as browser:
                browser.open("/")
                refused = browser.run(script + _CALLS)
                self.assertEqual(refused, {name: {"kept": "TypeError"} for name in allowed})
