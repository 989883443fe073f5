"""Curated methods that answer, right and wrong."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from odoo import models

from odoo.addons.jsonrpc_gateway import api as jsonrpc


class Full(jsonrpc.ApplicationError):
    """The box is full; take something out of it first."""

    code, message = 1001, "Box full"


class Point(BaseModel):
    model_config = ConfigDict(extra="forbid")

    x: int
    y: int = 0


class Segment(TypedDict):
    start: Point
    end: Point


class JsonrpcApiTest(models.AbstractModel):
    _name = "jsonrpc.api.test"
    _inherit = "jsonrpc.api"
    _description = "JSON-RPC API: tests"
    _jsonrpc_namespace = "test"

    @jsonrpc.method(access="read")
    def add(self, a: int, b: int = 1) -> int:
        """The sum of two numbers.

        :param a: one
        :param b: the other
        """
        return a + b

    @jsonrpc.method(access="read")
    def join(self, separator: str, *words: str) -> str:
        """Words, joined."""
        return separator.join(words)

    @jsonrpc.method(access="read")
    def point(self, point: Point) -> Point:
        """A point, one step to the right."""
        return Point(x=point.x + 1, y=point.y)

    @jsonrpc.method(access="read")
    def segment(self) -> Segment:
        """The way from one point to another."""
        return {"start": Point(x=0), "end": Point(x=1, y=2)}

    @jsonrpc.method(access="read")
    def values(self, moment: datetime | None = None) -> dict:
        """Values that JSON has no type for."""
        return {
            "date": date(2026, 1, 2),
            "naive": datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001 - as the ORM has it
            "aware": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
            "decimal": Decimal("1.50"),
            "set": {1},
            "moment": moment,
        }

    @jsonrpc.method(access="read")
    def not_encodable(self):
        """An answer that JSON cannot express."""
        return {"user": self.env.user}

    @jsonrpc.method(access="read")
    def error_not_encodable(self):
        """An error with data that JSON cannot express."""
        raise jsonrpc.Conflict(data={"user": self.env.user})

    @jsonrpc.method(access="read")
    def surprise(self):
        """An exception that nobody declared, with a secret in its text."""
        raise RuntimeError("secret-of-the-house")

    @jsonrpc.method(access="read")
    def raise_secret(self, password: str):
        """An exception that tells what it was given."""
        raise RuntimeError(f"{password} is wrong")

    @jsonrpc.method(access="read", errors=[jsonrpc.Conflict])
    def refuse_secret(self, password: str):
        """A refusal that tells what it was given."""
        raise jsonrpc.Conflict(f"{password} is wrong")

    @jsonrpc.method(access="read", errors=[Full])
    def full(self):
        """An error that is declared."""
        raise Full(data={"capacity": 3})

    @jsonrpc.method(access="read", public=True)
    def greet(self, name: str = "you") -> str:
        """A greeting; the second class below adds to it."""
        return f"Hello {name}"

    @jsonrpc.method(access="read", publishable=True)
    def price(self, caller: jsonrpc.Credential) -> dict:
        """What a web page may ask; who asks, and as whom."""
        return {"price": 5, "login": self.env.user.login, "uid": self.env.uid, "key": caller.name}

    @jsonrpc.method(access="write", action="create", publishable=True)
    def sign_up(self, name: str) -> str:
        """What a web page may send."""
        return name

    @jsonrpc.method("renamed", access="read", deprecated="call test.greet")
    def old_name(self) -> str:
        """A method with another name than its function."""
        return self._name


class JsonrpcApiTestMore(models.AbstractModel):
    """Another addon's extension."""

    _inherit = "jsonrpc.api.test"

    def greet(self, name="you"):
        return super().greet(name) + "!"

    @jsonrpc.method(access="read")
    def added_later(self) -> str:
        """A method that an extension adds."""
        return "added"
