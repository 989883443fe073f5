"""Faults of ours as entries of the collection: the same exception at the same place is one.

It must not know where entries are kept, nor what the caller was told.
"""

from __future__ import annotations

import hashlib
import traceback
from typing import TYPE_CHECKING, Any

from .writer import utcnow

if TYPE_CHECKING:
    from types import TracebackType

    from .redaction import Redaction

#: Characters of a traceback that are kept; the end of it says most.
_MAX_TRACEBACK = 16_000
# Frames that every call passes; the fault is further inside.
_OURS = tuple(f"odoo.addons.jsonrpc_gateway.engine.{floor}" for floor in ("dispatch", "protocol", "compat"))


def described(exc: BaseException, redaction: Redaction, *, method: str, request_id: str) -> dict[str, Any]:
    """The entry for an exception.

    :param redaction: hides the secrets of the call that the exception ended
    :param method: the call's method, for people
    :param request_id: of the call
    :returns: values of a row of ``jsonrpc_error``
    """
    cls = type(exc)
    exception = f"{cls.__module__}.{cls.__qualname__}".removeprefix("builtins.")
    place = _place(exc.__traceback__)
    return {
        "digest": hashlib.sha256(f"{exception} {place}".encode()).hexdigest()[:24],
        "exception": exception,
        "place": place,
        "message": redaction.text(str(exc), 500),
        "traceback": scrubbed(exc, redaction),
        "method": method,
        "request_id": request_id,
        "count": 1,
        "last_seen": utcnow(),
    }


def scrubbed(exc: BaseException, redaction: Redaction) -> str:
    """The traceback of an exception, without the secrets of its call."""
    text = "".join(traceback.format_exception(exc))[-_MAX_TRACEBACK:]
    return redaction.text(text, _MAX_TRACEBACK)


def _place(tb: TracebackType | None) -> str:
    """The innermost line of an addon, or of anything where no addon is involved.

    :returns: ``module:function:line``
    """
    innermost = in_addon = ""
    while tb is not None:
        name = tb.tb_frame.f_globals.get("__name__", "?")
        innermost = f"{name}:{tb.tb_frame.f_code.co_name}:{tb.tb_lineno}"
        if name.startswith("odoo.addons.") and not name.startswith(_OURS):
            in_addon = innermost
        tb = tb.tb_next
    return in_addon or innermost
