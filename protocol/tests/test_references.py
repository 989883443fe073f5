from ..errors import InvalidParams
from ..message import ABSENT
from ..references import substitute
from .common import TestCase

RESULTS = {0: {"id": 7, "tags": ["a", "b"], "a/b~c": 1, "": 2}, 2: 5}


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
