"""aggregate: what it computes is what Python computes of the same records, and nobody sees more by it."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo.tests import new_test_user, tagged

from ...engine.access.credential import Credential
from ...engine.protocol.errors import Forbidden, InvalidParams
from ...engine.resources.operations.aggregate import MAX_GROUP_BY, MAX_MEASURES
from ...engine.resources.query.domain import MAX_ITEMS
from ..resource_common import ResourceCase, define

MODEL = "test_jsonrpc_gateway.sale"
_BUCKETS = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


@tagged("post_install", "-at_install")
class AggregateCase(ResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.tz = cls.user.tz = "UTC"
        cls.contact.can_aggregate = True
        cls.money = define(cls.env, "money", "res.currency", {"name": {"filterable": True}})
        described = {"partner": cls.contact, "currency": cls.money}
        names = ("name", "state", "paid", "day", "moment", "quantity", "price", "ratio", "amount", "margin")
        cls.sale = define(
            cls.env,
            "sale",
            MODEL,
            {
                **{name: {"filterable": True} for name in names},
                **{
                    f"{name}_id": {"name": name, "filterable": True, "target_id": other.id}
                    for name, other in described.items()
                },
            },
            can_aggregate=True,
            max_page_size=1000,
        )
        cls.euro, cls.dollar = cls.env.ref("base.EUR"), cls.env.ref("base.USD")
        (cls.euro | cls.dollar).active = True

    def create_sales(self, *rows):
        return self.env[MODEL].create(list(rows))

    def aggregate(self, *group_by, resource="sale", user=None, credential=None, **params):
        """All groups of a call that fit its first page."""
        params = {"group_by": list(group_by), **params}
        return self.call(f"{resource}.aggregate", params, user=user, credential=credential)["groups"]

    def wrong(self, **params):
        with self.assertRaises(InvalidParams) as caught:
            self.call("sale.aggregate", params)
        return {error["path"]: error["type"] for error in caught.exception.data["errors"]}


class TestMeasures(AggregateCase):
    def test_every_measure(self):
        self.create_sales(
            {"quantity": 2, "price": 0.1, "ratio": 0.5, "day": "2026-01-02", "moment": "2026-01-02 03:04:05"},
            {"quantity": 3, "price": 0.2, "ratio": 0.25, "day": "2026-01-01", "moment": "2026-01-01 00:00:00"},
            {"price": 0.3, "name": "a"},
            {"name": "a"},
        )
        measures = ["count"]
        for name in ("quantity", "price", "ratio"):
            measures += [f"{name}:{function}" for function in ("count_distinct", "sum", "avg", "min", "max")]
        for name in ("day", "moment"):
            measures += [f"{name}:{function}" for function in ("count_distinct", "min", "max")]
        (group,) = self.aggregate(measures=[*measures, "name:count_distinct"])
        self.assertEqual(
            group,
            {
                "count": 4,
                "quantity:count_distinct": 3, "quantity:sum": 5, "quantity:avg": 1.25,
                "quantity:min": 0, "quantity:max": 3,
                "price:count_distinct": 4, "price:sum": 0.6, "price:avg": 0.15, "price:min": 0.0, "price:max": 0.3,
                "ratio:count_distinct": 3, "ratio:sum": 0.75, "ratio:avg": 0.1875, "ratio:min": 0.0, "ratio:max": 0.5,
                "day:count_distinct": 2, "day:min": "2026-01-01", "day:max": "2026-01-02",
                "moment:count_distinct": 2, "moment:min": "2026-01-01T00:00:00Z", "moment:max": "2026-01-02T03:04:05Z",
                "name:count_distinct": 1,
            },
        )  # fmt: skip

    def test_nothing_is_one_group_without_group_by_and_none_with(self):
        self.assertEqual(
            self.aggregate(measures=["count", "quantity:sum", "price:avg", "day:max", "name:count_distinct"]),
            [{"count": 0, "quantity:sum": 0, "price:avg": None, "day:max": None, "name:count_distinct": 0}],
        )
        self.assertEqual(self.aggregate("state"), [])
        self.assertEqual(self.aggregate("state", domain=[["id", "in", []]]), [])

    def test_sums_are_exact_decimals(self):
        self.env.cr.execute(
            f"INSERT INTO {self.env[MODEL]._table} (price, quantity)"
            " SELECT 0.01, 2147483647 FROM generate_series(1, 100001)"
        )
        self.assertEqual(
            self.aggregate(measures=["price:sum", "quantity:sum"]),
            [{"price:sum": 1000.01, "quantity:sum": 2147483647 * 100001}],
        )

    def test_empty_values_are_grouped_as_they_are_read(self):
        sales = self.create_sales(*[{}] * 3)
        table = self.env[MODEL]._table
        self.env.flush_all()
        self.env.cr.execute(f"UPDATE {table} SET name = '', quantity = 0, paid = FALSE WHERE id = %s", (sales[0].id,))
        self.env.cr.execute(f"UPDATE {table} SET quantity = NULL, paid = NULL WHERE id = %s", (sales[1].id,))
        self.env.invalidate_all()
        empty = {"name": None, "quantity": 0, "paid": False, "state": None, "day:month": None, "partner": None}
        self.assertEqual(self.aggregate(*empty), [{**empty, "count": 3}])


class TestBuckets(AggregateCase):
    def test_dates_and_moments_in_every_bucket(self):
        for text in ("2026-01-01", "2025-12-29", "2024-12-31", "2024-02-29", "2026-03-31", "2026-10-25"):
            day = date.fromisoformat(text)
            sale = self.create_sales({"day": text, "moment": f"{text} 12:00:00"})
            for bucket, start in _BUCKETS.items():
                with self.subTest(day=text, bucket=bucket):
                    by = [f"day:{bucket}", f"moment:{bucket}"]
                    expected = {**dict.fromkeys(by, start(day).isoformat()), "count": 1}
                    self.assertEqual(self.aggregate(*by, domain=[["id", "=", sale.id]]), [expected])
            self.assertEqual(self.aggregate("day", domain=[["id", "=", sale.id]]), [{"day": text, "count": 1}])

    def test_moments_are_in_the_bucket_of_the_callers_time_zone(self):
        # Midnight in Brussels, before and after the clocks change, and across a year.
        moments = ("2025-12-31 23:00:00", "2026-03-28 22:59:59", "2026-03-29 22:00:00", "2026-10-24 22:00:00")
        self.create_sales(*({"moment": moment} for moment in moments))
        for zone in ("UTC", "Europe/Brussels", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati"):
            for bucket, start in _BUCKETS.items():
                with self.subTest(zone=zone, bucket=bucket):
                    expected = defaultdict(int)
                    for moment in moments:
                        utc = datetime.fromisoformat(moment).replace(tzinfo=timezone.utc)
                        expected[start(utc.astimezone(ZoneInfo(zone)).date()).isoformat()] += 1
                    groups = self.aggregate(f"moment:{bucket}", context={"tz": zone})
                    self.assertEqual({group[f"moment:{bucket}"]: group["count"] for group in groups}, expected)

    def test_without_a_time_zone_in_the_call_the_users_own_counts(self):
        self.create_sales({"moment": "2026-01-31 23:30:00"})
        self.user.tz = "Europe/Brussels"
        self.assertEqual(self.aggregate("moment:month"), [{"moment:month": "2026-02-01", "count": 1}])

    def test_weeks_start_on_monday_in_any_language(self):
        self.env["res.lang"]._lang_get("en_US").week_start = "7"
        self.create_sales({"day": "2026-11-22", "moment": "2026-11-22 12:00:00"})
        self.assertEqual(
            self.aggregate("day:week", "moment:week"),
            [{"day:week": "2026-11-16", "moment:week": "2026-11-16", "count": 1}],
        )


class TestGroups(AggregateCase):
    def test_results_are_those_of_python_over_the_same_records(self):
        chosen = random.Random(8)
        partners = self.partners("P1", "P2", "P3")
        partners[0].country_id = partners[1].country_id = self.belgium
        rows = [
            {
                "name": chosen.choice([False, "a", "b", "É"]),
                "state": chosen.choice([False, "open", "done"]),
                "paid": chosen.random() < 0.5,
                "day": chosen.choice([False, date(2026, 1, 1) + timedelta(days=chosen.randrange(400))]),
                "moment": datetime(2026, 1, 1) + timedelta(seconds=chosen.randrange(400 * 86400)),  # noqa: DTZ001
                "quantity": chosen.randrange(-5, 6),
                "price": chosen.randrange(-10000, 10000) / 100,
                "partner_id": chosen.choice([False, *partners.ids]),
            }
            for _row in range(400)
        ]
        self.create_sales(*rows)
        country = {partner.id: partner.country_id.code or None for partner in partners}
        keys = {
            "name": lambda row: row["name"] or None,
            "state": lambda row: row["state"] or None,
            "paid": lambda row: row["paid"],
            "quantity": lambda row: row["quantity"],
            "price": lambda row: row["price"],
            "day:week": lambda row: _BUCKETS["week"](row["day"]).isoformat() if row["day"] else None,
            "moment:quarter": lambda row: _BUCKETS["quarter"](row["moment"].date()).isoformat(),
            "partner": lambda row: row["partner_id"] or None,
            "partner.country.code": lambda row: country.get(row["partner_id"]),
        }
        measures = ["count", "price:sum", "quantity:avg", "price:min", "day:max", "name:count_distinct"]
        for _round in range(40):
            by = chosen.sample(list(keys), chosen.randrange(1, 4))
            most = chosen.choice([0, 3])
            expected = defaultdict(list)
            for row in rows:
                expected[tuple(keys[name](row) for name in by)].append(row)
            with self.subTest(by=by, most=most):
                found = {}
                for group in self.aggregate(*by, measures=measures, having=[["count", ">", most]], limit=1000):
                    values = (group[name] for name in by)
                    key = tuple(value["id"] if isinstance(value, dict) else value for value in values)
                    self.assertNotIn(key, found)
                    # As exact as a double is.
                    group["quantity:avg"] = round(group["quantity:avg"], 12)
                    found[key] = [group[measure] for measure in measures]
                self.assertEqual(
                    found, {key: self._measured(rows) for key, rows in expected.items() if len(rows) > most}
                )

    def _measured(self, rows):
        prices = [Decimal(str(row["price"])) for row in rows]
        days = [row["day"] for row in rows if row["day"]]
        average = Decimal(sum(row["quantity"] for row in rows)) / len(rows)
        return [
            len(rows),
            float(sum(prices)),
            float(round(average, 12)),
            float(min(prices)),
            max(days).isoformat() if days else None,
            len({row["name"] for row in rows if row["name"]}),
        ]

    def test_many2one_is_id_and_name_and_can_be_followed(self):
        partner = self.partners("Ann", country_id=self.belgium.id)
        self.create_sales({"partner_id": partner.id}, {})
        self.assertEqual(
            self.aggregate("partner", "partner.country", "partner.is_company", "partner.color"),
            [
                {
                    "partner": {"id": partner.id, "name": "Ann"},
                    "partner.country": {"id": self.belgium.id, "name": "Belgium"},
                    "partner.is_company": False,
                    "partner.color": 0,
                    "count": 1,
                },
                {
                    "partner": None,
                    "partner.country": None,
                    "partner.is_company": None,
                    "partner.color": None,
                    "count": 1,
                },
            ],
        )

    def test_having_combines_conditions_on_measures(self):
        self.create_sales(
            {"name": "a", "quantity": 1, "day": "2026-01-01"},
            {"name": "a", "quantity": 2},
            {"name": "b", "quantity": 9},
        )
        measures = ["count", "quantity:sum", "quantity:avg", "day:max"]
        for having, names in (
            ([["count", "=", 2]], ["a"]),
            ([["count", "!=", 2]], ["b"]),
            ([["quantity:sum", ">=", 3], ["quantity:sum", "<", 9]], ["a"]),
            (["|", ["quantity:sum", ">", 8.5], ["count", "<=", 2]], ["a", "b"]),
            (["!", ["quantity:avg", "=", 1.5]], ["b"]),
            (["&", ["count", ">", 0], ["quantity:avg", ">", 1.5]], ["b"]),
            ([["day:max", "=", None]], ["b"]),
            ([["day:max", "!=", None]], ["a"]),
            ([["day:max", ">", "2025-12-31"]], ["a"]),
            (["!", ["day:max", ">", "2025-12-31"]], ["b"]),
        ):
            with self.subTest(having=having):
                groups = self.aggregate("name", measures=measures, having=having)
                self.assertEqual([group["name"] for group in groups], names)
        self.assertEqual(self.aggregate(measures=["count"], having=[["count", ">", 3]]), [])

    def test_order_by_groups_and_measures(self):
        self.create_sales(*({"name": name, "quantity": n} for name, n in (("a", 3), ("b", 1), ("c", 3), (False, 2))))
        for order, names in (
            (None, ["a", "b", "c", None]),
            ("name desc", [None, "c", "b", "a"]),
            ("quantity:sum desc", ["a", "c", None, "b"]),
            ("quantity:sum, name desc", ["b", None, "c", "a"]),
        ):
            with self.subTest(order=order):
                params = {"order": order} if order else {}
                groups = self.aggregate("name", measures=["quantity:sum"], **params)
                self.assertEqual([group["name"] for group in groups], names)

    def test_pages_have_every_group_once_in_any_order(self):
        chosen = random.Random(3)
        self.create_sales(
            *(
                {
                    "name": chosen.choice([False, *"abc"]),
                    "price": chosen.choice([0.1, 0.25, 3]),
                    "day": chosen.choice([False, "2026-01-01", "2026-02-01"]),
                }
                for _row in range(80)
            )
        )
        for order in ("name", "day desc, price:avg", "price:sum desc", "day:max desc, name", "count, price:min desc"):
            params = {
                "group_by": ["name", "day", "price"],
                "measures": ["count", "price:sum", "price:avg", "price:min", "day:max"],
                "having": [["count", ">", 1]],
                "order": order,
            }
            whole = self.call("sale.aggregate", params)
            self.assertIsNone(whole["next_cursor"])
            paged, cursor, pages = [], {}, 0
            while cursor is not None:
                page = self.call("sale.aggregate", {**params, **cursor, "limit": 3})
                self.assertLessEqual(len(page["groups"]), 3)
                paged += page["groups"]
                pages += 1
                cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
            with self.subTest(order=order):
                self.assertGreater(pages, 3)
                self.assertEqual(paged, whole["groups"])

    def test_cursor_is_only_good_for_the_same_call(self):
        self.create_sales(*({"name": name, "moment": "2026-01-01 12:00:00"} for name in "abc"))
        params = {"group_by": ["name"], "measures": ["count"], "limit": 1}
        cursor = self.call("sale.aggregate", params)["next_cursor"]
        self.assertEqual(self.call("sale.aggregate", {**params, "cursor": cursor})["groups"][0]["name"], "b")
        for change in (
            {"group_by": ["name", "moment:day"]},
            {"measures": ["count", "quantity:sum"]},
            {"having": [["count", ">", 0]]},
            {"order": "name desc"},
            {"domain": [["id", ">", 0]]},
            {"context": {"tz": "Asia/Tokyo"}},
        ):
            with self.subTest(change=change):
                self.assertEqual(self.wrong(**{**params, "cursor": cursor, **change}), {"cursor": "invalid_cursor"})

    def test_a_page_is_at_most_the_maximum(self):
        self.sale.write({"page_size": 2, "max_page_size": 3})
        self.create_sales(*({"name": name} for name in "abcde"))
        self.assertEqual(len(self.aggregate("name")), 2)
        self.assertEqual(len(self.aggregate("name", limit=3)), 3)
        self.assertEqual(self.wrong(group_by=["name"], limit=4), {"limit": "less_than_equal"})

    def test_params_by_position_and_the_example(self):
        self.create_sales({"name": "a", "quantity": 2})
        result = self.call("sale.aggregate", [[["name", "=", "a"]], ["name"], ["quantity:sum"]])
        self.assertEqual(result, {"groups": [{"name": "a", "quantity:sum": 2}], "next_cursor": None})
        spec = self.env["jsonrpc.api"]._jsonrpc_methods()["sale.aggregate"]
        sent = {param["name"]: param["value"] for param in spec.examples[0]["params"]}
        by_name, by_position = self.call(spec.name, sent), self.call(spec.name, list(sent.values()))
        self.assertEqual(by_name, by_position)
        self.assertEqual([param.name for param in spec.params][: len(sent)], list(sent))


class TestCurrencies(AggregateCase):
    def test_amounts_of_several_currencies_are_not_added(self):
        self.create_sales(
            {"name": "a", "amount": 1.1, "currency_id": self.euro.id},
            {"name": "a", "amount": 2.2, "currency_id": self.euro.id},
            {"name": "b", "amount": 3, "currency_id": self.dollar.id},
            {"name": "b"},
        )
        for function in ("sum", "avg", "min", "max"):
            with self.subTest(function=function):
                measures = ["count", f"amount:{function}"]
                self.assertEqual(self.wrong(measures=measures), {"measures.1": "currencies"})
                # Groups that would not be answered count, too.
                having = [["count", "<", 0]]
                self.assertEqual(self.wrong(measures=measures, having=having), {"measures.1": "currencies"})
        self.assertEqual(
            self.aggregate("currency", measures=["amount:sum"]),
            [
                {"currency": {"id": currency.id, "name": currency.name}, "amount:sum": amount}
                for currency, amount in sorted(((self.euro, 3.3), (self.dollar, 3.0)), key=lambda pair: pair[0].id)
            ]
            + [{"currency": None, "amount:sum": 0.0}],
        )
        # One currency in each group will do, whatever the groups are.
        groups = self.aggregate("name", measures=["amount:sum"])
        self.assertEqual(groups, [{"name": "a", "amount:sum": 3.3}, {"name": "b", "amount:sum": 3.0}])
        self.assertEqual(
            self.aggregate(measures=["amount:max"], domain=[["currency.name", "=", "EUR"]]), [{"amount:max": 2.2}]
        )
        self.assertEqual(self.aggregate(measures=["amount:count_distinct"]), [{"amount:count_distinct": 4}])


class TestRefusals(AggregateCase):
    def test_everything_wrong_is_told_at_once_with_its_path(self):
        self.assertEqual(
            self.wrong(
                domain=[["nothing", "=", 1]],
                group_by=["nothing", "name.x", "day:decade", "moment", "name:day", "name", "name"],
                measures=["nothing:sum", "name:sum", "paid:max", "quantity:median", "quantity", "count", "count"],
                having=[
                    "&",
                    ["count", "like", 1],
                    ["count", ">", "1"],
                    ["day:max", ">", "x"],
                    "count",
                    ["count", "<", None],
                ],
                order="nothing",
                limit=0,
                context={"tz": "Nowhere"},
            ),
            {
                "domain.0.0": "unknown_field",
                "group_by.0": "unknown_field",
                "group_by.1": "unknown_field",
                "group_by.2": "bucket",
                "group_by.3": "bucket",
                "group_by.4": "bucket",
                "group_by.6": "duplicate",
                "measures.0": "unknown_field",
                "measures.1": "function",
                "measures.2": "function",
                "measures.3": "function",
                "measures.4": "function",
                "measures.6": "duplicate",
                "having.1.1": "operator",
                "having.2.2": "type",
                "having.3.0": "unknown_measure",
                "having.4": "condition",
                "having.5.2": "type",
                "order": "not_sortable",
                "limit": "greater_than_equal",
                "context.tz": "unknown_time_zone",
            },
        )

    def test_other_refusals(self):
        for params, expected in (
            ({"group_by": "name"}, {"group_by": "list_type"}),
            ({"group_by": [["name"]]}, {"group_by.0": "string_type"}),
            ({"group_by": ["name"] * (MAX_GROUP_BY + 1)}, "group_by"),
            ({"measures": []}, {"measures": "too_short"}),
            ({"measures": ["count"] * (MAX_MEASURES + 1)}, "measures"),
            ({"having": [["count", ">", 1]] * (MAX_ITEMS + 1)}, {"having": "too_long"}),
            ({"having": ["|", ["count", ">", 1]]}, {"having.0": "missing_operand"}),
            ({"having": [["quantity:sum", ">", 1]]}, {"having.0.0": "unknown_measure"}),
            ({"having": [["count", ">", True]]}, {"having.0.2": "type"}),
            ({"order": "count descending"}, {"order": "order"}),
            ({"order": "count, count"}, {"order": "duplicate"}),
            ({"cursor": "x"}, {"cursor": "invalid_cursor"}),
            ({"group_by": ["partner.country.code.x"]}, {"group_by.0": "unknown_field"}),
            ({"group_by": ["partner.parent.parent.parent.parent.name"]}, {"group_by.0": "too_deep"}),
            ({"group_by": ["partner.tags"]}, {"group_by.0": "not_groupable"}),
            ({"group_by": ["partner.image"]}, {"group_by.0": "not_groupable"}),
            ({"group_by": [""]}, {"group_by.0": "unknown_field"}),
        ):
            with self.subTest(params=params):
                found = self.wrong(**params)
                self.assertIn(expected, found) if isinstance(expected, str) else self.assertEqual(found, expected)

    def test_field_called_count_is_told_from_the_number_of_records(self):
        self.sale.field_ids.filtered(lambda line: line.name == "quantity").name = "count"
        self.create_sales({"quantity": 7})
        self.assertEqual(self.wrong(group_by=["count"]), {"measures.0": "duplicate"})
        self.assertEqual(self.aggregate("count", measures=["count:sum"]), [{"count": 7, "count:sum": 7}])

    def test_what_a_model_reads_in_its_own_way_is_not_grouped_by(self):
        define(self.env, "own", "test_jsonrpc_gateway.own_fetch", {"name": {}, "number": {}}, can_aggregate=True)
        self.env["test_jsonrpc_gateway.own_fetch"].create({"name": "a"})
        self.assertEqual(self.aggregate(resource="own"), [{"count": 1}])
        with self.assertRaises(InvalidParams) as caught:
            self.aggregate("name", resource="own", measures=["number:sum"])
        self.assertEqual([error["type"] for error in caught.exception.data["errors"]], ["not_groupable"] * 2)


class TestSecurity(AggregateCase):
    def test_field_that_the_caller_may_not_see_does_not_exist(self):
        self.create_sales({"margin": 5})
        self.assertEqual(
            self.wrong(group_by=["margin"], measures=["margin:sum"], order="margin:sum"),
            {"group_by.0": "unknown_field", "measures.0": "unknown_field", "order": "not_sortable"},
        )
        admin = self.env.ref("base.user_admin")
        self.assertEqual(
            self.aggregate("margin", measures=["margin:sum"], user=admin, credential=Credential("key", admin.id)),
            [{"margin": 5.0, "margin:sum": 5.0}],
        )

    def test_line_that_is_not_readable_does_not_exist(self):
        self.sale.field_ids.filtered(lambda line: line.name == "quantity").readable = False
        self.assertEqual(
            self.wrong(group_by=["quantity"], measures=["quantity:sum"]),
            {"group_by.0": "unknown_field", "measures.0": "unknown_field"},
        )

    def test_relation_is_only_followed_to_a_granted_resource(self):
        for actions, allowed in (({("sale", "read")}, False), ({("sale", "read"), ("contact", "read")}, True)):
            credential = Credential("key", self.user.id, grants=frozenset(actions))
            params = {"group_by": ["partner.name"], "measures": ["partner.color:sum"]}
            with self.subTest(actions=actions):
                if allowed:
                    self.assertEqual(self.call("sale.aggregate", params, credential=credential)["groups"], [])
                    continue
                with self.assertRaises(InvalidParams) as caught:
                    self.call("sale.aggregate", params, credential=credential)
                self.assertEqual([error["type"] for error in caught.exception.data["errors"]], ["unknown_field"] * 2)

    def test_records_of_other_companies_are_not_counted_nor_named(self):
        self.env.ref("base.res_partner_rule").active = True
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.partners("Theirs", company_id=other.id, color=5, country_id=self.belgium.id, ref="other")
        ours = self.partners("Ours", color=3, ref="ours")
        domain = [["ref", "in", ["other", "ours"]]]
        self.assertEqual(
            self.aggregate("name", resource="contact", domain=domain, measures=["count", "color:sum"]),
            [{"name": "Ours", "count": 1, "color:sum": 3}],
        )
        self.create_sales({"partner_id": theirs.id}, {"partner_id": ours.id})
        groups = self.aggregate(
            "partner", "partner.name", "partner.country", measures=["count", "partner.color:sum"], order="partner.name"
        )
        self.assertEqual(
            groups,
            [
                {
                    "partner": {"id": ours.id, "name": "Ours"},
                    "partner.name": "Ours",
                    "partner.country": None,
                    "count": 1,
                    "partner.color:sum": 3,
                },
                {
                    "partner": {"id": theirs.id, "name": None},
                    "partner.name": None,
                    "partner.country": None,
                    "count": 1,
                    "partner.color:sum": 0,
                },
            ],
        )

    def test_record_rules_hold(self):
        self.env["ir.rule"].create(
            {
                "name": "Only open sales",
                "model_id": self.env["ir.model"]._get_id(MODEL),
                "domain_force": "[('state', '=', 'open')]",
                "groups": [(4, self.env.ref("base.group_user").id)],
            }
        )
        self.create_sales({"state": "open", "quantity": 1}, {"state": "done", "quantity": 10})
        self.assertEqual(
            self.aggregate("state", measures=["count", "quantity:sum"]),
            [{"state": "open", "count": 1, "quantity:sum": 1}],
        )

    def test_domains_of_both_resources_hold(self):
        self.sale.domain = "[('paid', '=', True)]"
        self.contact.domain = "[('is_company', '=', True)]"
        person, company = self.partners("Person"), self.partners("Company", is_company=True)
        self.create_sales(
            {"partner_id": person.id, "paid": True}, {"partner_id": company.id, "paid": True}, {"quantity": 5}
        )
        self.assertEqual(
            self.aggregate("partner.name", measures=["count", "quantity:sum"]),
            [
                {"partner.name": "Company", "count": 1, "quantity:sum": 0},
                {"partner.name": None, "count": 1, "quantity:sum": 0},
            ],
        )

    def test_model_that_the_caller_may_not_read_at_all(self):
        self.create_sales({"partner_id": self.partners("Ann").id})
        portal = new_test_user(self.env, "portal_caller", groups="base.group_portal")
        with self.assertRaises(Forbidden):
            self.aggregate(user=portal, credential=Credential("key", portal.id))
        access = self.env["ir.model.access"].search([("model_id.model", "=", "res.partner")])
        access.active = False
        group = self.aggregate("partner.name", measures=["partner.name:count_distinct"])
        self.assertEqual(group, [{"partner.name": None, "partner.name:count_distinct": 0}])

    def test_archived_records_only_count_when_asked_for(self):
        self.partners("A", ref="x", active=False)
        domain = [["ref", "=", "x"]]
        self.assertEqual(self.aggregate(resource="contact", domain=domain), [{"count": 0}])
        domain.append(["active", "=", False])
        self.assertEqual(self.aggregate(resource="contact", domain=domain), [{"count": 1}])


class TestCost(AggregateCase):
    def test_queries_do_not_grow_with_groups_or_records(self):
        def queries(count):
            partners = self.partners(*(f"P{number}" for number in range(count)), country_id=self.belgium.id)
            sales = self.create_sales(*({"partner_id": partner.id} for partner in partners))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            params = {"domain": [["id", "in", sales.ids]], "limit": 1000}
            groups = self.aggregate("partner", "partner.country", measures=["count", "amount:sum"], **params)
            self.assertEqual(len(groups), count)
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(2), queries(200))
