"""What an administrator sets for the whole database: name, default and least value of each setting, once.

They are system parameters. ``dispatch/settings.py`` reads them for calls, ``models/`` shows them and
refuses wrong ones.
"""

from __future__ import annotations

from typing import NamedTuple


class Setting(NamedTuple):
    """A number that can be set.

    :ivar name: of the system parameter
    :ivar default: what counts where the parameter is missing or makes no sense
    :ivar least: the smallest value that can be set
    """

    name: str
    default: int
    least: int = 1


#: Calls that one batch may hold.
MAX_BATCH = Setting("jsonrpc_gateway.max_batch", 100)
#: Bytes that one body of ``/jsonrpc/2/api`` may hold.
MAX_BODY = Setting("jsonrpc_gateway.max_body", 1024 * 1024)
#: Bytes that one body of the service endpoints may hold, for a caller whose headers prove who calls.
MAX_SERVICE_BODY = Setting("jsonrpc_gateway.max_service_body", 32 * 1024 * 1024)
#: Seconds that one statement of a call may take.
STATEMENT_TIMEOUT = Setting("jsonrpc_gateway.statement_timeout", 60)
#: Seconds for which an access token can be used.
TOKEN_LIFETIME = Setting("jsonrpc_gateway.token_lifetime", 900)
#: Days for which calls are kept.
LOG_DAYS = Setting("jsonrpc_gateway.log_days", 30)
#: Calls that are kept.
LOG_ROWS = Setting("jsonrpc_gateway.log_rows", 5_000_000)
#: Days for which changes are kept in the audit trail.
AUDIT_DAYS = Setting("jsonrpc_gateway.audit_days", 400, least=30)
#: Days for which changes of records are kept for those who follow them.
CHANGE_DAYS = Setting("jsonrpc_gateway.change_days", 30)
#: Calls that may wait for changes at once, in all processes together; each occupies a worker.
CHANGE_WAITERS = Setting("jsonrpc_gateway.change_waiters", 2)

#: How much of a call is kept, and what counts where nothing is set.
LOG_LEVEL = "jsonrpc_gateway.log_level"
DEFAULT_LOG_LEVEL = "params"
#: Origins of web pages that may call us with the user's session, separated by commas.
CORS_ORIGINS = "web.cors.origins"
#: Whether errors of the service endpoints carry a traceback.
DEBUG_IN_ERRORS = "jsonrpc_gateway.debug_in_errors"
