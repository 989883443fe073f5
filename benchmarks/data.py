"""The records that the cases work on: made over the API once, recognised and used again.

It removes only what a run of these benchmarks made. It must not know the cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from . import crowd, guards
from .client import Server
from .crowd import DeepPage
from .endpoints import Endpoints
from .web_session import WebSession

#: How many partners the largest read takes.
PARTNERS = 5000
#: The name of each starts with this, and nobody else's does.
_PREFIX = "Gateway benchmark partner "
#: So do those that the cases themselves create, until the run ends: behind all others, for they all have one name,
#: and no page of an order may depend on how many of them there are by now.
CREATED = "Gateway benchmark, zz created"
_KEY_NAME = "jsonrpc_gateway benchmarks"
_CHUNK = 500


@dataclass(frozen=True)
class Fixture:
    """What a case builds its requests from.

    :param endpoints: ways to call
    :param guarded: ways to call with keys that differ in what guards them, by what is on
    :param partner_ids: of :data:`PARTNERS` partners, with every field filled that is read
    :param deep_pages: the page far from the first, by the order of the pages
    :param postgresql: version of the database server
    """

    endpoints: Endpoints
    guarded: Mapping[str, Endpoints]
    partner_ids: list[int]
    deep_pages: Mapping[str, DeepPage]
    postgresql: str

    def partner_id(self, round_: int) -> int:
        """Another partner each round, the same one for every case of a round."""
        return self.partner_ids[self._number(round_)]

    def partner_name(self, round_: int) -> str:
        """The name of :meth:`partner_id`."""
        return f"{_PREFIX}{self._number(round_):05}"

    def _number(self, round_: int) -> int:
        return round_ * 37 % len(self.partner_ids)

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
    with session.odoo_key(_KEY_NAME) as odoo_key, guards.issued(session) as tokens:
        try:
            endpoints = Endpoints(server, session.user_id, password, odoo_key, gateway_key)
            partner_ids = _partners(session)
            crowd.gather(session, like=partner_ids[0])
            yield Fixture(
                endpoints=endpoints,
                guarded={what: replace(endpoints, gateway_key=token) for what, token in tokens.items()},
                partner_ids=partner_ids,
                deep_pages={order: crowd.deep_page(endpoints, order) for order in ("id", "name")},
                postgresql=session.run("env.cr.execute('SHOW server_version'); result = env.cr.fetchone()[0]"),
            )
        finally:
            left = session.call("res.partner", "search", [("name", "=", CREATED)])
            for start in range(0, len(left), _CHUNK):
                session.call("res.partner", "unlink", left[start : start + _CHUNK])


def _partners(session: WebSession) -> list[int]:
    domain = [("name", "=like", f"{_PREFIX}%")]
    found = session.call("res.partner", "search", domain, order="id", limit=PARTNERS)
    country_id = session.call("res.country", "search", [("code", "=", "US")])[0]
    missing = [
        {
            "name": f"{_PREFIX}{number:05}",
            "email": f"partner-{number:05}@benchmark.example.com",
            "phone": f"+1 555 {number:07}",
            "is_company": number % 3 == 0,
            "country_id": country_id,
            "user_id": session.user_id,
        }
        for number in range(len(found), PARTNERS)
    ]
    for start in range(0, len(missing), _CHUNK):
        quiet = {"tracking_disable": True, "mail_create_nolog": True}
        found += session.call("res.partner", "create", missing[start : start + _CHUNK], context=quiet)
    return found
