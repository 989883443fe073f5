"""Pages by cursor: every order, ties and NULLs, changes in between, and cursors of others."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import new_test_user

from ...engine.access.credential import Credential
from ...engine.protocol.errors import InvalidParams
from ...engine.resources.query.order import MAX_TERMS
from ...engine.tests.generated import repeatable
from ..resource_common import ResourceCase, add_line

PROPERTY = settings(repeatable, max_examples=40)
ROWS = [["mark", "=", "page-row"]]

#: Sort keys of one row each: ref, type, color, is_company, latitude; with ties and empty values.
_rows = st.lists(
    st.tuples(
        st.sampled_from([None, "10", "20", "30"]),
        st.sampled_from([None, "contact", "other"]),
        st.sampled_from([0, -1, 5]),
        st.booleans(),
        st.sampled_from([0.0, -1.5, 0.1, 2.0000001]),
    ),
    max_size=12,
)
_NAMES = ("ref", "type", "color", "is_company", "latitude")
_FIELDS = ("ref", "type", "color", "is_company", "partner_latitude")
_orders = st.lists(
    st.tuples(st.sampled_from([*_NAMES, "id"]), st.booleans()), max_size=4, unique_by=lambda term: term[0]
)


def _text(order):
    return ", ".join(f"{name} {'desc' if descending else 'asc'}" for name, descending in order)


def _sorted(rows, order):
    """Rows in an order, by one stable sort for each of its terms; NULL is greater than all."""
    rows = sorted(rows, key=lambda row: row["id"])
    for name, descending in reversed(order):
        rows.sort(key=lambda row: (row[name] is None, row[name] if row[name] is not None else 0), reverse=descending)
    return [row["id"] for row in rows]


class PageCase(ResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_line(cls.contact, "city", name="mark", writable=True, filterable=True)

    def create_rows(self, rows):
        partners = self.env["res.partner"].create(
            [{"name": "Row", "city": "page-row", **dict(zip(_FIELDS, row, strict=True))} for row in rows]
        )
        return [
            {"id": partner.id, **dict(zip(_NAMES, row, strict=True))}
            for partner, row in zip(partners, rows, strict=True)
        ]

    def pages(self, limit, between=lambda: None, **params):
        """All pages of a search, as lists of ids."""
        cursor, found = None, []
        while True:
            page = self.do(
                "search", domain=ROWS, limit=limit, fields=["id"], **params, **({"cursor": cursor} if cursor else {})
            )
            found.append([record["id"] for record in page["records"]])
            cursor = page["next_cursor"]
            if cursor is None:
                return found
            between()


class TestPageProperties(PageCase):
    @PROPERTY
    @given(_rows, _orders, st.integers(1, 5))
    def test_pages_are_the_sorted_list_in_pieces(self, rows, order, limit):
        with self.env.cr.savepoint() as savepoint:
            rows = self.create_rows(rows)
            pages = self.pages(limit, **({"order": _text(order)} if order else {}))
            self.assertEqual([id_ for page in pages for id_ in page], _sorted(rows, order))
            self.assertTrue(all(len(page) == limit for page in pages[:-1]))
            savepoint.rollback()
            self.env.invalidate_all()


class TestPages(PageCase):
    def test_pages_stay_right_while_rows_come_and_go(self):
        for order in ("ref", "ref desc", "color desc, ref", "id desc"):
            with self.subTest(order=order):
                rows = self.create_rows(
                    [(ref, None, color, False, 0.0) for ref in ("20", "30", None) for color in (1, 2)] * 2
                )
                lasting = {row["id"] for row in rows}
                created = []

                def come_and_go(created=created):
                    self.env["res.partner"].browse(created).unlink()
                    fresh = self.create_rows(
                        [("10", None, 0, False, 0.0), ("20", None, 1, False, 0.0), ("40", None, 3, False, 0.0)]
                    )
                    created[:] = [row["id"] for row in fresh]

                seen = [id_ for page in self.pages(2, come_and_go, order=order) for id_ in page]
                self.assertEqual(sorted(id_ for id_ in seen if id_ in lasting), sorted(lasting))
                self.env["res.partner"].browse([*lasting, *created]).unlink()

    def test_deleting_the_row_that_a_page_ended_with_changes_nothing(self):
        rows = self.create_rows([(None, None, color, False, 0.0) for color in range(6)])
        first = self.do("search", domain=ROWS, order="color", limit=3, fields=["id"])
        self.env["res.partner"].browse(rows[2]["id"]).unlink()
        second = self.do("search", domain=ROWS, order="color", limit=3, fields=["id"], cursor=first["next_cursor"])
        self.assertEqual([record["id"] for record in second["records"]], [row["id"] for row in rows[3:]])

    def test_the_last_page_has_no_cursor(self):
        self.create_rows([(None, None, 0, False, 0.0)] * 4)
        self.assertEqual([len(page) for page in self.pages(2)], [2, 2])

    def test_the_default_order_is_the_resources(self):
        self.contact.order = "color desc"
        rows = self.create_rows([(None, None, color, False, 0.0) for color in (1, 3, 2)])
        self.assertEqual(self.pages(2), [[rows[1]["id"], rows[2]["id"]], [rows[0]["id"]]])

    def test_the_default_and_the_maximum_page_size_hold(self):
        self.contact.write({"page_size": 2, "max_page_size": 3})
        self.create_rows([(None, None, 0, False, 0.0)] * 4)
        self.assertEqual(len(self.do("search", domain=ROWS)["records"]), 2)
        self.assertEqual(len(self.do("search", domain=ROWS, limit=3)["records"]), 3)
        for limit, kind in (
            (4, "less_than_equal"),
            (10**9, "less_than_equal"),
            (0, "greater_than_equal"),
            (True, "int_type"),
        ):
            with self.subTest(limit=limit):
                self.assertEqual(self.errors("search", limit=limit), {"limit": kind})

    def test_wrong_orders_are_refused(self):
        for order, kind in (
            ("nope", "unknown_field"),
            ("vat", "unknown_field"),
            ("email", "not_sortable"),
            ("country", "not_sortable"),
            ("name up", "order"),
            ("name,", "order"),
            (",", "order"),
            ("name desc nulls first", "order"),
            ("name; DROP TABLE res_partner", "order"),
            ("name, name desc", "duplicate"),
            (", ".join(["name"] * (MAX_TERMS + 1)), "too_long"),
        ):
            with self.subTest(order=order):
                self.assertEqual(self.errors("search", order=order), {"order": kind})

    def test_order_by_a_field_not_exposed_for_sorting_through_a_relation_is_refused(self):
        self.assertEqual(self.errors("search", order="country.name"), {"order": "unknown_field"})


class TestCursors(PageCase):
    def setUp(self):
        super().setUp()
        self.create_rows([("10", None, 0, False, 0.0)] * 4)
        self.params = {"domain": ROWS, "order": "ref", "limit": 2}
        self.cursor = self.do("search", **self.params)["next_cursor"]

    def assertForeign(self, cursor=None, **changes):
        params = {**self.params, "cursor": cursor or self.cursor, **changes}
        self.assertEqual(self.errors("search", **params), {"cursor": "invalid_cursor"})

    def test_fields_and_limit_may_change_from_page_to_page(self):
        page = self.do("search", **{**self.params, "limit": 1, "fields": ["name"]}, cursor=self.cursor)
        self.assertEqual(len(page["records"]), 1)

    def test_every_changed_character_is_noticed(self):
        for position in range(len(self.cursor)):
            changed = "A" if self.cursor[position] != "A" else "B"
            text = self.cursor[:position] + changed + self.cursor[position + 1 :]
            self.assertForeign(text)

    def test_garbage_is_refused(self):
        for text in ("x", "é", "====", "A" * 50, self.cursor + "AAAA", self.cursor[:-4], " " + self.cursor):
            with self.subTest(text=text):
                self.assertForeign(text)

    def test_a_cursor_of_another_search_is_refused(self):
        self.assertForeign(domain=[])
        self.assertForeign(order="ref desc")
        self.assertForeign(order="color")

    def test_a_cursor_of_another_resource_is_refused(self):
        cursor = self.call("land.search", {"limit": 1})["next_cursor"]
        self.assertEqual(self.errors("search", limit=1, cursor=cursor), {"cursor": "invalid_cursor"})

    def test_a_cursor_of_another_user_is_refused(self):
        other = new_test_user(self.env, "cursor_thief", groups="base.group_user")
        with self.assertRaises(InvalidParams) as caught:
            self.call(
                "contact.search",
                {**self.params, "cursor": self.cursor},
                user=other,
                credential=Credential("key", other.id),
            )
        self.assertEqual(caught.exception.data["errors"][0]["type"], "invalid_cursor")

    def test_a_cursor_of_other_companies_is_refused(self):
        company = self.env["res.company"].create({"name": "B"})
        self.user.company_ids |= company
        self.assertForeign(context={"company_id": company.id})
