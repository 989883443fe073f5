"""The hooks of one call among those of its neighbours, on a real cursor whose queues stay its own."""

from contextlib import closing

from odoo import sql_db
from odoo.tests import BaseCase, get_db_name, tagged

from ...engine.dispatch.transaction.hooks import CallHooks

_QUEUES = ("postcommit", "prerollback", "postrollback")


@tagged("post_install", "-at_install")
class TestCallHooks(BaseCase):
    def setUp(self):
        super().setUp()
        self.cr = self.enterContext(closing(sql_db.db_connect(get_db_name()).cursor()))
        self.queues = {name: getattr(self.cr, name) for name in _QUEUES}
        self.told = []

    def hang(self, who, *names):
        """Hang hooks that tell who they are, what runs them, and the data that they find."""
        for name in names or _QUEUES:
            queue = self.queues[name]
            queue.data.setdefault("who", []).append(who)
            queue.add(lambda queue=queue, name=name: self.told.append((who, name, list(queue.data["who"]))))

    def tearDown(self):
        for name, queue in self.queues.items():
            self.assertIs(getattr(self.cr, name), queue, "a queue of the cursor was replaced")
        super().tearDown()

    def test_queues_are_the_cursors_own_during_a_call(self):
        hooks = CallHooks(self.cr)
        for name, queue in self.queues.items():
            self.assertIs(getattr(self.cr, name), queue)
        hooks.keep()

    def test_undone_call_takes_its_hooks_and_data_with_it(self):
        self.hang("before")
        hooks = CallHooks(self.cr)
        self.hang("call")
        hooks.before_undo()
        hooks.after_undo()
        self.assertEqual(self.told, [("call", "prerollback", ["call"]), ("call", "postrollback", ["call"])])
        self.assertEqual(self.queues["postcommit"].data, {"who": ["before"]})
        self.cr.commit()
        self.assertEqual(self.told[2:], [("before", "postcommit", ["before"])])

    def test_calls_that_stand_run_in_order_each_with_its_data(self):
        self.hang("before")
        for who in ("one", "two"):
            hooks = CallHooks(self.cr)
            self.hang(who)
            hooks.keep()
        self.hang("after")
        self.assertEqual(self.queues["postcommit"].data, {"who": ["before", "after"]})
        self.cr.commit()
        others = ["before", "after"]
        expected = [("before", others), ("one", ["one"]), ("two", ["two"]), ("after", others)]
        self.assertEqual(self.told, [(who, "postcommit", data) for who, data in expected])

    def test_rollback_of_everything_runs_what_waits_for_that(self):
        hooks = CallHooks(self.cr)
        self.hang("one")
        hooks.keep()
        self.hang("after")
        self.cr.rollback()
        expected = [(who, name, [who]) for name in ("prerollback", "postrollback") for who in ("one", "after")]
        self.assertEqual(self.told, expected)
        self.assertFalse(any(len(queue) for queue in self.queues.values()))

    def test_call_that_commits_by_itself_runs_all_so_far(self):
        self.hang("before")
        hooks = CallHooks(self.cr)
        self.hang("call")
        self.cr.commit()
        self.assertTrue(hooks.committed)
        self.assertFalse(hooks.rolled_back)
        self.assertEqual(self.told, [("before", "postcommit", ["before"]), ("call", "postcommit", ["call"])])
        self.hang("later", "postcommit")
        hooks.keep()
        self.cr.commit()
        self.assertEqual(self.told[2:], [("later", "postcommit", ["later"])])

    def test_call_that_rolls_back_by_itself_is_known(self):
        self.hang("before")
        hooks = CallHooks(self.cr)
        self.hang("call")
        self.cr.rollback()
        self.assertTrue(hooks.rolled_back)
        self.assertFalse(hooks.committed)
        expected = [(who, name, [who]) for name in ("prerollback", "postrollback") for who in ("before", "call")]
        self.assertEqual(self.told, expected)
        hooks.keep()

    def test_hooks_that_hang_up_more_hooks_run_these_too(self):
        hooks = CallHooks(self.cr)
        self.cr.postcommit.add(lambda: self.hang("more", "postcommit"))
        hooks.keep()
        self.cr.commit()
        self.assertEqual(self.told, [("more", "postcommit", ["more"])])
