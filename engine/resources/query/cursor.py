"""Where a page ended, as a text that only this database can have made, for this very search.

A cursor holds the sort keys of the last record, signed together with everything that gives
them their meaning: resource, order, domain, user, language and companies. It must not know
SQL, nor how pages are read.
"""

from __future__ import annotations

import base64
import binascii
import hmac as constant_time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson

from odoo.tools import hmac

if TYPE_CHECKING:
    from odoo.api import Environment

#: Bytes of HMAC-SHA256 that are kept: nobody guesses 128 bits.
_MAC = 16
#: Longer texts are refused unread. Sort keys are values of fields, and may be long.
MAX_LENGTH = 65_536


def cursor_scope(env: Environment, resource: str, order: str, domain: Any) -> bytes:
    """What a cursor is good for.

    :param order: the one way to write it, see :func:`.order.order_text`
    :param domain: as it was sent
    """
    context = env.context
    companies = context.get("allowed_company_ids") or []
    return orjson.dumps([resource, order, domain, env.uid, context.get("lang") or None, list(companies)])


def encode_cursor(env: Environment, scope: bytes, keys: Sequence[str | int | None]) -> str:
    """The text for a position.

    :param keys: one for each term of the order
    """
    payload = orjson.dumps(list(keys))
    return base64.urlsafe_b64encode(_mac(env, scope, payload) + payload).decode().rstrip("=")


def decode_cursor(env: Environment, scope: bytes, text: str) -> list[str | None]:
    """The position that a text stands for.

    :raises ValueError: it was tampered with, or made for another search, caller or database;
        which of these is not told
    """
    if len(text) > MAX_LENGTH:
        raise ValueError("too long")
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as exc:
        raise ValueError("not base64") from exc
    mac, payload = raw[:_MAC], raw[_MAC:]
    if not constant_time.compare_digest(mac, _mac(env, scope, payload)):
        raise ValueError("not signed for this search")
    return orjson.loads(payload)


def _mac(env: Environment, scope: bytes, payload: bytes) -> bytes:
    # su: the secret is a system parameter, which the caller cannot and must not read.
    return bytes.fromhex(hmac(env(su=True), "jsonrpc_gateway.cursor", (scope, payload)))[:_MAC]
