"""Writes that are sent again to several servers at once happen once."""

from concurrent.futures import ThreadPoolExecutor

from odoo.tests import tagged

from ..server_common import Server, ServerCase


def create(name, key=None, id_=1, **more):
    call = {"jsonrpc": "2.0", "method": "partner.create_simple", "params": {"name": name}, "id": id_, **more}
    return call | ({"idempotency_key": key} if key else {})


@tagged("post_install", "-at_install")
class TestConcurrentRepetition(ServerCase):
    def test_parallel_repetitions_on_two_servers_happen_once(self):
        key = self.database.issue_key()
        with Server([self.database.name]) as second:
            servers = [self.server, second]

            def client(number):
                return servers[number % 2].post("/jsonrpc/2/api", create("Parallel", "p1"), key=key).json()

            with ThreadPoolExecutor(16) as pool:
                answers = list(pool.map(client, range(16)))
        results = {answer["result"]["partner_id"] for answer in answers if "result" in answer}
        refused = {answer["error"]["data"]["type"] for answer in answers if "error" in answer}
        self.assertEqual(len(results), 1)
        self.assertLessEqual(refused, {"in_progress"})
        [(made,)] = self.database.query("SELECT count(*) FROM res_partner WHERE name = 'Parallel'")
        self.assertEqual(made, 1)
