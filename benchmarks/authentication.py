"""How long it takes to prove or refuse a key: by reason, and with 1 or 100,000 keys in the table.

Run it in a shell of Odoo, on a database that may be thrown away::

    odoo shell -d bench --no-http < benchmarks/authentication.py

It is one script, since its standard input is a shell's; nothing of it is committed. It
measures ``jsonrpc.key._authenticate`` alone, without HTTP, interleaved: whatever disturbs the
machine disturbs all alike.
"""

import logging
import statistics
import time

ROUNDS = 2000
KEYS = 100_000
ADDRESS = "192.0.2.1"

env = env  # noqa: F821, PLW0127 - given by the shell
logging.getLogger("odoo.addons.jsonrpc_gateway.models.key.jsonrpc_key_authentication").setLevel(logging.WARNING)
logging.getLogger("odoo.addons.jsonrpc_gateway.models.key.jsonrpc_key_issuing").setLevel(logging.WARNING)


def measured(title, attempts):
    """Print the median and the 95th percentile of each attempt, in microseconds."""
    keys = env["jsonrpc.key"]
    samples = {name: [] for name in attempts}
    for round_ in range(-ROUNDS // 10, ROUNDS):
        for name, (token, prepare) in attempts.items():
            prepare()
            started = time.perf_counter()
            keys._authenticate(token, ADDRESS)
            if round_ >= 0:
                samples[name].append((time.perf_counter() - started) * 1e6)
    print(title)
    for name, times in samples.items():
        ordered = sorted(times)
        print(f"  {name:22}{statistics.median(ordered):9.1f} us median{ordered[len(ordered) * 95 // 100]:9.1f} us p95")


def nothing():
    """Leave the caches as they are."""


def forget():
    """Empty the cache that would spare the query."""
    env.registry.clear_cache()


def attempts():
    """What is measured, as pairs of a token and what is done before."""
    return {
        "malformed": ("jrg_sk_wrong", nothing),
        # Refused tokens are in no cache, so that the same one will do each time.
        "unknown": (unknown_token, nothing),
        "revoked": (revoked_token, nothing),
        "good, from the cache": (good_token, nothing),
        "good, from the table": (good_token, forget),
    }


user = env.ref("base.user_admin")
issue = env["jsonrpc.key"]._issue
good, good_token = issue(name="Benchmark", user=user)
revoked, revoked_token = issue(name="Benchmark", user=user)
revoked.action_revoke()
unknown, unknown_token = issue(name="Benchmark", user=user)
unknown.unlink()
env.flush_all()
env.cr.execute("ANALYZE jsonrpc_key")
env.cr.execute("SELECT count(*) FROM jsonrpc_key")
measured(f"{env.cr.fetchone()[0]} keys in the table", attempts())

# Copies of a key that differ in their digest.
env.cr.execute(
    """
    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
     WHERE attrelid = 'jsonrpc_key'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'digest')
    """
)
columns = env.cr.fetchone()[0]
env.cr.execute(
    f"INSERT INTO jsonrpc_key (digest, {columns})"
    f" SELECT encode(sha256(n::text::bytea), 'hex'), {columns}"
    " FROM jsonrpc_key, generate_series(1, %s) n WHERE id = %s",
    [KEYS, good.id],
)
env.cr.execute("ANALYZE jsonrpc_key")
env.cr.execute("SELECT count(*) FROM jsonrpc_key")
measured(f"{env.cr.fetchone()[0]} keys in the table", attempts())
env.cr.rollback()
