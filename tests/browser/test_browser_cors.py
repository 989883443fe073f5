"""A page of another origin calls the gateway from a real browser; a page of a third one cannot."""

import contextlib
import json

from odoo.tests import tagged

from ..browser_common import Browser
from ..https_front import https_front
from ..server_common import ServerCase
from ..web_site import site

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


class CorsCase(ServerCase):
    """What one page may do and the same page of another origin may not."""

    def prepare(self, gateway, origin):
        """Allow an origin, by setting and by a key.

        :param str gateway: address that pages call
        :returns: the id of the user, and the script of a page
        """
        uid, key = self.database.shell(
            f"""
from odoo.fields import Command
env["ir.config_parameter"].set_param("web.cors.origins", {origin!r})
land = env["jsonrpc.resource"].create(
    {{"name": "land", "model_id": env["ir.model"]._get_id("res.country"), "audience": "publishable"}})
field = env["ir.model.fields"]._get("res.country", "code")
land.field_ids = [Command.create({{"field_id": field.id}})]
print(env.ref("base.user_admin").id)
print(env["jsonrpc.key"]._issue(name="Page", kind="publishable", access="read", origins={origin!r})[1])
"""
        ).splitlines()[-2:]
        values = {"GATEWAY": gateway, "DATABASE": self.database.name, "UID": int(uid), "KEY": key}
        script = "\n".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
        return int(uid), script + _CALLS

    def assert_calls(self, browser, uid, script):
        browser.open("/")
        allowed = browser.run(script)
        self.assertEqual(allowed["login"].get("result"), uid, allowed)
        self.assertEqual(allowed["read"].get("result"), [{"id": uid, "login": "admin"}], allowed)
        self.assertEqual(allowed["session"]["result"]["login"], "admin")
        self.assertEqual(set(allowed["page"]["result"]["records"][0]), {"id", "code"})

    def assert_kept_away(self, browser, script):
        browser.open("/")
        refused = browser.run(script)
        self.assertEqual(refused, {name: {"kept": "TypeError"} for name in ("login", "read", "session", "page")})


@tagged("post_install", "-at_install")
class TestOtherPort(CorsCase):
    def test_allowed_page_logs_in_and_calls_and_a_foreign_one_cannot(self):
        with site() as shop, site() as foreign:
            uid, script = self.prepare(self.server.url, shop)
            with Browser(shop) as browser:
                self.assert_calls(browser, uid, script)
            with Browser(foreign) as browser:
                self.assert_kept_away(browser, script)


@tagged("post_install", "-at_install")
class TestOtherSite(CorsCase):
    """Over https, between two sites: browsers send only cookies that say ``SameSite=None; Secure`` there."""

    options = {"proxy_mode": True}

    def test_allowed_page_logs_in_and_calls_and_a_foreign_one_cannot(self):
        with contextlib.ExitStack() as stack:
            gateway = stack.enter_context(https_front(self.server.url))
            shop, foreign = (
                stack.enter_context(https_front(stack.enter_context(site()), "localhost")) for _ in range(2)
            )
            uid, script = self.prepare(gateway, shop)
            with Browser(shop, trusting=True) as browser:
                self.assert_calls(browser, uid, script)
                (cookie,) = (cookie for cookie in browser.cookies(gateway) if cookie["name"] == "session_id")
                self.assertEqual((cookie["sameSite"], cookie["secure"], cookie["httpOnly"]), ("None", True, True))
            with Browser(foreign, trusting=True) as browser:
                self.assert_kept_away(browser, script)
