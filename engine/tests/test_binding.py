"""What values a call may send, and what it is told when they do not fit."""

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from ..protocol import errors
from ..protocol.signature import describe
from ..protocol.values import ABSENT
from .common import TestCase
from .generated import repeatable, values

SECRET = "hunter2-is-secret"  # What must not be found in an error.


class Color(Enum):
    RED = "red"


class Cat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["cat"]


class Dog(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["dog"]
    puppies: list["Dog"] = []


Pet = Annotated[Union[Cat, Dog], Field(discriminator="kind")]


def binder(function):
    return describe(function, name="a.b", invoke=print).bind


def one(annotation):
    """Return the bind of a method with one param of a type."""

    def method(value: annotation): ...

    return binder(method)


def three(a: int, b: str, c: bool = True): ...


def variadic(a: int, *rest: int): ...


class BindingCase(TestCase):
    def failures(self, bind, params):
        with self.assertRaises(errors.InvalidParams) as caught:
            bind(params)
        for failure in caught.exception.data["errors"]:
            self.assertEqual(set(failure), {"path", "type", "message"})
            self.assertTrue(failure["message"])
        return [(error["path"], error["type"]) for error in caught.exception.data["errors"]]


class TestPositions(BindingCase):
    def test_values_are_named_in_order(self):
        self.assertEqual(binder(three)([1, "x", False]), {"a": 1, "b": "x", "c": False})

    def test_defaults_fill_what_is_left_out(self):
        self.assertEqual(binder(three)([1, "x"]), {"a": 1, "b": "x", "c": True})

    def test_missing_values_are_refused_by_name(self):
        self.assertEqual(self.failures(binder(three), [1]), [("b", "missing")])

    def test_surplus_values_are_refused_by_position(self):
        self.assertEqual(
            self.failures(binder(three), [1, "x", True, None, 5]),
            [(path, "unexpected_positional_argument") for path in ("3", "4")],
        )

    def test_surplus_and_wrong_values_are_reported_at_once(self):
        self.assertEqual(
            self.failures(binder(three), ["1", 2, True, None]),
            [("a", "int_type"), ("b", "string_type"), ("3", "unexpected_positional_argument")],
        )

    def test_null_is_a_value(self):
        self.assertEqual(self.failures(binder(three), [1, "x", None]), [("c", "bool_type")])


class TestNames(BindingCase):
    def test_values_are_taken_by_name_in_any_order(self):
        self.assertEqual(binder(three)({"b": "x", "a": 1}), {"a": 1, "b": "x", "c": True})

    def test_names_match_exactly(self):
        self.assertEqual(
            self.failures(binder(three), {"A": 1, "b ": "x"}),
            [
                ("a", "missing"),
                ("b", "missing"),
                ("A", "extra_forbidden"),
                ("b ", "extra_forbidden"),
            ],
        )

    def test_every_failure_is_reported_at_once(self):
        self.assertEqual(
            self.failures(binder(three), {"a": "1", "c": 0, "d": 1}),
            [
                ("a", "int_type"),
                ("b", "missing"),
                ("c", "bool_type"),
                ("d", "extra_forbidden"),
            ],
        )

    def test_receiver_is_no_name(self):
        def method(self, a: int = 1): ...

        self.assertEqual(
            self.failures(binder(method), {"self": 1}), [("self", "extra_forbidden")]
        )  # fmt: skip

    def test_names_that_mean_something_to_python_are_names(self):
        def method(schema: int, copy: int, model_config: int, json: int, items: int): ...

        sent = {"schema": 1, "copy": 2, "model_config": 3, "json": 4, "items": 5}
        self.assertEqual(binder(method)(sent), sent)


class TestAbsentParams(BindingCase):
    def test_absent_params_are_no_values(self):
        def method(a: int = 1): ...

        for params in (ABSENT, [], {}):
            with self.subTest(params):
                self.assertEqual(binder(method)(params), {"a": 1})
                self.assertEqual(
                    self.failures(binder(three), params), [("a", "missing"), ("b", "missing")]
                )

    def test_method_without_params_takes_none(self):
        def method(): ...

        self.assertEqual(binder(method)(ABSENT), {})
        self.assertEqual(
            self.failures(binder(method), [1]), [("0", "unexpected_positional_argument")]
        )
        self.assertEqual(self.failures(binder(method), {"a": 1}), [("a", "extra_forbidden")])

    def test_default_that_a_method_changes_is_fresh_for_each_call(self):
        def method(ids: list[int] = []): ...  # noqa: B006 - the point of the test

        bind = binder(method)
        bind(ABSENT)["ids"].append(1)
        self.assertEqual(bind(ABSENT), {"ids": []})


class TestVariadic(BindingCase):
    def test_values_that_are_left_become_a_list(self):
        self.assertEqual(binder(variadic)([1, 2, 3]), {"a": 1, "rest": [2, 3]})
        self.assertEqual(binder(variadic)([1]), {"a": 1, "rest": []})

    def test_values_are_sent_by_name_as_an_array(self):
        self.assertEqual(binder(variadic)({"a": 1, "rest": [2]}), {"a": 1, "rest": [2]})

    def test_wrong_value_is_refused_with_its_place(self):
        self.assertEqual(self.failures(binder(variadic), [1, 2, "3"]), [("rest.1", "int_type")])

    def test_missing_value_before_is_refused(self):
        self.assertEqual(self.failures(binder(variadic), []), [("a", "missing")])


class TestStrictness(BindingCase):
    def test_values_of_another_json_type_are_refused(self):
        for annotation, wrong in (
            (int, ["5", True, False, 1.5, 1.0, None, [], {}, ""]),
            (float, ["1.5", True, None, []]),
            (str, [5, True, None, ["a"], {}]),
            (bool, [0, 1, "true", "", None]),
            (list[int], ["1", {"0": 1}, None, 1]),
            (dict[str, int], [[], [["a", 1]], "a", None]),
            (date, [20260102, "2026-13-01", "02.01.2026", "", True, "2026-01-02T00:00:00", "now"]),
            (datetime, [0, 1700000000, "2026-01-02T25:00:00", True, "yesterday"]),
            (UUID, [1, "x", "12345678", True]),
            (Decimal, ["x", True, [], "NaN", "Infinity"]),
            (Color, ["RED", "blue", 0, True]),
            (Literal["a"], ["b", None, ["a"]]),
            (Optional[int], ["1", False, 1.0]),
        ):
            bind = one(annotation)
            for value in wrong:
                with self.subTest(annotation=annotation, value=value):
                    self.assertTrue(self.failures(bind, [value]))

    def test_values_of_the_type_are_read(self):
        for annotation, sent, value in (
            (int, 2**64 - 1, 2**64 - 1),
            (int, -(2**63), -(2**63)),
            (float, 1, 1.0),
            (float, 1.5, 1.5),
            (Optional[int], None, None),
            (date, "2026-01-02", date(2026, 1, 2)),
            (datetime, "2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
            (datetime, "2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5)),  # noqa: DTZ001 - as it was sent
            (timedelta, "PT1H", timedelta(hours=1)),
            (UUID, "12345678-1234-5678-1234-567812345678", UUID("12345678" * 4)),
            (Decimal, "1.10", Decimal("1.10")),
            (Decimal, 1.1, Decimal("1.1")),
            (Color, "red", Color.RED),
            (set[int], [1, 1, 2], {1, 2}),
            (tuple[int, str], [1, "a"], (1, "a")),
            (Pet, {"kind": "cat"}, Cat(kind="cat")),
            (Any, {"a": [1, None]}, {"a": [1, None]}),
        ):  # fmt: skip
            with self.subTest(annotation=annotation, sent=sent):
                bound = one(annotation)([sent])["value"]
                self.assertEqual(bound, value)
                self.assertIs(type(bound), type(value))

    def test_constraints_are_checked(self):
        bind = one(Annotated[list[Annotated[int, Field(gt=0)]], Field(max_length=2)])
        self.assertEqual(bind([[1, 2]]), {"value": [1, 2]})
        self.assertEqual(self.failures(bind, [[1, 0]]), [("value.1", "greater_than")])
        self.assertEqual(self.failures(bind, [[1, 1, 1]]), [("value", "too_long")])

    def test_nested_offender_is_named_by_its_path(self):
        pets = [{"kind": "dog", "puppies": [{"kind": "dog", "tail": 1}]}]
        ((path, type_),) = self.failures(one(list[Pet]), [pets])
        self.assertTrue(path.startswith("value.0.") and path.endswith("puppies.0.tail"), path)
        self.assertEqual(type_, "extra_forbidden")

    @repeatable
    @given(values | st.dictionaries(st.sampled_from("abcd"), values))
    def test_any_params_are_bound_exactly_or_refused(self, value):
        for bind in (BIND_EVERYTHING, BIND_ANYTHING):
            for params in ([value], value if isinstance(value, (list, dict)) else {"a": value}):
                try:
                    bound = bind(params)
                except errors.InvalidParams as error:
                    self.assertTrue(error.data["errors"])
                    continue
                named = (
                    dict(zip(bound, params, strict=False)) if isinstance(params, list) else params
                )
                for name, sent in named.items():
                    if bind is BIND_ANYTHING:
                        self.assertEqual(json.dumps(bound[name]), json.dumps(sent))


class TestErrors(BindingCase):
    def test_no_error_quotes_a_value_that_was_sent(self):
        for annotation in (
            int, float, bool, date, datetime, timedelta, UUID, Decimal, Color, Pet, bytes,
            list[int], dict[str, int], Literal["a"], Optional[int], Union[int, list[int]],
            Annotated[str, Field(pattern="^a$")], Annotated[str, Field(max_length=1)],
            tuple[int, int], set[date],
        ):  # fmt: skip
            bind = one(annotation)
            for value in (SECRET, [SECRET], {"a": SECRET}, {"kind": SECRET}, {"value": [SECRET]}):
                with self.subTest(annotation=annotation, value=value):
                    try:
                        bind([value])
                    except errors.InvalidParams as error:
                        told = json.dumps(error.as_member())
                        self.assertNotIn(SECRET, told)
                        self.assertNotIn("http", told)
                    else:
                        self.assertIs(annotation, bytes)

    def test_no_error_quotes_a_part_of_a_value(self):
        with self.assertRaises(errors.InvalidParams) as caught:
            one(UUID)(["~2345678-1234-5678-1234-567812345678"])
        self.assertNotIn("~", json.dumps(caught.exception.data))

    def test_wrong_tag_names_the_right_ones(self):
        with self.assertRaises(errors.InvalidParams) as caught:
            one(Pet)([{"kind": SECRET}])
        self.assertEqual(
            caught.exception.data["errors"][0]["message"], "'kind' should be one of 'cat', 'dog'"
        )

    def test_exception_holds_no_value_for_a_traceback(self):
        with self.assertRaises(errors.InvalidParams) as caught:
            one(int)([SECRET])
        self.assertIsNone(caught.exception.__cause__)
        self.assertTrue(caught.exception.__suppress_context__)

    def test_error_has_the_code_of_the_specification(self):
        with self.assertRaises(errors.InvalidParams) as caught:
            one(int)(["x"])
        self.assertEqual(caught.exception.as_member()["code"], -32602)

    def test_number_of_errors_is_capped_and_the_rest_counted(self):
        with self.assertRaises(errors.InvalidParams) as caught:
            one(list[int])([["x"] * (errors.MAX_ERRORS + 7)])
        self.assertEqual(len(caught.exception.data["errors"]), errors.MAX_ERRORS)
        self.assertEqual(caught.exception.data["omitted"], 7)

    def test_errors_at_the_cap_omit_none(self):
        with self.assertRaises(errors.InvalidParams) as caught:
            one(list[int])([["x"] * errors.MAX_ERRORS])
        self.assertEqual(len(caught.exception.data["errors"]), errors.MAX_ERRORS)
        self.assertNotIn("omitted", caught.exception.data)


def _everything(a: int = 0, b: Pet = None, c: dict[str, list[date]] = {}, *d: Decimal): ...  # noqa: B006


def _anything(a: Any = None, b: Any = None, c: Any = None, d: Any = None): ...


BIND_EVERYTHING = binder(_everything)
BIND_ANYTHING = binder(_anything)
