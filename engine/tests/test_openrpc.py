"""The OpenRPC document: official form, one name for one schema, and examples that fit."""

import json
import random
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import NotRequired, TypedDict

from ..protocol import errors
from ..protocol.jsonrpc.codec import encode
from ..protocol.openrpc.document import openrpc_document
from ..protocol.signature import describe
from ..protocol.spec import ErrorSpec, MethodSpec, ParamSpec
from .common import TestCase
from .meta_schema import breaches, misfits


class Archived(errors.ApplicationError):
    """The partner is archived; see :class:`~.spec.MethodSpec` and ``unarchive``.

    :param partner_id: not published
    """

    code = 1001


class Reference(TypedDict):
    id: int
    name: str


class Node(BaseModel):
    model_config = ConfigDict(extra="forbid")
    label: str
    children: list["Node"] = []


class Cat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["cat"]


class Dog(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["dog"]
    friend: Reference


def method(function, name, **more):
    return describe(function, name=name, invoke=print, **more)


def spec(name="a.b", params=(), result=None, **members):
    params = tuple(ParamSpec(key, schema, True) for key, schema in params)
    return MethodSpec(name, params, result or {}, bind=dict, invoke=print, **members)


def document(*methods):
    return openrpc_document(
        methods, title="API", version="1.2.3", server_url="https://example.com/jsonrpc/2/api"
    )


def rename(
    partner: Reference, name: Annotated[str, Field(min_length=1)], loud: bool = False
) -> Reference:
    """Rename a partner.

    The name is stored as ``name``.

    :param partner: who
    :param name: new name
    :returns: who it is now
    """


def tree(
    node: Node, animals: list[Annotated[Cat | Dog, Field(discriminator="kind")]]
) -> Node | None:
    """Plant a tree."""


def pair(value: tuple[int, str]) -> dict[str, Reference]:
    """Take a pair."""


def specs():
    return [
        method(rename, "partner.rename", errors=[Archived, errors.NotFound], access="write"),
        method(tree, "garden.tree", public=True),
        method(pair, "garden.pair", deprecated="Call garden.tree.", tags=("old",)),
        method(lambda: None, "rpc.discover", reserved=True, public=True),
    ]


def of(described, name):
    return next(method for method in described["methods"] if method["name"] == name)


class TestDocument(TestCase):
    def test_meta_schema_is_satisfied(self):
        self.assertEqual(breaches(document(*specs())), [])

    def test_meta_schema_of_the_tests_refuses_mistakes(self):
        described = document(*specs())
        described["methods"][0]["params"].append({"name": "x"})
        described["info"]["licence"] = "none"
        described["components"]["schemas"]["Bad"] = {"type": "whatever"}
        self.assertEqual(len(breaches(described)), 3)

    def test_order_of_the_methods_does_not_matter(self):
        methods = specs()
        expected = encode(document(*methods))
        for seed in range(5):
            random.Random(seed).shuffle(methods)
            self.assertEqual(encode(document(*methods)), expected)

    def test_two_methods_of_one_name_are_refused(self):
        with self.assertRaisesRegex(ValueError, "two methods are named 'a.b'"):
            document(spec(), spec())

    def test_no_methods_are_a_document_too(self):
        self.assertEqual(breaches(document()), [])
        self.assertEqual(document()["methods"], [])

    def test_texts_of_a_method_are_published(self):
        described = of(document(*specs()), "partner.rename")
        self.assertEqual(described["summary"], "Rename a partner.")
        self.assertEqual(described["description"], "The name is stored as `name`.")
        self.assertEqual(described["tags"], [{"name": "partner"}])
        self.assertEqual(described["result"]["description"], "who it is now")
        self.assertEqual(described["x-access"], "write")
        self.assertIs(described["x-public"], False)
        self.assertNotIn("deprecated", described)
        self.assertEqual(
            [(p["name"], p["required"], p.get("description")) for p in described["params"]],
            [("partner", True, "who"), ("name", True, "new name"), ("loud", False, None)],
        )

    def test_deprecation_says_what_to_call_instead(self):
        described = of(document(*specs()), "garden.pair")
        self.assertIs(described["deprecated"], True)
        self.assertEqual(described["description"], "**Deprecated.** Call garden.tree.")
        self.assertEqual(described["tags"], [{"name": "garden"}, {"name": "old"}])

    def test_every_method_has_a_result(self):
        self.assertEqual(
            [m["name"] for m in document(*specs())["methods"] if "result" not in m], []
        )

    def test_component_keys_use_only_allowed_characters(self):
        awkward = {"$defs": {"Page[Ann/é]": {"type": "integer"}}, "$ref": "#/$defs/Page[Ann~1é]"}
        described = document(*specs(), spec(params=[("x", awkward)]))
        for kind in ("schemas", "errors"):
            for key in described["components"][kind]:
                self.assertRegex(key, re.compile(r"^[a-zA-Z0-9.\-_]+$", re.ASCII))
        self.assertEqual(
            of(described, "a.b")["params"][0]["schema"]["$ref"], "#/components/schemas/Page_Ann___"
        )


class TestSchemas(TestCase):
    def test_every_reference_leads_somewhere(self):
        described = document(*specs())
        references = re.findall(r'"\$ref": "([^"]*)"', json.dumps(described))
        self.assertGreater(len(references), 20)
        for reference in references:
            found = described
            for token in reference.removeprefix("#/").split("/"):
                self.assertIn(token, found, reference)
                found = found[token]

    def test_no_word_of_a_later_draft_is_left(self):
        text = json.dumps(document(*specs()))
        for word in ("$defs", "prefixItems", "discriminator"):
            self.assertNotIn(word, text)
        pair = of(document(*specs()), "garden.pair")["params"][0]["schema"]
        self.assertEqual(pair["items"], [{"type": "integer"}, {"type": "string"}])

    def test_same_schema_is_one_component(self):
        self.assertEqual(
            sorted(document(*specs())["components"]["schemas"]), ["Cat", "Dog", "Node", "Reference"]
        )

    def test_recursive_schema_refers_to_its_component(self):
        described = document(*specs())["components"]["schemas"]["Node"]
        self.assertEqual(
            described["properties"]["children"]["items"], {"$ref": "#/components/schemas/Node"}
        )

    def test_other_schema_of_the_same_name_is_renamed(self):
        def other(who: Dog) -> None: ...

        class Local(TypedDict):
            id: int
            login: NotRequired[str]

        Local.__name__ = Local.__qualname__ = "Reference"

        def mine(who: Annotated[Local, Field(description="somebody")]) -> list[Local]: ...

        described = document(
            method(other, "a.other"), method(mine, "b.mine"), method(other, "c.other")
        )
        schemas = described["components"]["schemas"]
        self.assertEqual(sorted(schemas), ["Dog", "Reference", "Reference_2"])
        self.assertIn("login", schemas["Reference_2"]["properties"])
        result = of(described, "b.mine")["result"]["schema"]
        self.assertEqual(result["items"], {"$ref": "#/components/schemas/Reference_2"})
        self.assertEqual(
            schemas["Dog"]["properties"]["friend"], {"$ref": "#/components/schemas/Reference"}
        )

    def test_same_text_that_leads_elsewhere_is_another_component(self):
        outer = {"type": "array", "items": {"$ref": "#/$defs/Inner"}}
        first = {"$ref": "#/$defs/Outer", "$defs": {"Outer": outer, "Inner": {"type": "integer"}}}
        second = {"$ref": "#/$defs/Outer", "$defs": {"Outer": outer, "Inner": {"type": "string"}}}
        schemas = document(spec(params=[("x", first), ("y", second)]))["components"]["schemas"]
        self.assertEqual(schemas["Outer"]["items"], {"$ref": "#/components/schemas/Inner"})
        self.assertEqual(schemas["Outer_2"]["items"], {"$ref": "#/components/schemas/Inner_2"})
        self.assertEqual(schemas["Inner_2"], {"type": "string"})

    def test_reference_into_the_schema_itself_is_redirected(self):
        schema = {
            "type": "object",
            "properties": {
                "a": {"type": "integer"},
                "b": {"$ref": "#/properties/a"},
                "c": {"$ref": "#"},
            },
        }
        described = document(spec(params=[("x", schema)]))
        self.assertEqual(
            of(described, "a.b")["params"][0]["schema"], {"$ref": "#/components/schemas/a.b.x"}
        )
        lifted = described["components"]["schemas"]["a.b.x"]["properties"]
        self.assertEqual(lifted["b"], {"$ref": "#/components/schemas/a.b.x/properties/a"})
        self.assertEqual(lifted["c"], {"$ref": "#/components/schemas/a.b.x"})

    def test_named_object_within_a_schema_is_one_component(self):
        closed = {"type": "object", "title": "a/record", "properties": {"id": {"type": "integer"}}}
        closed["additionalProperties"] = False
        other = {**closed, "properties": {"id": {"type": "string"}}}
        label = {"type": "object", "title": "Country", "properties": {"id": {"type": "integer"}}}
        page = {"type": "object", "properties": {"records": {"type": "array", "items": closed}, "country": label}}
        one = {"anyOf": [closed, {"type": "array", "items": closed}, other]}
        described = document(spec(params=[("x", page), ("y", one), ("z", closed)]))
        x, y, z = (param["schema"] for param in of(described, "a.b")["params"])
        self.assertEqual(x["properties"]["records"]["items"], {"$ref": "#/components/schemas/a_record"})
        self.assertEqual(x["properties"]["country"], label)
        self.assertEqual(y["anyOf"][0], {"$ref": "#/components/schemas/a_record"})
        self.assertEqual(y["anyOf"][2], {"$ref": "#/components/schemas/a_record_2"})
        self.assertEqual(z, {"$ref": "#/components/schemas/a_record"})
        self.assertEqual(described["components"]["schemas"]["a_record_2"], other)

    def test_word_beside_a_reference_is_kept(self):
        schema = {"$ref": "#/$defs/A", "description": "an A", "$defs": {"A": {"type": "integer"}}}
        described = of(document(spec(params=[("x", schema)])), "a.b")["params"][0]["schema"]
        self.assertEqual(
            described, {"description": "an A", "allOf": [{"$ref": "#/components/schemas/A"}]}
        )

    def test_values_and_names_that_look_like_references_are_kept(self):
        schema = {
            "type": "object",
            "properties": {"$ref": {"type": "string"}, "$defs": {"type": "string"}},
            "default": {"$ref": "#/$defs/Nowhere"},
            "enum": [{"prefixItems": 1}],
        }
        self.assertEqual(
            of(document(spec(params=[("x", schema)])), "a.b")["params"][0]["schema"], schema
        )

    def test_reference_to_nowhere_is_refused(self):
        with self.assertRaisesRegex(ValueError, "refers to 'Nowhere'"):
            document(spec(params=[("x", {"$ref": "#/$defs/Nowhere"})]))

    def test_specification_is_left_as_it_was(self):
        methods = specs()
        before = [(json.dumps(m.result), [json.dumps(p.schema) for p in m.params]) for m in methods]
        document(*methods)
        after = [(json.dumps(m.result), [json.dumps(p.schema) for p in m.params]) for m in methods]
        self.assertEqual(before, after)


class TestErrors(TestCase):
    def codes(self, described, name):
        components = described["components"]["errors"]
        return [
            components[ref["$ref"].rpartition("/")[2]]["code"]
            for ref in of(described, name)["errors"]
        ]

    def test_every_error_of_the_gateway_is_a_component(self):
        codes = {member["code"] for member in document()["components"]["errors"].values()}
        declared = {
            error.code
            for error in vars(errors).values()
            if isinstance(error, type) and hasattr(error, "code")
        }
        self.assertEqual(codes, declared)
        self.assertLessEqual({-32700, -32600, -32601, -32602, -32603, -32001}, codes)

    def test_declared_errors_come_first_and_codes_are_unique(self):
        codes = self.codes(document(*specs()), "partner.rename")
        self.assertEqual(codes[0], 1001)
        self.assertIn(errors.NotFound.code, codes)
        self.assertEqual(len(codes), len(set(codes)))

    def test_public_method_does_not_ask_who_calls(self):
        self.assertNotIn(errors.Unauthenticated.code, self.codes(document(*specs()), "garden.tree"))
        self.assertIn(errors.Unauthenticated.code, self.codes(document(*specs()), "garden.pair"))

    def test_method_that_reads_does_not_conflict(self):
        self.assertNotIn(errors.Conflict.code, self.codes(document(*specs()), "garden.pair"))
        self.assertIn(errors.Conflict.code, self.codes(document(*specs()), "partner.rename"))

    def test_error_is_described_without_its_fields(self):
        self.assertEqual(
            document(*specs())["components"]["errors"]["archived"],
            {
                "code": 1001,
                "message": "Archived",
                "data": {
                    "type": "archived",
                    "description": "The partner is archived; see `spec.MethodSpec` and `unarchive`.",
                },
            },
        )

    def test_what_a_method_says_of_a_code_wins(self):
        mine = ErrorSpec(errors.Conflict.code, "Already sold", "conflict", "Somebody was faster.")
        described = document(spec(access="write", errors=(mine,)))
        self.assertIn({"$ref": "#/components/errors/conflict_2"}, of(described, "a.b")["errors"])
        self.assertNotIn({"$ref": "#/components/errors/conflict"}, of(described, "a.b")["errors"])
        self.assertEqual(described["components"]["errors"]["conflict_2"]["message"], "Already sold")


class TestExamples(TestCase):
    def test_examples_fit_their_schemas(self):
        described = document(*specs())
        for member in described["methods"]:
            (example,) = member["examples"]
            schemas = {param["name"]: param["schema"] for param in member["params"]}
            for param in example["params"]:
                self.assertEqual(misfits(described, schemas[param["name"]], param["value"]), [])
            self.assertEqual(
                misfits(described, member["result"]["schema"], example["result"]["value"]), []
            )

    def test_misfits_of_the_tests_are_found(self):
        described = document(*specs())
        self.assertTrue(misfits(described, {"$ref": "#/components/schemas/Reference"}, {"id": "x"}))

    def test_own_examples_are_published_as_they_are(self):
        own = {"name": "mine", "params": [], "result": {"name": "result", "value": 1}}
        described = document(spec(examples=(own,)))
        self.assertEqual(of(described, "a.b")["examples"], [own])
        self.assertEqual(breaches(described), [])

    def test_missing_values_of_an_example_are_made_up(self):
        params = [("id", {"type": "integer"}), ("values", {"type": "object"})]
        own = {"name": "mine", "params": [{"name": "values", "value": {"a": 1}}, {"name": "id"}]}
        described = document(spec(params=params, result={"type": "boolean"}, examples=(own,)))
        self.assertEqual(
            of(described, "a.b")["examples"],
            [
                {
                    "name": "mine",
                    "params": [{"name": "values", "value": {"a": 1}}, {"name": "id", "value": 1}],
                    "result": {"name": "result", "value": True},
                }
            ],
        )
        self.assertEqual(own["params"][1], {"name": "id"})

    def test_method_of_an_odd_schema_has_no_example(self):
        described = document(spec(params=[("x", {"type": "string", "pattern": "^x{7}y$"})]))
        self.assertNotIn("examples", of(described, "a.b"))


class TestAnything(TestCase):
    def test_any_annotation_becomes_a_valid_document(self):
        for number, annotation in enumerate(
            (
                Any, None, int | None, float, bytes, set[str], dict[str, Any], tuple[int, ...],
                Literal["a", 1], list[list[Node]], Reference | list[Reference] | None,
            )
        ):  # fmt: skip

            def function(value: annotation) -> annotation: ...

            function.__annotations__ = {"value": annotation, "return": annotation}
            with self.subTest(annotation):
                described = document(method(function, f"a.m{number}"))
                self.assertEqual(breaches(described), [])
