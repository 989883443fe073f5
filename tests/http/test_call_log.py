"""Request log: what a call leaves behind, on the one transaction of a test."""

import ast
import json
import shlex
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import mute_logger

from ...engine.access.settings import LOG_DAYS
from ...engine.dispatch import process
from ...engine.dispatch.journal import writer
from ..common import JsonRpcCase
from ..resource_common import define

PIPELINE = "odoo.addons.jsonrpc_gateway.engine.dispatch.pipeline"


class CallLogCase(JsonRpcCase):
    def setUp(self):
        super().setUp()
        self.writer = process.served(self.env.cr.dbname).writer
        self.writer.discard()
        self.addCleanup(self.writer.discard)
        self.key = self.issue_key()

    def logged(self, **values):
        """The rows of the log, oldest first, with those that are still on their way."""
        self.writer.flush(self.env.cr)
        domain = [(name, "=", value) for name, value in values.items()]
        return self.env["jsonrpc.call"].search(domain, order="called_at, id")

    def shown(self, action):
        """The calls that an action shows, by its facets."""
        domains = [ast.literal_eval(facet["domain"]) for facet in action["context"]["jsonrpc_facets"]]
        return self.env["jsonrpc.call"].search(fields.Domain.AND(domains))

    def object_call(self, *args, **options):
        params = {"service": "object", "method": "execute_kw", "args": list(args)}
        return self.rpc("call", params, path="/jsonrpc/2/object", **options)


class TestCallLog(CallLogCase):
    def test_read_leaves_one_row(self):
        self.call("test.add", {"a": 1, "b": 2}, key=self.key, headers={"X-Request-Id": "read-1"})
        self.env.invalidate_all()
        row = self.logged(request_id="read-1")
        self.assertEqual(len(row), 1)
        stored = self.env["jsonrpc.key"].search([("name", "=", "Test")], limit=1)
        self.assertEqual(
            [row.method, row.outcome, row.credential, row.key_id, row.key_name, row.user_id, row.login],
            ["test.add", "done", "key", stored.id, "Test", self.admin.id, "admin"],
        )
        self.assertEqual(
            [row.company_id, row.company_name, row.address, row.endpoint],
            [self.admin.company_id.id, self.admin.company_id.name, "127.0.0.1", "/jsonrpc/2/api"],
        )
        self.assertEqual(json.loads(row.params), {"a": 1, "b": 2})
        self.assertEqual([row.result, row.error_type, row.response_size, row.batch_position], [False, False, 1, 0])
        self.assertGreater(row.duration, 0)

    def test_params_by_position_are_logged_by_name(self):
        self.call("test.join", [", ", "a", "b"], key=self.key)
        self.assertEqual(json.loads(self.logged().params), {"separator": ", ", "words": ["a", "b"]})

    def test_write_is_logged_in_its_transaction(self):
        self.call("tx.write", {"name": "logged"}, key=self.key)
        # Nothing is on its way: the row is in the transaction already.
        self.assertEqual(self.writer.waiting, 0)
        row = self.env["jsonrpc.call"].search([])
        self.assertEqual([row.method, row.outcome], ["tx.write", "done"])
        self.assertGreaterEqual(row.queries, 1)

    def test_refused_write_is_logged_once(self):
        self.refused("tx.write_then_refuse", {"name": "undone"}, key=self.key)
        row = self.logged()
        self.assertEqual([row.method, row.outcome, row.error_type], ["tx.write_then_refuse", "refused", "user_error"])
        self.assertIn("second thoughts", row.error_message)

    def test_write_that_fails_at_the_flush_leaves_the_trace_of_the_failure_only(self):
        self.refused("tx.write_null", {"name": "null"}, key=self.key)
        self.assertEqual(self.logged().mapped("outcome"), ["refused"])

    def test_unknown_method_keeps_no_params(self):
        self.refused("no.such", {"password": "hunter2-unknown"}, key=self.key)
        row = self.logged()
        self.assertEqual([row.method, row.error_type, row.params], ["no.such", "method_not_found", False])

    def test_invalid_params_are_logged(self):
        self.refused("test.add", {"a": "x"}, key=self.key)
        row = self.logged()
        self.assertEqual([row.error_type, json.loads(row.params)], ["invalid_params", {"a": "x"}])

    def test_stranger_is_logged_without_params(self):
        self.post("/jsonrpc/2/api", {"jsonrpc": "2.0", "method": "test.add", "params": [1, 2], "id": 1})
        row = self.logged()
        found = [row.credential, row.error_type, row.params, row.user_id]
        self.assertEqual(found, ["public", "unauthenticated", False, 0])

    def test_bad_key_is_logged(self):
        self.post("/jsonrpc/2/api", {}, key="jrg_sk_wrong", headers={"X-Request-Id": "bad-key"})
        row = self.logged(request_id="bad-key")
        self.assertEqual([row.method, row.outcome, row.error_type], [False, "refused", "unauthenticated"])

    def test_broken_json_is_logged(self):
        self.post("/jsonrpc/2/api", b"{", key=self.key)
        self.assertEqual(self.logged().mapped("error_type"), ["parse_error"])

    def test_what_is_no_request_is_logged(self):
        self.post("/jsonrpc/2/api", {"jsonrpc": "1.0"}, key=self.key)
        row = self.logged()
        self.assertEqual([row.error_type, row.key_name], ["invalid_request", "Test"])

    def test_flood_of_refusals_is_cut_and_counted(self):
        for _count in range(60):
            self.post("/jsonrpc/2/api", b"{", key=self.key)
        rows = self.logged()
        lost = sum(self.env["jsonrpc.call.loss"].search([]).mapped("count"))
        self.assertEqual(len(rows) + lost, 60)

    def test_notification_is_logged(self):
        self.post("/jsonrpc/2/api", {"jsonrpc": "2.0", "method": "test.greet"}, key=self.key)
        self.assertEqual(self.logged().mapped("method"), ["test.greet"])

    def test_batch_has_positions(self):
        calls = [
            {"jsonrpc": "2.0", "method": "test.greet", "id": 1},
            1,
            {"jsonrpc": "2.0", "method": "tx.write", "params": {"name": "in batch"}, "id": 2},
        ]
        self.post("/jsonrpc/2/api", calls, key=self.key)
        found = {row.batch_position: (row.method, row.error_type) for row in self.logged()}
        self.assertEqual(found, {1: ("test.greet", False), 2: (False, "invalid_request"), 3: ("tx.write", False)})

    def test_batch_without_any_call_is_logged(self):
        self.post("/jsonrpc/2/api", [1, {}], key=self.key)
        self.assertEqual(self.logged().mapped("batch_position"), [1, 2])

    def test_batch_that_is_too_large_is_one_row(self):
        self.post("/jsonrpc/2/api", [1] * 101, key=self.key)
        self.assertEqual(self.logged().mapped("error_type"), ["too_large"])

    def test_refused_call_of_a_batch_leaves_the_others_their_rows(self):
        calls = [
            {"jsonrpc": "2.0", "method": "tx.write", "params": {"name": "atomic"}, "id": 1},
            {"jsonrpc": "2.0", "method": "tx.write_then_refuse", "params": {"name": "atomic 2"}, "id": 2},
        ]
        self.post("/jsonrpc/2/api", calls, key=self.key)
        rows = self.logged()
        self.assertEqual(rows.mapped("outcome"), ["done", "refused"])

    def test_object_call_is_named_by_model_and_method(self):
        key = self.issue_key(full_orm=True)
        self.object_call(self.env.cr.dbname, 2, "", "res.partner", "search_count", [[]], key=key)
        row = self.logged()
        self.assertEqual(row.method, "res.partner/search_count")
        self.assertEqual(json.loads(row.params)["args"], [[]])

    def test_password_proves_the_user_in_the_log(self):
        self.object_call(self.env.cr.dbname, self.admin.id, "admin", "res.partner", "search_count", [[]])
        row = self.logged()
        self.assertEqual([row.credential, row.login], ["password", "admin"])
        self.assertEqual(json.loads(row.params)["password"], "[redacted]")

    def test_fault_is_collected_once_with_its_traceback(self):
        for request_id in ("fault-1", "fault-2"):
            with mute_logger(PIPELINE):
                self.refused("test.surprise", key=self.key, headers={"X-Request-Id": request_id})
        rows = self.logged()
        error = self.env["jsonrpc.error"].search([])
        self.assertEqual(rows.mapped("outcome"), ["failed", "failed"])
        self.assertEqual(set(rows.mapped("error_digest")), {error.digest})
        self.assertEqual([error.count, error.exception, error.request_id], [2, "RuntimeError", "fault-2"])
        self.assertIn("jsonrpc_api_test:surprise:", error.place)
        self.assertIn("Traceback", error.traceback)
        self.assertNotIn("Traceback", rows[0].error_message)

    def test_refusal_is_not_collected(self):
        self.refused("test.full", key=self.key)
        self.logged()
        self.assertFalse(self.env["jsonrpc.error"].search([]))


class TestLevels(CallLogCase):
    def _with_level(self, level):
        self.env["jsonrpc.key"].search([("name", "=", "Test")], limit=1).log_level = level
        self.env.flush_all()
        self.call("test.add", {"a": 1, "b": 2}, key=self.key)
        return self.logged()

    def test_none_keeps_nothing(self):
        self.assertFalse(self._with_level("none"))

    def test_metadata_keeps_no_params(self):
        row = self._with_level("metadata")
        self.assertEqual([row.method, row.params], ["test.add", False])

    def test_metadata_keeps_no_secret_of_the_params_in_the_words_of_an_error(self):
        self.env["jsonrpc.key"].search([("name", "=", "Test")], limit=1).log_level = "metadata"
        self.env.flush_all()
        self.refused("test.refuse_secret", {"password": "hunter2-metadata"}, key=self.key)
        self.assertEqual(self.logged().error_message, "[redacted] is wrong")

    def test_result_is_kept(self):
        self.assertEqual(self._with_level("result").result, "3")

    def test_setting_is_the_default(self):
        self.env["ir.config_parameter"].set_param("jsonrpc_gateway.log_level", "metadata")
        self.assertFalse(self._with_level(False).params)

    def test_nonsense_in_the_setting_is_the_default(self):
        self.env["ir.config_parameter"].set_param("jsonrpc_gateway.log_level", "everything")
        self.assertTrue(self._with_level(False).params)

    def test_own_key_cannot_be_hidden(self):
        group = self.env.ref("jsonrpc_gateway.jsonrpc_gateway_group_user")
        user = self.env["res.users"].create({"name": "U", "login": "u", "group_ids": [(4, group.id)]})
        key, _token = self.env["jsonrpc.key"]._issue(name="Own", user=user)
        with self.assertRaises(AccessError):
            key.with_user(user).write({"log_level": "none"})


class TestResource(CallLogCase):
    def setUp(self):
        super().setUp()
        lines = {"name": {"filterable": True}, "ref": {"filterable": True, "sensitive": True}}
        self.resource = define(self.env, "logged_partner", "res.partner", lines, log_level="params")
        self.env["jsonrpc.key"].search([("name", "=", "Test")], limit=1).log_level = "result"
        self.env.flush_all()

    def test_sensitive_field_is_hidden(self):
        self.call("logged_partner.search", {"domain": [["ref", "=", "diagnosis-7"]]}, key=self.key)
        row = self.logged()
        self.assertEqual(json.loads(row.params)["domain"], [["ref", "=", "[redacted]"]])

    def test_level_of_the_resource_limits_that_of_the_key(self):
        self.call("logged_partner.count", {}, key=self.key)
        self.assertEqual([bool(row.params) for row in self.logged()], [True])
        self.assertFalse(self.logged().result)

    def test_resource_can_be_left_out(self):
        self.resource.log_level = "none"
        self.call("logged_partner.count", {}, key=self.key)
        self.assertFalse(self.logged())

    def test_button_leads_to_its_calls_only(self):
        self.call("logged_partner.count", {}, key=self.key)
        self.call("test.greet", key=self.key)
        self.logged()
        found = self.shown(self.resource.action_open_calls())
        self.assertEqual(found.mapped("method"), ["logged_partner.count"])


class TestRetention(CallLogCase):
    def setUp(self):
        super().setUp()
        self.calls = self.env["jsonrpc.call"]
        for age in (40, 20, 1):
            moment = fields.Datetime.now() - timedelta(days=age)
            row = dict.fromkeys(writer.COLUMNS) | {"called_at": moment, "method": f"aged.{age}"}
            self.writer.put([row])
        self.logged()

    def vacuumed(self):
        self.calls._vacuum(self.calls._retained_since(), 100)
        self.env.invalidate_all()
        return self.calls.search([], order="called_at").mapped("method")

    def test_old_calls_go(self):
        self.assertEqual(self.vacuumed(), ["aged.20", "aged.1"])

    def test_age_is_a_setting(self):
        self.env["ir.config_parameter"].set_param("jsonrpc_gateway.log_days", "10")
        self.assertEqual(self.vacuumed(), ["aged.1"])

    def test_more_than_the_number_go(self):
        self.env["ir.config_parameter"].set_param("jsonrpc_gateway.log_rows", "1")
        self.assertEqual(self.vacuumed(), ["aged.1"])

    def test_portion_is_bounded(self):
        self.assertEqual(self.calls._vacuum(fields.Datetime.now(), 2), 2)
        self.assertEqual(len(self.calls.search([])), 1)

    def test_settings_are_stored_and_checked(self):
        settings = self.env["res.config.settings"]
        settings.create({"jsonrpc_log_days": 7, "jsonrpc_log_level": "metadata"}).set_values()
        self.assertEqual(self.calls._number(LOG_DAYS), 7)
        self.assertEqual(self.calls._level(None), "metadata")
        with self.assertRaises(ValidationError):
            settings.create({"jsonrpc_log_rows": 0}).set_values()


class TestDashboard(CallLogCase):
    def figures(self, user=None, period="hour"):
        return self.env["jsonrpc.call"].with_user(user or self.admin).get_dashboard(period)

    def test_figures_add_up(self):
        for _count in range(3):
            self.call("test.greet", key=self.key)
        self.refused("test.full", key=self.key)
        self.writer.lose(5)
        self.logged()
        for period, bars in (("hour", 60), ("day", 48), ("week", 56)):
            with self.subTest(period=period):
                found = self.figures(period=period)
                self.assertEqual([found["calls"], found["refused"], found["failed"], found["lost"]], [4, 1, 0, 5])
                self.assertEqual(len(found["series"]), bars)
                self.assertEqual(sum(bar["done"] for bar in found["series"]), 3)
                self.assertEqual(found["methods"][0]["method"], "test.greet")
                self.assertEqual([line["error_type"] for line in found["errors"]], ["full"])
                self.assertGreaterEqual(found["p95"], found["p50"])

    def test_no_call_is_no_error(self):
        found = self.figures()
        self.assertEqual([found["calls"], found["p50"], found["methods"], found["errors"]], [0, None, [], []])

    def test_percentiles_are_right_within_their_steps(self):
        for duration in range(1, 101):
            row = dict.fromkeys(writer.COLUMNS)
            self.writer.put([row | {"called_at": writer.utcnow(), "outcome": "done", "duration": duration}])
        self.logged()
        found = self.figures()
        self.assertAlmostEqual(found["p50"], 50, delta=50 * 0.05)
        self.assertAlmostEqual(found["p95"], 95, delta=95 * 0.05)

    def test_user_sees_their_own_figures(self):
        group = self.env.ref("jsonrpc_gateway.jsonrpc_gateway_group_user")
        user = self.env["res.users"].create({"name": "U", "login": "u", "group_ids": [(4, group.id)]})
        self.call("test.greet", key=self.key)
        self.writer.lose(5)
        self.logged()
        self.assertEqual([self.figures(user)["calls"], self.figures(user)["lost"]], [0, 0])

    def test_stranger_and_nonsense_are_refused(self):
        with self.assertRaises(AccessError):
            self.figures(self.env["res.users"].create({"name": "E", "login": "e"}))
        with self.assertRaises(ValidationError):
            self.figures(period="year")

    def test_faults_of_ours_come_first(self):
        for number in range(3):
            self.refused("test.add", {"a": f"x{number}"}, key=self.key)
        with mute_logger(PIPELINE):
            self.refused("test.surprise", key=self.key)
        self.logged()
        self.assertEqual([line["outcome"] for line in self.figures()["errors"]], ["failed", "refused"])

    def test_figure_of_slow_calls_leads_to_some(self):
        self.call("test.greet", key=self.key)
        self.logged()
        self.assertTrue(self.env["jsonrpc.call"].search([("duration", ">=", self.figures()["p95"])]))

    def test_first_steps_are_ticked_off(self):
        steps = self.env["jsonrpc.call"].with_user(self.admin).get_first_steps
        self.assertFalse(steps()["called"])
        self.assertTrue(steps()["has_key"])
        self.call("test.greet", key=self.key)
        self.logged()
        self.assertTrue(steps()["called"])
        self.assertIn("YOUR_API_KEY", steps()["curl"])

    def test_expiring_key_is_shown(self):
        soon = fields.Datetime.now() + timedelta(days=3)
        self.env["jsonrpc.key"]._issue(name="Soon", user=self.admin, expires_at=soon)
        self.assertEqual([key["name"] for key in self.figures()["keys"]], ["Soon"])


class TestForm(CallLogCase):
    def test_curl_makes_the_same_call_without_the_secret(self):
        self.call("test.greet", {"name": "O'Brien"}, key=self.key)
        curl = self.logged().curl
        self.assertNotIn(self.key, curl)
        words = shlex.split(curl)
        self.assertEqual(words[1], self.base_url() + "/jsonrpc/2/api")
        self.assertIn("Authorization: Bearer YOUR_API_KEY", words)
        self.assertEqual(self.post("/jsonrpc/2/api", words[-1], key=self.key).json()["result"], "Hello O'Brien!")

    def test_curl_of_an_object_call_has_its_envelope(self):
        key = self.issue_key(full_orm=True)
        self.object_call(self.env.cr.dbname, self.admin.id, "", "res.partner", "search_count", [[]], key=key)
        body = shlex.split(self.logged().curl)[-1]
        self.assertEqual(self.post("/jsonrpc/2/object", body, key=key).status_code, 200)
        self.assertEqual(json.loads(body)["params"]["method"], "execute_kw")

    def test_curl_of_an_object_call_answers_as_the_call_did(self):
        key = self.issue_key(full_orm=True)
        who = [self.env.cr.dbname, self.admin.id, "", "res.partner"]
        ids = self.env["res.partner"].search([], limit=2).ids
        calls = [
            ("execute", ["default_get", ["name"]]),
            ("execute", ["read", ids, ["name"]]),
            ("execute", ["get_metadata", ids]),
            ("execute", ["get_metadata", ids[0]]),
            ("execute", ["has_access", [], "read"]),
            ("execute", ["fields_get"]),
            ("execute_kw", ["read", [ids]]),
            ("execute_kw", ["read", [ids], {"fields": ["name"]}]),
            ("execute_kw", ["fields_get", []]),
        ]
        for method, args in calls:
            with self.subTest(method=method, args=args):
                params = {"service": "object", "method": method, "args": who + args}
                answer = self.rpc("call", params, key=key, path="/jsonrpc/2/object")
                again = self.post("/jsonrpc/2/object", shlex.split(self.logged()[-1].curl)[-1], key=key).json()
                self.assertEqual(again["result"], answer["result"])

    def test_params_that_take_what_is_left_are_a_list(self):
        for words in (["a"], ["a", "b"], [["a"]]):
            self.rpc("test.join", ["-", *words], key=self.key)
            self.assertEqual(json.loads(self.logged()[-1].params)["words"], words)

    def test_buttons_lead_to_key_request_and_error(self):
        with mute_logger(PIPELINE):
            self.refused("test.surprise", key=self.key)
        row = self.logged()
        self.assertEqual(self.env["jsonrpc.key"].browse(row.action_open_key()["res_id"]).name, "Test")
        error = self.env["jsonrpc.error"].browse(row.action_open_error()["res_id"])
        self.assertEqual(self.shown(error.action_open_calls()), row)

    def test_key_that_is_gone_leaves_its_name(self):
        self.call("test.greet", key=self.key)
        row = self.logged()
        self.env["jsonrpc.key"].search([("name", "=", "Test")]).unlink()
        self.env.invalidate_all()
        self.assertEqual([row.key_name, row.login], ["Test", "admin"])


class TestRights(CallLogCase):
    def setUp(self):
        super().setUp()
        group = self.env.ref("jsonrpc_gateway.jsonrpc_gateway_group_user")
        self.user = self.env["res.users"].create({"name": "U", "login": "u", "group_ids": [(4, group.id)]})
        self.call("test.greet", key=self.key)
        self.call("test.greet", key=self.issue_key(self.user))
        self.rows = self.logged()

    def test_user_sees_calls_made_as_themselves(self):
        self.assertEqual(self.rows.with_user(self.user).search([]).mapped("login"), ["u"])

    def test_manager_sees_all(self):
        self.assertEqual(set(self.rows.with_user(self.admin).search([]).mapped("login")), {"u", "admin"})

    def test_nobody_changes_a_row(self):
        for user in (self.user, self.admin):
            rows = self.rows.with_user(user).search([("login", "=", "u")])
            with self.assertRaises(AccessError):
                rows.write({"method": "x"})
            with self.assertRaises(AccessError):
                rows.unlink()
            with self.assertRaises(AccessError):
                rows.create({"called_at": "2026-01-01 00:00:00"})

    def test_employee_sees_nothing(self):
        employee = self.env["res.users"].create({"name": "E", "login": "e"})
        with self.assertRaises(AccessError):
            self.rows.with_user(employee).search([]).mapped("login")

    def test_user_sees_no_traceback(self):
        with self.assertRaises(AccessError):
            self.env["jsonrpc.error"].with_user(self.user).search([])
