"""What a request costs in memory that is refused, measured on the server's process, whatever its shape."""

import os
from unittest.mock import patch

from odoo.tests import tagged

from ..server_common import Server, ServerCase

_MIB = 1 << 20
#: Bytes of a body: as much as nobody known may send.
_SIZES = {"/jsonrpc/2/api": _MIB, "/jsonrpc/2/common": 6 * _MIB, "/jsonrpc/2/object": 6 * _MIB}


def _filled(item, size):
    return "[" + ",".join([item] * (size // (len(item) + 1))) + "]"


#: Bodies of all shapes, as functions of their size and of what stands before and after the values.
_VALUES = {
    "small numbers": lambda size: _filled("1", size),
    "numbers": lambda size: _filled("1234567890", size),
    "fractions": lambda size: _filled("0.5", size),
    "empty objects": lambda size: _filled("{}", size),
    "empty arrays": lambda size: _filled("[]", size),
    "objects of one member": lambda size: _filled('{"a":1}', size),
    "members": lambda size: "{" + ",".join(f'"{n}":{n}' for n in range(size // 14)) + "}",
    "short strings": lambda size: _filled('"ab"', size),
    "one string": lambda size: f'"{"A" * size}"',
    "one string of signs": lambda size: f'"{"日" * (size // 3)}"',
    "one string with a smile": lambda size: f'"{"A" * size}😀"',
    "nested arrays": lambda size: _filled("[[[[1]]]]", size),
}
#: What stands around them: params by position, a batch, an argument of a service, and broken JSON.
_AROUND = {
    "params": '{{"jsonrpc":"2.0","method":"system.version","params":[{}],"id":1}}',
    "a batch": "[{}]",
    "an argument": '{{"jsonrpc":"2.0","method":"call","id":1,"params":'
    '{{"service":"common","method":"login","args":["{db}",{}]}}}}',
    "broken": '{{"jsonrpc":"2.0","params":{}',
}


@tagged("post_install", "-at_install")
class TestMemoryServer(ServerCase):
    options = {"limit_memory_hard": 0, "limit_memory_soft": 0}

    @classmethod
    def setUpClass(cls):
        # What is free goes back to the system, so that each request pays for itself.
        returned = {"MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}
        with patch.dict(os.environ, returned):
            super().setUpClass()
        cls.publishable = cls.database.issue_key(login=None, kind="publishable", origins="https://shop.example.com")
        # What is loaded with the first request of each kind is not what a request costs.
        for path in _SIZES:
            for body in ("[1]", "{}", '{"a":"' + "A" * 100_000 + '"}'):
                cls.server.post(path, body)

    def setUp(self):
        super().setUp()
        self.database.query("DELETE FROM jsonrpc_bucket RETURNING name")

    def status(self):
        """The resident memory of the server's process, and its peak, in bytes."""
        with open(f"/proc/{self.server.pid}/status") as file:
            lines = dict(line.split(":", 1) for line in file)
        return tuple(int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))

    def cost(self, path, body, **options):
        """The answer to a request, and how much memory the server needed at most beyond what it had."""
        with open(f"/proc/{self.server.pid}/clear_refs", "w") as file:
            # The peak starts anew (``proc_pid_clear_refs(5)``).
            file.write("5")
        before, _peak = self.status()
        answer = self.server.post(path, body.encode(), **options)
        return answer, self.status()[1] - before

    def test_refused_request_costs_four_times_its_body_and_eight_mebibytes(self):
        for path, size in _SIZES.items():
            for shape, values in _VALUES.items():
                for place, around in _AROUND.items():
                    body = around.replace("{db}", self.database.name).format(values(size - 200))
                    with self.subTest(path, shape=shape, place=place):
                        answer, cost = self.cost(path, body)
                        self.assertRegex(answer.text, '^({|\\[{)"jsonrpc":"2.0","(error|result)":')
                        self.assertLess(cost, 4 * len(body.encode()) + 8 * _MIB, f"{answer.text[:200]}")

    def test_key_that_everybody_has_makes_nobody_known(self):
        body = _AROUND["a batch"].format(_VALUES["empty objects"](900_000))
        headers = {"Origin": "https://shop.example.com"}
        answer, cost = self.cost("/jsonrpc/2/api", body, key=self.publishable, headers=headers)
        self.assertEqual(answer.status_code, 413)
        self.assertLess(cost, 4 * len(body) + 8 * _MIB)

    def test_who_has_no_call_left_is_refused_before_the_body_is_read(self):
        self.database.query(
            'INSERT INTO jsonrpc_limit (name, subject, quota, burst, "window", active, sequence)'
            " VALUES ('once', 'address', 1, 1, 'day', true, 1) RETURNING id"
        )
        with Server([self.database.name]) as server:
            statuses = [server.post("/jsonrpc/2/api", "{}").status_code for _ in range(2)]
            self.assertEqual(statuses, [200, 429])
            # Broken JSON, which nobody looks at.
            self.assertEqual(server.post("/jsonrpc/2/api", "{" * 100_000).status_code, 429)
