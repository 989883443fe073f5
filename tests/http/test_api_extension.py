"""How other addons add to the gateway: methods of models, their types and errors, and controllers."""

from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.service.model import get_public_method
from odoo.tests import HttpCase

from odoo.addons.jsonrpc_gateway import api as jsonrpc

from ..common import JsonRpcCase
from .test_api import FORBIDDEN, INTERNAL, NO_METHOD, NOT_FOUND, PARAMS, UNAUTHENTICATED, USER, ApiCase


class TestValues(ApiCase):
    def test_default_values_are_filled_in(self):
        self.assertEqual(self.call("test.add", [1], key=self.key), 2)
        self.assertEqual(self.call("test.add", {"b": 5, "a": 1}, key=self.key), 6)

    def test_variable_positional_params_are_taken(self):
        self.assertEqual(self.call("test.join", ["-", "a", "b"], key=self.key), "a-b")
        self.assertEqual(self.call("test.join", {"separator": "-", "words": ["a"]}, key=self.key), "a")
        self.assertEqual(self.refused("test.join", ["-", "a", 1], key=self.key)["code"], PARAMS)

    def test_pydantic_models_go_both_ways(self):
        self.assertEqual(self.call("test.point", [{"x": 1}], key=self.key), {"x": 2, "y": 0})
        self.assertEqual(self.call("test.segment", key=self.key), {"start": {"x": 0, "y": 0}, "end": {"x": 1, "y": 2}})
        error = self.refused("test.point", [{"x": "1", "z": 1}], key=self.key)
        self.assertEqual(set(self.paths(error)), {"point.x", "point.z"})

    def test_values_without_json_type_have_a_form(self):
        values = self.call("test.values", {"moment": "2026-05-06T07:08:09+02:00"}, key=self.key)
        self.assertEqual(
            {**values, "decimal": float(values["decimal"])},
            {
                "date": "2026-01-02",
                "naive": "2026-01-02T03:04:05Z",
                "aware": "2026-01-02T01:04:05Z",
                "decimal": 1.5,
                "set": [1],
                "moment": "2026-05-06T05:08:09Z",
            },
        )
        self.assertEqual(self.refused("test.values", ["yesterday"], key=self.key)["code"], PARAMS)

    def test_declared_error_has_its_code_and_data(self):
        error = self.refused("test.full", key=self.key)
        self.assertEqual((error["code"], error["message"]), (1001, "Box full"))
        self.assertEqual((error["data"]["type"], error["data"]["capacity"]), ("full", 3))

    def test_surprise_shows_nothing(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR") as logs:
            error = self.refused("test.surprise", key=self.key)
        self.assertEqual((error["code"], error["message"]), (INTERNAL, "Internal error"))
        self.assertEqual(set(error["data"]), {"type", "request_id"})
        self.assertIn("secret-of-the-house", logs.output[0])

    def test_result_that_json_cannot_express_is_an_internal_error(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"):
            self.assertEqual(self.refused("test.not_encodable", key=self.key)["code"], INTERNAL)


class TestDiscovery(ApiCase):
    def test_override_and_addition_of_another_class_are_found(self):
        self.assertEqual(self.call("test.greet"), "Hello you!")
        self.assertEqual(self.call("test.added_later", key=self.key), "added")

    def test_method_with_another_name_is_found_by_that_alone(self):
        self.assertEqual(self.call("test.renamed", key=self.key), "jsonrpc.api.test")
        self.assertEqual(self.refused("test.old_name", key=self.key)["code"], NO_METHOD)

    def test_python_attributes_are_no_methods(self):
        for name in ("partner._write", "test.create", "test.search", "test.env", "partner.__init__", "jsonrpc.api"):
            self.assertEqual(self.refused(name, key=self.key)["code"], NO_METHOD)

    def test_published_methods_are_private_to_other_endpoints(self):
        for model, method in (("jsonrpc.api.partner", "get_info"), ("jsonrpc.api.test", "greet")):
            with self.assertRaises(AccessError):
                get_public_method(self.env[model], method)


class TestFaults(ApiCase):
    """Methods that are declared wrongly are left out alone, and never in silence."""

    LOGGER = "odoo.addons.jsonrpc_gateway.models.jsonrpc_api"

    def declare(self, name, function):
        """Give the model of the transaction tests one more method."""
        model = self.env.registry["jsonrpc.api.transaction"]
        patcher = patch.object(model, name, function, create=True)
        patcher.start()
        self.addCleanup(self.env.registry.clear_cache)
        self.addCleanup(patcher.stop)
        self.addCleanup(vars(self.env.registry).pop, "_jsonrpc_logged", None)
        self.env.registry.clear_cache()
        return model

    def assert_left_out(self, name, reason):
        """Calls do not find the method and find all others; the log and the check of tests say why."""
        with self.assertLogs(self.LOGGER, "ERROR") as logs:
            self.assertEqual(self.refused(name, key=self.key)["code"], NO_METHOD)
        self.assertEqual(len(logs.output), 1)
        self.assertRegex(logs.output[0], rf"The JSON-RPC method {name} of .* cannot be served: .*{reason}")
        with self.assertRaisesRegex(ValueError, rf"^{name} of .*: .*{reason}.*$"):
            self.env["jsonrpc.api"]._jsonrpc_check_methods()
        self.assertEqual(self.call("test.add", [1, 2], key=self.key), 3)
        self.assertNotIn(name, self.call("system.list_methods", key=self.key))
        self.assertNotIn(name, [method["name"] for method in self.call("rpc.discover", key=self.key)["methods"]])
        # Said once, however often Odoo empties its caches.
        self.env.registry.clear_cache()
        with self.assertNoLogs(self.LOGGER, "ERROR"):
            self.assertEqual(self.refused(name, key=self.key)["code"], NO_METHOD)

    def test_method_without_possible_signature_is_left_out(self):
        @jsonrpc.method(access="read")
        def anything(self, **values):
            """Takes what cannot be documented."""

        self.declare("anything", anything)
        self.assert_left_out("tx.anything", r"TypeError: .*\*\*values cannot be documented")

    def test_method_with_unknown_annotation_is_left_out(self):
        @jsonrpc.method(access="read")
        def typo(self, value: "strr"):  # noqa: F821 - the mistake that is tested
            """Has an annotation that nobody can resolve."""

        self.declare("typo", typo)
        self.assert_left_out("tx.typo", "strr")

    def test_fault_names_function_and_model(self):
        @jsonrpc.method(access="read", name="Not a name")
        def misnamed(self):
            """Cannot be called."""

        self.declare("misnamed", misnamed)
        _specs, (fault,) = self.env["jsonrpc.api"]._jsonrpc_declared_methods()
        self.assertEqual(fault.name, "tx.Not a name")
        self.assertRegex(fault.where, r"^jsonrpc\.api\.transaction \(.*test_api_extension\..*misnamed\)$")
        self.assertIn("is no method name", fault.reason)

    def test_two_methods_of_one_name_are_both_left_out(self):
        # Another model that claims the namespace, and with it a method of the same name.
        model = self.declare("add", self.env.registry["jsonrpc.api.test"].add)
        self.patch(model, "_jsonrpc_namespace", "test")
        with self.assertLogs(self.LOGGER, "ERROR") as logs:
            self.assertEqual(self.refused("test.add", [1], key=self.key)["code"], NO_METHOD)
        self.assertIn(
            "The JSON-RPC method test.add of jsonrpc.api.transaction cannot be served:"
            " jsonrpc.api.test declares a method of this name too",
            logs.output[0],
        )
        self.assertEqual(self.call("test.join", ["-", "a", "b"], key=self.key), "a-b")

    def test_test_case_refuses_to_start(self):
        @jsonrpc.method(access="read")
        def anything(self, **values):
            """Takes what cannot be documented."""

        class Case(JsonRpcCase):
            env = self.env

        self.declare("anything", anything)
        # A second cursor of the tests would wait for this one for ever.
        self.patch(HttpCase, "setUpClass", classmethod(lambda cls: None))
        with self.assertRaisesRegex(ValueError, r"^tx\.anything of "):
            Case.setUpClass()

    def test_name_of_a_method_left_out_stays_taken(self):
        @jsonrpc.method(access="read", name="search")
        def clashing(self, *words: str, more: str):
            """Cannot be described, and has the name of an operation."""

        self.declare("clashing", clashing)
        with self.assertRaisesRegex(ValidationError, r"tx\.search"):
            self.env["jsonrpc.resource"].create(
                {"name": "tx", "model_id": self.env["ir.model"]._get_id("res.partner")}
            )


class TestControllers(ApiCase):
    """Hand-written controllers of another addon."""

    INFO = "/my_custom_api/get_partner_info"

    def test_controller_is_one_method(self):
        for method in ("get_partner_info", "call"):
            for params in ([self.partner.id], {"partner_id": self.partner.id}):
                result = self.call(method, params, key=self.key, path=self.INFO)
                self.assertEqual(result, {"id": self.partner.id, "name": "Ann", "uid": self.admin.id})

    def test_controller_refuses_other_methods(self):
        error = self.refused("system.echo", [1], key=self.key, path=self.INFO)
        self.assertEqual((error["code"], error["data"]["method"]), (NO_METHOD, "get_partner_info"))

    def test_controller_validates_params(self):
        for params in (["1"], [], {"partner_id": 1, "x": 1}, {"id": 1}, [1, 2]):
            self.assertEqual(self.refused("call", params, key=self.key, path=self.INFO)["code"], PARAMS)

    def test_controller_answers_declared_errors(self):
        error = self.refused("call", [2**31 - 1], key=self.key, path=self.INFO)
        self.assertEqual(
            (error["code"], error["data"]["type"], error["data"]["partner_id"]), (1002, "missing", 2**31 - 1)
        )

    def test_controller_needs_a_key(self):
        response = self.post(self.INFO, {"jsonrpc": "2.0", "method": "call", "params": [1], "id": 3})
        self.assertEqual((response.status_code, response.json()["error"]["code"]), (401, UNAUTHENTICATED))
        self.assertEqual(response.json()["id"], 3)
        self.assertIn("result", self.rpc("call", [self.partner.id], key=self.issue_key(access="read"), path=self.INFO))

    def test_controller_that_writes_refuses_a_read_only_key(self):
        path = "/my_custom_api/create_partner"
        self.assertEqual(self.refused("call", ["x"], key=self.issue_key(access="read"), path=path)["code"], FORBIDDEN)
        self.assertTrue(self.call("call", ["x"], key=self.key, path=path))

    def test_controller_is_undone_when_it_refuses(self):
        path = "/my_custom_api/create_partner"
        self.assertEqual(self.refused("call", ["undone", True], key=self.key, path=path)["code"], USER)
        body = [{"jsonrpc": "2.0", "method": "call", "params": p, "id": 1} for p in (["kept"], ["undone", True])]
        self.post(path, body, key=self.key)
        self.assertEqual(self.env["res.partner"].search([("name", "in", ["kept", "undone"])]).mapped("name"), ["kept"])

    def test_part_of_the_url_is_a_param(self):
        path = "/my_custom_api/7/minus"
        self.assertEqual(self.call("minus", [2], path=path), 5)
        self.assertEqual(self.call("minus", {"b": 2}, path=path), 5)
        for params in ({"a": 1, "b": 2}, [1, 2], {}, {"b": "2"}):
            self.assertEqual(self.refused("minus", params, path=path)["code"], PARAMS)
        self.assertEqual(self.url_open("/my_custom_api/x/minus", data="{}").status_code, 404)

    def test_annotations_as_strings_are_understood(self):
        path = "/my_custom_api/strings"
        result = self.call("strings", [["a", "b"]], path=path)
        self.assertEqual((result["names"], result["kind"]), ("a,b", "public"))
        self.assertEqual(self.refused("strings", [["a", 1]], path=path)["code"], PARAMS)
        self.assertEqual(self.refused("strings", {"names": [], "caller": {}}, path=path)["code"], PARAMS)
        self.authenticate("admin", "admin")
        self.assertEqual(self.call("strings", [[]], path=path), {"names": "", "kind": "session", "login": "admin"})

    def test_controller_for_users_asks_for_a_session(self):
        path = "/my_custom_api/user"
        response = self.post(path, {"jsonrpc": "2.0", "method": "user.name", "id": 3})
        self.assertEqual((response.status_code, response.json()["id"]), (401, 3))
        self.assertEqual(response.json()["error"]["code"], UNAUTHENTICATED)
        self.authenticate("admin", "admin")
        self.assertEqual(self.call("user.name", path=path), "admin")

    def test_http_exception_keeps_its_meaning(self):
        error = self.refused("call", path="/my_custom_api/not_found")
        self.assertEqual((error["code"], error["message"]), (NOT_FOUND, "There is nothing here"))

    def test_surprise_shows_nothing(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"):
            error = self.refused("call", path="/my_custom_api/broken")
        self.assertEqual(error["code"], INTERNAL)
        self.assertNotIn("secret-of-the-house", str(error))
