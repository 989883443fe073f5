"""What tracking costs writes, and what a page of changes costs beside the read, with a million rows.

Runs in an Odoo shell, on a database that is thrown away afterwards, because the rows stay::

    odoo-bin shell -d DATABASE < benchmarks/change_feed.py

Prints medians in milliseconds, with tracking off and on, block by block in turns, and whether the promises
hold. It must not be imported: ``env`` comes from the shell.
"""
# ruff: noqa: F821

import importlib
import statistics
import time

from odoo import SUPERUSER_ID, api

ROWS = 1_000_000
PAGE = 1000
MANY = 5000
BLOCKS = 8
WRITES = 40
#: What tracking may cost, and what a page of changes may, in milliseconds.
MOST_COST, MOST_PAGE = 1.10, 5.0

events = "odoo.addons.jsonrpc_gateway.engine.events"
feed, snapshot = importlib.import_module(f"{events}.feed"), importlib.import_module(f"{events}.snapshot")
registry, found = env.registry, {}


def in_transaction(function):
    """Run a function with an environment, commit, and say how many milliseconds that took."""
    with registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        cr.execute("SELECT 1")
        started = time.perf_counter()
        function(own)
        own.flush_all()
        cr.commit()
        return (time.perf_counter() - started) * 1000


def prepare():
    """The resource and the partners."""
    with registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        resource = own["jsonrpc.resource"].search([("name", "=", "benchmark_changes")])
        if not resource:
            resource = own["jsonrpc.resource"].create(
                {"name": "benchmark_changes", "model_id": own["ir.model"]._get_id("res.partner")}
            )
            resource.action_suggest_fields()
        missing = MANY - own["res.partner"].search_count([("ref", "=", "benchmark")])
        own["res.partner"].create([{"name": f"Changed {number}", "ref": "benchmark"} for number in range(missing)])
        return resource.id, own["res.partner"].search([("ref", "=", "benchmark")], limit=MANY).ids


resource_id, partner_ids = prepare()


def one(number):
    return lambda own: own["res.partner"].browse(partner_ids[number]).write({"phone": f"{time.perf_counter_ns()}"})


def many_by_orm(own):
    own["res.partner"].browse(partner_ids).write({"phone": f"{time.perf_counter_ns()}"})


def many_by_sql(own):
    own.cr.execute("UPDATE res_partner SET phone = %s WHERE id = ANY(%s)", [f"{time.perf_counter_ns()}", partner_ids])


def many_created(own):
    own["res.partner"].create([{"name": f"New {number}", "ref": "created"} for number in range(500)])


for block in range(2 * BLOCKS):
    tracked = bool(block % 2)
    in_transaction(lambda own, on=tracked: own["jsonrpc.resource"].browse(resource_id).write({"track_changes": on}))
    in_transaction(many_by_sql)
    for number in range(WRITES):
        found.setdefault(("one write by the ORM", tracked), []).append(in_transaction(one(number)))
    for name, work in (
        (f"{MANY} rows by one write of the ORM", many_by_orm),
        (f"{MANY} rows by one UPDATE", many_by_sql),
        ("500 partners created", many_created),
    ):
        for _turn in range(2):
            found.setdefault((name, tracked), []).append(in_transaction(work))

print(f"{'':40}{'off':>9}{'on':>9}{'ratio':>8}")
for name in dict.fromkeys(name for name, _tracked in found):
    off, on = (statistics.median(found[name, tracked]) for tracked in (False, True))
    print(f"{name:40}{off:9.2f}{on:9.2f}{on / off:8.3f}{'' if on / off <= MOST_COST else '  MORE THAN PROMISED'}")

# ------------------------------------------------------------------
# Pages
# ------------------------------------------------------------------

with registry.cursor() as cr:
    base = feed.now(cr).snapshot
    cr.execute("DELETE FROM jsonrpc_change")
    cr.execute(
        "INSERT INTO jsonrpc_change (xid, model, record_id, operation, columns, image, changed_at)"
        " SELECT pg_current_xact_id(), 'res.partner', n, 'changed', 'name,phone',"
        " jsonb_build_object('name', 'Partner ' || n, 'active', true), now() FROM generate_series(1, %s) n",
        [ROWS],
    )
    cr.commit()
    cr.execute("COMMIT")
    cr.execute("VACUUM ANALYZE jsonrpc_change")
    cr.commit()
    until = feed.now(cr).snapshot
    cr.execute("SELECT min(xid::text::bigint), min(id), max(id) FROM jsonrpc_change")
    xid, first, last = cr.fetchone()
    for name, at in (("first", None), ("middle", (xid, (first + last) // 2)), ("last", (xid, last - PAGE))):
        taken = []
        for _turn in range(30):
            started = time.perf_counter()
            rows = feed.read_rows(cr, "res.partner", base, until, at, PAGE)
            taken.append((time.perf_counter() - started) * 1000)
        median = statistics.median(taken)
        mark = "" if median <= MOST_PAGE else "  MORE THAN PROMISED"
        print(f"{name + f' page of {len(rows)} among {ROWS:,}':40}{median:9.2f}{mark}")
    cr.execute("DELETE FROM jsonrpc_change")
    cr.execute("DELETE FROM res_partner WHERE ref IN ('created', 'benchmark')")
