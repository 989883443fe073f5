"""The loop of "Keep a copy in sync" (``examples/keep_copy.py``) beside random writers, on servers of which one ends."""

import importlib.util
import random
import sys
import tempfile
import threading
import time
from pathlib import Path
from unittest.mock import patch

import psycopg2

from odoo.sql_db import connection_info_for

from ..server_common import Server, ServerCase

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

_DEFINE = """
resource = env["jsonrpc.resource"].create({
    "name": "synced", "model_id": env["ir.model"]._get_id("res.partner"), "can_changes": True, "can_create": True,
    "can_update": True, "can_delete": True, "can_get": True, "can_search": True,
})
for name in ("name", "ref", "color", "active", "category_id"):
    env["jsonrpc.resource.field"].create({
        "resource_id": resource.id, "field_id": env["ir.model.fields"]._get("res.partner", name).id,
        "writable": True, "filterable": True,
    })
"""
#: Seconds for which writers write.
_DURATION = 12


def example(name):
    """A module of ``examples/``."""
    described = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


class TestSync(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = example("gateway")
        with patch.dict(sys.modules, gateway=cls.gateway):
            cls.keep_copy = example("keep_copy")
        cls.database.shell(_DEFINE)
        cls.key = cls.database.issue_key()

    def setUp(self):
        super().setUp()
        self.ends = threading.Event()
        self.faults = []

    def write_by_calls(self, url, seed):
        """Create, change and delete over HTTP; some calls fail, and are undone."""
        chosen, mine = random.Random(seed), []
        odoo = self.gateway.Gateway(url, self.key)
        while not self.ends.is_set():
            try:
                action = chosen.choice(("create", "create", "update", "update", "delete", "fail"))
                if action == "create" or not mine:
                    values = {"name": f"s{seed}", "ref": f"s-{chosen.randrange(9)}", "color": chosen.randrange(5)}
                    mine.append(odoo.call("synced.create", values=values)["id"])
                elif action == "update":
                    values = {"color": chosen.randrange(5), "active": chosen.random() < 0.8}
                    odoo.call("synced.update", ids=chosen.sample(mine, min(3, len(mine))), values=values)
                elif action == "delete":
                    odoo.call("synced.delete", id=mine.pop(chosen.randrange(len(mine))))
                else:
                    odoo.batch(("synced.update", {"id": mine[0], "values": {"color": "wrong"}}))
            except (self.gateway.NoAnswer, self.gateway.RpcError):
                continue

    def write_by_sql(self, seed):
        """Change and delete by raw SQL, slowly, and roll some of it back."""
        chosen = random.Random(seed)
        connection = psycopg2.connect(**connection_info_for(self.database.name)[1])
        while not self.ends.is_set():
            try:
                with connection.cursor() as cr:
                    cr.execute("SELECT id FROM res_partner WHERE ref LIKE 's-%' ORDER BY random() LIMIT 3")
                    for (id_,) in cr.fetchall():
                        if chosen.random() < 0.2:
                            cr.execute("DELETE FROM res_partner WHERE id = %s", [id_])
                        else:
                            ref = chosen.choice(("s-sql", "elsewhere"))
                            cr.execute("UPDATE res_partner SET color = 7, ref = %s WHERE id = %s", [ref, id_])
                        time.sleep(chosen.random() / 5)
                if chosen.random() < 0.3:
                    connection.rollback()
                else:
                    connection.commit()
            except psycopg2.Error:
                connection.rollback()
        connection.close()

    def read(self, url, path, copies):
        """Follow with a copy; what it raises is kept for the test."""
        try:
            odoo = self.gateway.Gateway(url, self.key)
            copy = self.keep_copy.Copy(odoo, "synced", path, filter=[["ref", "=like", "s-%"]], limit=7)
            copies.append(copy)
            while not self.ends.is_set():
                try:
                    if not copy.step(wait=2):
                        time.sleep(0.01)
                except self.gateway.NoAnswer:
                    time.sleep(0.2)
        except Exception as fault:
            self.faults.append(fault)

    def test_copies_are_what_a_search_finds_whatever_writers_do(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        second = self.enterContext(Server([self.database.name], {"workers": 2}))
        urls = [self.server.url, second.url]
        threads = [threading.Thread(target=self.write_by_calls, args=(urls[n % 2], n)) for n in range(3)]
        threads += [threading.Thread(target=self.write_by_sql, args=(seed,)) for seed in (10, 11)]
        paths = [f"{folder}/{number}.db" for number in range(2)]
        threads += [threading.Thread(target=self.read, args=(urls[n], paths[n], [])) for n in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(_DURATION / 2)
        # Everything that this server was at is cut off, or ends.
        second.stop()
        time.sleep(_DURATION / 2)
        self.ends.set()
        for thread in threads:
            thread.join()
        self.assertEqual(self.faults, [])
        expected = self.found()
        self.assertGreater(len(expected), 5)
        for path in paths:
            odoo = self.gateway.Gateway(self.server.url, self.key)
            copy = self.keep_copy.Copy(odoo, "synced", path, filter=[["ref", "=like", "s-%"]], limit=7)
            while copy.step():
                pass
            self.assertEqual(copy.records(), expected)

    def found(self):
        """What a search finds now, by id."""
        odoo, records, cursor = self.gateway.Gateway(self.server.url, self.key), {}, {}
        while True:
            page = odoo.call("synced.search", domain=[["ref", "=like", "s-%"]], **cursor)
            records.update({record["id"]: record for record in page["records"]})
            if page["next_cursor"] is None:
                return records
            cursor = {"cursor": page["next_cursor"]}
