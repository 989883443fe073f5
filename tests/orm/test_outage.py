"""Which errors mean that the database is away."""


import psycopg2
import psycopg2.pool
import werkzeug.exceptions
from psycopg2 import errors as pg

from odoo import http
from odoo.tests import BaseCase

from ...controllers import outage


class TestOutage(BaseCase):
    def test_what_keeps_odoo_from_the_database_is_an_outage(self):
        for reason in (
            psycopg2.OperationalError("refused"),
            psycopg2.InterfaceError("closed"),
            psycopg2.pool.PoolError("full"),
            # What a standby says; to set one up takes more than a test can.
            pg.FeatureNotSupported("cannot set transaction read-write mode during recovery"),
        ):
            with self.subTest(reason=reason):
                self.assertTrue(outage._is_away(reason))
                registry = http.RegistryError("Cannot get registry")
                registry.__cause__ = reason
                not_found = werkzeug.exceptions.NotFound()
                not_found.__context__ = registry
                self.assertTrue(outage._is_away(not_found))

    def test_other_reasons_are_none(self):
        wrong = http.RegistryError("Cannot get registry")
        wrong.__cause__ = psycopg2.ProgrammingError("no such table")
        for reason in (wrong, werkzeug.exceptions.NotFound(), RuntimeError()):
            self.assertFalse(outage._is_away(reason))
