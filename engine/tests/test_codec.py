"""Which bytes are JSON here, at what cost, and what values look like as bytes."""

import json
import math
import time
from datetime import date, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from ..protocol import errors
from ..protocol.jsonrpc import codec
from .common import TestCase
from .generated import repeatable, values

_BOUNDARY = "é€😀"
NAIVE = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - as Odoo has them
PIECES = st.sampled_from(
    [
        *'[]{}",:\\ \n01-+.eE',
        *('"a"', '"a":', "null", "true", "NaN", "Infinity", "1e400", "é", "\0", "9" * 30),
        *(r"\u", r"\\", r"\"", r"\u0000", r"\ud83d", r"\ude00", r"\u00e9"),
    ]
)


class CodecCase(TestCase):
    def assert_refused(self, raw, reason, **options):
        with self.assertRaises(errors.ParseError) as caught:
            codec.decode(raw, **options)
        self.assertRegex(caught.exception.data["reason"], reason)
        self.assertEqual(set(caught.exception.data), {"reason"})


class TestDecode(CodecCase):
    def test_every_kind_of_value_is_read(self):
        raw = b' {"a": [1, -2.5, "x", true, false, null, {}], "b": {"c": []}}\r\n\t'
        self.assertEqual(
            codec.decode(raw), {"a": [1, -2.5, "x", True, False, None, {}], "b": {"c": []}}
        )

    def test_scalar_body_is_read(self):
        for raw, value in ((b"1", 1), (b'"a"', "a"), (b"null", None), (b"true", True)):
            with self.subTest(raw):
                self.assertEqual(codec.decode(raw), value)

    def test_empty_body_is_refused(self):
        self.assert_refused(b"", "empty")
        self.assert_refused(b" \n", "Expecting value")

    def test_text_that_is_no_json_is_refused(self):
        for raw in (
            b"{", b"[1", b'{"a"', b'{"a":', b"[1,]", b'{"a":1,}', b"{a:1}", b"'a'", b"tru", b"01",
            b"+1", b".5", b"1.", b"1e", b"-", b"0x10", b'"a', b'"\\x"', b'"\\u12"', b'"\\uD83D',
            b"undefined", b"/**/1", b"1//", b"\x0b1", b"\xc2\xa01", b"1_000", b"\xd9\xa3",
        ):  # fmt: skip
            with self.subTest(raw):
                self.assert_refused(raw, ".")

    def test_trailing_garbage_is_refused(self):
        for raw in (b"1 2", b"{}{}", b"[]]", b'{"a":1}x', b"null\0"):
            with self.subTest(raw):
                self.assert_refused(raw, "Extra data")

    def test_control_characters_in_strings_are_refused(self):
        for raw in (b'"a\nb"', b'"\t"', b'"\x00"', b'"\x1f"', b'{"\x00":1}'):
            with self.subTest(raw):
                self.assert_refused(raw, "control character")

    def test_refusals_do_not_quote_the_body(self):
        for raw in (b'{"password": "hunter2', b'{"hunter2": 1, "hunter2": 2}', b"[hunter2]"):
            with self.subTest(raw), self.assertRaises(errors.ParseError) as caught:
                codec.decode(raw)
            self.assertNotIn("hunter2", json.dumps(caught.exception.as_member()))


class TestDecodeEncoding(CodecCase):
    def test_utf_8_is_read(self):
        self.assertEqual(codec.decode(f'"{_BOUNDARY}"'.encode()), _BOUNDARY)

    def test_utf_16_and_utf_32_are_refused(self):
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
            with self.subTest(encoding):
                self.assert_refused('{"a": 1}'.encode(encoding), ".")

    def test_invalid_sequences_are_refused(self):
        for raw in (
            b'"\xff"',
            b'"\xc3"',
            b'"\xc0\x80"',  # overlong NUL
            b'"\xed\xa0\x80"',  # a surrogate
            b'"\xf4\x90\x80\x80"',  # beyond U+10FFFF
            '"é"'.encode("latin-1"),
        ):
            with self.subTest(raw):
                self.assert_refused(raw, "not UTF-8 at byte 1")

    def test_byte_order_mark_is_refused(self):
        self.assert_refused(b'\xef\xbb\xbf{"a": 1}', "byte order mark")


class TestDecodeNumbers(CodecCase):
    def test_constants_that_json_lacks_are_refused(self):
        for name in ("NaN", "Infinity", "-Infinity"):
            for raw in (name, f"[{name}]", f'{{"a": {name}}}'):
                with self.subTest(raw):
                    self.assert_refused(raw.encode(), f"^{name} is not JSON")

    def test_float_beyond_a_double_is_refused(self):
        for raw in (b"1e400", b"-1e400", b"[1E+309]", b"1" + b"0" * 400 + b".0"):
            with self.subTest(raw):
                self.assert_refused(raw, "range of a double")

    def test_float_too_small_for_a_double_is_zero(self):
        self.assertEqual(codec.decode(b"1e-400"), 0.0)

    def test_64_bit_integers_are_exact(self):
        for value in (0, -1, 2**53 + 1, -(2**63), 2**63, 2**64 - 1):
            with self.subTest(value):
                decoded = codec.decode(str(value).encode())
                self.assertEqual(decoded, value)
                self.assertIs(type(decoded), int)

    def test_integers_beyond_64_bits_are_refused(self):
        for value in (2**64, -(2**63) - 1, 10**20, -(10**30)):
            with self.subTest(value):
                self.assert_refused(str(value).encode(), "64 bits")

    def test_a_million_digits_are_refused_cheaply(self):
        started = time.process_time()
        self.assert_refused(b"9" * 1_000_000, "64 bits")
        # int() of as many digits takes minutes.
        self.assertLess(time.process_time() - started, 2)

    def test_number_types_are_kept(self):
        self.assertIs(type(codec.decode(b"1")), int)
        self.assertIs(type(codec.decode(b"1.0")), float)
        self.assertEqual(math.copysign(1, codec.decode(b"-0.0")), -1)


class TestDecodeMembers(CodecCase):
    def test_member_named_twice_is_refused(self):
        for raw in (
            b'{"a": 1, "a": 1}',
            b'[{"b": {"a": 1, "c": 2, "a": 3}}]',
            b'{"a": 1, "\\u0061": 2}',
            b'{"": 1, "": 2}',
        ):
            with self.subTest(raw):
                self.assert_refused(raw, "names a member twice")

    def test_equal_names_in_different_objects_are_read(self):
        raw = b'{"a": {"a": 1}, "A": [{"a": 1}, {"a": 2}]}'
        self.assertEqual(codec.decode(raw), json.loads(raw))


class TestDecodeStrings(CodecCase):
    def test_lone_surrogates_are_refused(self):
        for text in (
            r"\ud83d", r"\ude00", r"\ude00\ud83d", r"\ud83d\ud83d\ude00", r"\ud83d\ude00\ude00",
            r"\uD83D.", r"a\udbffa", r"\ud83d\n\ude00", r"\uDFFF", r"\udbff", r"\ud83d\\ude00", r"\\\ud83d",
            r"\\ud83d\ude00",
        ):  # fmt: skip
            with self.subTest(text):
                self.assert_refused(f'"{text}"'.encode(), "surrogate")
                self.assert_refused(f'[{{"{text}": 1}}]'.encode(), "surrogate")

    def test_half_a_pair_in_each_of_two_strings_is_refused(self):
        self.assert_refused(rb'["\ud83d","\ude00"]', "surrogate")

    def test_surrogate_pairs_are_read(self):
        self.assertEqual(codec.decode(rb'"\ud83d\ude00\uD83D\uDE00 \u00e9"'), "😀😀 é")

    def test_escaped_nul_is_refused(self):
        for raw in (rb'"\u0000"', rb'{"a\u0000": 1}', rb'["x", "\\\u0000"]'):
            with self.subTest(raw):
                self.assert_refused(raw, r"U\+0000")

    def test_escaped_backslash_before_u_is_text(self):
        for text in (r"\\u0000", r"\\ud83d", r"\\\\ude00"):
            with self.subTest(text):
                self.assertEqual(
                    codec.decode(f'"{text}"'.encode()), text.replace(r"\\", "\\")
                )  # fmt: skip

    def test_other_escapes_are_read(self):
        self.assertEqual(codec.decode(rb'"\"\\\/\b\f\n\r\t\u0001"'), '"\\/\b\f\n\r\t\x01')

    @repeatable
    @given(st.lists(st.sampled_from(
        [r"\ud83d", r"\ude00", r"\uDBFF", r"\udc00", r"\u0000", r"\u00e9", r"\\", r"\n", "u0000",
         "ud83d", "a", r"\""]
    ), max_size=8))  # fmt: skip
    def test_escapes_are_judged_as_their_values_are(self, pieces):
        raw = '"{}"'.format("".join(pieces)).encode()
        value = json.loads(raw)
        if "\0" in value or any(0xD800 <= ord(character) < 0xE000 for character in value):
            self.assert_refused(raw, "surrogate")
        else:
            self.assertEqual(codec.decode(raw), value)


class TestDecodeDepth(CodecCase):
    def test_depth_at_the_limit_is_read(self):
        self.assertEqual(codec.decode(b"[" * 64 + b"]" * 64), json.loads("[" * 64 + "]" * 64))
        self.assertEqual(codec.decode(b'{"a":[' * 2 + b"]}" * 2, max_depth=4), {"a": [{"a": []}]})

    def test_depth_over_the_limit_is_refused(self):
        self.assert_refused(b"[" * 65 + b"]" * 65, "deeper than 64")
        self.assert_refused(b'{"a":' * 65 + b"1" + b"}" * 65, "deeper than 64")
        self.assert_refused(b'{"a":[' * 33 + b"]}" * 33, "deeper than 64")
        self.assert_refused(b"[[]]", "deeper than 1", max_depth=1)

    def test_depth_bomb_is_refused_before_it_is_parsed(self):
        for bomb in (b"[" * 1_000_000, b'{"a":' * 1_000_000, b'[{"a":' * 500_000):
            with self.subTest(bomb[:6]):
                self.assert_refused(bomb, "deeper than 64")

    def test_many_shallow_values_are_read(self):
        self.assertEqual(len(codec.decode(b"[" + b"[[{}]]," * 999 + b"[]]")), 1000)

    def test_brackets_in_strings_do_not_count(self):
        for text in ("[" * 100, '\\"' + "[" * 100, "[" * 100 + "\\\\", '\\\\\\"' + "{" * 100):
            with self.subTest(text):
                raw = f'[[],"{text}",{{"{text}":1}}]'.encode()
                self.assertEqual(codec.decode(raw), json.loads(raw))

    def test_string_that_ends_in_a_backslash_hides_no_brackets(self):
        self.assert_refused(b'["\\\\",' + b"[" * 64 + b"]" * 65, "deeper than 64")

    def test_limit_beyond_the_stack_is_a_parse_error(self):
        self.assert_refused(b"[" * 500_000 + b"]" * 500_000, "nest too deep", max_depth=10**6)

    @repeatable
    @given(values, st.integers(0, 6))
    def test_depth_is_judged_as_the_value_is(self, value, limit):
        def depth(part):
            if isinstance(part, dict):
                part = list(part.values())
            return 1 + max(map(depth, part), default=0) if isinstance(part, list) else 0

        noisy = {'["[{\\': value, '"': ['\\"[[[['] * 3}
        for ascii_only in (True, False):
            raw = json.dumps(noisy, ensure_ascii=ascii_only).encode()
            if depth(noisy) > limit:
                self.assert_refused(raw, "deeper", max_depth=limit)
            else:
                self.assertEqual(codec.decode(raw, max_depth=limit), noisy)


class TestDecodeCost(CodecCase):
    def test_hostile_bodies_take_linear_time(self):
        size = 300_000
        for name, raw in {
            "quotes": b'"' * size,
            "escaped quotes": b'["' + b'\\"' * size + b"[" * 65,
            "backslashes": b'["' + b"\\" * size + b"[" * 65,
            "unicode escapes": b'["' + b"\\u" * size,
            "high surrogates": b'["' + rb"\ud83d" * size + b'"]',
            "surrogate pairs": b'["' + rb"\ud83d\ude00" * size + b'"]',
            "empty arrays": b"[" + b"[]," * size + b"1]",
            "empty strings": b"[" + b'"",' * size + b'"["' + b"[" * 65,
            "brackets in strings": b"[" + b'"[",' * size + b"1]",
            "closing brackets": b"]" * size + b"[" * 65,
            "digits": b"0." + b"1" * size,
            "exponent": b"1e-" + b"9" * size,
            "unterminated object": b'{"a":1' * size,
            "names": b"{" + b",".join(b'"%d":1' % n for n in range(size // 10)) + b"}",
        }.items():
            with self.subTest(name):
                started = time.process_time()
                try:
                    codec.decode(raw)
                except errors.ParseError as error:
                    self.assertTrue(error.data["reason"])
                # Milliseconds each; quadratic behaviour would take minutes.
                self.assertLess(time.process_time() - started, 3)

    @repeatable
    @given(
        st.binary(max_size=60) | st.lists(PIECES, max_size=25).map(lambda p: "".join(p).encode())
    )
    def test_any_bytes_give_a_strict_value_or_a_parse_error(self, raw):
        try:
            value = codec.decode(raw)
        except errors.ParseError:
            return
        # orjson refuses lone surrogates and integers beyond 64 bits, and shows NaN as null.
        self.assertEqual(orjson.loads(orjson.dumps(value)), value)
        self.assertEqual(json.loads(raw), value)

    @repeatable
    @given(values)
    def test_every_value_survives_encoding_and_decoding(self, value):
        self.assertEqual(codec.decode(codec.encode(value)), value)
        self.assertEqual(codec.decode(json.dumps(value).encode()), value)


class TestEncode(TestCase):
    def test_value_becomes_compact_utf_8(self):
        self.assertEqual(
            codec.encode({"a": [1, 1.5, None, True, _BOUNDARY]}),
            f'{{"a":[1,1.5,null,true,"{_BOUNDARY}"]}}'.encode(),
        )

    def test_keys_that_are_no_strings_become_strings(self):
        self.assertEqual(
            codec.encode({1: "a", None: "b", False: "c", 1.5: "d", date(2026, 1, 2): "e"}),
            b'{"1":"a","null":"b","false":"c","1.5":"d","2026-01-02":"e"}',
        )

    def test_floats_that_are_not_finite_become_null(self):
        self.assertEqual(
            codec.encode([float("nan"), float("inf"), -float("inf")]), b"[null,null,null]"
        )

    def test_dates_are_iso_without_default(self):
        self.assertEqual(
            codec.encode([date(2026, 1, 2), NAIVE]),
            b'["2026-01-02","2026-01-02T03:04:05"]',
        )

    def test_default_decides_about_dates(self):
        seen = []

        def default(value):
            seen.append(value)
            return "converted"

        self.assertEqual(codec.encode([date(2026, 1, 2)], default), b'["converted"]')
        self.assertEqual(
            codec.encode({1: NAIVE}, default), b'{"1":"converted"}'
        )  # fmt: skip
        self.assertEqual(seen, [date(2026, 1, 2), NAIVE])

    def test_default_converts_other_types(self):
        self.assertEqual(codec.encode({"a": {1, 2}}, sorted), b'{"a":[1,2]}')

    def test_value_of_no_json_type_is_an_encode_error(self):
        circular = []
        circular.append(circular)
        for value in (object(), {1, 2}, b"bytes", 2**64, -(2**63) - 1, "\ud83d", circular):
            with self.subTest(type(value)), self.assertRaises(codec.EncodeError):
                codec.encode({"a": value})

    def test_encode_error_is_a_type_error_and_names_the_type(self):
        with self.assertRaisesRegex(TypeError, "object"):
            codec.encode(object())

    def test_default_that_refuses_is_the_cause_of_the_encode_error(self):
        def default(value):
            raise TypeError("no such thing")

        with self.assertRaises(codec.EncodeError) as caught:
            codec.encode(object(), default)
        causes, error = [], caught.exception
        while error := error.__cause__:
            causes.append(str(error))
        self.assertIn("no such thing", causes)


class TestFragment(TestCase):
    def test_fragment_is_put_into_a_response_as_it_is(self):
        part = codec.fragment({"a": {1}}, list)
        self.assertEqual(
            codec.encode({"jsonrpc": "2.0", "result": part, "id": 1}),
            b'{"jsonrpc":"2.0","result":{"a":[1]},"id":1}',
        )

    def test_fragments_of_a_batch_are_put_in_order(self):
        parts = [codec.fragment(n) for n in (1, None, "x")]
        self.assertEqual(codec.encode(parts), b'[1,null,"x"]')

    def test_fragment_of_no_json_type_is_an_encode_error_at_once(self):
        with self.assertRaises(codec.EncodeError):
            codec.fragment(object())
