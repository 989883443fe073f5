"""What a process holds for each database: connections that are bounded, forgotten, and no fork's; on real ones."""

import os
import time
import weakref

import psycopg2

from odoo.tests import BaseCase, get_db_name, tagged

from ...engine.dispatch import process
from ...engine.dispatch.connections import Connections, OwnConnection
from ...engine.dispatch.limits import leases
from ...engine.dispatch.limits.buckets import Demand
from ..server_common import Database, Server

#: Our connections to a database, by purpose.
OURS = """
    SELECT split_part(application_name, '-', 2), pid FROM pg_stat_activity
     WHERE datname = %s AND application_name LIKE 'jsonrpc_gateway-%%' ORDER BY 1, 2
"""


def demand(calls=1):
    """So little flows back that no test sees it."""
    return Demand(name="process", label="process", calls=calls, quota=1000, window=86400, burst=100_000)


def purposes_of_connections(database, expected):
    """The purposes of our connections, once they are as expected: PostgreSQL sees late that one was closed."""
    deadline = time.monotonic() + 10
    while True:
        found = [purpose for purpose, _pid in database.query(OURS, database.name)]
        if found == expected or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


@tagged("post_install", "-at_install")
class TestConnections(BaseCase):
    """The bound on connections beside Odoo's pool."""

    def setUp(self):
        super().setUp()
        self.connections = Connections(2)

    def own(self):
        own = OwnConnection(self.connections, get_db_name(), "test", settings={"statement_timeout": 1000})
        self.addCleanup(own.close)
        return own

    def backend(self, own):
        with own.in_use() as connection:
            return connection.info.backend_pid

    def test_each_has_one_as_long_as_it_is_open(self):
        own = self.own()
        self.assertEqual(len(self.connections), 0)
        self.assertEqual(self.backend(own), self.backend(own))
        self.assertEqual(len(self.connections), 1)
        own.close()
        self.assertEqual(len(self.connections), 0)

    def test_settings_and_name_are_those_of_its_purpose(self):
        with self.own().in_use() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('application_name')")
            self.assertEqual(cursor.fetchone(), ("1s", f"jsonrpc_gateway-test-{os.getpid()}"))

    def test_one_too_many_closes_the_one_that_is_unused_for_longest(self):
        first, second, third = self.own(), self.own(), self.own()
        before = [self.backend(own) for own in (first, second)]
        self.assertEqual(self.backend(first), before[0])
        self.backend(third)
        self.assertEqual(len(self.connections), 2)
        self.assertEqual(self.backend(first), before[0])
        self.assertNotEqual(self.backend(second), before[1])
        self.assertEqual(len(self.connections), 2)

    def test_where_all_are_in_use_one_more_is_refused(self):
        first, second, third = self.own(), self.own(), self.own()
        with first.in_use(), second.in_use():
            self.assertRaises(psycopg2.OperationalError, self.backend, third)
        self.assertEqual(len(self.connections), 2)
        self.backend(third)

    def test_one_that_cannot_be_made_takes_no_room(self):
        lost = OwnConnection(self.connections, "no_such_database_anywhere", "test", settings={})
        for _time in range(3):
            self.assertRaises(psycopg2.OperationalError, self.backend, lost)
        self.assertEqual(len(self.connections), 0)

    def test_one_that_its_owner_forgot_is_closed(self):
        own = OwnConnection(self.connections, get_db_name(), "test", settings={})
        with own.in_use() as connection:
            alive = weakref.ref(connection)
        del own, connection
        self.assertIsNone(alive())
        self.assertEqual(len(self.connections), 0)

    def test_one_that_was_lost_is_made_anew_in_its_room(self):
        own, other = self.own(), self.own()
        before = self.backend(own)
        self.backend(other)
        with own.in_use() as connection:
            connection.close()
        self.assertNotEqual(self.backend(own), before)
        self.assertEqual(len(self.connections), 2)


@tagged("post_install", "-at_install")
class TestProcess(BaseCase):
    """A database of its own, so that nobody else counts on it."""

    @classmethod
    def setUpClass(cls):
        cls.database = Database().create()
        cls.addClassCleanup(cls.database.drop)
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.name = self.database.name
        self.addCleanup(process.forget, self.name)

    def assert_connected(self, *purposes):
        self.assertEqual(purposes_of_connections(self.database, list(purposes)), list(purposes))

    def backend(self):
        """The process of PostgreSQL that counts calls for us."""
        return dict(self.database.query(OURS, self.name))["limits"]

    def test_database_has_one_connection_for_each_purpose(self):
        before = process.connections()
        served = process.served(self.name)
        self.assertIs(process.served(self.name), served)
        self.assertEqual(process.connections(), before)
        served.buckets.take([demand()])
        served.writer.lose(1)
        served.writer.flush()
        self.assert_connected("limits", "log")
        self.assertEqual(process.connections(), before + 2)
        process.forget(self.name)
        self.assert_connected()
        self.assertEqual(process.connections(), before)
        self.assertIsNot(process.served(self.name), served)

    def test_idle_database_is_forgotten_and_what_was_taken_ahead_given_back(self):
        # What was taken ahead is good for as long as the test takes.
        self.patch(leases, "_LIFETIME", 3600)
        served = process.served(self.name)
        served.buckets.clear()
        served.leases.take([demand()])
        served.leases.take([demand()])
        self.assertLess(served.buckets.take([demand()])[0].remaining, 100_000 - 3, "nothing was taken ahead")
        process.forget_idle()
        self.assertIs(process.served(self.name), served)
        served.used_at -= process.IDLE + 1
        process.forget_idle()
        self.assert_connected()
        level = process.served(self.name).buckets.take([demand()])[0]
        self.assertEqual(level.remaining, 100_000 - 4)

    def test_database_with_rows_that_wait_is_not_forgotten(self):
        served = process.served(self.name)
        served.writer.lose(1)
        served.used_at -= process.IDLE + 1
        process.forget_idle()
        self.assertIs(process.served(self.name), served)
        served.writer.discard()

    def test_dropped_database_is_forgotten_like_any_other(self):
        with Database(source=self.name) as dropped:
            served = process.served(dropped.name)
            served.buckets.take([demand()])
        served.used_at -= process.IDLE + 1
        process.forget_idle()
        self.assertIsNot(process.served(dropped.name), served)
        process.forget(dropped.name)

    def test_forked_process_holds_nothing_of_the_one_that_forked_it(self):
        served = process.served(self.name)
        for _call in range(2):
            served.leases.take([demand()])
        served.writer.lose(1)
        before = self.backend()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            # Nothing of the test may go on here, whatever happens.
            try:
                own = process.served(self.name)
                told = [own is not served, process.connections(), own.writer.is_empty]
                # Not one of those that the parent has taken ahead.
                own.leases.take([demand()])
                told += [process.connections()]
                own.buckets.close()
                os.write(writing, repr(told).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with open(reading) as answer:
            self.assertEqual(answer.read(), repr([True, 0, True, 1]))
        os.waitpid(child, 0)
        self.assertTrue(served.buckets.take([demand()])[0].granted)
        self.assertEqual(self.backend(), before, "the fork has closed the connection of its parent")
        served.writer.discard()


@tagged("post_install", "-at_install")
class TestServers(BaseCase):
    """The connections of whole servers."""

    @classmethod
    def setUpClass(cls):
        cls.database = Database().create()
        cls.addClassCleanup(cls.database.drop)
        cls.other = Database(source=cls.database.name).create()
        cls.addClassCleanup(cls.other.drop)
        super().setUpClass()

    def check(self, options, processes):
        databases = (self.database, self.other)
        keys = {database.name: database.issue_key() for database in databases}
        with Server([database.name for database in databases], options) as server:
            for database in databases:
                for _call in range(6):
                    headers = {"X-Odoo-Database": database.name}
                    answer = server.rpc("system.version", key=keys[database.name], headers=headers)
                    self.assertIn("result", answer)
            for database in databases:
                found = database.query(OURS, database.name)
                self.assertTrue(found)
                for purpose in {purpose for purpose, _pid in found}:
                    self.assertLessEqual(sum(name == purpose for name, _pid in found), processes)
        for database in databases:
            self.assertEqual(purposes_of_connections(database, []), [], "a server that ended has left connections")

    def test_server_of_threads_has_at_most_two_for_each_database(self):
        self.check({}, 1)

    def test_server_of_workers_has_at_most_two_for_each_worker_and_database(self):
        self.check({"workers": 2}, 2)
