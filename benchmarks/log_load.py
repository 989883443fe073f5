"""The log of calls under 20,000 calls a second for half a minute: how many of them it has to drop.

Runs in an Odoo shell, on a database that is thrown away afterwards, because the rows stay::

    odoo-bin shell -d DATABASE < benchmarks/log_load.py

It must not be imported: ``env`` comes from the shell.
"""
# ruff: noqa: F821

import time

from odoo.addons.jsonrpc_gateway.engine.dispatch.connections import Connections
from odoo.addons.jsonrpc_gateway.engine.dispatch.journal import writer

RATE, SECONDS, PORTION = 20_000, 30, 1000


def row(number):
    """A call of a batch, as the log keeps it."""
    return {name: None for name in writer.COLUMNS} | {
        "called_at": writer.utcnow(),
        "request_id": f"load-{number // 100}",
        "endpoint": "/jsonrpc/2/api",
        "credential": "key",
        "key_name": "Load",
        "user_id": 2,
        "login": "admin",
        "company_id": 1,
        "address": "192.0.2.1",
        "method": "partner.search",
        "params": '{"domain":[["name","=","Azure Interior"]],"fields":["id","name"],"limit":10}',
        "outcome": "done",
        "duration": 1.25,
        "queries": 2,
        "response_size": 120,
        "batch_position": number % 100 + 1,
        "replayed": False,
        "door": "jsonrpc2",
        "user_agent": "load",
        "batch_size": 100,
        "validate_only": False,
        "notification": False,
    }


def load():
    log = writer.LogWriter(env.cr.dbname, Connections(2))
    most, started = 0, time.monotonic()
    for portion in range(RATE * SECONDS // PORTION):
        log.put([row(portion * PORTION + number) for number in range(PORTION)])
        most = max(most, log.waiting)
        time.sleep(max(0, started + (portion + 1) * PORTION / RATE - time.monotonic()))
    fed = time.monotonic() - started
    log.flush()
    whole = time.monotonic() - started
    log.close()
    env.cr.commit()
    env.cr.execute("SELECT count(*) FROM jsonrpc_call WHERE request_id ~ '^load-'")
    kept = env.cr.fetchone()[0]
    print(f"{RATE * SECONDS:,} calls in {fed:.1f} s, {kept:,} kept after {whole:.1f} s, {most:,} waited at most")


load()
