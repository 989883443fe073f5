"""One HTTP request on a TCP connection of its own, at the least cost to the one who measures.

Plain sockets: an HTTP library would add a millisecond of its own to every case, which flatters
the slower ones. It must not know what the requests mean.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_TIMEOUT = 300.0
_CHUNK = 1 << 18


class ExchangeError(Exception):
    """The server did not answer as HTTP, or not with what the request is for."""


class Response(NamedTuple):
    """An answer: its HTTP status, its headers by lower-case name, its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body.

        :raises ExchangeError: it is no JSON
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise ExchangeError(f"HTTP {self.status}, and no JSON: {self.body[:200]!r}") from None


@dataclass(frozen=True)
class Server:
    """Where requests go.

    :param host: its name or address
    :param port: of plain HTTP
    :param database: sent as ``X-Odoo-Database``, except beside a session's cookie: Odoo keeps
        no session for who names a database by header
    """

    host: str
    port: int
    database: str

    @classmethod
    def at(cls, url: str, database: str) -> Server:
        """The server at a URL.

        :raises ValueError: not a plain ``http://`` one
        """
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url!r} is no URL of plain HTTP")
        return cls(parts.hostname, parts.port or 80, database)

    def compose(self, path: str, payload: Any = None, headers: Mapping[str, str] | None = None) -> bytes:
        """The bytes of a request: a POST of a JSON payload, or a GET without one.

        :param payload: any JSON value; ``None`` for a GET
        :param headers: more headers
        """
        body = b"" if payload is None else json.dumps(payload).encode()
        fields = {
            "Host": f"{self.host}:{self.port}",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **({"X-Odoo-Database": self.database} if headers is None or "Cookie" not in headers else {}),
            **(headers or {}),
        }
        if payload is not None:
            fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"{'GET' if payload is None else 'POST'} {path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def exchange(self, raw: bytes, timeout: float = _TIMEOUT) -> tuple[Response, float]:
        """Send a request over a new connection.

        :param raw: as :meth:`compose` makes it
        :param timeout: seconds without a byte after which it fails
        :returns: the answer, and the seconds from before the connection until its last byte
        :raises ExchangeError: what came back is no complete HTTP answer
        :raises OSError: the connection fails
        """
        started = time.perf_counter()
        with socket.create_connection((self.host, self.port), timeout) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(raw)
            received = bytearray()
            while (end := received.find(b"\r\n\r\n")) < 0:
                _receive(connection, received)
            status, headers = _parse_head(received[:end])
            size = end + 4 + _body_length(headers)
            while len(received) < size:
                _receive(connection, received)
            seconds = time.perf_counter() - started
        return Response(status, headers, bytes(received[end + 4 : size])), seconds


def _receive(connection: socket.socket, into: bytearray) -> None:
    part = connection.recv(_CHUNK)
    if not part:
        raise ExchangeError(f"The connection ended after {len(into)} bytes")
    into += part


def _parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(status.split()[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}


def _body_length(headers: dict[str, str]) -> int:
    length = headers.get("content-length", "")
    if not length.isdigit():
        raise ExchangeError("The answer has no Content-Length")
    return int(length)
