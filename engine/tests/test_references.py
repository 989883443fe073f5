from ..protocol.errors import MAX_ERRORS, InvalidParams
from ..protocol.jsonrpc import references
from ..protocol.jsonrpc.references import References
from ..protocol.values import ABSENT
from .common import TestCase

RESULTS = {0: {"id": 7, "tags": ["a", "b"], "a/b~c": 1, "": 2}, 2: 5}


def substitute(params, results, **more):
    known = References(**more)
    for position, result in results.items():
        known.keep(position, result)
    return known.substitute(params)


def ref(pointer):
    return {"$ref": pointer}


class TestSubstitute(TestCase):
    def test_references_are_replaced_at_any_depth(self):
        for pointer, value in (
            ("/0", RESULTS[0]),
            ("/2", 5),
            ("/0/id", 7),
            ("/0/tags/1", "b"),
            ("/0/a~1b~0c", 1),
            ("/0/", 2),
        ):
            with self.subTest(pointer):
                self.assertEqual(substitute([{"x": [ref(pointer)]}], RESULTS), [{"x": [value]}])
                self.assertEqual(substitute({"x": ref(pointer)}, RESULTS), {"x": value})

    def test_other_params_stay_as_they_are(self):
        for params in (ABSENT, [], {"a": {"$ref": "/0", "b": 1}}, [{"ref": "/0"}, "$ref", None, 1.5]):
            with self.subTest(params=params):
                self.assertEqual(substitute(params, RESULTS), params)

    def test_references_that_point_at_nothing_are_refused_all_at_once(self):
        wrong = ["", "0/id", "/", "/1/id", "/3", "/-1", "/01", "/0/name", "/0/tags/2", "/0/tags/01", "/0/tags/-"]
        wrong += ["/2/x", "/٣", "/" + "9" * 30, 1, None]
        with self.assertRaises(InvalidParams) as caught:
            substitute({"first": ref("/0/id"), "list": [ref(pointer) for pointer in wrong]}, RESULTS)
        errors = caught.exception.data["errors"]
        self.assertEqual([error["path"] for error in errors], [f"list.{at}" for at in range(len(wrong))])
        self.assertEqual({error["type"] for error in errors}, {"reference"})

    def test_long_lists_of_wrong_references_are_cut(self):
        with self.assertRaises(InvalidParams) as caught:
            substitute([ref("/9")] * (MAX_ERRORS + 5), RESULTS)
        self.assertEqual(len(caught.exception.data["errors"]), MAX_ERRORS)
        self.assertEqual(caught.exception.data["omitted"], 5)


class TestSize(TestCase):
    """References multiply what was sent: a value, twice in each next call, is doubled by each."""

    def test_values_that_double_are_refused_at_the_limit(self):
        known = References(most=1000)
        known.keep(0, "x" * 98)
        for position in range(1, 40):
            try:
                known.keep(position, known.substitute([ref(f"/{position - 1}")] * 2))
            except InvalidParams as error:
                self.assertEqual(position, 3)
                self.assertEqual([item["path"] for item in error.data["errors"]], ["0", "1"])
                break
        else:
            self.fail("40 doublings were made")
        # Nor is there room for anything after that.
        with self.assertRaises(InvalidParams):
            known.substitute([ref("/0")])

    def test_limit_holds_for_all_calls_together(self):
        known = References(most=30)
        known.keep(0, "12345678")
        for _call in range(3):
            self.assertEqual(known.substitute([ref("/0")]), ["12345678"])
        with self.assertRaisesRegex(InvalidParams, "Invalid params") as caught:
            known.substitute({"value": ref("/0")})
        self.assertIn("too much", caught.exception.data["errors"][0]["message"])

    def test_values_that_nest_too_deep_are_refused(self):
        deep = []
        for _level in range(references.MAX_DEPTH - 2):
            deep = [deep]
        self.assertEqual(substitute([ref("/0")], {0: deep}), [deep])
        with self.assertRaises(InvalidParams) as caught:
            substitute({"a": [ref("/0")]}, {0: deep})
        self.assertEqual(caught.exception.data["errors"][0]["path"], "a.0")
