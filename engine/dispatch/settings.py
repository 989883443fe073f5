"""What an administrator sets for the whole database: system parameters, read in one place.

A parameter that is missing or makes no sense counts as its default: a slip of the pen in
Settings must neither open the gateway nor close it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..access import origin
from ..protocol.whole_number import parse_whole_number

if TYPE_CHECKING:
    from odoo.api import Environment

#: Calls that one batch may hold.
MAX_BATCH = "jsonrpc_gateway.max_batch"
#: Bytes that one body of ``/jsonrpc/2/api`` may hold.
MAX_BODY = "jsonrpc_gateway.max_body"
#: Seconds that one statement of a call may take.
STATEMENT_TIMEOUT = "jsonrpc_gateway.statement_timeout"
#: Origins of web pages that may call us with the user's session, separated by commas.
CORS_ORIGINS = "web.cors.origins"
#: Whether errors of the service endpoints carry a traceback.
DEBUG_IN_ERRORS = "jsonrpc_gateway.debug_in_errors"

#: Seconds for which an access token can be used.
TOKEN_LIFETIME = "jsonrpc_gateway.token_lifetime"  # noqa: S105

_DEFAULTS = {MAX_BATCH: 100, MAX_BODY: 1024 * 1024, TOKEN_LIFETIME: 900, STATEMENT_TIMEOUT: 60}


def number(env: Environment | None, name: str) -> int:
    """The value of a limit; its default where no database is selected.

    :param name: :data:`MAX_BATCH`, :data:`MAX_BODY`, :data:`STATEMENT_TIMEOUT` or :data:`TOKEN_LIFETIME`
    :returns: a positive number
    """
    # 0 is no limit that could be meant.
    return parse_whole_number(_value(env, name)) or _DEFAULTS[name]


def enabled(env: Environment | None, name: str) -> bool:
    """Whether a switch is on; off where no database is selected."""
    return _value(env, name).lower() in ("1", "true")


def origins(env: Environment | None) -> frozenset[str]:
    """The origins of :data:`CORS_ORIGINS`; none where no database is selected."""
    return origin.valid_origins(_value(env, CORS_ORIGINS))


def _value(env: Environment | None, name: str) -> str:
    if env is None:
        return ""
    # sudo: system parameters are for administrators to read, but they hold for every caller.
    return (env["ir.config_parameter"].sudo().get_param(name) or "").strip()
