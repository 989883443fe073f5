"""What a function's signature becomes, and which functions cannot be methods."""

import functools
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from ..protocol import errors
from ..protocol.signature import arguments, describe, injected_names
from ..protocol.spec import ErrorSpec, ParamSpec
from ..protocol.values import ABSENT
from .common import TestCase


class Context:
    """Stands for what the gateway fills in."""


class OtherContext(Context):
    """Is not asked for."""


class Color(Enum):
    RED = "red"


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    product_id: int
    children: list["Line"] = []


class OpenLine(BaseModel):
    product_id: int


class LooseLine(BaseModel):
    model_config = ConfigDict(extra="ignore")

    product_id: int


@dataclass
class Point:
    x: int


@pydantic_dataclass
class OpenPoint:
    x: int


class Address(TypedDict):
    city: str


def spec_of(function, **more):
    return describe(function, **({"name": "a.b", "invoke": print} | more))


def schema_of(annotation):
    def method(value: annotation): ...

    return spec_of(method).params[0].schema


class TestDescribe(TestCase):
    def test_signature_and_docstring_become_the_spec(self):
        def rename(
            self,
            partner_id: int,
            name: Annotated[str, Field(min_length=1)],
            note: Optional[str] = None,
        ) -> dict[str, int]:
            """Rename a partner.

            At once.

            :param partner_id: database id
            :returns: the id
            """

        spec = spec_of(rename, access="write", tags=("partner",))
        self.assertEqual(
            spec.params,
            (
                ParamSpec("partner_id", {"type": "integer"}, True, ABSENT, "database id"),
                ParamSpec("name", {"type": "string", "minLength": 1}, True),
                ParamSpec(
                    "note",
                    {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                    False,
                    None,
                ),
            ),
        )
        self.assertEqual(
            spec.result, {"type": "object", "additionalProperties": {"type": "integer"}}
        )
        self.assertEqual(spec.name, "a.b")
        self.assertIs(spec.invoke, print)
        self.assertEqual(spec.access, "write")
        self.assertEqual(spec.tags, ("partner",))
        self.assertEqual(spec.summary, "Rename a partner.")
        self.assertEqual(spec.description, "At once.")
        self.assertEqual(spec.result_description, "the id")

    def test_given_texts_win_over_the_docstring(self):
        def method():
            """Mine."""

        self.assertEqual(spec_of(method, summary="Yours.").summary, "Yours.")

    def test_bare_function_takes_anything_and_promises_nothing(self):
        def method(self, value, other=3): ...

        spec = spec_of(method)
        self.assertEqual(spec.params[0], ParamSpec("value", {}, True))
        self.assertEqual(spec.params[1], ParamSpec("other", {"default": 3}, False, 3))
        self.assertEqual(spec.result, {})
        self.assertEqual(spec.bind([None]), {"value": None, "other": 3})

    def test_only_a_first_self_or_cls_is_skipped(self):
        def of_class(cls, value): ...

        def plain(value, self): ...

        self.assertEqual([param.name for param in spec_of(of_class).params], ["value"])
        self.assertEqual([param.name for param in spec_of(plain).params], ["value", "self"])

    def test_none_result_is_null(self):
        def method() -> None: ...

        self.assertEqual(spec_of(method).result, {"type": "null"})

    def test_declared_errors_are_documented(self):
        class Archived(errors.ApplicationError):
            """It is archived."""

            code = 1001

        def method(): ...

        self.assertEqual(
            spec_of(method, errors=[Archived]).errors,
            (ErrorSpec(1001, "Archived", "archived", "It is archived."),),
        )

    def test_text_annotations_are_resolved(self):
        def method(value: "Annotated[int, Field(ge=0)]") -> "Line": ...

        spec = spec_of(method)
        self.assertEqual(spec.params[0].schema, {"type": "integer", "minimum": 0})
        self.assertIn("Line", str(spec.result))

    def test_wrapped_function_is_described_as_itself(self):
        def method(self, value: int) -> int:
            """Documented."""

        @functools.wraps(method)
        def wrapper(*args, **kwargs): ...

        spec = spec_of(wrapper)
        self.assertEqual(spec.params, (ParamSpec("value", {"type": "integer"}, True),))
        self.assertEqual(spec.summary, "Documented.")

    def test_wrapper_that_is_no_function_is_described_as_what_it_wraps(self):
        @functools.lru_cache
        def method(value: "Line"): ...

        self.assertIn("Line", str(spec_of(method).params[0].schema))

    def test_keyword_only_params_are_params(self):
        def method(a: int, *, b: int, c: int = 1): ...

        self.assertEqual(spec_of(method).bind([1, 2]), {"a": 1, "b": 2, "c": 1})

    def test_description_of_a_field_documents_the_param(self):
        def method(value: Annotated[int, Field(description="How many.")]): ...

        self.assertEqual(spec_of(method).params[0].description, "How many.")


class TestSchemas(TestCase):
    def test_types_have_their_json_schema(self):
        for annotation, schema in (
            (str, {"type": "string"}),
            (bool, {"type": "boolean"}),
            (float, {"type": "number"}),
            (list[int], {"type": "array", "items": {"type": "integer"}}),
            (date, {"type": "string", "format": "date"}),
            (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
            (Any, {}),
        ):
            with self.subTest(annotation):
                self.assertEqual(schema_of(annotation), schema)

    def test_references_of_a_param_are_in_its_own_defs(self):
        schema = schema_of(list[Line])
        self.assertEqual(schema["items"], {"$ref": "#/$defs/Line"})
        self.assertEqual(set(schema["$defs"]), {"Line"})
        self.assertIs(schema["$defs"]["Line"]["additionalProperties"], False)

    def test_default_is_documented_as_json(self):
        def method(a: Decimal = Decimal("1.5"), b: Color = Color.RED, c: date = date(2026, 1, 2)):
            """Three types that JSON lacks."""

        spec = spec_of(method)
        self.assertEqual(
            [param.schema["default"] for param in spec.params], ["1.5", "red", "2026-01-02"]
        )
        self.assertEqual(
            [param.default for param in spec.params], [Decimal("1.5"), Color.RED, date(2026, 1, 2)]
        )

    def test_default_that_json_cannot_express_is_not_documented(self):
        marker = object()

        def method(a: Any = marker): ...

        self.assertEqual(spec_of(method).params[0].schema, {})
        self.assertIs(spec_of(method).bind(ABSENT)["a"], marker)

    def test_null_default_widens_the_type(self):
        def method(a: str = None): ...  # noqa: RUF013 - the point of the test

        schema = spec_of(method).params[0].schema
        self.assertEqual(schema, {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None})
        self.assertEqual(spec_of(method).bind([None]), {"a": None})


class TestRefusedDeclarations(TestCase):
    def assert_refused(self, function, reason, **options):
        with self.assertRaisesRegex(TypeError, rf"{function.__qualname__}: .*{reason}"):
            spec_of(function, **options)

    def test_keyword_variadic_is_refused(self):
        def method(self, **values): ...

        self.assert_refused(method, r"\*\*values")

    def test_positional_only_is_refused(self):
        def method(a, /): ...

        self.assert_refused(method, "a is positional-only")

    def test_param_after_variadic_is_refused(self):
        def method(*values, last=None): ...

        self.assert_refused(method, r"last comes after \*values")

    def test_field_as_default_is_refused(self):
        def method(value: int = Field(ge=1)): ...

        self.assert_refused(method, "write value: Annotated")

    def test_annotation_that_cannot_be_resolved_is_refused(self):
        def method(value: "NoSuchType"): ...  # noqa: F821

        self.assert_refused(method, "NoSuchType")

    def test_annotation_that_json_cannot_express_is_refused(self):
        def method(value: Context): ...

        def result() -> Context: ...

        self.assert_refused(method, "value: JSON cannot express.*Context")
        self.assert_refused(result, "the result: JSON cannot express.*Context")

    def test_type_that_would_drop_unknown_members_is_refused(self):
        for annotation in (
            OpenLine,
            list[OpenLine],
            Optional[OpenLine],
            dict[str, list[OpenLine]],
            Annotated[OpenLine, Field(description="A line.")],
        ):
            with self.subTest(annotation):

                def method(value: annotation): ...

                self.assert_refused(method, "OpenLine would drop unknown members")

    def test_open_dataclass_of_pydantic_is_refused(self):
        def method(value: OpenPoint): ...

        self.assert_refused(method, "OpenPoint would drop unknown members")

    def test_type_that_decides_to_drop_unknown_members_is_accepted(self):
        def method(value: LooseLine): ...

        bound = spec_of(method).bind([{"product_id": 1, "other": 2}])
        self.assertEqual(bound, {"value": LooseLine(product_id=1)})

    def test_result_may_be_of_an_open_type(self):
        def method() -> OpenLine: ...

        self.assertIn("product_id", spec_of(method).result["properties"])

    def test_required_param_after_optional_one_is_refused(self):
        def method(a=1, *, b): ...

        with self.assertRaisesRegex(ValueError, "required param comes after"):
            spec_of(method)

    def test_reserved_name_is_refused(self):
        def method(): ...

        with self.assertRaisesRegex(ValueError, "reserved"):
            spec_of(method, name="rpc.method")


class TestInjected(TestCase):
    def test_injected_parameters_are_no_params(self):
        def method(self, context: Context, value: int, other: "Context" = None): ...

        spec = spec_of(method, injected=(Context,))
        self.assertEqual([param.name for param in spec.params], ["value"])
        self.assertEqual(spec.bind([1]), {"value": 1})
        self.assertEqual(injected_names(method, (Context,)), {"context": Context, "other": Context})

    def test_injected_name_sent_by_the_caller_is_refused(self):
        def method(context: Context, value: int): ...

        with self.assertRaises(errors.InvalidParams) as caught:
            spec_of(method, injected=(Context,)).bind({"value": 1, "context": {}})
        self.assertEqual(caught.exception.data["errors"][0]["path"], "context")

    def test_other_types_and_the_result_are_not_injected(self):
        def method(a: OtherContext, b: int, c) -> Context: ...

        self.assertEqual(injected_names(method, (Context,)), {})

    def test_types_may_be_a_mapping(self):
        def method(context: Context): ...

        self.assertEqual(injected_names(method, {Context: "made"}), {"context": Context})
        self.assertEqual(spec_of(method, injected={Context: "made"}).params, ())


class TestArguments(TestCase):
    def test_values_are_passed_by_name(self):
        def method(self, a, b=1): ...

        self.assertEqual(arguments(method)({"a": 1, "b": 2}), ([], {"a": 1, "b": 2}))

    def test_variadic_values_are_spread_after_the_others(self):
        def method(self, context: Context, a, *rest): ...

        values = {"a": 1, "rest": [2, 3], "context": "c"}
        self.assertEqual(arguments(method)(values), (["c", 1, 2, 3], {}))

    def test_injected_parameter_may_follow_variadic_values(self):
        def method(a: int, *rest: int, context: Context): ...

        bound = spec_of(method, injected=(Context,)).bind([1, 2])
        self.assertEqual(arguments(method)(bound | {"context": "c"}), ([1, 2], {"context": "c"}))

    def test_function_without_parameters_gets_nothing(self):
        self.assertEqual(arguments(lambda: None)({}), ([], {}))


class TestClosedTypes(TestCase):
    def assert_closed(self, annotation, value):
        def method(value: annotation): ...

        bind = spec_of(method).bind
        self.assertTrue(bind([value]))
        with self.assertRaises(errors.InvalidParams) as caught:
            bind([value | {"other": 1}])
        self.assertEqual(
            [error["path"] for error in caught.exception.data["errors"]], ["value.other"]
        )

    def test_typed_dict_is_closed_for_its_author(self):
        self.assert_closed(Address, {"city": "Ghent"})

    def test_plain_dataclass_is_closed_for_its_author(self):
        self.assert_closed(Point, {"x": 1})

    def test_model_that_forbids_is_closed(self):
        self.assert_closed(Line, {"product_id": 1})
