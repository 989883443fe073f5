"""OAuth 2.0 client credentials, by hand and with a client library."""

import base64
import json
import os
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import quote_plus, urlencode

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from odoo import fields
from odoo.tests import tagged

from ..common import JsonRpcCase

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATH = "/jsonrpc/2/token"


@tagged("post_install", "-at_install")
class TestToken(JsonRpcCase):
    def setUp(self):
        super().setUp()
        self.key, self.secret = self.env["jsonrpc.key"]._issue(name="Client", user=self.admin, access="write")
        self.client = {"client_id": self.key.client_id, "client_secret": self.secret}

    def ask(self, body=None, *, headers=None, path=PATH, **params):
        if body is None:
            body = urlencode({"grant_type": "client_credentials", **self.client, **params})
        return self.url_open(path, data=body, headers={**FORM, **(headers or {})})

    def token(self, **params):
        response = self.ask(**params)
        self.assertEqual(response.status_code, 200, response.text)
        return response.json()["access_token"]

    def basic(self, client_id, secret):
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def assert_error(self, response, error, status=400):
        self.assertEqual((response.status_code, response.json()["error"]), (status, error), response.text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_id_of_the_client_stands_on_the_form_of_the_key(self):
        view = self.env["jsonrpc.key"].with_user(self.admin).get_view(view_type="form")
        self.assertIn('name="client_id"', view["arch"])

    def test_token_is_given_and_used_in_the_place_of_the_key(self):
        response = self.ask()
        granted = response.json()
        self.assertEqual((granted["token_type"], granted["expires_in"]), ("Bearer", 900))
        self.assertNotIn("scope", granted)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertNotIn("Set-Cookie", response.headers)
        whoami = self.call("system.whoami", key=granted["access_token"])
        self.assertEqual((whoami["login"], whoami["key"]), ("admin", "Client"))

    def test_token_is_stored_as_its_digest(self):
        token = self.token()
        self.env.cr.execute("SELECT row_to_json(t)::text FROM jsonrpc_access_token t")
        self.assertNotIn(token[7:], json.dumps(self.env.cr.fetchall()))

    def test_client_may_stand_in_the_header(self):
        headers = self.basic(self.key.client_id, self.secret)
        self.assertEqual(self.ask("grant_type=client_credentials", headers=headers).status_code, 200)

    def test_authlib_gets_and_uses_a_token_both_ways(self):
        for method in ("client_secret_basic", "client_secret_post"):
            with (
                self.subTest(method),
                patch.dict(os.environ, {"AUTHLIB_INSECURE_TRANSPORT": "1"}),
                self.allow_requests(all_requests=True),
                OAuth2Session(self.key.client_id, self.secret, token_endpoint_auth_method=method) as session,
            ):
                url = self.base_url()
                token = session.fetch_token(f"{url}{PATH}", grant_type="client_credentials", scope="partner:read")
                self.assertEqual(token["scope"], "partner:read")
                call = {"jsonrpc": "2.0", "method": "system.whoami", "id": 1}
                answer = session.post(f"{url}/jsonrpc/2/api", json=call).json()
                self.assertEqual((answer["result"]["login"], answer["result"]["access"]), ("admin", "read"))

    def test_authlib_is_told_what_is_wrong(self):
        with (
            patch.dict(os.environ, {"AUTHLIB_INSECURE_TRANSPORT": "1"}),
            self.allow_requests(all_requests=True),
            OAuth2Session(self.key.client_id, "jrg_sk_wrong") as session,
            self.assertRaises(OAuthError) as caught,
        ):
            session.fetch_token(f"{self.base_url()}{PATH}", grant_type="client_credentials")
        self.assertEqual(caught.exception.error, "invalid_client")

    def test_scope_narrows_and_never_widens(self):
        partner = self.env["res.partner"].create({"name": "Scoped"})
        read = self.token(scope="partner:read")
        self.assertEqual(self.call("partner.get_info", {"partner_id": partner.id}, key=read)["name"], "Scoped")
        self.assertEqual(self.refused("partner.create_simple", {"name": "No"}, key=read)["code"], -32002)
        everything_read = self.token(scope="read")
        self.assertEqual(self.call("system.whoami", key=everything_read)["access"], "read")
        self.key.access = "read"
        for scope in ("partner:create", "partner", "partner:everything", "*", ":read", "read partner:read"):
            with self.subTest(scope):
                self.assert_error(self.ask(scope=scope), "invalid_scope")

    def test_scope_cannot_exceed_the_grants_of_a_restricted_key(self):
        grants = {"partner": ["read"]}
        key, secret = self.env["jsonrpc.key"]._issue(name="R", user=self.admin, access="write", grants=grants)
        client = {"client_id": key.client_id, "client_secret": secret}
        self.assert_error(self.ask(**client, scope="partner:call"), "invalid_scope")
        token = self.token(**client)
        self.assertEqual(self.refused("partner.create_simple", {"name": "No"}, key=token)["code"], -32002)

    def test_token_dies_with_its_key(self):
        def status(token):
            call = {"jsonrpc": "2.0", "method": "system.whoami", "id": 1}
            return self.post("/jsonrpc/2/api", call, key=token).status_code

        token = self.token()
        self.assertEqual(status(token), 200)
        self.key.action_revoke()
        self.assertEqual(status(token), 401)
        self.assert_error(self.ask(), "invalid_client", 401)

    def test_token_dies_with_its_user_and_with_time(self):
        def answer(token):
            return self.post("/jsonrpc/2/api", {"jsonrpc": "2.0", "method": "system.whoami", "id": 1}, key=token)

        demo = self.env.ref("base.user_demo")
        key, secret = self.env["jsonrpc.key"]._issue(name="Demo", user=demo, access="write")
        token, other = self.token(client_id=key.client_id, client_secret=secret), self.token()
        demo.active = False
        self.assertEqual(answer(token).status_code, 401)
        self.env["jsonrpc.access.token"].search([]).expires_at = fields.Datetime.now() - timedelta(hours=1)
        self.env.flush_all()
        self.env.registry.clear_cache()
        expired = answer(other)
        self.assertEqual(expired.status_code, 401)
        self.assertIn("invalid_token", expired.headers["WWW-Authenticate"])
        self.env["jsonrpc.access.token"]._gc_expired()
        self.env.invalidate_all()
        self.assertFalse(self.env["jsonrpc.access.token"].search([]))

    def test_token_never_opens_the_whole_orm_under_a_scope(self):
        key, secret = self.env["jsonrpc.key"]._issue(name="ORM", user=self.admin, access="write", full_orm=True)
        args = [self.env.cr.dbname, self.admin.id, "", "res.partner", "search_count", [[]]]
        params = {"service": "object", "method": "execute_kw", "args": args}
        client = {"client_id": key.client_id, "client_secret": secret}
        self.call("call", params, path="/jsonrpc/2/object", key=self.token(**client))
        error = self.refused("call", params, path="/jsonrpc/2/object", key=self.token(**client, scope="read"))
        self.assertEqual(error["code"], -32002)

    def test_wrong_clients_look_alike(self):
        other, _secret = self.env["jsonrpc.key"]._issue(name="Other", user=self.admin)
        for params in (
            {"client_secret": "jrg_sk_wrong"},
            {"client_id": other.client_id},
            {"client_id": "jrg-999999"},
            {"client_id": ""},
            {"client_secret": ""},
            {"client_secret": self.token()},
        ):
            with self.subTest(params):
                response = self.ask(**params)
                self.assert_error(response, "invalid_client", 401)
                self.assertTrue(response.headers["WWW-Authenticate"].startswith("Basic realm="))

    def test_malformed_requests_are_refused(self):
        good = urlencode({"grant_type": "client_credentials", **self.client})
        for body, headers, error in (
            (urlencode(self.client), {}, "invalid_request"),
            (good.replace("client_credentials", "password"), {}, "unsupported_grant_type"),
            (f"{good}&scope=a&scope=b", {}, "invalid_request"),
            (f"{good}&grant_type=client_credentials", {}, "invalid_request"),
            (good, self.basic(self.key.client_id, self.secret), "invalid_request"),
            ("grant_type=client_credentials", {"Authorization": "Basic !!!"}, "invalid_request"),
            ("grant_type=client_credentials", {"Authorization": "Basic bm8="}, "invalid_request"),
            (json.dumps(self.client), {"Content-Type": "application/json"}, "invalid_request"),
        ):
            with self.subTest(body=body, headers=headers):
                self.assert_error(self.ask(body, headers=headers), error)
        in_url = f"{PATH}?{urlencode(self.client)}"
        self.assert_error(self.ask("grant_type=client_credentials", path=in_url), "invalid_request")
        get = self.url_open(PATH)
        self.assert_error(get, "invalid_request", 405)
        self.assertEqual(get.headers["Allow"], "POST")

    def test_publishable_key_gets_none(self):
        shop = "https://shop.example.com"
        key, secret = self.env["jsonrpc.key"]._issue(name="Page", kind="publishable", origins=shop)
        response = self.ask(client_id=key.client_id, client_secret=secret, headers={"Origin": shop})
        self.assert_error(response, "unauthorized_client")

    def test_guessing_is_slowed_down(self):
        statuses = [self.ask(client_secret="jrg_sk_wrong").status_code for _ in range(12)]
        self.assertEqual(statuses, [401] * 10 + [429] * 2)
        self.assertEqual(self.ask().status_code, 200)
