"""Which part of a docstring documents what."""

from ..protocol import docstring
from .common import TestCase


class TestDocstring(TestCase):
    def test_every_part_is_found(self):
        parsed = docstring.parse_docstring(
            """Rename a partner.

            The name is stored as it is.

            Twice if need be.

            :param partner_id: database id
                of the partner
            :param str name: new name: any text
            :raises ValueError: never
                ever
            :returns: the id
              and the stored name
            :rtype: dict
            """
        )
        self.assertEqual(
            parsed,
            docstring.Docstring(
                summary="Rename a partner.",
                description="The name is stored as it is.\n\nTwice if need be.",
                params={
                    "partner_id": "database id of the partner",
                    "name": "new name: any text",
                },
                returns="the id and the stored name",
            ),
        )

    def test_no_docstring_is_empty(self):
        for text in (None, "", "  \n "):
            with self.subTest(text):
                self.assertEqual(docstring.parse_docstring(text), docstring.Docstring())

    def test_first_paragraph_is_the_summary_on_one_line(self):
        parsed = docstring.parse_docstring("Rename a partner\n    or two.\n\n    More.")
        self.assertEqual(
            (parsed.summary, parsed.description), ("Rename a partner or two.", "More.")
        )

    def test_fields_end_the_summary(self):
        parsed = docstring.parse_docstring("Rename.\n:param a: b\n:return: c")
        self.assertEqual(parsed, docstring.Docstring("Rename.", "", {"a": "b"}, "c"))

    def test_role_inside_of_a_line_is_no_field(self):
        parsed = docstring.parse_docstring("Rename :class:`Partner`.\n\n:class:`Partner` is renamed.")
        self.assertEqual(parsed.summary, "Rename :class:`Partner`.")
        self.assertEqual(parsed.description, ":class:`Partner` is renamed.")
