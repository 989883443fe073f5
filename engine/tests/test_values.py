from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from pydantic import BaseModel, TypeAdapter

from ..protocol.values import plain
from .common import TestCase


class Card(BaseModel):
    name: str
    on: date


class Members(Mapping):
    def __getitem__(self, key):
        return {"a": 1}[key]

    def __iter__(self):
        return iter("a")

    def __len__(self):
        return 1


class TestPlain(TestCase):
    def test_values_become_json(self):
        for value, expected in (
            (date(2026, 1, 2), "2026-01-02"),
            (time(3, 4, 5), "03:04:05"),
            (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05Z"),  # noqa: DTZ001 - as Odoo's are
            (datetime(2026, 1, 2, 3, 4, 5, 678, timezone.utc), "2026-01-02T03:04:05.000678Z"),
            (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:04:05Z"),
            (Decimal("1.10"), "1.10"),
            (Card(name="Ann", on=date(2026, 1, 2)), {"name": "Ann", "on": "2026-01-02"}),
            (Members(), {"a": 1}),
            (frozenset({1}), [1]),
        ):
            with self.subTest(value=value):
                self.assertEqual(plain(value), expected)

    def test_a_decimal_is_what_its_schema_says(self):
        schema = TypeAdapter(Decimal).json_schema(mode="serialization")
        self.assertEqual(schema["type"], "string")
        self.assertIsInstance(plain(Decimal("0.1")), str)

    def test_other_types_are_refused_without_showing_them(self):
        for value in (object(), b"secret", ValueError("secret"), 1j):
            with self.subTest(type=type(value)), self.assertRaises(TypeError) as caught:
                plain(value)
            self.assertNotIn("secret", str(caught.exception))
