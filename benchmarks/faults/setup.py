"""What the clients need before they start: API keys, and a partner for each of them.

It must not know what they do with them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..client import Server
from ..web_session import WebSession

#: Clients that share a key. Limits are counted for each key, and stay on.
_CLIENTS_OF_A_KEY = 8


@dataclass(frozen=True)
class Fixture:
    """What was made.

    :ivar tokens: of each client's API key
    :ivar homes: id of each client's own partner
    """

    tokens: list[str]
    homes: list[int]


def prepare(server: Server, login: str, password: str, *, run: str, clients: int) -> Fixture:
    """Make it, as a user would in the web client; the database is thrown away after the run.

    :param run: name of the run
    :raises ExchangeError: the server refuses
    """
    session = WebSession(server, login, password)
    keys = [session.gateway_key(f"Faults {number + 1}") for number in range(-(-clients // _CLIENTS_OF_A_KEY))]
    names = [{"name": f"Fault {run} home {number}"} for number in range(clients)]
    homes = session.call("res.partner", "create", names)
    return Fixture([keys[number // _CLIENTS_OF_A_KEY] for number in range(clients)], homes)
