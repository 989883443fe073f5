"""Publishable keys, public methods, and what a route of another addon gets of both."""


from odoo.tests import new_test_user, tagged

from ...engine.access import token_format
from ...engine.protocol import errors
from ..common import JsonRpcCase
from ..resource_common import add_line, define

SHOP = "https://shop.kinds.example.com"
FROM_SHOP = {"Origin": SHOP}
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


class PublishableCase(JsonRpcCase):
    def publish(self, **options):
        return self.issue_key(**{"kind": "publishable", "origins": SHOP} | options)

    def status(self, key, origin=None, **headers):
        if origin:
            headers["Origin"] = origin
        return self.post("/jsonrpc/2/api", {}, key=key, headers=headers).status_code


@tagged("post_install", "-at_install")
class TestPublishableKey(PublishableCase):
    def test_token_says_that_it_may_be_seen(self):
        self.assertRegex(self.publish(), r"^jrg_pk_[0-9A-Za-z]{38}$")
        self.assertRegex(self.issue_key(), r"^jrg_sk_[0-9A-Za-z]{38}$")

    def test_token_of_one_kind_is_no_token_of_the_other(self):
        token = self.publish()
        self.assertFalse(token_format.is_well_formed(token.replace("jrg_pk_", "jrg_sk_")))
        self.assertEqual(self.status(token.replace("jrg_pk_", "jrg_sk_"), SHOP), 401)

    def test_key_reaches_what_is_marked_and_nothing_else(self):
        key = self.publish(access="write")
        self.assertEqual(self.call("test.price", key=key, headers=FROM_SHOP)["price"], 5)
        self.assertEqual(self.call("test.sign_up", ["Ann"], key=key, headers=FROM_SHOP), "Ann")
        self.assertEqual(self.call("system.echo", ["hi"], key=key, headers=FROM_SHOP), "hi")
        listed = set(self.call("system.list_methods", key=key, headers=FROM_SHOP))
        self.assertEqual(listed - set(self.call("system.list_methods")), {"test.price", "test.sign_up"})
        self.assertEqual(
            {method["name"] for method in self.call("rpc.discover", key=key, headers=FROM_SHOP)["methods"]}, listed
        )
        for name in set(self.env["jsonrpc.api"]._jsonrpc_methods()) - listed:
            error = self.refused(name, key=key, headers=FROM_SHOP)
            self.assertEqual(error["code"], errors.Forbidden.code, name)

    def test_mark_alone_opens_nothing_without_a_key(self):
        self.assertEqual(self.refused("test.price")["code"], errors.Unauthenticated.code)

    def test_read_only_and_restricted_publishable_keys_reach_less(self):
        reading = self.publish(access="read")
        self.assertIn("price", self.call("test.price", key=reading, headers=FROM_SHOP))
        self.assertEqual(
            self.refused("test.sign_up", ["Ann"], key=reading, headers=FROM_SHOP)["code"], errors.Forbidden.code
        )
        restricted = self.publish(grants={"test": ["create"]})
        self.assertEqual(self.call("test.sign_up", ["Ann"], key=restricted, headers=FROM_SHOP), "Ann")
        self.assertEqual(self.refused("test.price", key=restricted, headers=FROM_SHOP)["code"], errors.Forbidden.code)

    def test_key_acts_as_the_public_user(self):
        result = self.call("test.price", key=self.publish(), headers=FROM_SHOP)
        self.assertEqual(result["uid"], self.env.ref("base.public_user").id)

    def test_session_beside_the_key_does_not_count(self):
        self.authenticate("admin", "admin")
        origin = self.base_url()
        result = self.call("test.price", key=self.publish(origins=origin), headers={"Origin": origin})
        self.assertEqual(result["uid"], self.env.ref("base.public_user").id)

    def test_key_acts_as_the_user_that_an_administrator_chose(self):
        user = new_test_user(self.env, "shop.bot", "base.group_user")
        token = self.publish(user=user)
        self.assertEqual(self.call("test.price", key=token, headers=FROM_SHOP)["login"], "shop.bot")
        user.active = False
        self.assertEqual(self.status(token, SHOP), 401)

    def test_key_works_from_its_pages_only(self):
        key = self.publish(origins=f"{SHOP}, https://www.example.com")
        self.assertEqual((self.status(key, SHOP), self.status(key, "https://www.example.com")), (200, 200))
        for origin in (None, "null", "https://evil.example.com", f"{SHOP}.evil.com", "http://shop.example.com"):
            self.assertEqual(self.status(key, origin), 401, origin)
        self.assertEqual(self.status(key, Referer=f"{SHOP}/"), 401)

    def test_service_endpoints_are_closed_to_it(self):
        args = [self.env.cr.dbname, None, "", "res.country", "search", [[]]]
        params = {"service": "object", "method": "execute_kw", "args": args}
        error = self.refused("call", params, key=self.publish(), headers=FROM_SHOP, path="/jsonrpc/2/object")
        self.assertEqual(error["code"], errors.Forbidden.code)


@tagged("post_install", "-at_install")
class TestPublishablePages(PublishableCase):
    """What browsers are told for the pages of a key: that they may call us, without cookies."""

    def preflight(self, origin, path="/jsonrpc/2/api"):
        return self.url_open(path, method="OPTIONS", headers={"Origin": origin, **PREFLIGHT})

    def test_pages_of_a_key_may_call_without_cookies(self):
        self.assertEqual(self.preflight(SHOP).status_code, 403)
        key = self.publish()
        response = self.preflight(SHOP)
        self.assertEqual(response.status_code, 204)
        self.assertEqual(response.headers["Access-Control-Allow-Origin"], SHOP)
        self.assertNotIn("Access-Control-Allow-Credentials", response.headers)
        answered = self.post("/jsonrpc/2/api", {}, key=key, headers=FROM_SHOP)
        self.assertEqual(answered.headers["Access-Control-Allow-Origin"], SHOP)
        self.assertNotIn("Access-Control-Allow-Credentials", answered.headers)
        self.assertIn("Origin", answered.headers["Vary"])
        self.assertEqual(self.preflight(f"{SHOP}.evil.com").status_code, 403)

    def test_pages_of_a_key_may_not_use_the_session(self):
        self.publish()
        self.authenticate("admin", "admin")
        self.assertEqual(self.status(None, SHOP), 403)

    def test_settings_give_cookies_and_keys_do_not_take_them(self):
        self.env["ir.config_parameter"].set_param("web.cors.origins", SHOP)
        self.publish()
        self.assertEqual(self.preflight(SHOP).headers["Access-Control-Allow-Credentials"], "true")

    def test_revoked_key_takes_its_pages_along(self):
        key = self.env["jsonrpc.key"]._issue(name="Test", kind="publishable", origins=SHOP)[0]
        self.assertEqual(self.preflight(SHOP).status_code, 204)
        key.action_revoke()
        self.assertEqual(self.preflight(SHOP).status_code, 403)

    def test_changed_origins_hold_at_once(self):
        key, token = self.env["jsonrpc.key"]._issue(name="Test", kind="publishable", origins=SHOP)
        self.assertEqual(self.status(token, SHOP), 200)
        key.origins = "https://www.example.com"
        self.assertEqual((self.status(token, SHOP), self.status(token, "https://www.example.com")), (401, 200))
        self.assertEqual(self.preflight(SHOP).status_code, 403)


@tagged("post_install", "-at_install")
class TestOpenResources(PublishableCase):
    """Resources that an administrator opens to publishable keys, or to everybody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.province = define(cls.env, "province", "res.country.state", {"name": {}})
        flags = {"filterable": True, "sortable": True}
        cls.land = define(cls.env, "land", "res.country", {"code": flags}, can_create=True)
        add_line(cls.land, "state_ids", name="provinces", target_id=cls.province.id)

    def code_of(self, name, params=None, **options):
        """``None`` if the call works, else the code of the error."""
        return self.rpc(name, params or {}, **options).get("error", {}).get("code")

    def callers(self):
        """Options of calls by nobody, a publishable key and a secret one."""
        return {}, {"key": self.publish(access="write"), "headers": FROM_SHOP}, {"key": self.issue_key()}

    def test_resources_are_for_secret_keys_unless_opened(self):
        codes = [self.code_of("land.count", **caller) for caller in self.callers()]
        self.assertEqual(codes, [errors.Unauthenticated.code, errors.Forbidden.code, None])

    def test_opened_resource_is_for_its_audience(self):
        self.land.audience = "publishable"
        codes = [self.code_of("land.count", **caller) for caller in self.callers()]
        self.assertEqual(codes, [errors.Unauthenticated.code, None, None])
        self.land.audience = "public"
        codes = [self.code_of("land.count", **caller) for caller in self.callers()]
        self.assertEqual(codes, [None, None, None])

    def test_discovery_follows(self):
        for audience, seen in (("keys", (False, False)), ("publishable", (False, True)), ("public", (True, True))):
            self.land.audience = audience
            listed = [self.call("system.list_methods", **caller) for caller in self.callers()[:2]]
            self.assertEqual(tuple("land.search" in names for names in listed), seen, audience)

    def test_opened_resource_gives_no_rights(self):
        self.land.audience = "public"
        for caller in self.callers()[:2]:
            code = self.code_of("land.create", {"values": {}}, **caller)
            self.assertEqual(code, errors.Forbidden.code)

    def test_relation_does_not_lead_to_what_is_not_open(self):
        self.land.audience = "public"
        nested = {"fields": ["code", {"provinces": ["name"]}], "limit": 1}
        codes = [self.code_of("land.search", nested, **caller) for caller in self.callers()]
        self.assertEqual(codes, [errors.InvalidParams.code, errors.InvalidParams.code, None])
        self.province.audience = "publishable"
        codes = [self.code_of("land.search", nested, **caller) for caller in self.callers()]
        self.assertEqual(codes, [errors.InvalidParams.code, None, None])
        self.province.audience = "public"
        codes = [self.code_of("land.search", nested, **caller) for caller in self.callers()]
        self.assertEqual(codes, [None, None, None])

    def test_public_resource_needs_no_grant(self):
        self.assertIn("land", dict(self.env["jsonrpc.key.grant"]._selection_namespace()))
        restricted = {"key": self.issue_key(grants={})}
        self.assertEqual(self.code_of("land.count", **restricted), errors.Forbidden.code)
        self.land.audience = "public"
        self.assertIsNone(self.code_of("land.count", **restricted))


@tagged("post_install", "-at_install")
class TestRoutes(JsonRpcCase):
    """A controller of another addon: ``auth="jsonrpc"``, with ``jsonrpc_public=True`` or without."""

    MINUS = "/my_custom_api/7/minus"
    PARTNER = "/my_custom_api/get_partner_info"

    def test_public_route_is_open_to_everybody(self):
        self.assertEqual(self.call("minus", {"b": 2}, path=self.MINUS), 5)
        for key in (self.issue_key(), self.issue_key(access="read"), self.issue_key(grants={})):
            self.assertEqual(self.call("minus", {"b": 2}, path=self.MINUS, key=key), 5)

    def test_public_route_refuses_a_bad_key(self):
        body = {"jsonrpc": "2.0", "method": "minus", "params": {"b": 2}, "id": 1}
        for key in (token_format.generate_token(), "nonsense"):
            self.assertEqual(self.post(self.MINUS, body, key=key).status_code, 401)

    def test_route_needs_a_key_and_its_grant(self):
        params = {"partner_id": self.admin.partner_id.id}
        self.assertEqual(self.refused("call", params, path=self.PARTNER)["code"], errors.Unauthenticated.code)
        granted = self.issue_key(grants={"get_partner_info": ["read"]})
        self.assertEqual(self.call("call", params, path=self.PARTNER, key=granted)["uid"], self.admin.id)
        for grants in ({}, {"partner": ["read"]}, {"get_partner_info": ["create", "call"]}):
            with self.subTest(grants=grants):
                error = self.refused("call", params, path=self.PARTNER, key=self.issue_key(grants=grants))
                self.assertEqual(error["code"], errors.Forbidden.code)

    def test_route_is_closed_to_publishable_keys(self):
        key = self.issue_key(kind="publishable", origins=SHOP)
        error = self.refused("call", {"partner_id": 1}, path=self.PARTNER, key=key, headers=FROM_SHOP)
        self.assertEqual(error["code"], errors.Forbidden.code)

    def test_routes_can_be_granted(self):
        names = dict(self.env["jsonrpc.key.grant"]._selection_namespace())
        self.assertIn("get_partner_info", names)
        self.assertIn("create_partner", names)
        self.assertNotIn("minus", names)
