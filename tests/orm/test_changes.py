"""The operation ``changes``: a copy is in step with what its caller sees, whoever writes and however."""

import base64
import contextlib
import threading
import time

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError

from ...engine.events import waiting
from ..feed_common import FeedCase, Mirror


class TestChanges(FeedCase):
    def setUp(self):
        super().setUp()
        self.mirror = Mirror(self, filter=[["ref", "=like", "t-%"]], fields=["name", "ref", "color"], limit=3)

    def tearDown(self):
        with self.transaction() as env:
            env["res.partner"].with_context(active_test=False).search([("ref", "=like", "t-%")]).unlink()
        super().tearDown()

    def create(self, *names, **values):
        """Create partners of this test; their ids."""
        with self.transaction() as env:
            values_list = [{"name": name, "ref": f"t-{name}", **values} for name in names]
            return env["res.partner"].create(values_list).ids

    def write(self, ids, **values):
        with self.transaction() as env:
            env["res.partner"].browse(ids).write(values)

    def names(self):
        return sorted(record["name"] for record in self.mirror.records.values())

    def test_first_pages_are_the_records_and_the_next_ones_what_changes(self):
        ids = self.create(*"ABCDE")
        self.assertGreaterEqual(self.mirror.catch_up(), 3)
        self.assertEqual(self.names(), [*"ABCDE"])
        self.write(ids[0], name="Z", color=5)
        with self.transaction() as env:
            env["res.partner"].browse(ids[1]).unlink()
        ids += self.create("F")
        self.mirror.catch_up()
        self.assertEqual(self.names(), [*"CDEFZ"])
        self.assertEqual(self.mirror.records[ids[0]], {"id": ids[0], "name": "Z", "ref": "t-A", "color": 5})
        self.assertEqual(self.mirror.removed, [(ids[1], "deleted")])

    def test_what_changes_between_the_first_pages_comes_after_them(self):
        ids = self.create(*"ABCDE")
        self.assertTrue(self.mirror.step())
        self.write(ids[0], name="behind")
        self.write(ids[4], name="before")
        with self.transaction() as env:
            env["res.partner"].browse(ids[1]).unlink()
        self.mirror.catch_up()
        self.assertEqual(self.names(), ["C", "D", "before", "behind"])

    def test_nothing_new_is_an_empty_page(self):
        self.create("A")
        self.mirror.catch_up()
        answer = self.call(filter=[["ref", "=like", "t-%"]], fields=["name", "ref", "color"], cursor=self.mirror.cursor)
        self.assertEqual((answer["changed"], answer["removed"], answer["more"]), ([], [], False))

    def test_now_begins_with_what_changes(self):
        self.create("A")
        answer = self.call(cursor="now", fields=["name"])
        self.assertEqual((answer["changed"], answer["removed"], answer["more"]), ([], [], False))
        (new,) = self.create("B")
        answer = self.call(cursor=answer["cursor"], fields=["name"])
        self.assertEqual(answer["changed"], [{"id": new, "name": "B"}])

    def test_slow_transaction_is_not_missed_and_does_not_hold_up_others(self):
        self.mirror.catch_up()
        with self.registry.cursor() as slow:
            env = api.Environment(slow, SUPERUSER_ID, {})
            env["res.partner"].create({"name": "slow", "ref": "t-slow"})
            env.flush_all()
            self.create("fast")
            self.mirror.catch_up()
            self.assertEqual(self.names(), ["fast"])
            self.create("faster")
            self.mirror.catch_up()
            slow.commit()
        self.mirror.catch_up()
        self.assertEqual(self.names(), ["fast", "faster", "slow"])

    def test_what_is_rolled_back_is_never_told(self):
        self.mirror.catch_up()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.partner"].create({"name": "kept", "ref": "t-kept"})
            with contextlib.suppress(ZeroDivisionError), cr.savepoint():
                env["res.partner"].create({"name": "undone", "ref": "t-undone"})
                env.flush_all()
                raise ZeroDivisionError
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.partner"].create({"name": "gone", "ref": "t-gone"})
            env.flush_all()
            cr.rollback()
        self.mirror.catch_up()
        self.assertEqual(self.names(), ["kept"])

    def test_record_that_leaves_the_filter_is_removed_and_comes_back(self):
        (id_,) = self.create("A")
        self.mirror.catch_up()
        self.write(id_, ref="other")
        self.mirror.catch_up()
        self.assertEqual((self.names(), self.mirror.removed), ([], [(id_, "left")]))
        self.write(id_, ref="t-back")
        self.mirror.catch_up()
        self.assertEqual(self.names(), ["A"])

    def test_archived_record_leaves_unless_the_filter_names_it(self):
        (id_,) = self.create("A")
        every = Mirror(self, filter=[["ref", "=like", "t-%"], ["active", "in", [True, False]]], fields=["active"])
        self.mirror.catch_up()
        every.catch_up()
        self.write(id_, active=False)
        self.mirror.catch_up()
        every.catch_up()
        self.assertEqual(self.mirror.removed, [(id_, "left")])
        self.assertEqual((every.records, every.removed), ({id_: {"id": id_, "active": False}}, []))

    def test_record_that_was_never_visible_is_not_named(self):
        with self.transaction() as env:
            hidden = env["res.partner"].create({"name": "hidden", "ref": "x"})
        self.mirror.catch_up()
        self.write(hidden.id, name="still hidden")
        with self.transaction() as env:
            passing = env["res.partner"].create({"name": "passing", "ref": "y"})
        for id_ in (hidden.id, passing.id):
            with self.transaction() as env:
                env["res.partner"].browse(id_).unlink()
        answer = self.call(cursor=self.mirror.cursor, **self.mirror._params)
        self.assertEqual((answer["changed"], answer["removed"]), ([], []))

    def test_record_that_a_rule_hides_is_not_named_and_one_that_becomes_hidden_is(self):
        with self.transaction() as env:
            rule = env["ir.rule"].create(
                {
                    "name": "No clerks",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "domain_force": "[('function', '!=', 'Clerk')]",
                }
            )
        try:
            hidden, seen = self.create("hidden", function="Clerk") + self.create("seen")
            self.mirror.catch_up()
            self.assertEqual(self.names(), ["seen"])
            self.write(hidden, name="moved")
            self.write(seen, function="Clerk")
            self.write(seen, name="deeper")
            self.mirror.catch_up()
            self.assertEqual((self.names(), self.mirror.removed), ([], [(seen, "left")]))
            # Its deletion happens where this caller sees nothing.
            with self.transaction() as env:
                env["res.partner"].browse([hidden, seen]).unlink()
            self.mirror.catch_up()
            self.assertEqual(self.mirror.removed, [(seen, "left")])
        finally:
            with self.transaction() as env:
                rule.with_env(env).unlink()

    def test_rule_that_changes_makes_the_reader_start_over(self):
        self.create("A")
        self.mirror.catch_up()
        with self.transaction() as env:
            rule = env["ir.rule"].create(
                {
                    "name": "No clerks",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "domain_force": "[('function', '!=', 'Clerk')]",
                }
            )
        error = self.refused(cursor=self.mirror.cursor, **self.mirror._params)
        self.assertEqual((error.type, error.data["reason"]), ("cursor_expired", "rights_changed"))
        with self.transaction() as env:
            rule.with_env(env).unlink()

    def test_rule_that_looks_at_other_records_is_refused(self):
        with self.transaction() as env:
            rule = env["ir.rule"].create(
                {
                    "name": "By country",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "domain_force": "[('country_id.code', '!=', 'XX')]",
                }
            )
        error = self.refused()
        self.assertEqual((error.type, error.data["reason"]), ("forbidden", "rights_not_followed"))
        with self.transaction() as env:
            rule.with_env(env).unlink()

    def test_resource_that_changes_makes_the_reader_start_over(self):
        self.mirror.catch_up()
        with self.transaction() as env:
            resource = env["jsonrpc.resource"].search([("name", "=", "contact")])
            resource.domain = "[('name', '!=', 'nobody')]"
        error = self.refused(cursor=self.mirror.cursor, **self.mirror._params)
        self.assertEqual((error.type, error.data["reason"]), ("cursor_expired", "schema_changed"))
        with self.transaction() as env:
            resource.with_env(env).domain = "[]"

    def test_gap_makes_the_reader_start_over(self):
        self.mirror.catch_up()
        for tracked in (False, True):
            with self.transaction() as env:
                resource = env["jsonrpc.resource"].search([("name", "=", "contact")])
                resource.write({"can_changes": tracked, "track_changes": tracked})
        error = self.refused(cursor=self.mirror.cursor, **self.mirror._params)
        self.assertEqual((error.type, error.data["reason"]), ("cursor_expired", "schema_changed"))

    def test_cursor_of_another_feed_or_forged_is_refused(self):
        self.mirror.catch_up()
        raw = base64.urlsafe_b64decode(self.mirror.cursor + "==")
        forged = base64.urlsafe_b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode().rstrip("=")
        for params in (
            {**self.mirror._params, "cursor": forged},
            {**self.mirror._params, "cursor": "x"},
            {**self.mirror._params, "cursor": self.mirror.cursor, "fields": ["name"]},
            {**self.mirror._params, "cursor": self.mirror.cursor, "filter": []},
        ):
            error = self.refused(**params)
            self.assertEqual(error.type, "invalid_params")
            self.assertEqual(error.data["errors"][0]["type"], "invalid_cursor")

    def test_filter_by_what_is_not_kept_is_refused(self):
        for condition in (
            ["comment", "ilike", "x"],
            ["tags", "in", [1]],
            ["vat", "=", "BE1"],
            "|",
        ):
            sent = [condition] if isinstance(condition, list) else ["|", ["name", "=", "a"], ["tags", "=", None]]
            error = self.refused(filter=sent)
            self.assertEqual(error.data["errors"][0]["type"], "not_followed", condition)

    def test_filter_by_country_is_followed(self):
        with self.transaction() as env:
            belgium, france = env.ref("base.be").id, env.ref("base.fr").id
        (id_,) = self.create("A", country_id=belgium)
        mirror = Mirror(self, filter=[["country", "=", belgium], ["ref", "=like", "t-%"]], fields=["name"])
        mirror.catch_up()
        self.assertEqual(list(mirror.records), [id_])
        self.write(id_, country_id=france)
        mirror.catch_up()
        self.assertEqual(mirror.removed, [(id_, "left")])

    def test_many2many_and_raw_sql_are_told(self):
        (id_,) = self.create("A")
        mirror = Mirror(self, filter=[["ref", "=like", "t-%"]], fields=["tags", "color"])
        mirror.catch_up()
        with self.transaction() as env:
            tag = env["res.partner.category"].create({"name": "VIP"})
            env["res.partner"].browse(id_).category_id = tag
        mirror.catch_up()
        self.assertEqual(mirror.records[id_]["tags"], [tag.id])
        self.database.query("UPDATE res_partner SET color = 9 WHERE id = %s", id_)
        mirror.catch_up()
        self.assertEqual(mirror.records[id_]["color"], 9)

    def test_record_that_changes_often_is_told_once_a_page(self):
        (id_,) = self.create("A")
        self.mirror.catch_up()
        for color in range(1, 8):
            self.write(id_, color=color)
        answer = self.call(cursor=self.mirror.cursor, **self.mirror._params)
        self.assertEqual([record["color"] for record in answer["changed"]], [7])
        self.assertFalse(answer["more"])

    def test_field_that_the_resource_does_not_show_is_not_told(self):
        (id_,) = self.create("A")
        self.mirror.catch_up()
        self.write(id_, street="secret")
        answer = self.call(cursor=self.mirror.cursor, **self.mirror._params)
        self.assertEqual(answer["changed"], [])

    def test_large_transaction_is_told_in_pages(self):
        mirror = Mirror(self, filter=[["ref", "=like", "t-%"]], fields=["name"], limit=1000)
        mirror.catch_up()
        self.create(*map(str, range(3500)))
        # The ORM writes some columns after the creation.
        self.assertLessEqual(mirror.catch_up(), 8)
        self.assertEqual(len(mirror.records), 3500)

    def test_what_changes_between_the_pages_of_a_moment_comes_after_them(self):
        self.mirror.catch_up()
        self.create(*map(str, range(7)))
        answer = self.call(cursor=self.mirror.cursor, **self.mirror._params)
        self.assertTrue(answer["more"])
        self.create("late")
        told = {record["name"] for record in answer["changed"]}
        while answer["more"]:
            answer = self.call(cursor=answer["cursor"], **self.mirror._params)
            told |= {record["name"] for record in answer["changed"]}
        self.assertEqual(told, {*map(str, range(7)), "late"})

    def test_fields_whose_changes_are_not_told_are_marked(self):
        with self.transaction() as env:
            spec = env["jsonrpc.api"]._jsonrpc_method("contact.changes")
        properties = spec.result["properties"]["changed"]["items"]["properties"]
        marked = {name for name, schema in properties.items() if schema.get("x-followed") is False}
        self.assertEqual(marked, {"children", "address"})
        self.assertIn("address", spec.result_description)

    def test_tracking_stays_on_while_callers_follow(self):
        with self.assertRaises(ValidationError), self.transaction() as env:
            env["jsonrpc.resource"].search([("name", "=", "contact")]).track_changes = False

    def test_call_waits_for_the_next_change_and_no_longer(self):
        self.mirror.catch_up()
        began = time.monotonic()
        thread = threading.Timer(0.5, self.create, ["late"])
        thread.start()
        self.addCleanup(thread.join)
        answer = self.call(cursor=self.mirror.cursor, wait=20, **self.mirror._params)
        self.assertEqual([record["name"] for record in answer["changed"]], ["late"])
        self.assertLess(time.monotonic() - began, 10)

    def test_call_that_waits_in_vain_answers_where_it_stands(self):
        self.mirror.catch_up()
        began = time.monotonic()
        timer = threading.Timer(0.2, self.create, ["hidden"], {"active": False})
        timer.start()
        self.addCleanup(timer.join)
        answer = self.call(cursor=self.mirror.cursor, wait=1, **self.mirror._params)
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.assertEqual((answer["changed"], answer["removed"]), ([], []))
        self.create("A")
        answer = self.call(cursor=answer["cursor"], **self.mirror._params)
        self.assertEqual([record["name"] for record in answer["changed"]], ["A"])

    def test_few_wait_at_once_and_give_their_seats_back(self):
        self.mirror.catch_up()
        with self.registry.cursor() as one, self.registry.cursor() as two, self.registry.cursor() as three:
            with waiting.seat(one, 2) as first, waiting.seat(two, 2) as second, waiting.seat(three, 2) as third:
                self.assertEqual((first, second, third), (True, True, False))
                began = time.monotonic()
                self.call(cursor=self.mirror.cursor, wait=20, **self.mirror._params)
                self.assertLess(time.monotonic() - began, 10)
            with waiting.seat(three, 2) as third:
                self.assertTrue(third)

    def test_wait_is_bounded(self):
        error = self.refused(wait=26)
        self.assertEqual(error.data["errors"][0]["path"], "wait")

    def test_old_rows_are_deleted_and_a_reader_from_before_starts_over(self):
        early = Mirror(self, **self.mirror._params)
        early.catch_up()
        self.create("A")
        self.mirror.catch_up()
        self.database.query("UPDATE jsonrpc_change SET changed_at = changed_at - interval '31 days'")
        (new,) = self.create("B")
        # A transaction that runs holds rows back, in another database of the cluster too: there other tests run.
        deadline = time.monotonic() + 120
        left = None
        while left != {(new,)} and time.monotonic() < deadline:
            with self.transaction() as env:
                env["jsonrpc.change"]._cron_vacuum()
            left = set(self.database.query("SELECT record_id FROM jsonrpc_change WHERE model = 'res.partner'"))
            time.sleep(0.2)
        self.assertEqual(left, {(new,)})
        error = self.refused(cursor=early.cursor, **early._params)
        self.assertEqual((error.type, error.data["reason"]), ("cursor_expired", "retention"))
        self.mirror.catch_up()
        self.assertEqual(self.names(), ["A", "B"])
        self.assertEqual(self.mirror.removed, [])

    def test_row_that_a_running_transaction_may_precede_is_not_deleted(self):
        with self.registry.cursor() as slow:
            slow.execute("SELECT pg_current_xact_id()")
            self.create("A")
            self.database.query("UPDATE jsonrpc_change SET changed_at = changed_at - interval '31 days'")
            kept = self.database.query("SELECT count(*) FROM jsonrpc_change WHERE model = 'res.partner'")
            with self.transaction() as env:
                env["jsonrpc.change"]._cron_vacuum()
            left = self.database.query(
                "SELECT count(*) FROM jsonrpc_change WHERE record_id IN (SELECT id FROM res_partner WHERE ref = 't-A')"
            )
            self.assertGreaterEqual(left[0][0], 1)
            self.assertLessEqual(left, kept)

    def test_what_came_from_another_cluster_is_forgotten(self):
        self.mirror.catch_up()
        self.database.query("UPDATE jsonrpc_change_source SET purged_xid = '9000000000000000000'")
        self.database.query(
            "INSERT INTO jsonrpc_change (xid, model, record_id, operation, changed_at)"
            " VALUES ('9000000000000000000', 'res.partner', 1, 'created', now())"
        )
        with self.transaction() as env:
            env["jsonrpc.change"]._cron_vacuum()
        self.assertEqual(self.database.query("SELECT 1 FROM jsonrpc_change WHERE xid > '8000000000000000000'"), [])
        self.mirror.catch_up()
        self.assertIsNotNone(self.mirror.cursor)

    def test_copy_is_in_step_with_writers_side_by_side(self):
        """Eight writers, some of them slow, and a reader that never stops."""
        ends = threading.Event()

        def write(number):
            for turn in range(6):
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    env["res.partner"].create({"name": f"{number}-{turn}", "ref": f"t-{number}-{turn}"})
                    env.flush_all()
                    cr.execute("SELECT pg_sleep(%s)", [0.01 * ((number + turn) % 8)])
                    if turn % 3 == 2:
                        cr.rollback()

        writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        reader = threading.Thread(target=lambda: [self.mirror.catch_up() for _ in iter(ends.is_set, True)])
        self.mirror.catch_up()
        for thread in (*writers, reader):
            thread.start()
        for thread in writers:
            thread.join()
        ends.set()
        reader.join()
        self.mirror.catch_up()
        self.assertEqual(self.names(), sorted(f"{number}-{turn}" for number in range(8) for turn in (0, 1, 3, 4)))
        self.assertEqual(self.mirror.removed, [])
