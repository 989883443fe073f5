"""Many callers change one record at once: what is acknowledged happened, and nothing happened twice."""

import itertools
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from ..server_common import ServerCase

CLIENTS = 32
OBJECT = "/jsonrpc/2/object"


class TestConflicts(ServerCase):
    """All calls write the row of one company, and leave a contact of it as the trace of each update.

    So the contacts are the history: PostgreSQL refuses to commit a transaction whose snapshot of
    the company is older than the last update of it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.database.issue_key(full_orm=True)
        cls.home = cls.server.rpc("partner.create_simple", ["Contended"], key=cls.key)["result"]["partner_id"]

    def update(self, token):
        """Change the company, by another way each time, and leave a contact with this name."""
        way = int(token.rpartition("-")[2]) % 3
        if way == 0:
            return self.server.rpc("tx.update_partner", [self.home, token], key=self.key)
        if way == 1:
            values = {"phone": token, "contacts": {"create": [{"name": token}]}}
            return self.server.rpc("partner.update", {"id": self.home, "values": values}, key=self.key)
        values = {"phone": token, "child_ids": [[0, 0, {"name": token}]]}
        args = [self.database.name, None, "", "res.partner", "write", [[self.home], values], {}]
        params = {"service": "object", "method": "execute_kw", "args": args}
        return self.server.rpc("call", params, path=OBJECT, key=self.key)

    def race(self, name, rounds):
        """Let all clients update the company, each so many times.

        :returns: the error's type of each update by its token, ``None`` for those acknowledged
        """

        def client(number):
            tokens = [f"{name}-{number + CLIENTS * round_}" for round_ in range(rounds)]
            return [(token, self.update(token).get("error", {}).get("data", {}).get("type")) for token in tokens]

        with ThreadPoolExecutor(CLIENTS) as pool:
            return dict(itertools.chain.from_iterable(pool.map(client, range(CLIENTS))))

    def history(self, name):
        rows = self.database.query(
            "SELECT name, count(*) FROM res_partner WHERE parent_id = %s AND name LIKE %s GROUP BY name",
            self.home,
            f"{name}-%",
        )
        return Counter(dict(rows))

    def log(self, name, outcome, error_type=None):
        """The tokens of the logged calls that ended so, each as often as it is there."""
        rows = self.database.query(
            "SELECT substring(params FROM %s), count(*) FROM jsonrpc_call"
            " WHERE params ~ %s AND outcome = %s AND error_type IS NOT DISTINCT FROM %s GROUP BY 1",
            rf"{name}-\d+",
            rf"{name}-\d+",
            outcome,
            error_type,
        )
        return Counter(dict(rows))

    def assert_told_the_truth(self, name, outcomes):
        acknowledged = Counter(token for token, error in outcomes.items() if error is None)
        self.assertEqual(self.history(name), acknowledged)
        self.assertEqual(self.log(name, "done"), acknowledged)
        refused = Counter(outcomes.keys() - acknowledged.keys())
        deadline = time.monotonic() + 15
        # Their rows wait in the server's memory for a moment.
        while (found := self.log(name, "refused", "conflict")) != refused and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(found, refused)

    def test_acknowledged_updates_are_in_the_history_once(self):
        outcomes = self.race("replayed", 1)
        self.assertLessEqual(set(outcomes.values()), {None, "conflict"})
        self.assertIn("SERIALIZATION_FAILURE", self.server.log())
        self.assert_told_the_truth("replayed", outcomes)

    def test_refused_updates_say_conflict_and_leave_nothing(self):
        # Without Odoo's replays, whose pauses grow to half a minute, most updates lose.
        self.server.rpc("tx.limit_tries", [1], key=self.key)
        self.addCleanup(self.server.rpc, "tx.limit_tries", [5], key=self.key)
        outcomes = self.race("refused", 4)
        self.assertEqual(set(outcomes.values()), {None, "conflict"})
        self.assert_told_the_truth("refused", outcomes)
