"""Control characters: which there are, and what is left without them."""

from ..protocol.plain_text import has_control_character, without_control_characters
from .common import TestCase

#: Everything that Python, a mail or a terminal takes for the end of a line, or for a command.
CONTROLS = ["\n", "\r", "\r\n", *"\t\x00\x0b\x0c\x1b\x1c\x1e\x7f\x85\x9b\u2028\u2029"]


class TestPlainText(TestCase):
    def test_control_characters_are_found_anywhere(self):
        for control in CONTROLS:
            for text in (control, f"a{control}", f"{control}a", f"a{control}b"):
                with self.subTest(text):
                    self.assertTrue(has_control_character(text))
                    self.assertEqual(len(without_control_characters(text).splitlines()), 1)
                    self.assertFalse(has_control_character(without_control_characters(text)))

    def test_other_characters_are_left_alone(self):
        for text in ("", "Web shop", "Lager – Köln ✓", "名前", "می\u200cخواهم", "👩\u200d🔬", "a\u00a0b"):
            with self.subTest(text):
                self.assertFalse(has_control_character(text))
                self.assertEqual(without_control_characters(text), text)

    def test_lines_may_be_several(self):
        text = "one\n\ttwo\r\nthree"
        self.assertFalse(has_control_character(text, lines=True))
        self.assertEqual(without_control_characters(text, lines=True), text)
        self.assertTrue(has_control_character("one\x1btwo", lines=True))
        self.assertEqual(without_control_characters("one\x1b\ntwo", lines=True), "one\ntwo")
