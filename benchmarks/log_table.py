"""The log of calls with five million rows: how long its pages take.

Runs in an Odoo shell, on a database that is thrown away afterwards, because the rows stay::

    odoo-bin shell -d DATABASE < benchmarks/log_table.py

Prints one line for each page: its median and its longest time of several, in milliseconds, as the
administrator's browser would ask for it. It must not be imported: ``env`` comes from the shell.
"""
# ruff: noqa: F821

import statistics
import time

ROWS = 5_000_000
ROUNDS = 5
#: Days that the rows are spread over, evenly, up to now.
DAYS = 30

GENERATE = """
    INSERT INTO jsonrpc_call (called_at, request_id, endpoint, credential, key_id, key_name, user_id, login, company_id,
                              address, method, params, outcome, error_type, error_message, duration, queries,
                              response_size, batch_position, replayed)
    SELECT now() AT TIME ZONE 'UTC' - (%(rows)s - n) * interval '1 day' * %(days)s / %(rows)s,
           md5(n::text), '/jsonrpc/2/api', 'key', 1 + n %% 20, 'Key ' || n %% 20, 2 + n %% 7, 'user' || n %% 7, 1,
           '192.0.2.' || n %% 250,
           (ARRAY['partner.get_info', 'partner.search', 'order.create', 'stock.levels'])[1 + (n::bigint * n) %% 4],
           '{"partner_id": ' || n || ', "fields": ["name", "email"]}',
           CASE WHEN n %% 500 = 0 THEN 'failed' WHEN n %% 40 = 0 THEN 'refused' ELSE 'done' END,
           CASE WHEN n %% 500 = 0 THEN 'internal_error' WHEN n %% 40 = 0 THEN 'not_found' END,
           CASE WHEN n %% 40 = 0 THEN 'There is no partner with id ' || n END,
           round((exp(random() * 5) * 2 + CASE WHEN n %% 997 = 0 THEN 1500 ELSE 0 END)::numeric, 3),
           3 + n %% 9, 200 + n %% 5000, 0, false
      FROM generate_series(1, %(rows)s) AS n
"""

calls = env["jsonrpc.call"].with_user(env.ref("base.user_admin"))


def prepare():
    """Have the rows, made once."""
    env.cr.execute("SELECT count(*) FROM jsonrpc_call")
    missing = ROWS - env.cr.fetchone()[0]
    if missing > 0:
        started = time.perf_counter()
        env.cr.execute(GENERATE, {"rows": missing, "days": DAYS})
        env.cr.commit()
        print(f"{missing:,} rows made in {time.perf_counter() - started:.0f} s")
    env.cr.execute("COMMIT")
    env.cr.execute("VACUUM ANALYZE jsonrpc_call")
    env.cr.execute("SELECT pg_size_pretty(pg_total_relation_size('jsonrpc_call')), count(*) FROM jsonrpc_call")
    print("{} with indexes, {:,} rows".format(*env.cr.fetchone()))


def page(domain, **options):
    """What the list asks for: eighty rows and how many there are, up to its ``count_limit``."""
    view = env["ir.ui.view"].sudo().browse(env.ref("jsonrpc_gateway.jsonrpc_call_view_list").id)
    names = {name: {} for name in calls.fields_get() if f'name="{name}"' in view.arch}
    return calls.web_search_read(domain, names, limit=80, count_limit=1001, **options)


def groups(domain, by):
    return calls.formatted_read_group(domain, by, ["__count", "duration:avg"])


def measured(label, work):
    """Print how long some work takes, without what the ORM remembers of the round before."""
    times = []
    for _round in range(ROUNDS):
        env.invalidate_all()
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    print(f"{label:42} {statistics.median(times):8.1f} ms {max(times):8.1f} ms")


prepare()
env.cr.execute("SELECT request_id FROM jsonrpc_call ORDER BY id OFFSET 1000000 LIMIT 1")
some_request = env.cr.fetchone()[0]
today = [("called_at", ">=", "today")]
key = [("key_id", "=", 7)]
errors = [("outcome", "in", ("refused", "failed"))]
for label, work in {
    "list, no filter": lambda: page([]),
    "list, today": lambda: page(today),
    "list, last hour": lambda: page([("called_at", ">=", "now -1H")]),
    "list, errors": lambda: page(errors),
    "list, errors of today": lambda: page(errors + today),
    "list, faults on our side": lambda: page([("outcome", "=", "failed")]),
    "list, slow": lambda: page([("duration", ">=", 1000)]),
    "list, one key": lambda: page(key),
    "list, one key, errors": lambda: page(key + errors),
    "list, one key, today": lambda: page(key + today),
    "list, one method": lambda: page([("method", "=like", "order.create%")]),
    "list, a request id": lambda: page([("request_id", "=", some_request)]),
    "list, page 100 of no filter": lambda: page([], offset=8000),
    "graph, today by hour": lambda: groups(today, ["called_at:hour", "outcome"]),
    "pivot, today by method": lambda: groups(today, ["method", "outcome"]),
    "dashboard, 1 hour": lambda: calls._dashboard("hour"),
    "dashboard, 24 hours": lambda: calls._dashboard("day"),
    "dashboard, 7 days": lambda: calls._dashboard("week"),
}.items():
    measured(label, work)
