"""The domain param: what it finds is what Odoo's syntax means, and nothing else gets through."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from ...engine.protocol.errors import InvalidParams
from ...engine.resources.query.domain import MAX_DEPTH, MAX_ITEMS, MAX_TEXT, MAX_VALUES
from ...engine.tests import generated
from ..resource_common import ResourceCase, add_line, define

PROPERTY = settings(generated.repeatable, max_examples=60)
#: What the condition of an attacker, or of somebody who is tired, is made of.
WORDS = [
    *("&", "|", "!", "=", "in", "any", "any!", "child_of", "=?"),
    *("name", "country", "country.code", "children.name", "tags", "password", "name.", ".", "id", "image"),
]

REFS = ["", "a", "b", "Ab"]
COLORS = [0, 1, 2, 3]


def _conditions():
    text = st.tuples(
        st.just("ref"), st.sampled_from(["=", "!="]), st.one_of(st.none(), st.sampled_from(["a", "b", "Ab", "z"]))
    )
    texts = st.tuples(
        st.just("ref"), st.sampled_from(["in", "not in"]), st.lists(st.sampled_from(["a", "b", "Ab", None]), max_size=3)
    )
    like = st.tuples(st.just("ref"), st.sampled_from(["ilike", "not ilike"]), st.sampled_from(["a", "B", "z"]))
    number = st.tuples(
        st.just("color"), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.sampled_from([-1, *COLORS])
    )
    numbers = st.tuples(
        st.just("color"), st.sampled_from(["in", "not in"]), st.lists(st.sampled_from([*COLORS, 9]), max_size=3)
    )
    boolean = st.tuples(st.just("is_company"), st.sampled_from(["=", "!="]), st.booleans())
    return st.one_of(text, texts, like, number, numbers, boolean).map(list)


def _trees():
    return st.recursive(
        _conditions(),
        lambda inner: st.one_of(st.tuples(st.just("!"), inner), st.tuples(st.sampled_from("&|"), inner, inner)),
        max_leaves=8,
    )


def _is_condition(tree):
    return isinstance(tree, list)


def _prefix(tree):
    """A tree as Odoo writes it: operators before what they combine."""
    if _is_condition(tree):
        return [tree]
    return [tree[0], *itertools.chain.from_iterable(map(_prefix, tree[1:]))]


def _holds(tree, row):
    """Whether a tree holds for a row, by its meaning."""
    if not _is_condition(tree):
        operator, *inner = tree
        results = [_holds(part, row) for part in inner]
        return {"!": lambda: not results[0], "&": lambda: all(results), "|": lambda: any(results)}[operator]()
    name, operator, value = tree
    stored = row[name]
    if operator in ("in", "not in"):
        found = any(_equal(stored, item) for item in value)
        return found if operator == "in" else not found
    if operator in ("ilike", "not ilike"):
        found = value.lower() in (stored or "").lower()
        return found if operator == "ilike" else not found
    return {
        "=": lambda: _equal(stored, value),
        "!=": lambda: not _equal(stored, value),
        "<": lambda: stored < value,
        "<=": lambda: stored <= value,
        ">": lambda: stored > value,
        ">=": lambda: stored >= value,
    }[operator]()


def _equal(stored, value):
    return (stored or None) == value if value is None or isinstance(value, str) else stored == value


class TestDomainProperties(ResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        combinations = list(itertools.product(REFS, COLORS, [False, True]))
        partners = cls.env["res.partner"].create(
            [
                {"name": "Row", "email": "row", "ref": ref, "color": color, "is_company": company}
                for ref, color, company in combinations
            ]
        )
        add_line(cls.contact, "city", name="mark", filterable=True)
        partners.city = "property-row"
        cls.rows = {
            partner.id: {"ref": ref, "color": color, "is_company": company}
            for partner, (ref, color, company) in zip(partners, combinations, strict=True)
        }

    @PROPERTY
    @given(st.lists(_trees(), max_size=3))
    def test_any_domain_finds_what_it_means(self, trees):
        domain = [["mark", "=", "property-row"], *itertools.chain.from_iterable(map(_prefix, trees))]
        found = {record["id"] for record in self.do("search", domain=domain, fields=["id"])["records"]}
        self.assertEqual(found, {id_ for id_, row in self.rows.items() if all(_holds(tree, row) for tree in trees)})

    @PROPERTY
    @given(
        st.lists(
            st.recursive(
                st.one_of(
                    st.sampled_from(WORDS), st.none(), st.booleans(), st.integers(), st.floats(), generated.texts
                ),
                lambda inner: st.one_of(
                    st.lists(inner, max_size=4), st.dictionaries(generated.texts, inner, max_size=2)
                ),
                max_leaves=12,
            ),
            max_size=5,
        )
    )
    def test_whatever_is_sent_is_found_or_refused(self, domain):
        try:
            total = self.do("count", domain=domain)
        except InvalidParams as refusal:
            self.assertTrue(refusal.data["errors"])
        else:
            self.assertGreaterEqual(total, 0)


class TestDomain(ResourceCase):
    def assertRefused(self, domain, expected):
        self.assertEqual(self.errors("search", domain=domain), expected)
        self.assertEqual(self.errors("count", domain=domain), expected)

    def test_dotted_path_through_a_resource_finds(self):
        self.partners("In", ref="dot", country_id=self.belgium.id)
        self.partners("Out", ref="dot")
        self.assertEqual(self.names([["ref", "=", "dot"], ["country.code", "=", "BE"]]), ["In"])

    def test_any_and_not_any_nest(self):
        parent = self.partners("Parent", ref="any")
        self.partners("Kid", parent_id=parent.id)
        self.partners("Alone", ref="any")
        kids = [["name", "=", "Kid"]]
        self.assertEqual(self.names([["ref", "=", "any"], ["children", "any", kids]]), ["Parent"])
        self.assertEqual(self.names([["ref", "=", "any"], ["children", "not any", kids]]), ["Alone"])

    def test_x2many_compares_to_ids_and_null(self):
        tag = self.env["res.partner.category"].create({"name": "T"})
        self.partners("Tagged", ref="tag", category_id=[(4, tag.id)])
        self.partners("Bare", ref="tag")
        for domain, names in (
            (["tags", "in", [tag.id]], ["Tagged"]),
            (["tags", "=", tag.id], ["Tagged"]),
            (["tags", "not in", [tag.id]], ["Bare"]),
            (["tags", "=", None], ["Bare"]),
            (["tags", "!=", None], ["Tagged"]),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(self.names([["ref", "=", "tag"], domain]), names)

    def test_dates_compare_as_moments(self):
        partner = self.partners("Dated", ref="date")
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET write_date = '2026-01-31 11:30:00' WHERE id = %s", [partner.id])
        for operator, moment, found in (
            (">", "2026-01-31T11:29:59Z", True),
            ("<=", "2026-01-31T12:30:00+01:00", True),
            ("<", "2026-01-31T11:30:00.000Z", False),
            ("=", "2026-01-31T11:30:00Z", True),
        ):
            with self.subTest(operator=operator):
                names = self.names([["ref", "=", "date"], ["updated_at", operator, moment]])
                self.assertEqual(names, ["Dated"] if found else [])

    def test_unknown_and_unexposed_names_look_the_same(self):
        for name in (
            "nope",
            "password",
            "create_uid",
            "vat",
            "country_id",
            "country.phone_code",
            "tags.name",
            "name.x",
            "",
        ):
            with self.subTest(name=name):
                kind = "type" if not name else "unknown_field"
                self.assertRefused([[name, "=", "x"]], {"domain.0.0": kind})

    def test_an_exposed_field_that_is_not_filterable_is_refused(self):
        self.assertRefused([["email", "=", "x"]], {"domain.0.0": "not_filterable"})

    def test_operators_beyond_the_list_are_refused(self):
        for operator in (
            "any!",
            "not any!",
            "child_of",
            "parent_of",
            "=?",
            "==",
            "<>",
            "ILIKE",
            "= 1; --",
            1,
            None,
            ["="],
        ):
            with self.subTest(operator=operator):
                self.assertRefused([["name", operator, "x"]], {"domain.0.1": "operator"})

    def test_any_needs_a_resource_on_the_other_side(self):
        self.assertRefused([["tags", "any", []]], {"domain.0.1": "operator"})

    def test_values_of_the_wrong_type_are_refused(self):
        for condition, kind in (
            (["name", "=", 5], "type"),
            (["name", "ilike", None], "type"),
            (["name", "in", "x"], "type"),
            (["color", "=", "5"], "type"),
            (["color", "=", True], "type"),
            (["color", "=", None], "type"),
            (["color", "=", 2**31], "type"),
            (["latitude", "=", "1"], "type"),
            (["is_company", "=", 1], "type"),
            (["is_company", "=", None], "type"),
            (["type", "=", "nope"], "enum"),
            (["updated_at", "=", "2026-01-31"], "datetime"),
            (["updated_at", "=", "1700000000"], "datetime"),
            (["updated_at", ">", "2026-01-31T12:00:00"], "datetime"),
            (["updated_at", ">", "today -1d"], "datetime"),
            (["updated_at", ">", "0001-01-01T00:00:00+10:00"], "datetime"),
            (["country", "=", "Belgium"], "type"),
            (["country", "=", {"id": 1}], "type"),
            (["image", "=", "x"], "type"),
            (["tags", "in", [None]], "type"),
            (["children", "any", "x"], "type"),
        ):
            with self.subTest(condition=condition):
                self.assertRefused([condition], {"domain.0.2": kind})

    def test_malformed_domains_are_refused(self):
        self.assertRefused(["name", "=", "x"], {f"domain.{i}": "condition" for i in range(3)})
        self.assertRefused(["&", ["name", "=", "x"]], {"domain.0": "missing_operand"})
        self.assertRefused(["!"], {"domain.0": "missing_operand"})
        self.assertRefused([["name", "="]], {"domain.0": "condition"})
        self.assertRefused([{}], {"domain.0": "condition"})
        self.assertRefused({}, {"domain": "list_type"})

    def test_all_failures_are_told_at_once(self):
        self.assertEqual(
            self.errors(
                "search",
                domain=[["nope", "=", 1], ["color", "=", "x"]],
                fields=["bad"],
                order="bad",
                limit=0,
                context={"x": 1},
                y=1,
            ),
            {
                "domain.0.0": "unknown_field",
                "domain.1.2": "type",
                "fields.0": "unknown_field",
                "order": "unknown_field",
                "limit": "greater_than_equal",
                "context.x": "extra_forbidden",
                "y": "extra_forbidden",
            },
        )

    def test_limits_hold(self):
        self.assertRefused([["name", "=", "x"]] * (MAX_ITEMS + 1), {"domain": "too_long"})
        self.assertRefused([["color", "in", [1] * (MAX_VALUES + 1)]], {"domain.0.2": "too_long"})
        self.assertRefused([["name", "=", "x" * (MAX_TEXT + 1)]], {"domain.0.2": "too_long"})

    def test_depth_holds_for_dots_and_any(self):
        path = ".".join(["parent"] * MAX_DEPTH)
        self.do("count", domain=[[f"{path}.name", "=", "x"]])
        self.assertRefused([[f"{path}.parent.name", "=", "x"]], {"domain.0.0": "too_deep"})
        nested = [["name", "=", "x"]]
        for _ in range(MAX_DEPTH + 1):
            nested = [["parent", "any", nested]]
        self.assertRefused(nested, {"domain" + ".0.2" * MAX_DEPTH + ".0.0": "too_deep"})

    def test_many_negations_are_taken(self):
        self.partners("Not", ref="neg")
        self.assertEqual(self.names(["!"] * 150 + [["ref", "=", "neg"]]), ["Not"])

    def test_injection_attempts_are_values_and_nothing_else(self):
        before = self.env["res.partner"].search_count([])
        for text in ("'; DROP TABLE res_partner; --", '" OR 1=1 --', "%", "\\", "{}", "%s", "%(x)s", "$1"):
            with self.subTest(text=text):
                self.assertEqual(self.names([["ref", "=", text]]), [])
                self.names([["name", "ilike", text]])
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_the_other_sides_domain_holds_within_a_condition(self):
        hidden = define(
            self.env, "open_land", "res.country", {"code": {"filterable": True}}, domain="[('code', '!=', 'BE')]"
        )
        self.contact.field_ids.filtered(lambda line: line.name == "country").target_id = hidden
        self.partners("In", ref="other", country_id=self.belgium.id)
        self.assertEqual(self.names([["ref", "=", "other"], ["country.code", "=", "BE"]]), [])
        self.assertEqual(self.names([["ref", "=", "other"], ["country", "any", []]]), [])
