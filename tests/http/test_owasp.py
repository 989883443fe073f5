"""The OWASP API Security Top 10 (2023), one class per risk, over HTTP.

One sharp test for each check; the docstrings name the files that go deeper. What takes a server
with threads of its own is in ``test_owasp_server.py``.
"""

import ast
import json
import re
import socket
from pathlib import Path

from odoo import http
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.modules.module import get_manifest
from odoo.service.model import get_public_method
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ...engine.access import token_format
from ...engine.dispatch import process
from ...engine.dispatch.limits.lockout import FREE_FAILURES
from ..common import JsonRpcCase
from ..resource_common import add_line, define

ADDON = Path(__file__).parents[2]
API, COMMON, OBJECT, TOKEN = (f"/jsonrpc/2/{name}" for name in ("api", "common", "object", "token"))
FORBIDDEN, NOT_FOUND, NO_METHOD, PARAMS, LIMITED = -32002, -32003, -32601, -32602, -32007
TIMEOUT = -32009
MISSING_ID = 2**31 - 1
PASSWORD = "a-long-password"


class OwaspCase(JsonRpcCase):
    """A user who manages contacts, and contacts as a resource that is as open as it can be."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "owasp", "base.group_user,base.group_partner_manager", password=PASSWORD)
        flags = {"writable": True, "filterable": True, "sortable": True}
        cls.contact = define(
            cls.env,
            "owasp",
            "res.partner",
            {"name": {"required": True, **flags}, "ref": {"key": True, **flags}, "email": flags},
            can_create=True,
            can_update=True,
            can_delete=True,
            can_upsert=True,
            method_ids=[Command.create({"name": "archive", "method": "action_archive"})],
        )
        for name, field in (("parent", "parent_id"), ("children", "child_ids")):
            add_line(cls.contact, field, name=name, writable=True, filterable=True, target_id=cls.contact.id)

    def setUp(self):
        super().setUp()
        self.key = self.issue_key(self.user)
        self.partner = self.env["res.partner"].create({"name": "Ours", "ref": "ours"})

    def do(self, operation, params, key=None):
        """Call ``owasp.<operation>``, and give back the whole response object."""
        return self.rpc(f"owasp.{operation}", params, key=key or self.key)

    def execute(self, model, method, *args, key=None):
        """The whole response object of ``execute_kw``, with a key or with the user's password."""
        who = [None, None] if key else [self.user.id, PASSWORD]
        args = [self.env.cr.dbname, *who, model, method, list(args), {}]
        params = {"service": "object", "method": "execute_kw", "args": args}
        return self.rpc("call", params, key=key, path=OBJECT)

    def assert_code(self, response, *codes):
        self.assertIn(response.get("error", {}).get("code"), codes, response)


class TestApi1ObjectLevel(OwaspCase):
    """Broken object level authorization. More: ``test_resource_security.py``, ``test_grants.py``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.res_partner_rule").active = True
        cls.foreign = cls.env["res.partner"].create(
            {
                "name": "Foreign",
                "ref": "foreign",
                "company_id": cls.env["res.company"].create({"name": "B"}).id,
            }
        )

    def assert_alike(self, method, params_of):
        """Refused, in the same words, for a record of company B and for one that does not exist."""
        answers = []
        for id_ in (self.foreign.id, MISSING_ID):
            error = self.refused(method, params_of(id_), key=self.key)
            self.assertIn(error["code"], (NOT_FOUND, PARAMS), error)
            error["data"].pop("request_id")
            answers.append(json.dumps(error, sort_keys=True).replace(str(id_), "<id>"))
        self.assertEqual(answers[0], answers[1])

    def test_foreign_record_is_reached_by_no_method_of_an_id(self):
        for method, params_of in (
            ("partner.get_info", lambda id_: {"partner_id": id_}),
            ("owasp.get", lambda id_: {"id": id_}),
            ("owasp.get", lambda id_: {"ids": [self.partner.id, id_]}),
            ("owasp.update", lambda id_: {"id": id_, "values": {"name": "Taken"}}),
            ("owasp.delete", lambda id_: {"id": id_}),
            ("owasp.archive", lambda id_: {"ids": [id_]}),
        ):
            with self.subTest(method):
                self.assert_alike(method, params_of)
        self.assertEqual((self.foreign.name, self.foreign.active), ("Foreign", True))

    def test_foreign_record_is_linked_by_no_value(self):
        for values_of in (
            lambda id_: {"parent": id_},
            lambda id_: {"parent": {"id": id_}},
            lambda id_: {"parent": {"id": id_, "name": "Taken"}},
            lambda id_: {"children": [id_]},
            lambda id_: {"children": [{"id": id_, "name": "Taken"}]},
            lambda id_: {"children": {"add": [id_]}},
            lambda id_: {"children": [{"name": "New", "parent": id_}]},
        ):
            with self.subTest(values_of(0)):
                self.assert_alike("owasp.create", lambda id_, of=values_of: {"values": {"name": "New", **of(id_)}})
                self.assert_alike("owasp.update", lambda id_, of=values_of: {"id": self.partner.id, "values": of(id_)})
        self.assertFalse(self.foreign.child_ids or self.foreign.parent_id)
        self.assertEqual(self.foreign.name, "Foreign")

    def test_foreign_record_is_found_by_no_condition(self):
        child = self.env["res.partner"].create({"name": "Child", "ref": "child", "parent_id": self.foreign.id})
        for domain in (
            [["id", "=", self.foreign.id]],
            [["ref", "=", "foreign"]],
            [["ref", "=", "child"], ["parent.name", "=like", "F%"]],
            [["ref", "=", "child"], ["parent", "any", [["ref", "=", "foreign"]]]],
        ):
            with self.subTest(domain):
                self.assertEqual(self.do("count", {"domain": domain})["result"], 0)
        # Not even by the place at which it sorts.
        found = self.do("search", {"domain": [["ref", "in", ["ours", "foreign"]]], "order": "name"})
        self.assertEqual([record["id"] for record in found["result"]["records"]], [self.partner.id])
        parent = self.do("get", {"id": child.id, "fields": [{"parent": ["name", "ref"]}]})["result"]["parent"]
        self.assertEqual(parent, {"id": self.foreign.id, "name": None, "ref": None})

    def test_upsert_by_the_key_of_a_foreign_record_leaves_it_alone(self):
        self.do("upsert", {"key": {"ref": "foreign"}, "values": {"name": "Taken"}})
        self.assertEqual(self.foreign.name, "Foreign")

    def test_object_reaches_what_odoo_lets_the_user_reach(self):
        key = self.issue_key(self.user, full_orm=True)
        for method, *args in (("read", ["name"]), ("write", {"name": "Taken"}), ("unlink",), ("copy",)):
            with self.subTest(method), mute_logger("odoo.models", "odoo.addons.base.models.ir_rule"):
                self.assert_code(self.execute("res.partner", method, [self.foreign.id], *args, key=key), FORBIDDEN)
        link = {"child_ids": [[4, self.foreign.id, 0]]}
        with mute_logger("odoo.models", "odoo.addons.base.models.ir_rule"):
            self.assert_code(self.execute("res.partner", "write", [self.partner.id], link, key=key), FORBIDDEN)
        found = self.execute("res.partner", "search", [["id", "=", self.foreign.id]], key=key)
        self.assertEqual(found["result"], [])
        self.assertEqual(self.foreign.name, "Foreign")


class TestApi2Authentication(OwaspCase):
    """Broken authentication. More: ``test_key_refusals_http.py``, ``test_authentication_cost.py``,
    ``test_jsonrpc_key_workers.py``, ``test_limits.py``, ``test_token.py``.
    """

    def _guess(self, endpoint):
        guess = token_format.generate_token()
        if endpoint == TOKEN:
            form = {"grant_type": "client_credentials", "client_id": "jrg-1", "client_secret": guess}
            return self.url_open(TOKEN, data=form).status_code
        if endpoint == COMMON:
            params = {"service": "common", "method": "login", "args": [self.env.cr.dbname, "owasp", guess]}
            response = self.rpc("call", params, path=COMMON)
            return 429 if response.get("error", {}).get("code") == LIMITED else 200
        return self.post(endpoint, {"jsonrpc": "2.0", "method": "system.whoami", "id": 1}, key=guess).status_code

    def _forget_wrong_passwords(self):
        self.registry._login_failures.clear()

    def test_failures_on_all_endpoints_count_together_and_much_sooner_than_calls(self):
        # Odoo's own memory of wrong passwords, in this process, would stand in the way of other tests.
        self.addCleanup(self._forget_wrong_passwords)
        endpoints = [API, TOKEN, COMMON, OBJECT, "/jsonrpc/2/openrpc.json"]
        with mute_logger("odoo.addons.base.models.res_users"):
            statuses = [self._guess(endpoints[number % 4]) for number in range(FREE_FAILURES)]
            self.assertNotIn(429, statuses)
            self.assertEqual([self._guess(endpoint) for endpoint in endpoints[:4]], [429] * 4)
        quotas = self.env["jsonrpc.limit"].search([("subject", "!=", "method")]).mapped("quota")
        self.assertGreater(min(quotas), 10 * FREE_FAILURES)
        self.call("system.whoami", key=self.key)

    def test_address_that_a_client_claims_does_not_evade_the_lockout(self):
        body = {"jsonrpc": "2.0", "method": "system.whoami", "id": 1}
        statuses = []
        for number in range(FREE_FAILURES + 1):
            headers = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Forwarded"), f"192.0.2.{number}")
            statuses.append(self.post(API, body, key=token_format.generate_token(), headers=headers).status_code)
        self.assertEqual(statuses, [401] * FREE_FAILURES + [429])

    def test_revoked_key_is_refused_everywhere_at_the_next_request(self):
        record, token = self.env["jsonrpc.key"]._issue(name="Test", user=self.user, access="write", full_orm=True)
        self.call("system.whoami", key=token)
        form = {"grant_type": "client_credentials", "client_id": record.client_id, "client_secret": token}
        access_token = self.url_open(TOKEN, data=form).json()["access_token"]
        self.call("system.whoami", key=access_token)
        record.action_revoke()
        body = {"jsonrpc": "2.0", "method": "system.echo", "params": [1], "id": 1}
        for secret in (token, access_token):
            process.served(self.env.cr.dbname).buckets.clear()
            for path in (API, f"{API}/system.echo", COMMON, OBJECT):
                with self.subTest(path):
                    self.assertEqual(self.post(path, body, key=secret).status_code, 401)
            headers = {"Authorization": f"Bearer {secret}"}
            for path in ("/jsonrpc/2/openrpc.json", "/jsonrpc/2/docs"):
                with self.subTest(path):
                    self.assertEqual(self.url_open(path, headers=headers).status_code, 401)
        process.served(self.env.cr.dbname).buckets.clear()
        self.assertEqual(self.url_open(TOKEN, data=form).status_code, 401)


class TestApi3Properties(OwaspCase):
    """Broken object property level authorization. More: ``test_resource_security.py``,
    ``test_resource_domain.py``, ``test_resource_nested.py``.
    """

    def test_unexposed_field_is_refused_wherever_a_name_can_stand(self):
        # `vat` is a field of the model, and not of the resource; `nix` is none of either.
        for method, template in (
            ("search", {"fields": ["{}"]}),
            ("search", {"fields": [{"parent": ["{}"]}]}),
            ("search", {"domain": [["{}", "=", "x"]]}),
            ("search", {"domain": [["parent.{}", "=", "x"]]}),
            ("search", {"domain": [["children", "any", [["{}", "=", "x"]]]]}),
            ("search", {"order": "{}"}),
            ("count", {"domain": [["{}", "!=", "x"]]}),
            ("upsert", {"key": {"{}": "x"}, "values": {"name": "N"}}),
            ("create", {"values": {"name": "N", "{}": "x"}}),
            ("create", {"list": [{"name": "N", "children": [{"name": "M", "{}": "x"}]}]}),
            ("update", {"id": self.partner.id, "values": {"{}": "x"}}),
            ("update", {"id": self.partner.id, "values": {"children": {"create": [{"name": "M", "{}": "x"}]}}}),
        ):
            with self.subTest(method, template=template):
                answers = {}
                for name in ("ref", "vat", "nix"):
                    answers[name] = self.do(method, json.loads(json.dumps(template).replace("{}", name)))
                self.assertIn("result", answers["ref"])
                self.assert_code(answers["vat"], PARAMS)
                refusals = [json.dumps(answers[name]["error"]["data"]["errors"]) for name in ("vat", "nix")]
                self.assertEqual(refusals[0].replace("vat", "nix"), refusals[1])

    def test_groups_and_passwords_are_not_assigned_through_a_resource_of_users(self):
        define(
            self.env,
            "owasp_user",
            "res.users",
            {"name": {"writable": True}, "login": {"writable": True}},
            can_create=True,
            can_update=True,
        )
        # By the one who could, if the resource let them.
        key = self.issue_key(self.admin)
        system = self.env.ref("base.group_system")
        for more in (
            {"group_ids": [system.id]},
            {"group_ids": [[4, system.id, 0]]},
            {"group_ids": {"add": [system.id]}},
            {"groups_id": [[6, 0, [system.id]]]},
            {"all_group_ids": [system.id]},
            {"role": "group_system"},
            {f"in_group_{system.id}": True},
            {"password": "mine"},
            {"new_password": "mine"},
            {"company_ids": [[4, 1, 0]]},
            {"share": False},
        ):
            with self.subTest(more):
                created = self.rpc("owasp_user.create", {"values": {"name": "M", "login": "m", **more}}, key=key)
                self.assert_code(created, PARAMS)
                updated = self.rpc("owasp_user.update", {"id": self.user.id, "values": more}, key=key)
                self.assert_code(updated, PARAMS)
        defaults = {"default_group_ids": [[4, system.id, 0]], "default_password": "mine"}
        created = self.rpc("owasp_user.create", {"values": {"name": "M", "login": "m"}, "context": defaults}, key=key)
        self.assert_code(created, PARAMS)
        self.assertFalse(self.env["res.users"].search([("login", "=", "m")]))
        self.assertFalse(self.user.has_group("base.group_system"))
        record = self.call("owasp_user.get", {"id": self.user.id}, key=key)
        self.assertEqual(record.keys(), {"id", "name", "login"})

    def test_caller_may_not_send_what_only_the_server_knows(self):
        for params in ({"id": self.partner.id, "sudo": True}, {"id": self.partner.id, "caller": {}, "env": 1}):
            with self.subTest(params):
                self.assert_code(self.do("get", params), PARAMS)


class TestApi4Resources(OwaspCase):
    """Unrestricted resource consumption. More: ``test_http.py``, ``test_limits.py``,
    ``test_resource_domain.py``, ``test_owasp_server.py``.
    """

    def test_page_is_never_larger_than_the_resource_allows(self):
        for limit in (self.contact.max_page_size + 1, 10**9, 2**63, -1, 0, None, "80", 1e9):
            with self.subTest(limit):
                self.assert_code(self.do("search", {"limit": limit}), PARAMS)
        many = list(range(1, self.contact.max_page_size + 2))
        for operation, params in (("get", {}), ("delete", {}), ("update", {"values": {"ref": "x"}}), ("archive", {})):
            with self.subTest(operation):
                self.assert_code(self.do(operation, {"ids": many, **params}), PARAMS)
        rows = [{"name": "x"}] * (self.contact.max_page_size + 1)
        self.assert_code(self.do("create", {"list": rows}), PARAMS)

    def test_filter_of_ten_megabytes_is_refused_before_it_is_parsed(self):
        body = b'{"jsonrpc": "2.0", "method": "owasp.count", "id": 1, "params": {"domain": [["ref", "in", ["%s"]]]}}'
        response = self.post(API, body % (b'x", "' * 2_000_000), key=self.key)
        self.assertEqual((response.status_code, response.json()["error"]["data"]["type"]), (413, "too_large"))

    def test_filter_of_many_terms_is_refused(self):
        for domain in ([["ref", "=", "x"]] * 5_000, [["ref", "in", ["x"] * 50_000]], ["!"] * 5_000, ["|"] * 5_000):
            with self.subTest(domain[0]):
                response = self.do("count", {"domain": domain})
                self.assert_code(response, PARAMS)
                # One refusal of it all, and not one of each term.
                self.assertEqual([error["type"] for error in response["error"]["data"]["errors"]], ["too_long"])

    def test_batch_of_ten_thousand_is_one_refusal(self):
        call = {"jsonrpc": "2.0", "method": "owasp.create", "params": {"values": {"name": "Flood"}}, "id": 1}
        body = json.dumps([call] * 10_000, separators=(",", ":"))
        self.env["ir.config_parameter"].set_param("jsonrpc_gateway.max_body", len(body) + 1)
        response = self.post(API, body, key=self.key)
        self.assertIsInstance(response.json(), dict)
        self.assertIn("error", response.json())
        self.assertFalse(self.env["res.partner"].search_count([("name", "=", "Flood")]))

    def test_depth_bombs_are_parse_errors(self):
        for path in (API, COMMON, OBJECT):
            for opening in ("[", '{"a":', '[{"a":'):
                with self.subTest(path, opening=opening):
                    answer = self.post(path, opening * 100_000, key=self.key).json()
                    self.assertEqual(answer["error"]["code"], -32700)

    def test_statement_that_takes_too_long_ends_its_call_and_no_other(self):
        self.env["ir.config_parameter"].set_param("jsonrpc_gateway.statement_timeout", "1")
        self.env["test_jsonrpc_gateway.note"].create({"name": "slow"})
        key = self.issue_key()
        calls = [("tx.increment", ["slow", 0]), ("tx.increment", ["slow", 5]), ("tx.increment", ["slow", 0])]
        batch = [{"jsonrpc": "2.0", "method": name, "params": params, "id": name} for name, params in calls]
        with mute_logger("odoo.sql_db"):
            first, slow, last = self.post(API, batch, key=key).json()
        self.assertEqual((first["result"], last["result"]), (1, 2))
        self.assertEqual((slow["error"]["code"], slow["error"]["data"]["type"]), (TIMEOUT, "timeout"))
        # The largest that can be written is none that PostgreSQL refuses.
        self.env["ir.config_parameter"].set_param("jsonrpc_gateway.statement_timeout", "9" * 12)
        self.call("system.whoami", key=key)

    def test_deep_relations_are_refused(self):
        fields, name = ["name"], "name"
        for _level in range(12):
            fields, name = [{"parent": fields}], f"parent.{name}"
        self.assert_code(self.do("search", {"fields": fields}), PARAMS)
        self.assert_code(self.do("search", {"domain": [[name, "=", "x"]]}), PARAMS)


class TestApi5FunctionLevel(OwaspCase):
    """Broken function level authorization: default deny. More: ``test_grants.py``,
    ``test_service_object.py``, ``test_resource_methods.py``.
    """

    #: What no caller may ever reach by its name.
    NEVER = (
        *("_x", "_write", "_read_group", "__class__", "__init__", "_authenticate", "_issue"),
        *("sudo", "with_user", "with_env", "with_context", "browse", "env", "pool", "cr", "_cr"),
        *("init", "flush_model", "invalidate_all", "exists.__globals__", "search.func", "mapped.__code__"),
    )

    def test_attributes_are_no_methods_of_the_api(self):
        for namespace in ("owasp", "partner", "system", "jsonrpc.api", "res.partner", "res_partner"):
            for name in (*self.NEVER, "unlink", "write", "read", "search_read", "execute"):
                with self.subTest(namespace, name=name):
                    self.assert_code(self.rpc(f"{namespace}.{name}", {}, key=self.key), NO_METHOD)

    def test_attributes_are_not_called_by_the_object_service(self):
        key = self.issue_key(self.user, full_orm=True)
        for name in self.NEVER:
            with self.subTest(name), mute_logger("odoo.service.model"):
                # `browse` and the other methods that give records are private to RPC as well.
                response = self.execute("res.partner", name, [self.partner.id], key=key)
                self.assert_code(response, FORBIDDEN, NO_METHOD, PARAMS)

    def test_attributes_are_not_exposed_as_methods_of_a_resource(self):
        for name in (*self.NEVER, "unlink", "write", "create", "read", "search_read", "export_data", "load"):
            with self.subTest(name), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.contact.method_ids = [Command.create({"name": "exposed", "method": name})]

    def test_delete_needs_its_grant_on_every_way(self):
        key = self.issue_key(self.user, grants={"owasp": ["read", "create", "update", "call"]})
        for response in (
            self.do("delete", {"id": self.partner.id}, key=key),
            self.rpc("owasp.delete", {"id": self.partner.id}, key=key, path=f"{API}/owasp.delete"),
            self.rpc("owasp.delete", {"id": self.partner.id}, key=self.issue_key(self.user, access="read")),
            self.execute("res.partner", "unlink", [self.partner.id], key=key),
            self.execute("res.partner", "unlink", [self.partner.id], key=self.key),
        ):
            self.assert_code(response, FORBIDDEN)
        batch = [{"jsonrpc": "2.0", "method": "owasp.delete", "params": {"id": self.partner.id}, "id": 1}]
        self.assert_code(self.post(API, batch, key=key).json()[0], FORBIDDEN)
        self.assertTrue(self.partner.exists())
        self.assertIn("result", self.do("delete", {"id": self.partner.id}))
        self.assertFalse(self.partner.exists())

    def test_administration_of_the_gateway_is_not_for_its_callers(self):
        key = self.issue_key(self.user, full_orm=True)
        for model in ("jsonrpc.key", "jsonrpc.access.token", "jsonrpc.resource", "jsonrpc.limit", "jsonrpc.call"):
            with self.subTest(model), mute_logger("odoo.models", "odoo.addons.base.models.ir_model"):
                for options in ({"key": key}, {}):
                    self.assert_code(self.execute(model, "create", {"name": "Mine"}, **options), FORBIDDEN, -32005)


class TestApi6Flows(OwaspCase):
    """Unrestricted access to sensitive business flows. More: ``test_limits.py``."""

    def test_method_has_a_limit_of_its_own_that_others_do_not_use_up(self):
        self.env["jsonrpc.limit"].create(
            {"name": "flow", "subject": "method", "method": "owasp.create", "quota": 2, "burst": 2, "window": "hour"}
        )
        for _time in range(5):
            self.assertIn("result", self.do("count", {}))
        create = {"jsonrpc": "2.0", "method": "owasp.create", "params": {"values": {"name": "Flow"}}, "id": 1}
        statuses = [self.post(API, create, key=self.key).status_code for _time in range(3)]
        # Neither the URL, nor a batch, nor a notification is a way around it.
        statuses.append(self.post(f"{API}/owasp.create", create, key=self.key).status_code)
        statuses.append(self.post(API, [create], key=self.key).status_code)
        statuses.append(self.post(API, {**create, "id": None}, key=self.key).status_code)
        create.pop("id")
        statuses.append(self.post(API, create, key=self.key).status_code)
        self.assertEqual(statuses, [200, 200, 429, 429, 429, 429, 429])
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Flow")]), 2)
        self.assertIn("result", self.do("count", {}))


class TestApi7ServerSideRequests(OwaspCase):
    """Server side request forgery: the gateway connects to nothing but its database."""

    #: Modules of Python and of Odoo's requirements that open connections or start programs.
    CONNECTING = re.compile(
        r"(requests|urllib3|urllib\.request|http\.client|httplib2?|httpx|aiohttp|socket|socketserver|ssl|asyncio"
        r"|smtplib|ftplib|poplib|imaplib|telnetlib|xmlrpc|zeep|suds|websockets?|pycurl|paramiko|ldap|subprocess"
        r"|multiprocessing|importlib|runpy|webbrowser)(\..*)?"
    )
    #: What is meant: the registry imports the files of its own folder, whose names no caller gives.
    MEANT = {f"engine/resources/operations/registry.py: {name}" for name in ("importlib", "importlib.import_module")}
    #: Beside the addon: never imported by it (``engine/tests/test_structure.py``).
    BESIDE = {"sandbox", "examples", "benchmarks", "tests"}

    @staticmethod
    def _imports(path):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield {"__import__": "importlib", "exec": "runpy", "eval": "runpy"}.get(node.func.id, "")

    def test_addon_imports_nothing_that_connects(self):
        sources = [path for path in ADDON.rglob("*.py") if not self.BESIDE & set(path.relative_to(ADDON).parts)]
        self.assertGreater(len(sources), 80)
        found = {
            f"{path.relative_to(ADDON)}: {name}"
            for path in sources
            for name in self._imports(path)
            if self.CONNECTING.fullmatch(name)
        }
        self.assertEqual(found, self.MEANT)

    def test_url_of_a_caller_is_fetched_by_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            add_line(self.contact, "website", writable=True)
            add_line(self.contact, "image_1920", name="image", writable=True)
            headers = {"Origin": url[:-1], "Referer": url, "X-Forwarded-Host": url[7:-1], "Host": url[7:-1]}
            for method, params in (
                ("system.echo", {"value": url}),
                ("owasp.create", {"values": {"name": url, "email": url, "website": url}}),
                ("owasp.create", {"values": {"name": "Image", "image": url}}),
                ("owasp.create", {"values": {"name": "Image", "image": {"url": url}}}),
                ("owasp.search", {"domain": [["name", "=", {"$ref": url}]], "cursor": url}),
                ("rpc.discover", {}),
            ):
                body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1, "idempotency_key": url}
                self.post(API, body, key=self.key)
                self.post(API, [body], key=self.key, headers={"JSON-RPC-Batch": "references"})
                self.post(API, body, key=self.key, headers={k: v for k, v in headers.items() if k != "Host"})
            self.url_open("/jsonrpc/2/openrpc.json", headers={"Authorization": f"Bearer {self.key}", "Referer": url})
            # An administrator's URL is none to fetch, either.
            schema = json.dumps({"type": "object", "properties": {"a": {"$ref": url}}, "$schema": url})
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.contact.method_ids = [
                    Command.create({"name": "exposed", "method": "action_archive", "params_schema": schema})
                ]
            with self.assertRaises(BlockingIOError):
                listener.accept()


class TestApi8Misconfiguration(OwaspCase):
    """Security misconfiguration. More: ``test_http.py``, ``test_cors.py``, ``test_browser_docs.py``."""

    #: What an answer must not tell: tracebacks, statements, names of files and of the driver.
    INNARDS = re.compile(
        r"Traceback|File \"|line \d+, in |psycopg|pydantic|werkzeug|\bSELECT\b|\bINSERT\b|\bFROM \"?res_|\.py\b"
        r"|/usr/|/home/|site-packages|relation \"|odoo\.addons\."
    )

    def test_answers_tell_nothing_of_the_inside(self):
        bodies = [
            *("", "{", "null", "[]", "\ufeff{}", '{"jsonrpc": "2.0"}', '"\\ud800"', "1" * 5000),
            *(
                json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1})
                for method, params in (
                    ("owasp.get", {"id": MISSING_ID}),
                    ("owasp.get", {"id": "1; DROP TABLE res_partner"}),
                    ("owasp.search", {"domain": [["name", "ilike", "%' OR 1=1 --\\"]], "order": "name; SELECT 1"}),
                    ("owasp.search", {"cursor": "AAAA"}),
                    ("owasp.create", {"values": {"name": "x\x00y"}}),
                    ("owasp.create", {"values": {"name": "x" * 500_000, "email": 1}}),
                    ("owasp.create", {"values": {"name": "P", "parent": self.partner.id, "children": [1]}}),
                    ("owasp.update", {"id": self.partner.id, "values": {"parent": self.partner.id}}),
                    ("partner.get_info", {"partner_id": 2**80}),
                    ("no.method", {}),
                    ("call", {"service": "object", "method": "execute_kw", "args": [self.env.cr.dbname]}),
                    ("call", {"service": "common", "method": "login", "args": ["no_such_database", "a", "b"]}),
                    ("call", {"service": "db", "method": "dump", "args": []}),
                )
            ),
        ]
        with mute_logger("odoo.sql_db", "odoo.addons.jsonrpc_gateway.engine.dispatch.pipeline"):
            for path in (API, COMMON, OBJECT, TOKEN, "/jsonrpc/2/openrpc.json"):
                for body in bodies:
                    with self.subTest(path, body=body[:80]):
                        response = self.post(path, body.encode("utf-8", "surrogatepass"), key=self.key)
                        self.assertLess(response.status_code, 500)
                        # A refusal may quote what was sent, and nothing else.
                        self.assertNotRegex(response.text.replace("SELECT 1", ""), self.INNARDS)
                        self.assertNotIn("Set-Cookie", response.headers)

    def test_other_verbs_are_refused_everywhere_and_told_which_to_use(self):
        allowed = {
            API: {"POST"},
            f"{API}/system.echo": {"POST"},
            COMMON: {"POST"},
            OBJECT: {"POST"},
            TOKEN: {"POST"},
            "/jsonrpc/2/openrpc.json": {"GET", "HEAD"},
            "/jsonrpc/2/docs": {"GET", "HEAD"},
        }
        for path, verbs in allowed.items():
            for verb in ("GET", "PUT", "DELETE", "PATCH", "POST", "TRACE", "PROPFIND"):
                if verb in verbs:
                    continue
                with self.subTest(path, verb=verb):
                    response = self.opener.request(verb, self.base_url() + path, timeout=30)
                    self.assertEqual(response.status_code, 405)
                    self.assertEqual({name.strip() for name in response.headers["Allow"].split(",")}, verbs)
                    self.assertNotRegex(response.text, self.INNARDS)

    def test_answers_are_not_cached_nor_guessed_and_set_no_cookie(self):
        version = {"service": "common", "method": "version"}
        for path, body in (
            (API, {"jsonrpc": "2.0", "method": "system.whoami", "id": 1}),
            (COMMON, {"jsonrpc": "2.0", "method": "call", "params": version, "id": 1}),
            (OBJECT, {}),
        ):
            for key in (None, self.key):
                with self.subTest(path, key=bool(key)):
                    response = self.post(path, body, key=key)
                    self.assertEqual(response.headers["Cache-Control"], "no-store")
                    self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
                    self.assertNotIn("Set-Cookie", response.headers)

    def test_nothing_is_open_by_default(self):
        self.assertFalse(self.env["ir.config_parameter"].get_param("web.cors.origins"))
        self.assertIn(self.env["ir.config_parameter"].get_param("jsonrpc_gateway.debug_in_errors"), (False, "False"))
        response = self.post(API, {}, headers={"Origin": "https://evil.example.com"})
        self.assertNotIn("Access-Control-Allow-Origin", response.headers)
        self.assertTrue(self.env["jsonrpc.limit"].search([("subject", "=", "address")]))


class TestApi9Inventory(OwaspCase):
    """Improper inventory management: the document equals reality. More: ``test_openrpc.py``."""

    def test_listed_documented_and_callable_are_the_same(self):
        registry = self.env["jsonrpc.api"]._jsonrpc_methods()
        callers = {
            "nobody": None,
            "everything": self.key,
            "reads": self.issue_key(self.user, access="read"),
            "nothing": self.issue_key(self.user, grants={}),
            "some": self.issue_key(self.user, grants={"owasp": ["read"]}),
            "page": self.issue_key(kind="publishable", origins="https://shop.example.com"),
        }
        headers = {"Origin": "https://shop.example.com"}
        for caller, key in callers.items():
            with self.subTest(caller):
                listed = self.call("system.list_methods", key=key, headers=headers)
                document = self.call("rpc.discover", key=key, headers=headers)
                self.assertEqual([method["name"] for method in document["methods"]], listed)
                # A param that no method has: refused for itself only where the method may be called.
                requests = [
                    {"jsonrpc": "2.0", "method": name, "params": {"no_such_param": 1}, "id": name} for name in registry
                ]
                # A stream is an answer of its own.
                single = [request for request in requests if registry[request["method"]].streams]
                batch = [request for request in requests if request not in single]
                answers = self.post(API, batch, key=key, headers=headers).json()
                answers += [self.post(API, request, key=key, headers=headers).json() for request in single]
                reached = [answer["id"] for answer in answers if answer["error"]["code"] == PARAMS]
                self.assertEqual(sorted(reached), listed)

    def test_archived_resource_is_gone_from_all_of_it(self):
        self.contact.active = False
        self.assertFalse([name for name in self.call("system.list_methods", key=self.key) if "owasp" in name])
        self.assert_code(self.do("count", {}), NO_METHOD)

    def test_urls_are_those_that_are_known(self):
        http_model = self.env["ir.http"]
        rules = http_model._generate_routing_rules(
            sorted(self.registry._init_modules), converters=http_model._get_converters()
        )
        ours = {url for url, endpoint in rules if endpoint.func.__module__.startswith("odoo.addons.jsonrpc_gateway.")}
        self.assertEqual(
            ours,
            {
                *("/jsonrpc/2/api", "/jsonrpc/2/api/<string:method>", "/jsonrpc/2/common", "/jsonrpc/2/object"),
                *("/jsonrpc/2/token", "/jsonrpc/2/openrpc.json", "/jsonrpc/2/docs"),
            },
        )
        for path in ("/jsonrpc/2", "/jsonrpc/2/", "/jsonrpc/2/db", "/jsonrpc/1/api", "/jsonrpc/2/report"):
            with self.subTest(path):
                self.assertEqual(self.post(path, {}).status_code, 404)

    def test_public_methods_of_our_models_are_buttons_and_closed_to_others(self):
        """Whatever is public, anybody who is logged in can call by Odoo's own RPC."""
        inherited = {name for name in dir(self.env["base"]) if not name.startswith("_")}
        found = set()
        for name, cls in self.env.registry.items():
            if not name.startswith("jsonrpc."):
                continue
            for attribute in set(dir(cls)) - inherited - set(cls._fields):
                if attribute.startswith("_") or not callable(getattr(cls, attribute)):
                    continue
                try:
                    get_public_method(self.env[name], attribute)
                except AccessError:
                    continue
                found.add((name, attribute))
        others = {f"{name}.{attribute}" for name, attribute in found if not attribute.startswith("action_")}
        self.assertEqual(others, {"jsonrpc.call.get_dashboard", "jsonrpc.call.get_first_steps"})
        theirs = self.env["jsonrpc.key"]._issue(name="Admin", user=self.admin)[0]
        record_of = {"jsonrpc.key": theirs.id, "jsonrpc.resource": self.contact.id}
        keys = self.env["jsonrpc.key"].with_context(active_test=False).search_count([])
        for name, attribute in sorted(found):
            with self.subTest(name, method=attribute), mute_logger("odoo.models", "odoo.addons.base.models.ir_model"):
                args = {"get_dashboard": ["day"], "get_first_steps": []}.get(attribute, [[record_of.get(name, 1)]])
                response = self.execute(name, attribute, *args)
                # A button that opens a window has done nothing; what is in it is read with rights.
                if response.get("result", {}).get("type") != "ir.actions.act_window":
                    self.assert_code(response, FORBIDDEN, NOT_FOUND)

        self.assertTrue(theirs.active)
        self.assertEqual(self.env["jsonrpc.key"].with_context(active_test=False).search_count([]), keys)
        self.assertEqual(len(self.contact.field_ids), 5)

    def test_dispatchers_are_those_of_odoo_and_ours(self):
        ours = {
            name for name, cls in http._dispatchers.items() if cls.__module__.startswith("odoo.addons.jsonrpc_gateway.")
        }
        self.assertEqual(ours, {"jsonrpc2", "jsonrpc2.document", "jsonrpc2.token"})


class TestApi10UnsafeConsumption(OwaspCase):
    """Unsafe consumption of APIs: there is none to consume (:class:`TestApi7ServerSideRequests`)."""

    def test_addon_requires_no_client_of_anything(self):
        python = get_manifest("jsonrpc_gateway")["external_dependencies"]["python"]
        self.assertEqual({re.split(r"[<>=~! ]", name)[0] for name in python}, {"orjson", "pydantic"})

    def test_pages_load_and_call_nothing_but_us(self):
        scripts = [path for path in ADDON.glob("static/src/**/*") if path.suffix in (".js", ".css", ".scss", ".xml")]
        self.assertTrue(scripts)
        loading = re.compile(
            r"""(?:fetch|import|importScripts|WebSocket|EventSource|sendBeacon|open|url)\s*\(\s*["'`]?(?:https?:)?//"""
            r"""|(?:src|href)\s*=\s*["'](?:https?:)?//|@import|from\s+["']https?:"""
        )
        found = [path.name for path in scripts if loading.search(path.read_text())]
        self.assertEqual(found, [])
        policy = self.url_open("/jsonrpc/2/docs").headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("http", policy)
