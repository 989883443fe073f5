"""Limits hold exactly for two servers on one database and many parallel callers."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from odoo.tests import tagged

from ..server_common import Server, ServerCase

QUOTA = 100
CLIENTS = 64
CALLS = 4
# Requests that one server works on at a time, each on a connection or two: the others wait, and
# the servers together stay below what PostgreSQL grants by default.
THREADS = {"ODOO_MAX_HTTP_THREADS": "20"}


@tagged("post_install", "-at_install")
class TestLimitsLoad(ServerCase):
    @classmethod
    def setUpClass(cls):
        with patch.dict(os.environ, THREADS):
            super().setUpClass()

    def test_two_servers_grant_exactly_the_quota(self):
        self.database.shell(
            "env['jsonrpc.limit'].search([]).unlink()\n"
            "env['jsonrpc.limit'].create({'name': 'load', 'subject': 'key', 'window': 'day',"
            f" 'quota': {QUOTA}, 'burst': {QUOTA}}})"
        )
        key = self.database.issue_key()
        other = self.database.issue_key()
        body = {"jsonrpc": "2.0", "method": "partner.create_simple", "params": ["Counted"], "id": 1}
        with patch.dict(os.environ, THREADS), Server([self.database.name]) as second:
            servers = [self.server, second]

            def client(number):
                answers = [servers[(number + n) % 2].post("/jsonrpc/2/api", body, key=key) for n in range(CALLS)]
                return [answer.status_code for answer in answers]

            with ThreadPoolExecutor(CLIENTS) as pool:
                statuses = Counter(status for seen in pool.map(client, range(CLIENTS)) for status in seen)
            self.assertEqual(statuses, {200: QUOTA, 429: CLIENTS * CALLS - QUOTA})
            [(made,)] = self.database.query("SELECT count(*) FROM res_partner WHERE name = 'Counted'")
            self.assertEqual(made, QUOTA)
            # One key's quota is none of another key's business.
            self.assertEqual(second.post("/jsonrpc/2/api", body, key=other).status_code, 200)
