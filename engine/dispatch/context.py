"""What one request knows of itself, handed to every call in it.

It carries values only; it must not reach for the HTTP request behind them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odoo.api import Environment

    from ..access.credential import Credential
    from ..protocol.jsonrpc.alike import Alike


@dataclass(frozen=True, slots=True)
class CallContext:
    """Who calls, on which database, and how to find the call again.

    :ivar env: the environment of the caller; ``None`` without a database that has the addon
    :ivar credential: how the caller proved who they are
    :ivar request_id: identifier shared by the answer, the errors and the server's log
    :ivar remote_addr: address of the client as Odoo's proxy settings see it
    :ivar endpoint: where the call came in: the path of its URL, for the log
    :ivar door: the routing type of the route, for the log
    :ivar user_agent: what the client says it is, for the log
    :ivar alike: the calls of a batch that this one stands among, and that differ in one param only
    :ivar may_use_cookies: whether the page that calls, if it is one, may have a session with us
    """

    env: Environment | None
    credential: Credential
    request_id: str
    remote_addr: str | None = None
    endpoint: str | None = None
    door: str | None = None
    user_agent: str | None = None
    may_use_cookies: bool = False
    alike: Alike | None = None
