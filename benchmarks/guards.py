"""Keys that differ in what guards and records their calls: what that costs is the difference.

It leaves the limits as they were, and its keys revoked. It must not know what is called with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .web_session import WebSession

#: What each key is for: settings of the key, and whether limits hold for it.
_KEYS = {
    "nothing on": ({"log_level": "none"}, False),
    "grants and limits on": ({"log_level": "none"}, True),
    "log on": ({"log_level": "params"}, False),
    "all on": ({"log_level": "params"}, True),
}
NAMES = tuple(_KEYS)


@contextmanager
def issued(session: WebSession) -> Iterator[Mapping[str, str]]:
    """Have the keys for the length of a ``with`` block: tokens by what is on."""
    limits = session.call("jsonrpc.limit", "search", [("subject", "=", "key"), ("key_ids", "=", False)])
    others = session.call("jsonrpc.key", "search", [])
    tokens, limited, ids = {}, [], []
    try:
        for what, (values, is_limited) in _KEYS.items():
            restricted = {"reach": "restricted", "grant_ids": [(0, 0, {"namespace": "partner", "may_read": True})]}
            tokens[what] = session.gateway_key(f"Benchmark, {what}", **(restricted if is_limited else {}))
            (id_,) = session.call("jsonrpc.key", "search", [("name", "=", f"Benchmark, {what}")])
            session.call("jsonrpc.key", "write", [id_], values)
            ids.append(id_)
            limited += [id_] if is_limited else []
        session.call("jsonrpc.limit", "write", limits, {"key_ids": [(6, 0, [*others, *limited])]})
        yield tokens
    finally:
        session.call("jsonrpc.limit", "write", limits, {"key_ids": [(5, 0, 0)]})
        session.call("jsonrpc.key", "action_revoke", ids)
