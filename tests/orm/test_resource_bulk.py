"""Bulk calls: no query for each record beyond those that Odoo itself makes."""

from ..resource_common import ResourceCase


class TestBulk(ResourceCase):
    def queries(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        return self.env.cr.sql_log_count - before

    def values(self, number):
        return [
            {"name": f"Bulk {number}-{index}", "color": index, "country": {"id": self.belgium.id}}
            for index in range(number)
        ]

    def test_create_of_500_makes_the_queries_of_the_orm(self):
        def through_the_orm(number):
            self.env["res.partner"].with_user(self.user).create(
                [{**values, "country_id": self.belgium.id} for values in map(_without_country, self.values(number))]
            )
            self.env.flush_all()

        def through_the_resource(number):
            self.assertEqual(len(self.do("create", list=self.values(number))["ids"]), number)

        through_the_resource(1)
        ours, orm = self.queries(through_the_resource, 500), self.queries(through_the_orm, 500)
        # The check of the link, the savepoint, and what rights need.
        self.assertLessEqual(ours, orm + 12)

    def test_update_of_500_takes_as_many_queries_as_of_5(self):
        partners = self.partners(*(f"Partner {index}" for index in range(505)))
        tag = self.env["res.partner.category"].create({"name": "Bulk"})

        def update(ids, color):
            values = {"color": color, "country": self.belgium.id, "tags": {"add": [tag.id]}}
            self.assertEqual(self.do("update", ids=ids, values=values), {"ids": ids})

        update(partners.ids[:5], 1)
        few, many = self.queries(update, partners.ids[:5], 2), self.queries(update, partners.ids[5:], 3)
        self.assertLessEqual(many, few + 4)
        self.assertEqual(set(partners.mapped("color")), {2, 3})

    def test_search_of_1000_takes_as_many_queries_as_of_1(self):
        partners = self.partners(*(f"Partner {index}" for index in range(1000)), ref="bulk")
        self.assertEqual(len(partners), 1000)

        def search(limit):
            self.assertEqual(len(self.do("search", domain=[["ref", "=", "bulk"]], limit=limit)["records"]), limit)

        search(1)
        self.assertEqual(self.queries(search, 1000), self.queries(search, 1))

    def test_delete_of_500_is_one_call(self):
        partners = self.partners(*(f"Partner {index}" for index in range(500)))
        self.do("delete", ids=partners.ids)
        self.assertFalse(partners.exists())

    def test_more_records_than_the_maximum_are_refused(self):
        self.contact.max_page_size = 100
        for operation, params, path in (
            ("create", {"list": self.values(101)}, "list"),
            ("get", {"ids": list(range(1, 102))}, "ids"),
            ("update", {"ids": list(range(1, 102)), "values": {}}, "ids"),
            ("delete", {"ids": list(range(1, 102))}, "ids"),
        ):
            with self.subTest(operation=operation):
                self.assertEqual(self.errors(operation, **params), {path: "too_long"})


def _without_country(values):
    return {name: value for name, value in values.items() if name != "country"}
