"""Which companies a call may see, and which ones it asks for."""

from ..access.companies import companies_in_context, companies_in_force
from .common import TestCase


class TestCompanies(TestCase):
    def test_key_sees_those_of_its_companies_that_its_user_has(self):
        for own, restricted_to, current, expected in (
            ([3, 1, 2], None, None, (1, 2, 3)),
            ([1, 2, 3], None, 2, (2, 1, 3)),
            ([1, 2, 3], {3, 2}, None, (2, 3)),
            ([1, 2, 3], {3, 2}, 3, (3, 2)),
            ([1, 2, 3], {2, 3}, 1, (2, 3)),
            ([1], {2}, 1, ()),
            ([1, 2], set(), 1, ()),
            ([], None, None, ()),
        ):
            with self.subTest(own=own, restricted_to=restricted_to, current=current):
                self.assertEqual(companies_in_force(own, restricted_to, current), expected)

    def test_context_names_companies_and_places(self):
        for context, expected in (
            ({}, []),
            ({"lang": "en_US", "company_id": None, "allowed_company_ids": None}, []),
            ({"company_id": 2}, [(2, "company_id")]),
            (
                {"allowed_company_ids": [3, 2, 3]},
                [(3, "allowed_company_ids.0"), (2, "allowed_company_ids.1")],
            ),
            (
                {"company_id": 2, "allowed_company_ids": [1, 2]},
                [(2, "company_id"), (1, "allowed_company_ids.0")],
            ),
            ({"company_id": "2", "allowed_company_ids": [True, 1.0, "1", 4]}, [(4, "allowed_company_ids.3")]),
            ({"company_id": True, "allowed_company_ids": "12"}, []),
        ):
            with self.subTest(context=context):
                self.assertEqual(list(companies_in_context(context).items()), expected)
