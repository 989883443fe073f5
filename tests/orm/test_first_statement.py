"""Rules that travel with the first statement: sent once, in front of whatever comes first, on a real cursor."""

from contextlib import closing

from psycopg2 import errors as pg
from psycopg2 import sql

from odoo import sql_db
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from ...engine.dispatch.transaction.first_statement import FirstStatement


@tagged("post_install", "-at_install")
class TestFirstStatement(BaseCase):
    def setUp(self):
        super().setUp()
        self.cr = self.enterContext(closing(sql_db.db_connect(get_db_name()).cursor()))
        self.first = FirstStatement(self.cr, "SET LOCAL statement_timeout = 1234")

    def timeout(self, statement="SELECT current_setting('statement_timeout')"):
        self.cr.execute(statement)
        return self.cr.fetchone()[0]

    def test_they_hold_for_the_first_statement_already(self):
        shown = "SELECT current_setting('statement_timeout')"
        for statement in (shown, SQL("SELECT current_setting(%s)", "statement_timeout"), sql.SQL(shown)):
            with self.subTest(type(statement)), self.first.awaited():
                self.assertEqual(self.timeout(statement), "1234ms")
                self.cr.rollback()
                self.first.forget()

    def test_params_of_the_statement_are_its_own(self):
        with self.first.awaited():
            self.cr.execute("SELECT %s, '100%%', current_setting('statement_timeout')", ("a; b",))
            self.assertEqual(self.cr.fetchone(), ("a; b", "100%", "1234ms"))

    def test_they_are_sent_once_and_cost_no_query(self):
        before = self.cr.sql_log_count
        for _call in range(2):
            with self.first.awaited():
                self.assertEqual(self.timeout(), "1234ms")
        self.assertEqual(self.cr.sql_log_count - before, 2)
        self.cr.execute("SET LOCAL statement_timeout = 99")
        with self.first.awaited():
            self.assertEqual(self.timeout(), "99ms")

    def test_a_body_without_statements_sends_nothing(self):
        with self.first.awaited():
            pass
        self.assertFalse(self.first.sent)
        self.assertNotEqual(self.timeout(), "1234ms")

    def test_after_a_rollback_they_are_sent_again(self):
        for _transaction in range(2):
            with self.first.awaited():
                self.assertEqual(self.timeout(), "1234ms")
            self.cr.rollback()
            self.first.forget()

    def test_a_savepoint_that_is_rolled_back_keeps_them(self):
        with self.first.awaited(), mute_logger("odoo.sql_db"):
            with self.assertRaises(pg.UndefinedTable), self.cr.savepoint():
                self.cr.execute("SELECT 1 FROM no_such_table")
            self.assertEqual(self.timeout(), "1234ms")

    def test_who_took_hold_of_the_method_can_go_on_with_it(self):
        with self.first.awaited():
            execute = self.cr.execute
            execute("SELECT 1")
            execute("SELECT current_setting('statement_timeout')")
            self.assertEqual(self.cr.fetchone(), ("1234ms",))
        execute("SELECT 2")
        self.assertEqual(self.cr.fetchone(), (2,))

    def test_without_rules_the_cursor_is_left_alone(self):
        with FirstStatement(self.cr, "").awaited():
            self.assertNotIn("execute", vars(self.cr))
