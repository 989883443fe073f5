"""The service endpoint ``object``: any public method of any model, with the rights of one user."""

import base64
import json
import os

from ...engine.dispatch.orm.execute import reads_only
from ..service_common import (
    FORBIDDEN,
    INTERNAL,
    NO_METHOD,
    NOT_FOUND,
    PARAMS,
    PASSWORD,
    UNAUTHENTICATED,
    USER,
    VALIDATION,
    ServiceCase,
)


class TestObject(ServiceCase):
    def test_execute_and_execute_kw_call_methods(self):
        args = (self.db, self.user.id, PASSWORD, "res.partner")
        partner = self.service("object", "execute", *args, "create", {"name": "Ann"})["result"]
        self.assertIsInstance(partner, int)
        many = self.service("object", "execute_kw", *args, "create", [[{"name": "Bob"}, {"name": "Cy"}]])["result"]
        self.assertEqual(len(many), 2)
        self.assertIs(self.result("res.partner", "write", [[partner], {"name": "Anna"}]), True)
        read = self.service("object", "execute", *args, "read", [partner], ["name", "email"])["result"]
        self.assertEqual(read, [{"id": partner, "name": "Anna", "email": False}])
        found = self.result("res.partner", "search_read", [[["id", "in", many]]], {"fields": ["name"], "order": "name"})
        self.assertEqual([record["name"] for record in found], ["Bob", "Cy"])
        self.assertEqual(self.result("res.partner", "search_count", [[["id", "in", many]]]), 2)
        self.assertIs(self.result("res.partner", "unlink", [many]), True)
        self.assertEqual(self.result("res.partner", "search", [[["id", "in", many]]]), [])

    def test_kwargs_may_be_null_or_left_out(self):
        args = [self.db, self.user.id, PASSWORD, "test_jsonrpc_gateway.note", "answer_none", []]
        for more in ([], [None], [{}]):
            response = self.service("object", "execute_kw", *args, *more)
            self.assertIsNone(response["result"])

    def test_results_look_as_those_of_odoo(self):
        self.assertEqual(self.result("test_jsonrpc_gateway.note", "answer_keys"), {"1": "one", "2": {"3": "three"}})
        self.assertEqual(
            self.result("test_jsonrpc_gateway.note", "answer_dates"),
            {"date": "2026-01-02", "datetime": "2026-01-02 03:04:05", "bytes": "text"},
        )
        note = self.notes.create({"name": "a"})
        self.assertEqual(self.result("test_jsonrpc_gateway.note", "answer_ids", [[note.id], "!"]), [f"{note.id}!"])
        self.assertEqual(self.result("test_jsonrpc_gateway.note", "search", [[]]), note.ids)

    def test_result_without_json_is_an_internal_error(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"):
            error = self.refusal("test_jsonrpc_gateway.note", "answer_tuple_keys")
        self.assertEqual(error["code"], INTERNAL)

    def test_wrong_credentials_are_refused(self):
        for uid, password in ((self.user.id, "wrong"), (self.admin.id, PASSWORD), (2**31 - 1, PASSWORD), (1, "")):
            with self.subTest(uid=uid):
                error = self.refusal("res.users", "read", [[2]], uid=uid, password=password)
                self.assertEqual(
                    (error["code"], error["data"]["name"]), (UNAUTHENTICATED, "odoo.exceptions.AccessDenied")
                )

    def test_archived_user_is_refused(self):
        self.user.active = False
        self.assertEqual(self.refusal("res.users", "read", [[2]])["code"], UNAUTHENTICATED)

    def test_uid_of_a_wrong_type_is_refused(self):
        for uid in ("2", True, 0.5, -1, 0, 2**40, [2], {}):
            with self.subTest(uid=uid):
                response = self.service("object", "execute_kw", self.db, uid, PASSWORD, "res.users", "read", [[2]])
                self.assertIn(self.check_shape(response)["code"], (PARAMS, UNAUTHENTICATED))

    def test_odoo_api_key_is_a_password(self):
        key = self.odoo_api_key()
        self.assertEqual(self.result("test_jsonrpc_gateway.note", "answer_context", password=key)["uid"], self.user.id)
        error = self.refusal("res.users", "read", [[2]], uid=self.admin.id, password=key)
        self.assertEqual(error["code"], UNAUTHENTICATED)

    def test_private_methods_are_refused(self):
        for model, method in (
            ("res.partner", "_write"),
            ("res.partner", "__init__"),
            ("test_jsonrpc_gateway.note", "hidden"),
            ("jsonrpc.key", "_issue"),
            ("jsonrpc.key", "_authenticate"),
            ("jsonrpc.api", "_jsonrpc_methods"),
            ("jsonrpc.api.partner", "get_info"),
            ("jsonrpc.api.system", "list_methods"),
            ("jsonrpc.api.transaction", "write"),
        ):
            with self.subTest(method=method):
                error = self.refusal(model, method, [[1]])
                self.assertEqual((error["code"], error["data"]["name"]), (FORBIDDEN, "odoo.exceptions.AccessError"))

    def test_dangerous_attributes_are_not_called(self):
        for method in (
            "env",
            "pool",
            "ids",
            "sudo",
            "with_user",
            "with_env",
            "browse",
            "id",
            "_fields",
            "init",
            "no_such",
        ):
            with self.subTest(method=method):
                error = self.refusal("res.partner", method, [[1]])
                self.assertIn(error["code"], (NO_METHOD, FORBIDDEN))

    def test_unknown_model_is_told(self):
        for model in ("no.such", "", "res.partner ", "env"):
            error = self.refusal(model, "read", [[1]])
            self.assertEqual(error["code"], NO_METHOD)
            self.assertIn(repr(model), error["message"])

    def test_model_and_method_of_a_wrong_type_are_refused(self):
        for model, method, args in (
            (1, "read", []),
            ("res.partner", None, []),
            ("res.partner", "read", {}),
            ([], [], None),
        ):
            response = self.service("object", "execute_kw", self.db, self.user.id, PASSWORD, model, method, args)
            self.assertEqual(self.check_shape(response)["code"], PARAMS)

    def test_arguments_that_do_not_fit_are_told(self):
        for method, args, kwargs in (
            ("write", [], {}),
            ("write", [[1]], {}),
            ("read", [[1], ["name"], "x", "y", "z"], {}),
            ("search", [[]], {"no_such": 1}),
            ("read", [], {"fields": ["name"]}),
        ):
            with self.subTest(method=method, args=args):
                error = self.refusal("res.partner", method, args, kwargs)
                self.assertEqual(error["code"], PARAMS)
                self.assertIn("errors", error["data"])

    def test_unknown_field_is_told(self):
        for method, args in (
            ("read", [[1], ["no_such"]]),
            ("search", [[["no_such", "=", 1]]]),
            ("create", [{"no_such": 1}]),
        ):
            with self.subTest(method=method):
                error = self.refusal("res.partner", method, args)
                self.assertEqual(error["code"], PARAMS)
                self.assertIn("no_such", error["message"])

    def test_batch_serves_different_users(self):
        admin_password = "another-long-password"
        self.admin.password = admin_password
        callers = [
            (self.user.id, PASSWORD),
            (self.admin.id, admin_password),
            (self.user.id, "wrong"),
            (self.user.id, PASSWORD),
        ]
        body = [
            {
                "jsonrpc": "2.0",
                "id": i,
                "method": "call",
                "params": {
                    "service": "object",
                    "method": "execute",
                    "args": [self.db, uid, password, "test_jsonrpc_gateway.note", "create", {"name": f"note {i}"}],
                },
            }
            for i, (uid, password) in enumerate(callers)
        ]
        answers = self.post("/jsonrpc/2/object", body).json()
        self.assertEqual(answers[2]["error"]["code"], UNAUTHENTICATED)
        notes = self.notes.browse([answers[i]["result"] for i in (0, 1, 3)])
        self.assertEqual(
            notes.create_uid.ids and [note.create_uid.id for note in notes], [self.user.id, self.admin.id, self.user.id]
        )

    def test_failed_call_is_undone(self):
        error = self.refusal("test_jsonrpc_gateway.note", "create", [[{"name": "a"}, {"name": "forbidden"}]])
        self.assertEqual(error["code"], VALIDATION)
        self.assertEqual(self.notes.search_count([]), 0)

    def test_file_of_five_megabytes_goes_up_and_down(self):
        content = base64.b64encode(os.urandom(5 * 1024 * 1024)).decode()
        attachment = self.result("ir.attachment", "create", [{"name": "large.bin", "datas": content}])
        read = self.result("ir.attachment", "read", [[attachment], ["datas", "file_size"]])
        self.assertEqual(read[0]["file_size"], 5 * 1024 * 1024)
        self.assertEqual(read[0]["datas"], content)


class TestGatewayKey(ServiceCase):
    def call_with_key(self, key, *args, **options):
        return self.object(*args, uid=False, password="", key=key, **options)

    def test_key_with_full_orm_access_needs_no_password(self):
        key = self.issue_key(self.user, full_orm=True)
        for uid in (False, self.user.id):
            response = self.object("test_jsonrpc_gateway.note", "answer_context", uid=uid, password="", key=key)
            self.assertEqual(response["result"]["uid"], self.user.id)

    def test_key_without_full_orm_access_is_refused(self):
        error = self.check_shape(self.call_with_key(self.issue_key(self.user), "res.users", "read", [[2]]))
        self.assertEqual(error["code"], FORBIDDEN)
        self.assertIn("full ORM", error["message"])

    def test_key_of_another_user_is_refused(self):
        key = self.issue_key(self.user, full_orm=True)
        error = self.check_shape(self.object("res.users", "read", [[2]], uid=self.admin.id, password="", key=key))
        self.assertEqual(error["code"], UNAUTHENTICATED)

    def test_password_beside_a_key_is_refused(self):
        error = self.check_shape(self.object("res.users", "read", [[2]], key=self.issue_key(self.user, full_orm=True)))
        self.assertEqual(error["code"], UNAUTHENTICATED)

    def test_bad_key_is_refused_even_with_a_good_password(self):
        params = {
            "service": "object",
            "method": "execute_kw",
            "args": [self.db, self.user.id, PASSWORD, "res.users", "read", [[2]]],
        }
        response = self.post(
            "/jsonrpc/2/object", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 9}, key="nonsense"
        )
        self.assertEqual(response.status_code, 401)
        self.assertEqual(response.json()["id"], 9)

    def test_read_only_key_reads(self):
        key = self.issue_key(self.user, access="read", full_orm=True)
        read = self.call_with_key(key, "res.users", "read", [[self.user.id], ["login"]])
        self.assertEqual(read["result"][0]["login"], "service")
        found = self.call_with_key(key, "res.partner", "search_read", [[["id", "=", 1]]], {"fields": ["name"]})
        self.assertEqual(len(found["result"]), 1)

    def test_read_only_key_does_not_write(self):
        key = self.issue_key(self.user, access="read", full_orm=True)
        for method, args in (
            ("create", [{"name": "a"}]),
            ("write", [[1], {"name": "a"}]),
            ("unlink", [[1]]),
            ("no_such", []),
        ):
            with self.subTest(method=method):
                error = self.check_shape(self.call_with_key(key, "res.partner", method, args))
                self.assertEqual(error["code"], FORBIDDEN)

    def test_what_reads_is_what_odoo_says(self):
        self.assertTrue(reads_only(self.env, "res.partner", "search_read"))
        for model, method in (
            ("res.partner", "write"),
            ("res.partner", "no_such"),
            ("no.such", "read"),
            ("res.partner", ""),
        ):
            self.assertFalse(reads_only(self.env, model, method))


class TestCompanies(ServiceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own, cls.second, cls.foreign = (
            cls.env.company,
            *cls.env["res.company"].create([{"name": "Second"}, {"name": "Foreign"}]),
        )
        cls.user.company_ids = [(4, cls.second.id)]

    def companies(self, **context):
        result = self.result("test_jsonrpc_gateway.note", "answer_context", [], {"context": context})
        return result["company"], result["companies"]

    def test_no_context_means_the_company_of_the_user(self):
        self.assertEqual(self.companies()[0], self.own.id)

    def test_company_id_switches_the_company(self):
        self.assertEqual(self.companies(company_id=self.second.id), (self.second.id, [self.second.id]))

    def test_allowed_company_ids_switch_the_companies(self):
        ids = [self.second.id, self.own.id]
        self.assertEqual(self.companies(allowed_company_ids=ids), (self.second.id, ids))

    def test_company_id_comes_first(self):
        ids = [self.own.id, self.second.id]
        self.assertEqual(
            self.companies(company_id=self.second.id, allowed_company_ids=ids), (self.second.id, ids[::-1])
        )

    def test_foreign_company_is_refused(self):
        for context in (
            {"company_id": self.foreign.id},
            {"allowed_company_ids": [self.foreign.id]},
            {"allowed_company_ids": [self.own.id, self.foreign.id]},
            {"company_id": 2**40},
            {"company_id": -1},
        ):
            with self.subTest(context=context):
                error = self.refusal("test_jsonrpc_gateway.note", "answer_context", [], {"context": context})
                self.assertEqual((error["code"], error["data"]["name"]), (FORBIDDEN, "odoo.exceptions.AccessError"))

    def test_companies_of_a_wrong_type_are_refused(self):
        for context in (
            {"company_id": "1"},
            {"allowed_company_ids": 1},
            {"allowed_company_ids": ["1"]},
            {"company_id": True},
            {"company_id": [1]},
            "x",
            [1],
        ):
            with self.subTest(context=context):
                error = self.refusal("test_jsonrpc_gateway.note", "answer_context", [], {"context": context})
                self.assertEqual(error["code"], PARAMS)


class TestErrors(ServiceCase):
    def fail(self, kind):
        return self.refusal("test_jsonrpc_gateway.note", "fail", [kind])

    def test_each_exception_of_odoo_has_its_code(self):
        for kind, code, name, text in (
            ("user", USER, "odoo.exceptions.UserError", "The user is told this."),
            ("validation", VALIDATION, "odoo.exceptions.ValidationError", "This is invalid."),
            ("missing", NOT_FOUND, "odoo.exceptions.MissingError", "This is gone."),
            ("value", PARAMS, "builtins.ValueError", "Invalid field 'x'"),
        ):
            with self.subTest(kind=kind):
                error = self.fail(kind)
                self.assertEqual((error["code"], error["message"]), (code, text))
                self.assertEqual((error["data"]["name"], error["data"]["message"]), (name, text))
                self.assertEqual(error["data"]["arguments"], [text])

    def test_redirect_warning_keeps_its_arguments(self):
        error = self.fail("redirect")
        self.assertEqual(error["code"], USER)
        self.assertEqual(error["data"]["arguments"][0::2][:2], ["Go there", "There"])

    def test_context_of_an_exception_is_sent_as_far_as_json_goes(self):
        self.assertEqual(self.fail("context")["data"]["context"], {"user": f"res.users({self.user.id},)"})

    def test_constraint_of_the_database_speaks_in_its_own_words(self):
        key = self.issue_key(full_orm=True)
        self.notes.create({"name": "a"})
        # What the answer needs to know must not be asked of the transaction that has failed.
        for values, message in (
            ({"name": "a"}, "This name is taken."),
            ({"name": False}, "'Name' (name)"),
            ({"name": "b", "number": -1}, "Validation failed"),
            ({"name": "b", "number": 2**31}, "A value is out of range"),
        ):
            with self.subTest(values=values), self.assertLogs("odoo.sql_db", "ERROR"):
                self.env.registry.clear_all_caches()
                args = [self.db, None, "", self.notes._name, "create", [values]]
                error = self.check_shape(self.service("object", "execute_kw", *args, key=key))
                self.assertEqual(error["code"], VALIDATION)
                self.assertIn(message, error["message"])
                self.assertEqual(error["data"]["message"], error["message"])

    def test_missing_record_is_not_found(self):
        error = self.refusal("res.partner", "write", [[2**31 - 1], {"name": "x"}])
        self.assertEqual((error["code"], error["data"]["name"]), (NOT_FOUND, "odoo.exceptions.MissingError"))

    def test_missing_right_is_forbidden(self):
        error = self.refusal("ir.config_parameter", "search_read", [[]])
        self.assertEqual((error["code"], error["data"]["name"]), (FORBIDDEN, "odoo.exceptions.AccessError"))

    def test_surprise_shows_nothing(self):
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR") as logs:
            error = self.fail("surprise")
        self.assertEqual(error["code"], INTERNAL)
        self.assertNotIn("secret-of-the-house", json.dumps(error))
        self.assertEqual(len([line for line in logs.output if "secret-of-the-house" in line]), 1)

    def test_traceback_is_sent_where_an_administrator_allows_it(self):
        for value, allowed in (("True", True), ("1", True), ("False", False), ("", False), ("yes please", False)):
            with self.subTest(value=value):
                self.env["ir.config_parameter"].set_param("jsonrpc_gateway.debug_in_errors", value)
                data = self.object("test_jsonrpc_gateway.note", "fail", ["user"])["error"]["data"]
                self.assertEqual("Traceback" in data.get("debug", ""), allowed)

    def test_traceback_is_never_sent_by_the_curated_api(self):
        self.env["ir.config_parameter"].set_param("jsonrpc_gateway.debug_in_errors", "True")
        with self.assertLogs("odoo.addons.jsonrpc_gateway", "ERROR"):
            error = self.refused("test.surprise", key=self.issue_key())
        self.assertEqual(set(error["data"]), {"type", "request_id"})
