"""The estimate of what a text needs, beside what it does need."""

import json
import tracemalloc

from ..protocol.jsonrpc import codec
from ..protocol.jsonrpc.weight import estimated_size
from .common import TestCase

_BYTES = 300_000


def _filled(item, *, begin="[", end="]"):
    text = item.encode()
    return begin.encode() + b",".join([text] * (_BYTES // (len(text) + 1))) + end.encode()


#: Texts of all shapes, a name each; none is much longer than ``_BYTES``.
SHAPES = {
    "small numbers": _filled("1"),
    "numbers": _filled("1234567"),
    "fractions": _filled("1.5"),
    "empty objects": _filled("{}"),
    "empty arrays": _filled("[]"),
    "objects of one member": _filled('{"a":1}'),
    "objects of many": _filled('{"name":"Azure Interior","city":"Brussels","zip":"1000","active":true,"n":17.5}'),
    "members": ("{" + ",".join(f'"{n}":{n}' for n in range(_BYTES // 12)) + "}").encode(),
    "objects of other members": b"[" + b",".join(b'{"k%d":1,"l%d":2}' % (n, n) for n in range(_BYTES // 24)) + b"]",
    "empty objects and a large one": (
        "[" + "{}," * (_BYTES // 6) + "{" + ",".join(f'"{n}":{n}' for n in range(_BYTES // 24)) + "}]"
    ).encode(),
    "colons in strings": _filled('"::"'),
    "short strings": _filled('"ab"'),
    "one string": b'"' + b"A" * _BYTES + b'"',
    "one string of accents": ('"' + "é" * (_BYTES // 2) + '"').encode(),
    "one string of signs": ('"' + "日" * (_BYTES // 3) + '"').encode(),
    "one string with a smile": ('"' + "A" * _BYTES + "😀" + '"').encode(),
    "nested arrays": _filled("[[[[[1]]]]]"),
    "one string of a smile and quotes": ('"' + '\\"' * (_BYTES // 2) + '😀"').encode(),
    "escapes": b'"' + b"\\u00e9" * (_BYTES // 6) + b'"',
}


class TestWeight(TestCase):
    def test_no_text_needs_much_more_than_is_estimated(self):
        for name, raw in SHAPES.items():
            with self.subTest(name):
                tracemalloc.start()
                try:
                    value = codec.decode(raw)
                    _now, peak = tracemalloc.get_traced_memory()
                finally:
                    tracemalloc.stop()
                self.assertLessEqual(len(raw) + peak, estimated_size(raw) * 1.3 + 64 * 1024)
                self.assertEqual(value, json.loads(raw))

    def test_estimate_is_no_gross_exaggeration(self):
        for name in ("objects of many", "one string", "numbers"):
            with self.subTest(name):
                self.assertLess(estimated_size(SHAPES[name]), 9 * len(SHAPES[name]))

    def test_long_text_keeps_its_characters(self):
        for sign in ("é", "日", "😀", "\\ud83d\\ude00", '\\"', "\\\\"):
            with self.subTest(sign):
                raw = f'["{sign * 10}{"A" * 1_100_000}{sign}", "{sign}"]'.encode()
                self.assertEqual(codec.decode(raw), json.loads(raw))

    def test_long_text_that_is_none_is_refused_as_a_short_one(self):
        for end in (b"\xff", b"\xe2\x82", b"\xed\xa0\x80"):
            with self.subTest(end):
                reasons = []
                for length in (10, 2_000_000):
                    with self.assertRaises(codec.ParseError) as caught:
                        codec.decode(b'"' + b"A" * length + end + b'"')
                    reasons.append(caught.exception.data["reason"].replace(str(length + 1), "N"))
                self.assertEqual(reasons, ["not UTF-8 at byte N"] * 2)

    def test_sign_outside_of_a_string_is_refused(self):
        with self.assertRaises(codec.ParseError):
            codec.decode(b'["' + b"A" * 1_100_000 + '", é]'.encode())
