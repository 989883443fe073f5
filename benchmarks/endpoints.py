"""How each endpoint is called: the request's bytes, and the result out of the answer.

It must not know which calls are compared, nor how they are timed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .client import ExchangeError, Response, Server

#: Whether a result is what was asked for.
Expected = Callable[[Any], bool]


@dataclass(frozen=True)
class Call:
    """A request that can be sent any number of times.

    :param raw: its bytes
    :param result: takes the result out of the answer
    :param expected: judges the result; a wrong answer is not worth timing
    """

    raw: bytes
    result: Callable[[Response], Any]
    expected: Expected

    def check(self, response: Response) -> None:
        """:raises ExchangeError: the answer is an error, or not what was asked for"""
        if not self.expected(self.result(response)):
            raise ExchangeError(f"HTTP {response.status}, unexpected: {response.body[:300]!r}")


@dataclass(frozen=True)
class Endpoints:
    """The endpoints of one server, for one user.

    :param server: where they are
    :param user_id: the user's id in Odoo
    :param password: the user's password
    :param odoo_key: an Odoo API key of the user
    :param gateway_key: a gateway key of the user
    """

    server: Server
    user_id: int
    password: str
    odoo_key: str
    gateway_key: str

    def http_get(self, path: str) -> Call:
        """A page that needs nobody."""
        return Call(self.server.compose(path), lambda response: response.status, lambda status: status == 200)

    def api(self, method: str, params: Any, expected: Expected) -> Call:
        """A method of ``/jsonrpc/2/api``, with the gateway key."""
        return Call(self._api_raw(_envelope(method, params, 1)), _rpc_result, expected)

    def api_batch(self, calls: Sequence[tuple[str, Any]], expected: Expected) -> Call:
        """A batch of them; the result is the list of theirs."""
        payload = [_envelope(method, params, position) for position, (method, params) in enumerate(calls)]
        return Call(self._api_raw(payload), _rpc_results, expected)

    def object(
        self, model: str, method: str, args: list, kwargs: dict, expected: Expected, secret: str | None = None
    ) -> Call:
        """``/jsonrpc/2/object``; with the password, or another secret."""
        payload = self._execute_kw(model, method, args, kwargs, secret)
        return Call(self.server.compose("/jsonrpc/2/object", payload), _rpc_result, expected)

    def object_batch(
        self, model: str, method: str, each: Sequence[list], kwargs: dict, expected: Expected
    ) -> Call:
        """A batch of them, one for each list of arguments."""
        payload = [self._execute_kw(model, method, args, kwargs, None) | {"id": n} for n, args in enumerate(each)]
        return Call(self.server.compose("/jsonrpc/2/object", payload), _rpc_results, expected)

    def odoo_jsonrpc(
        self, model: str, method: str, args: list, kwargs: dict, expected: Expected, secret: str | None = None
    ) -> Call:
        """Odoo's ``/jsonrpc``; with the password, or another secret."""
        payload = self._execute_kw(model, method, args, kwargs, secret)
        return Call(self.server.compose("/jsonrpc", payload), _rpc_result, expected)

    def odoo_json2(self, model: str, method: str, body: dict, expected: Expected) -> Call:
        """Odoo's ``/json/2``, with the Odoo API key."""
        headers = {"Authorization": f"Bearer {self.odoo_key}"}
        return Call(self.server.compose(f"/json/2/{model}/{method}", body, headers), _http_result, expected)

    def _api_raw(self, payload: Any) -> bytes:
        return self.server.compose("/jsonrpc/2/api", payload, {"Authorization": f"Bearer {self.gateway_key}"})

    def _execute_kw(self, model: str, method: str, args: list, kwargs: dict, secret: str | None) -> dict:
        args = [self.server.database, self.user_id, secret or self.password, model, method, args, kwargs]
        return _envelope("call", {"service": "object", "method": "execute_kw", "args": args}, 1)


def _envelope(method: str, params: Any, id_: int) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": id_}


def _rpc_result(response: Response) -> Any:
    answer = response.json()
    if not isinstance(answer, dict) or "result" not in answer:
        raise ExchangeError(f"HTTP {response.status}: {response.body[:300]!r}")
    return answer["result"]


def _rpc_results(response: Response) -> list[Any]:
    answers = response.json()
    if not isinstance(answers, list) or not all("result" in answer for answer in answers):
        raise ExchangeError(f"HTTP {response.status}: {response.body[:300]!r}")
    return [answer["result"] for answer in answers]


def _http_result(response: Response) -> Any:
    if response.status != 200:
        raise ExchangeError(f"HTTP {response.status}: {response.body[:300]!r}")
    return response.json()
