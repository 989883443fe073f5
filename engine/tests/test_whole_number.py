"""Which texts are whole numbers."""

from ..protocol.whole_number import parse_whole_number
from .common import TestCase


class TestWholeNumber(TestCase):
    def test_digits_are_a_number(self):
        for text, expected in (("0", 0), ("007", 7), ("999999999999", 999_999_999_999)):
            with self.subTest(text):
                self.assertEqual(parse_whole_number(text), expected)

    def test_other_texts_are_none(self):
        for text in ("", " 1", "1 ", "-1", "+1", "1.0", "1e3", "1_000", "0x1", "٣", "²", "1" * 13, "9" * 5000):
            with self.subTest(text):
                self.assertIsNone(parse_whole_number(text))
