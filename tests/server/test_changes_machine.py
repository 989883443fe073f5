"""A machine that writes as it likes: copies equal what a search finds, and name nothing that was never visible.

Transactions side by side, savepoints, rollbacks, raw SQL, cascades, changes of record rules, purges, and
connections that are killed, in any order that hypothesis thinks of.
"""

import contextlib
import os

import psycopg2
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from odoo import SUPERUSER_ID, api
from odoo.tools import mute_logger

from ...engine.protocol.errors import RpcError
from ..feed_common import FeedCase, Mirror

#: Runs of the machine.
EXAMPLES = int(os.environ.get("CHANGES_EXAMPLES", "30"))
#: Transactions that are open at once.
WRITERS = 4
_REFS = st.sampled_from(["m-a", "m-b", "hidden"])
_WHO = st.integers(0, WRITERS - 1)
_WHICH = st.integers(0, 10_000)
_FILTERS = ([["ref", "=like", "m-%"]], [["ref", "=", "m-a"], ["color", ">", 1]])
#: What may go wrong for one of two who write to the same record.
_CONFLICTS = (psycopg2.Error,)


class Machine(RuleBasedStateMachine):
    """Writers and readers of one database."""

    case = None

    def __init__(self):
        super().__init__()
        self.writers = {}
        self.mirrors = [
            Mirror(self.case, filter=condition, fields=["name", "ref", "color", "tags"], limit=limit)
            for condition, limit in zip(_FILTERS, (3, 2), strict=True)
        ]
        self.ids = []
        #: Records that had a reference of the filters at some time, committed or not.
        self.shown = set()

    # ------------------------------------------------------------------
    # Writers
    # ------------------------------------------------------------------

    @contextlib.contextmanager
    def writing(self, number):
        """The environment of a writer's transaction; what fails in it ends it."""
        env = self.writers.get(number)
        if env is None:
            cr = self.case.registry.cursor()
            cr.execute("SET lock_timeout = '30ms'")
            env = self.writers[number] = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
        try:
            with mute_logger("odoo.sql_db"):
                yield env
                env.flush_all()
        except _CONFLICTS:
            self.end(number, commits=False)

    def end(self, number, *, commits):
        env = self.writers.pop(number, None)
        if env is not None:
            with contextlib.suppress(psycopg2.Error):
                if commits:
                    env.cr.commit()
                else:
                    env.cr.rollback()
                env.cr.execute("RESET lock_timeout")
            with contextlib.suppress(psycopg2.Error):
                env.cr.close()

    def show(self, id_, ref):
        if ref.startswith("m-"):
            self.shown.add(id_)

    @rule(who=_WHO, ref=_REFS, color=st.integers(0, 3), clerk=st.booleans())
    def create(self, who, ref, color, clerk):
        with self.writing(who) as env:
            function = "Clerk" if clerk else False
            record = env["res.partner"].create(
                {"name": f"m{len(self.ids)}", "ref": ref, "color": color, "function": function}
            )
            self.ids.append(record.id)
            self.show(record.id, ref)

    @precondition(lambda self: self.ids)
    @rule(who=_WHO, which=_WHICH, ref=_REFS, color=st.integers(0, 3), active=st.booleans(), undone=st.booleans())
    def update(self, who, which, ref, color, active, undone):
        id_ = self.ids[which % len(self.ids)]
        with self.writing(who) as env, contextlib.suppress(ZeroDivisionError), env.cr.savepoint():
            record = env["res.partner"].browse(id_).exists()
            record.write({"ref": ref, "color": color, "active": active})
            env.flush_all()
            if undone:
                raise ZeroDivisionError
            self.show(id_, ref)

    @precondition(lambda self: self.ids)
    @rule(who=_WHO, which=_WHICH, ref=_REFS)
    def update_by_sql(self, who, which, ref):
        id_ = self.ids[which % len(self.ids)]
        with self.writing(who) as env:
            env.cr.execute("UPDATE res_partner SET ref = %s, color = 2 WHERE id = %s", [ref, id_])
            env.invalidate_all()
            self.show(id_, ref)

    @precondition(lambda self: self.ids)
    @rule(who=_WHO, which=_WHICH, clerk=st.booleans())
    def hire(self, who, which, clerk):
        with self.writing(who) as env:
            env["res.partner"].browse(self.ids[which % len(self.ids)]).exists().function = "Clerk" if clerk else False

    @precondition(lambda self: self.ids)
    @rule(who=_WHO, which=_WHICH, other=_WHICH)
    def tag(self, who, which, other):
        with self.writing(who) as env:
            record = env["res.partner"].browse(self.ids[which % len(self.ids)]).exists()
            record.category_id = [(4 if other % 2 else 3, self.case.tags[other % len(self.case.tags)])]

    @precondition(lambda self: self.ids)
    @rule(who=_WHO, which=_WHICH)
    def delete(self, who, which):
        with self.writing(who) as env:
            env.cr.execute("DELETE FROM res_partner WHERE id = %s", [self.ids[which % len(self.ids)]])
            env.invalidate_all()

    @rule(who=_WHO)
    def commit(self, who):
        self.end(who, commits=True)

    @rule(who=_WHO)
    def roll_back(self, who):
        self.end(who, commits=False)

    @precondition(lambda self: self.writers)
    @rule(which=_WHICH)
    def kill(self, which):
        number = sorted(self.writers)[which % len(self.writers)]
        pid = self.writers[number].cr.connection.info.backend_pid
        self.case.database.query("SELECT pg_terminate_backend(%s, 5000)", pid)
        with mute_logger("odoo.sql_db"):
            self.end(number, commits=True)

    # ------------------------------------------------------------------
    # Whoever decides, and who cleans up
    # ------------------------------------------------------------------

    @precondition(lambda self: not self.writers)
    @rule(active=st.booleans())
    def change_the_rule(self, active):
        with self.case.transaction() as env:
            self.case.rule.with_env(env).active = active

    @rule()
    def purge(self):
        """As if a month were over for what there is."""
        with mute_logger("odoo.sql_db"), contextlib.suppress(psycopg2.Error), self.case.transaction() as env:
            env.cr.execute("SET LOCAL lock_timeout = '30ms'")
            env.cr.execute("UPDATE jsonrpc_change SET changed_at = changed_at - interval '31 days'")
            env["jsonrpc.change"]._cron_vacuum()

    # ------------------------------------------------------------------
    # Readers
    # ------------------------------------------------------------------

    @rule(which=st.integers(0, 1))
    def read(self, which):
        self.mirrors[which].step()

    @rule()
    def read_on(self):
        for mirror in self.mirrors:
            mirror.catch_up()

    @precondition(lambda self: len(self.writers) > 1)
    @rule(first=_WHICH, second=_WHICH)
    def overtake(self, first, second):
        """One transaction ends while another one that began before it goes on, and readers read in between."""
        order = sorted(self.writers, key=lambda number: (number * first) % 7)
        self.end(order[0], commits=True)
        self.read_on()
        self.end(order[-1], commits=True)
        self.read(second % 2)

    @invariant()
    def nothing_is_named_that_was_never_visible(self):
        for mirror in self.mirrors:
            named = {id_ for id_, _reason in mirror.removed} | mirror.records.keys()
            assert named <= self.shown, named - self.shown

    def teardown(self):
        for number in list(self.writers):
            self.end(number, commits=number % 2 == 0)
        try:
            for mirror, condition in zip(self.mirrors, _FILTERS, strict=True):
                mirror.catch_up()
                found = self.case.call(
                    "contact.search", domain=condition, fields=["name", "ref", "color", "tags"], limit=1000
                )
                expected = {record["id"]: record for record in found["records"]}
                assert mirror.records == expected, (mirror.records, expected)
        finally:
            self.case.database.query("DELETE FROM res_partner WHERE id = ANY(%s)", self.ids)


class TestChangesMachine(FeedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            cls.tags = env["res.partner.category"].create([{"name": f"tag {number}"} for number in range(3)]).ids
            cls.rule = env["ir.rule"].create(
                {
                    "name": "No clerks",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "domain_force": "['|', ('function', '=', False), ('function', '!=', 'Clerk')]",
                    "active": False,
                }
            )

    def test_copies_equal_what_a_search_finds(self):
        Machine.case = self
        self.addCleanup(setattr, Machine, "case", None)
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=60,
                # To look for the shortest way to a fault takes minutes: it is printed as it was found.
                phases=[Phase.generate],
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
                print_blob=False,
            ),
        )

    def test_the_machine_would_notice_a_miss(self):
        """A row that is lost makes a copy differ: what the machine compares is not the same thing twice."""
        mirror = Mirror(self, filter=_FILTERS[0], fields=["name"])
        mirror.catch_up()
        with self.transaction() as env:
            partner = env["res.partner"].create({"name": "lost", "ref": "m-a"})
        self.database.query("DELETE FROM jsonrpc_change WHERE record_id = %s", partner.id)
        mirror.catch_up()
        self.assertNotIn(partner.id, mirror.records)
        with self.assertRaises(RpcError):
            self.call(cursor="forged")
