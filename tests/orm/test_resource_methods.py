"""Method lines: typed by hints or by a JSON Schema, on records of the resource only."""

from typing import Annotated

from pydantic import Field

from odoo.exceptions import ValidationError
from odoo.fields import Command

from ...engine.access.credential import Credential
from ...engine.protocol.errors import InvalidParams
from ...engine.resources import json_types
from ..resource_common import ResourceCase, define

_SCHEMA = """{"type": "object", "properties": {"note": {"type": "string", "minLength": 2}}, "required": ["note"]}"""


class TestMethodLines(ResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.domain = "[('color', '!=', 9)]"

    def add(self, **values):
        self.contact.method_ids = [Command.create(values)]
        return self.contact.method_ids[-1]

    def test_a_method_runs_on_records_of_the_resource(self):
        self.add(method="action_archive", name="archive")
        partners = self.partners("A", "B")
        self.assertIsNone(self.do("archive", ids=partners.ids) or None)
        self.assertFalse(any(partners.mapped("active")))
        outside = self.partners("Out", color=9)
        error = self.refused("not_found", "archive", ids=[partners[0].id, outside.id])
        self.assertEqual(error.data, {"ids": [outside.id]})
        self.assertTrue(outside.active)

    def test_params_of_a_method_on_records_are_checked(self):
        self.add(method="action_archive", name="archive")
        self.assertEqual(self.errors("archive"), {"ids": "missing"})
        self.assertEqual(self.errors("archive", ids=[]), {"ids": "too_short"})
        self.assertEqual(self.errors("archive", ids=["1"]), {"ids.0": "int_type"})
        self.assertEqual(self.errors("archive", ids=[1], x=1), {"x": "extra_forbidden"})
        self.assertEqual(self.errors("archive", ids=[1], context={"lang": "xx"}), {"context.lang": "not_installed"})

    def test_params_are_typed_by_the_hints_of_the_method(self):
        def rename_to(self, name: str, times: Annotated[int, Field(le=3)] = 1) -> list[str]:
            """Rename.

            :param times: how often
            """
            self.name = name * times
            return self.mapped("name")

        model = self.env.registry["res.partner"]
        model.rename_to = rename_to
        self.addCleanup(delattr, model, "rename_to")
        self.add(method="rename_to")
        partner = self.partners("Ann")
        self.assertEqual(self.do("rename_to", ids=[partner.id], name="Bo", times=2), ["BoBo"])
        self.assertEqual(self.do("rename_to", ids=[partner.id], name="Bo"), ["Bo"])
        self.assertEqual(
            self.errors("rename_to", ids=[partner.id], name=1, times=4),
            {"name": "string_type", "times": "less_than_equal"},
        )
        spec = self.env["jsonrpc.api"]._jsonrpc_methods()["contact.rename_to"]
        self.assertEqual([param.name for param in spec.params], ["ids", "name", "times", "context"])
        self.assertEqual((spec.summary, spec.params[2].description), ("Rename.", "how often"))

    def test_a_duplicate_external_name_is_refused(self):
        self.add(method="action_archive", name="archive")
        with self.assertRaises(ValidationError) as caught:
            self.add(method="action_unarchive", name="archive")
        self.assertIn("contact.archive", str(caught.exception))

    def test_params_are_typed_by_the_schema_of_the_administrator(self):
        resource = define(self.env, "model", "res.partner", {})
        resource.method_ids = [
            Command.create({"method": "view_header_get", "takes_ids": False, "access": "read", "params_schema": (
                '{"type": "object", "properties": {"view_id": {"type": ["integer", "null"]},'
                ' "view_type": {"enum": ["form", "list"]}}, "required": ["view_id", "view_type"]}'
            )})
        ]  # fmt: skip
        self.call("model.view_header_get", {"view_id": None, "view_type": "form"})
        with self.assertRaises(InvalidParams) as caught:
            self.call("model.view_header_get", {"view_id": "x", "view_type": "kanban"})
        self.assertEqual({error["path"] for error in caught.exception.data["errors"]}, {"view_id", "view_type"})

    def test_a_read_only_key_calls_what_only_reads(self):
        self.add(method="action_archive", name="archive")
        specs = self.env["jsonrpc.api"]._jsonrpc_methods()
        reader = Credential("key", self.user.id, access="read")
        self.assertTrue(reader.may(specs["contact.search"]))
        for name in ("archive", "create", "update", "delete", "upsert"):
            self.assertFalse(reader.may(specs[f"contact.{name}"]), name)

    def test_methods_that_cannot_be_exposed_are_refused_by_name(self):
        for values, word in (
            ({"method": "_compute_display_name"}, "_compute_display_name"),
            ({"method": "nope"}, "nope"),
            ({"method": "write"}, "write"),
            ({"method": "read"}, "read"),
            ({"method": "search_read", "takes_ids": False}, "search_read"),
            ({"method": "unlink"}, "unlink"),
            ({"method": "sudo"}, "sudo"),
            ({"method": "browse"}, "browse"),
            ({"method": "export_data"}, "export_data"),
            ({"method": "env"}, "env"),
            ({"method": "name"}, "name"),
            ({"method": "__class__"}, "__class__"),
            ({"method": "action_archive", "name": "Bad"}, "Bad"),
            ({"method": "action_archive", "name": "search"}, "search"),
            ({"method": "view_header_get"}, "view_header_get"),
            ({"method": "view_header_get", "takes_ids": False}, "JSON Schema"),
            ({"method": "action_archive", "params_schema": "x"}, "JSON"),
            ({"method": "action_archive", "params_schema": _SCHEMA}, "note"),
        ):
            with self.subTest(values=values):
                with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
                    self.add(**values)
                self.assertIn(word, str(caught.exception))
                self.assertIn("contact", str(caught.exception))


class TestJsonTypes(ResourceCase):
    def test_schemas_become_types(self):
        schema = json_types.read_params_schema(
            """{"type": "object", "required": ["a"], "properties": {
                "a": {"type": "integer", "minimum": 1, "maximum": 5},
                "b": {"type": ["string", "null"], "maxLength": 3, "pattern": "^x"},
                "c": {"type": "array", "maxItems": 2,
                      "items": {"type": "object", "properties": {"d": {"type": "boolean"}}}},
                "e": {"type": "string", "format": "date"},
                "f": {"enum": ["u", 1, null]},
                "g": {"type": "number", "exclusiveMinimum": 0, "default": 0.5}
            }}"""
        )
        parameters = {parameter.name: parameter for parameter in json_types.schema_parameters(schema)}
        self.assertEqual(list(parameters), list("abcefg"))
        self.assertIs(parameters["a"].default, parameters["a"].empty)
        self.assertIs(parameters["b"].default, json_types.UNSET)
        self.assertEqual(parameters["g"].default, 0.5)

    def test_what_would_not_be_checked_is_refused(self):
        for properties, words in (
            ('{"a": {"type": "integer", "multipleOf": 2}}', "multipleOf"),
            ('{"a": {"type": "string", "format": "email"}}', "format"),
            ('{"a": {"anyOf": []}}', "a"),
            ('{"a": {"type": ["string", "integer"]}}', "a"),
            ('{"a": {"type": "array"}}', "items"),
            ('{"a": {"type": "object", "additionalProperties": true}}', "a"),
            ('{"a": {"type": "object", "required": ["x"]}}', "required"),
            ('{"a": {"type": "string", "pattern": "("}}', "a"),
            ('{"a": {"type": "string", "maxLength": "x"}}', "a"),
            ('{"a": {"enum": []}}', "enum"),
            ('{"a": {"enum": [1.5]}}', "enum"),
            ('{"a": 1}', "a"),
            ('{"a b": {"type": "string"}}', "a b"),
            ("[]", "required"),
        ):
            with self.subTest(properties=properties), self.assertRaises(ValueError) as caught:
                json_types.read_params_schema(f'{{"type": "object", "properties": {properties}}}')
            self.assertIn(words, str(caught.exception))
        for text in ("", "[]", '{"type": "array"}', "{" * 5000):
            with self.subTest(text=text[:20]), self.assertRaises(ValueError):
                json_types.read_params_schema(text)
