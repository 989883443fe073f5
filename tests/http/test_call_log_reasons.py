"""Request log: why a call was refused, what came with it, and how it is made again."""

import json
import shlex

from ..common import JSON
from .test_call_log import CallLogCase
from .test_call_log_batch import add, write

ATOMIC = {**JSON, "JSON-RPC-Batch": "atomic"}
SECRET = "hunter2-in-a-wrong-place"


class TestReasons(CallLogCase):
    def test_refusal_keeps_path_and_message(self):
        self.refused("test.add", {"a": "x", "b": "y", "c": 1}, key=self.key)
        row = self.logged()
        kept = json.loads(row.error_data)
        self.assertEqual([item["path"] for item in kept["errors"]], ["a", "b", "c"])
        self.assertTrue(row.error_detail.startswith("a: "), row.error_detail)
        for item in kept["errors"]:
            self.assertIn(f">{item['path']}</td>", row.error_rows)
        self.assertEqual(json.loads(row.result_pretty)["errors"], kept["errors"])

    def test_metadata_keeps_where_and_why_without_values(self):
        key = self.issue_key(log_level="metadata")
        self.refused("test.add", {"a": "x"}, key=key)
        row = self.logged()
        self.assertFalse(row.params)
        self.assertEqual(set(json.loads(row.error_data)), {"errors"})
        self.assertTrue(all(set(item) <= {"path", "type", "message"} for item in json.loads(row.error_data)["errors"]))
        self.assertTrue(row.error_detail.startswith("a: "))

    def test_nothing_is_kept_of_strangers(self):
        self.post("/jsonrpc/2/api", {"jsonrpc": "2.0", "method": "test.add", "params": {"a": "x"}, "id": 1})
        self.assertFalse(self.logged().error_data)

    def test_secrets_are_redacted_in_the_reason(self):
        self.refused("test.login", {"password": SECRET, "other": SECRET}, key=self.key)
        self.refused("test.add", {"a": {"password": SECRET}}, key=self.key)
        for row in self.logged():
            self.assertNotIn(SECRET, row.error_data or "")
            self.assertNotIn(SECRET, row.error_rows or "")

    def test_markup_in_a_path_stays_text(self):
        self.refused("test.add", {"a": 1, "b": 1, "<img src=x>": 1}, key=self.key)
        rows = self.logged().error_rows
        self.assertNotIn("<img", rows)
        self.assertIn("&lt;img", rows)

    def test_long_reasons_are_cut(self):
        names = {f"unknown_{number}_{'n' * 100}": 1 for number in range(2000)}
        self.refused("test.add", {"a": 1, "b": 2, **names}, key=self.key)
        self.assertLess(len(self.logged().error_data), 20_000)

    def test_rolled_back_call_names_the_one_that_failed(self):
        calls = [write("one", 1), write("two", 2), add("x", id_=3), write("four", 4)]
        self.post("/jsonrpc/2/api", calls, key=self.key, headers=ATOMIC)
        rows = self.logged().sorted("batch_position")
        self.assertEqual(rows.mapped("batch_position"), [1, 2, 3, 4])
        self.assertEqual(rows.mapped("error_type"), ["rolled_back", "rolled_back", "invalid_params", "rolled_back"])
        for row in rows[0] | rows[1] | rows[3]:
            self.assertEqual(row.error_detail, "Call 3 of the batch failed")

    def test_item_that_is_no_call_is_named_too(self):
        self.post("/jsonrpc/2/api", [write("one", 1), 5], key=self.key, headers=ATOMIC)
        row = self.logged(method="tx.write")
        self.assertEqual(row.error_detail, "Call 2 of the batch failed")

    def test_siblings_stand_in_order(self):
        calls = [add(1, id_=1), add("x", id_=2), add(3, id_=3)]
        self.post("/jsonrpc/2/api", calls, key=self.key)
        rows = self.logged()
        for row in rows:
            self.assertEqual(row.sibling_ids.mapped("batch_position"), [1, 2, 3])
            self.assertEqual(row.batch_size, 3)
        self.call("test.add", {"a": 1, "b": 2}, key=self.key)
        self.assertFalse((self.logged() - rows).sibling_ids)


class TestSurroundings(CallLogCase):
    def test_client_and_door_are_kept(self):
        self.call("test.greet", key=self.key, headers={"User-Agent": "shop/2.1 (nightly)"})
        row = self.logged()
        self.assertEqual([row.user_agent, row.door], ["shop/2.1 (nightly)", "jsonrpc2"])

    def test_client_is_cut_and_redacted(self):
        agent = f"shop password={SECRET} " + "x" * 1000
        self.call("test.greet", key=self.key, headers={"User-Agent": agent})
        kept = self.logged().user_agent
        self.assertNotIn(SECRET, kept)
        self.assertLessEqual(len(kept), 128)

    def test_refusal_before_any_call_keeps_them_too(self):
        self.post("/jsonrpc/2/api", {}, key="jrg_sk_wrong", headers={"User-Agent": "shop/2.1"})
        row = self.logged()
        self.assertEqual([row.user_agent, row.door], ["shop/2.1", "jsonrpc2"])

    def test_limit_that_is_nearest_to_its_end_is_kept(self):
        self.env["jsonrpc.limit"].search([]).active = False
        self.env["jsonrpc.limit"].create(
            [
                {"name": "wide", "subject": "key", "quota": 1000, "burst": 1000, "window": "minute"},
                {"name": "narrow", "subject": "key", "quota": 5, "burst": 5, "window": "minute"},
            ]
        )
        self.call("test.greet", key=self.key)
        row = self.logged()
        self.assertEqual([row.limit_name, row.limit_left], ["narrow", 4])

    def test_idempotency_key_is_kept_as_a_digest_only(self):
        headers = {"Idempotency-Key": "order-4711-created"}
        self.call("tx.write", {"name": "once"}, key=self.key, headers=headers)
        self.call("tx.write", {"name": "once"}, key=self.key, headers=headers)
        rows = self.logged()
        self.assertEqual(len(set(rows.mapped("idempotency_digest"))), 1)
        self.assertEqual(sorted(rows.mapped("replayed")), [False, True])
        self.assertNotIn("order-4711", str(rows.read()))
        self.assertEqual(self.shown(rows[0].action_open_same_key()), rows)

    def test_id_of_a_request_is_found_whatever_is_filtered(self):
        self.call("test.greet", key=self.key, headers={"X-Request-Id": "lost-1"})
        row = self.logged()
        calls = self.env["jsonrpc.call"]
        hidden = [("request_id", "=", "lost-1"), ("outcome", "=", "failed")]
        self.assertFalse(calls.search(hidden))
        self.assertEqual(calls.with_context(jsonrpc_request_id=["lost-1"]).search(hidden), row)

    def test_id_of_a_request_opens_nothing_to_others(self):
        self.call("test.greet", key=self.key, headers={"X-Request-Id": "not-yours"})
        self.logged()
        group = self.env.ref("jsonrpc_gateway.jsonrpc_gateway_group_user")
        user = self.env["res.users"].create({"name": "U", "login": "reader", "group_ids": [(4, group.id)]})
        calls = self.env["jsonrpc.call"].with_user(user).with_context(jsonrpc_request_id="not-yours")
        self.assertFalse(calls.search([]))


class TestAgain(CallLogCase):
    def words(self, curl):
        """Headers and body of a command."""
        words = shlex.split(curl)
        headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
        return headers, json.loads(words[words.index("-d") + 1])

    def test_batch_is_made_again_as_a_whole_with_its_header(self):
        calls = [write("one", 1), add("x", id_=2)]
        self.post("/jsonrpc/2/api", calls, key=self.key, headers=ATOMIC)
        for row in self.logged():
            headers, body = self.words(row.curl)
            self.assertEqual(headers["JSON-RPC-Batch"], "atomic")
            self.assertEqual([item["method"] for item in body], ["tx.write", "test.add"])
            self.assertEqual([item["params"] for item in body], [{"name": "one"}, {"a": "x", "b": 1}])
        again = {**JSON, **headers, "Authorization": f"Bearer {self.key}"}
        answers = self.post("/jsonrpc/2/api", body, headers=again)
        self.assertEqual([item["error"]["data"]["type"] for item in answers.json()], ["rolled_back", "invalid_params"])

    def test_dry_run_changes_nothing(self):
        self.call("tx.write", {"name": "dry"}, key=self.key, headers={"Idempotency-Key": "dry-1"})
        _headers, body = self.words(self.logged().curl_dry_run)
        self.assertIs(body["validate_only"], True)
        self.assertNotIn("idempotency_key", body)
        body["params"]["name"] = "dry 2"
        self.post("/jsonrpc/2/api", body, key=self.key)
        self.assertEqual(self.logged()[-1].outcome, "dry_run")

    def test_idempotency_key_has_its_place_and_is_said_to_be_missing(self):
        self.call("tx.write", {"name": "keyed"}, key=self.key, headers={"Idempotency-Key": "keyed-1"})
        row = self.logged()
        self.assertEqual(self.words(row.curl)[1]["idempotency_key"], "YOUR_IDEMPOTENCY_KEY")
        self.assertIn("YOUR_IDEMPOTENCY_KEY", row.curl_gaps)

    def test_dry_run_and_notification_are_made_again_as_such(self):
        self.post("/jsonrpc/2/api", write("tried") | {"validate_only": True}, key=self.key)
        self.assertIs(self.words(self.logged()[-1].curl)[1]["validate_only"], True)
        self.post("/jsonrpc/2/api", {"jsonrpc": "2.0", "method": "test.greet"}, key=self.key)
        self.assertNotIn("id", self.words(self.logged()[-1].curl)[1])

    def test_what_is_not_kept_is_said(self):
        self.call("test.greet", key=self.issue_key(log_level="metadata"))
        self.assertIn("not kept", self.logged()[-1].curl_gaps)
        self.call("test.greet", {"name": "x" * 5000}, key=self.key)
        self.assertIn("Fill in", self.logged()[-1].curl_gaps)

    def test_calls_of_a_batch_that_are_not_in_the_log_are_said(self):
        self.post("/jsonrpc/2/api", [add(1), 5, add(2)], key=self.key)
        self.assertIn("Calls 2 of the batch", self.logged(batch_position=1).curl_gaps)
