"""Methods that stream: many rows, few, and some that go wrong."""

import json
import time
from typing import Literal

from odoo import models
from odoo.exceptions import ConcurrencyError

from odoo.addons.jsonrpc_gateway import api as jsonrpc
from odoo.addons.jsonrpc_gateway.engine.dispatch import streaming
from odoo.addons.jsonrpc_gateway.engine.protocol import signature

#: Rows of one round trip to PostgreSQL.
_PORTION = 2_000

#: What happened in this process, for tests of replays.
_counts = {"asked": 0, "begun": 0}


class JsonrpcApiStream(models.AbstractModel):
    _name = "jsonrpc.api.stream"
    _inherit = "jsonrpc.api"
    _description = "JSON-RPC API: streams"
    _jsonrpc_namespace = "stream"

    @jsonrpc.method(access="read", streams=True)
    def rows(self, count: int, fail_at: int | None = None, seconds: float = 0):
        """Numbered rows, read through a cursor of PostgreSQL.

        :param fail_at: the row before which a fault happens
        :param seconds: to wait after each portion
        """
        self.env.cr.execute(
            "DECLARE test_rows NO SCROLL CURSOR FOR"
            " SELECT row_to_json(line)::text FROM (SELECT id, 'Row number ' || id AS name"
            " FROM generate_series(1, %s) AS id) AS line",
            [count],
        )
        sent = 0
        while True:
            self.env.cr.execute(f"FETCH {_PORTION} FROM test_rows")
            lines = [line for (line,) in self.env.cr.fetchall()]
            if not lines:
                return
            if fail_at is not None and sent + len(lines) >= fail_at:
                yield "".join(f"{line}\n" for line in lines[: fail_at - sent - 1]).encode()
                raise RuntimeError("secret-of-the-house")
            yield "".join(f"{line}\n" for line in lines).encode()
            sent += len(lines)
            time.sleep(seconds)

    @jsonrpc.method(access="read", streams=True)
    def notes(self, caller: jsonrpc.Credential):
        """The names of the notes, and who reads them where and how."""
        env = self.env
        env.cr.execute(
            "SELECT current_setting('transaction_read_only'), current_setting('transaction_isolation'),"
            " current_setting('statement_timeout')"
        )
        read_only, isolation, timeout = env.cr.fetchone()
        yield _line(
            {
                "uid": env.uid,
                "su": env.su,
                "companies": env.companies.ids,
                "lang": env.lang,
                "key": caller.name,
                "read_only": read_only,
                "isolation": isolation,
                "timeout": timeout,
            }
        )
        for note in env["test_jsonrpc_gateway.note"].search([], order="id"):
            yield _line({"name": note.name})

    @jsonrpc.method(access="read", streams=True)
    def write(self, name: str, commit: bool = False):
        """Write, although a stream only reads; after a commit perhaps, which no method should."""
        if commit:
            self.env.cr.commit()
        yield _line({"before": name})
        self.env["test_jsonrpc_gateway.note"].create({"name": name})
        self.env.flush_all()
        yield _line({"after": name})

    @jsonrpc.method(access="read", streams=True)
    def sleep(self, seconds: float):
        """One slow statement."""
        self.env.cr.execute("SELECT pg_sleep(%s)", [seconds])
        yield b"{}\n"

    @jsonrpc.method(access="write")
    def limit(self, name: Literal["MAX_STALL", "MAX_SECONDS"], seconds: int) -> int:
        """Set for how long a client may take nothing, or a stream may take, in this process."""
        setattr(streaming, name, seconds)
        return seconds

    @jsonrpc.method(access="read", streams=True)
    def broken(self, password: str):
        """A statement that PostgreSQL refuses, with a secret in it."""
        yield b"{}\n"
        self.env.cr.execute("SELECT no_such_column, %s", [password])

    @jsonrpc.method(access="read", streams=True)
    def refuse(self):
        """A refusal after a row."""
        yield b"{}\n"
        raise jsonrpc.NotFound("There is no more")

    @jsonrpc.method(access="read", streams=True)
    def wrong(self):
        """Something else than lines."""
        yield b'{"id": 1}\n'
        yield {"id": 2}

    def _jsonrpc_own_methods(self):
        yield from super()._jsonrpc_own_methods()
        if self._name == "jsonrpc.api.stream":
            yield signature.describe(_after_replays, name="stream.after_replays", invoke=_invoke, streams=True)


def _after_replays(replays: int):
    """A stream whose request loses against others a number of times."""


def _invoke(context, values):
    _counts["asked"] += 1
    if _counts["asked"] <= values["replays"]:
        raise ConcurrencyError("somebody else was first")

    def rows(env):
        _counts["begun"] += 1
        yield _line(_counts)

    return rows


def _line(value):
    """A row as it is sent."""
    return json.dumps(value).encode() + b"\n"
