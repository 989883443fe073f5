"""The records that the cases work on: made over the API once, recognised and used again.

It removes only what a run of these benchmarks made. It must not know the cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .client import Server
from .endpoints import Endpoints
from .web_session import WebSession

#: How many partners the largest read takes.
PARTNERS = 5000
#: The name of each starts with this, and nobody else's does.
_PREFIX = "Gateway benchmark partner "
#: So do those that the cases themselves create, until the run ends.
CREATED = "Gateway benchmark created"
_KEY_NAME = "jsonrpc_gateway benchmarks"
_CHUNK = 500


@dataclass(frozen=True)
class Fixture:
    """What a case builds its requests from.

    :param endpoints: ways to call
    :param partner_ids: of :data:`PARTNERS` partners, with every field filled that is read
    :param postgresql: version of the database server
    """

    endpoints: Endpoints
    partner_ids: list[int]
    postgresql: str

    def partner_id(self, round_: int) -> int:
        """Another partner each round, the same one for every case of a round."""
        return self.partner_ids[round_ * 37 % len(self.partner_ids)]

    def some(self, count: int, round_: int) -> list[int]:
        """``count`` partners; other ones each round, as far as there are others."""
        start = round_ * 37 % (len(self.partner_ids) - count + 1)
        return self.partner_ids[start : start + count]


@contextmanager
def prepared(server: Server, login: str, password: str, gateway_key: str) -> Iterator[Fixture]:
    """Have everything that the cases need; afterwards, only the partners are left.

    :param gateway_key: of the same user, allowed to write
    :raises ExchangeError: the server refuses
    """
    session = WebSession(server, login, password)
    with session.odoo_key(_KEY_NAME) as odoo_key:
        try:
            yield Fixture(
                endpoints=Endpoints(server, session.user_id, password, odoo_key, gateway_key),
                partner_ids=_partners(session),
                postgresql=_postgresql_version(session),
            )
        finally:
            left = session.call("res.partner", "search", [("name", "=", CREATED)])
            session.call("res.partner", "unlink", left)


def _partners(session: WebSession) -> list[int]:
    domain = [("name", "=like", f"{_PREFIX}%")]
    found = session.call("res.partner", "search", domain, order="id", limit=PARTNERS)
    missing = [
        {
            "name": f"{_PREFIX}{number:05}",
            "email": f"partner-{number:05}@benchmark.example.com",
            "phone": f"+1 555 {number:07}",
            "is_company": number % 3 == 0,
            "user_id": session.user_id,
        }
        for number in range(len(found), PARTNERS)
    ]
    for start in range(0, len(missing), _CHUNK):
        quiet = {"tracking_disable": True, "mail_create_nolog": True}
        found += session.call("res.partner", "create", missing[start : start + _CHUNK], context=quiet)
    return found


def _postgresql_version(session: WebSession) -> str:
    """The version of PostgreSQL, asked by a server action: no endpoint tells it."""
    model = session.call("ir.model", "search", [("model", "=", "res.partner")])[0]
    code = "env.cr.execute('SHOW server_version'); action = {'type': env.cr.fetchone()[0]}"
    values = {"name": _KEY_NAME, "model_id": model, "state": "code", "code": code}
    action = session.call("ir.actions.server", "create", values)
    try:
        return session.call("ir.actions.server", "run", [action])["type"]
    finally:
        session.call("ir.actions.server", "unlink", [action])
