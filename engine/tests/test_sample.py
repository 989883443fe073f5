"""Values that are made up for a schema fit it, and odd schemas are told from others."""

from jsonschema import Draft7Validator

from ..protocol.openrpc.sample import SampleError, Sampler
from .common import TestCase

DEFINITIONS = {
    "Node": {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/Node"}},
            "parent": {"anyOf": [{"$ref": "#/Node"}, {"type": "null"}]},
            "twin": {"$ref": "#/Node"},
        },
        "required": ["label", "children", "parent"],
    },
    "Endless": {"type": "object", "properties": {"a": {"$ref": "#/Endless"}}, "required": ["a"]},
}
SCHEMAS = (
    True,
    {},
    {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2147483648},
    {"type": "integer", "minimum": 5, "multipleOf": 3},
    {"type": "integer", "maximum": -2},
    {"type": "number", "exclusiveMinimum": 1, "maximum": 1.75},
    {"type": "number", "exclusiveMaximum": 0},
    {"type": "string", "minLength": 40},
    {"type": "string", "maxLength": 0},
    {"type": "string", "maxLength": 2},
    {"type": "string", "pattern": "^[A-Z]{3}$"},
    {"type": "string", "pattern": r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"},
    {"type": ["null", "string"]},
    {"type": "boolean"},
    {"type": "null"},
    {"enum": [None, 1]},
    {"const": {"a": 1}},
    {"anyOf": [{"type": "null"}, {"type": "integer"}]},
    {"oneOf": [{"$ref": "#/Endless"}, {"type": "string"}]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3},
    {
        "type": "array",
        "items": [{"type": "integer"}, {"type": "boolean"}],
        "minItems": 2,
        "maxItems": 2,
    },
    {"type": "array", "items": {"$ref": "#/Endless"}},
    {"type": "array", "maxItems": 0},
    {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
    {
        "type": "object",
        "minProperties": 1,
        "properties": {"a": {"const": 1}},
        "additionalProperties": False,
    },
    {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
    {"$ref": "#/Node"},
    {"allOf": [{"$ref": "#/Node"}], "required": ["extra"], "properties": {"extra": {"const": 7}}},
)


class TestSampler(TestCase):
    def setUp(self):
        super().setUp()
        self.sampler = Sampler(DEFINITIONS)

    def test_made_values_fit_their_schemas(self):
        for schema in SCHEMAS:
            validator = Draft7Validator({"allOf": [schema], **DEFINITIONS})
            for make in (self.sampler.smallest, self.sampler.whole):
                with self.subTest(schema, make=make.__name__):
                    self.assertEqual(
                        [error.message for error in validator.iter_errors(make(schema))], []
                    )

    def test_smallest_leaves_out_and_whole_shows_members(self):
        schema = {
            "type": "object",
            "properties": {"a": {"const": 1}, "b": {"const": 2}},
            "required": ["a"],
        }
        self.assertEqual(self.sampler.smallest(schema), {"a": 1})
        self.assertEqual(self.sampler.whole(schema), {"a": 1, "b": 2})
        self.assertEqual(self.sampler.smallest({"type": "array", "items": schema}), [])
        self.assertEqual(self.sampler.whole({"type": "array", "items": schema}), [{"a": 1, "b": 2}])

    def test_author_knows_better(self):
        self.assertEqual(self.sampler.smallest({"type": "string", "examples": ["Ann"]}), "Ann")
        self.assertEqual(self.sampler.smallest({"type": "integer", "default": 80}), 80)
        self.assertEqual(self.sampler.smallest({"type": ["integer", "null"], "default": None}), 1)

    def test_impossible_schemas_are_refused(self):
        for schema in (
            False,
            {"type": "string", "pattern": "^x{7}y$"},
            {"type": "string", "pattern": r"\p{L}"},
            {"type": "integer", "minimum": 4, "maximum": 5, "multipleOf": 3},
            {"type": "string", "minLength": 5, "format": "date", "maxLength": 6},
            {"anyOf": [False]},
            {"$ref": "#/Nowhere"},
            {"$ref": "#/Endless"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/Endless"}},
        ):
            with self.subTest(schema), self.assertRaises(SampleError):
                self.sampler.smallest(schema)
