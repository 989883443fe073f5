"""Read plans: generated rules, domains and orders are read by plans and by the ORM, before and after changes.

What a plan must not keep is what records say: so each plan is used again after records have changed.
"""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.fields import Command, Domain
from odoo.tests import new_test_user
from odoo.tools import SQL

from ...engine.access.credential import Credential
from ...engine.access.restriction import restricted
from ...engine.dispatch.context import CallContext
from ...engine.protocol.errors import Forbidden, NotFound
from ...engine.resources.definition import literal_domain
from ...engine.resources.query.fixed import is_fixed_search
from ...engine.resources.query.plan import MAX_PLANS
from ...engine.tests.generated import repeatable
from ..resource_common import ResourceCase, add_line, define

#: Each example makes some seventy reads, all of them both ways.
PROPERTY = settings(repeatable, max_examples=40)
FIELDS = ["name", "ref", "barcode", "latitude", "active", "country", "tags", "parent"]
ORDERS = ("id desc", "name, id", "type, name desc, id", "ref desc, id desc", "barcode, id")

#: Conditions as a rule writes them: names stand for ids of the test.
_LEAVES = (
    "('company_id', 'in', company_ids)",
    "('company_id', 'parent_of', company_ids)",
    "('company_id', 'child_of', company_ids)",
    "('company_id', '=', False)",
    "('company_id', '!=', company_id)",
    "('company_id.name', 'ilike', 'plan')",
    "('name', 'ilike', 'a')",
    "('name', 'not like', '%b')",
    "('ref', 'in', ['10', '20', False])",
    "('ref', '!=', False)",
    "('ref', 'not in', ['10'])",
    "('color', '>', 1)",
    "('color', '!=', 0)",
    "('partner_latitude', '<=', 0.5)",
    "('is_company', '=', True)",
    "('type', 'in', ['contact', 'other'])",
    "('active', '=', False)",
    "('active', 'in', [True, False])",
    "('barcode', 'in', ['here', False])",
    "('barcode', '!=', False)",
    "('barcode', 'ilike', 'e')",
    "('country_id.code', '=', 'BE')",
    "('country_id', 'any', [('name', 'ilike', 'belgi')])",
    "('country_id', 'not any', [('code', '=', 'BE')])",
    "('parent_id', '=', False)",
    "('parent_id.country_id.code', '!=', 'BE')",
    "('parent_id', 'any', [('color', '>', 0), ('active', '=', True)])",
    "('child_ids', 'any', [('ref', '=', '10')])",
    "('child_ids', 'not any', [('color', '=', 0)])",
    "('child_ids', '=', False)",
    "('category_id', 'any', [('name', 'ilike', 'one')])",
    "('category_id', 'in', {tags})",
    "('category_id', 'not in', {tags})",
    "('category_id.parent_id', '=', False)",
    "('id', 'in', {some})",
    "('create_date', '>=', '2020-01-01 00:00:00')",
    "('commercial_partner_id.name', 'ilike', 'a')",
    "('user_id', '=', user.id)",
    # What Odoo looks up beforehand, or evaluates by a method.
    "('parent_id', 'child_of', {some})",
    "('id', 'child_of', {some})",
    "('category_id', 'child_of', {tags})",
    "('create_date', '>=', 'today')",
    "('country_id', '=', 'Belgium')",
    "('display_name', 'ilike', 'a')",
)  # fmt: skip

_rules = st.recursive(
    st.sampled_from(_LEAVES),
    lambda inner: st.one_of(
        st.tuples(st.just("'!', "), inner).map("".join),
        st.tuples(st.sampled_from(["'|', ", "'&', "]), inner, inner).map(lambda item: f"{item[0]}{item[1]}, {item[2]}"),
    ),
    max_leaves=4,
)
_asked = st.sampled_from(
    [
        [],
        [["name", "ilike", "a"]],
        [["active", "=", False]],
        [["country.code", "=", "BE"]],
        ["!", ["ref", "=", "10"]],
        ["|", ["barcode", "!=", None], ["parent", "=", None]],
        [["parent", "any", [["color", ">", 0]]]],
        [["tags", "!=", None]],
    ]
)
_changes = st.sampled_from(["company", "parent", "tag", "archive", "barcode", "country", "nothing"])
_MODEL_NAMES = {"country": "country_id", "parent": "parent_id", "tags": "category_id"}


def _model_domain(domain):
    """A domain of the resource's names in those of the model."""
    found = []
    for item in domain:
        if isinstance(item, list):
            names = item[0].split(".")
            names[0] = _MODEL_NAMES.get(names[0], names[0])
            value = False if item[2] is None else item[2]
            found.append((".".join(names), item[1], value))
        else:
            found.append(item)
    return found


class PlanCase(ResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env = cls.env
        cls.company = env["res.company"].create({"name": "Plan A"})
        cls.branch = env["res.company"].create({"name": "Plan A branch", "parent_id": cls.company.id})
        cls.other = env["res.company"].create({"name": "Plan B"})
        companies = cls.company + cls.branch + cls.other
        cls.user.write({"company_ids": [Command.set(companies.ids)], "company_id": cls.company.id})
        for field in ("barcode", "company_id"):
            add_line(cls.contact, field, name=field.removesuffix("_id"), filterable=True, sortable=field == "barcode")
        cls.narrow = define(
            env,
            "narrow",
            "res.partner",
            {"name": {"filterable": True, "sortable": True}, "ref": {}, "barcode": {"filterable": True}},
            domain="['|', ('category_id', 'any', [('name', 'ilike', 'o')]), ('parent_id', '!=', False)]",
        )
        tags = env["res.partner.category"].create([{"name": "One"}, {"name": "Two"}])
        tags |= env["res.partner.category"].create({"name": "Three", "parent_id": tags[0].id})
        env["res.lang"]._activate_lang("fr_FR")
        tags[0].with_context(lang="fr_FR").name = "Un"
        cls.tags = tags
        cls.parent, cls.partners = cls._make_partners(companies)
        cls.rule = env["ir.rule"].create(
            {"name": "generated", "model_id": env["ir.model"]._get_id("res.partner"), "domain_force": "[]"}
        )
        cls.group_rule = cls.rule.copy({"groups": [Command.set(env.ref("base.group_user").ids)]})
        cls.tag_rule = env["ir.rule"].create(
            {"name": "tags", "model_id": env["ir.model"]._get_id("res.partner.category"), "domain_force": "[]"}
        )
        env.flush_all()

    @classmethod
    def _make_partners(cls, companies):
        germany = cls.env.ref("base.de")
        model = cls.env["res.partner"]
        parent = model.create({"name": "Plan parent", "is_company": True, "color": 2, "country_id": cls.belgium.id})
        partners = parent
        for number in range(12):
            partners |= model.create(
                {
                    "name": f"Plan {'ab'[number % 2]}{number}",
                    "ref": ("10", "20", False)[number % 3],
                    "color": number % 4,
                    "partner_latitude": (number - 3) / 4,
                    "is_company": number % 2 == 0,
                    "type": ("contact", "other", "invoice")[number % 3],
                    "active": number % 5 != 4,
                    "country_id": (cls.belgium.id, germany.id, False)[number % 3],
                    "parent_id": parent.id if number % 4 == 1 else False,
                    "category_id": [Command.set(cls.tags[number % 3 :].ids if number % 4 else [])],
                    "company_id": False if number % 4 in (0, 1) else companies[number % 3].id,
                    "user_id": cls.user.id if number == 6 else False,
                }
            )
        # One in each company, and no two partners the same there.
        for number, company in enumerate(companies):
            for partner in partners[number::4]:
                partner.with_company(company).barcode = f"here{partner.id}"
        return parent, partners

    def rule_text(self, text):
        return "[" + text.format(tags=self.tags[:2].ids, some=self.partners[2:7].ids) + "]"

    def caller(self, companies, lang="en_US"):
        context = {"lang": lang, "allowed_company_ids": companies}
        return self.env(user=self.user, su=False, context=context)

    def change(self, what):
        """Change records in a way that a rule may look at."""
        partner = self.partners[9]
        values = {
            "company": {"company_id": self.other.id},
            "parent": {"parent_id": self.partners[4].id},
            "archive": {"active": not partner.active},
            "country": {"country_id": self.belgium.id},
            "nothing": {},
        }
        if what == "barcode":
            partner.with_company(self.company).barcode = "changed"
        elif what == "tag":
            self.tags[2].parent_id = False
            self.tags[1].name = "No one"
        elif values[what]:
            partner.write(values[what])
        self.env.flush_all()
        self.env.invalidate_all()

    def assert_same(self, companies, domain, order, lang="en_US", resource="contact"):
        """What a caller gets is what the ORM finds and reads for them."""
        env = self.caller(companies, lang)
        context = {"allowed_company_ids": companies, "lang": lang}
        fields = FIELDS if resource == "contact" else ["name", "ref", "barcode"]
        params = {"domain": domain, "order": order, "fields": fields, "limit": 100, "context": context}
        found = self.call(f"{resource}.search", params)["records"]
        own = Domain([("id", "in", self.partners.ids)])
        asked = Domain(_model_domain(domain)) & Domain(self.domain_of(resource))
        records = env["res.partner"].search(asked, order=order)
        self.assertEqual([record["id"] for record in found], records.ids[:100])
        mine = {record["id"]: record for record in found if record["id"] in self.partners.ids}
        for record in records & self.partners.with_env(env):
            self.assertEqual(mine[record.id], self.as_read(record, fields))
        # By ids: archived ones too.
        seen = env["res.partner"].with_context(active_test=False).search(own & Domain(self.domain_of(resource)))
        got = self.call(f"{resource}.get", {"ids": seen.ids, "fields": fields, "context": context}) if seen else []
        self.assertEqual(got, [self.as_read(record, fields) for record in seen])
        for hidden in self.partners - seen.with_env(self.env):
            with self.assertRaises(NotFound):
                self.call(f"{resource}.get", {"id": hidden.id, "fields": fields, "context": context})

    def domain_of(self, resource):
        return [] if resource == "contact" else literal_domain(self.narrow.domain)

    def as_read(self, record, fields):
        """A record as the ORM reads it, in the words of the resource."""
        comodel = record.env["res.partner"].with_context(active_test=False)
        tag_model = record.env["res.partner.category"].with_context(active_test=False)
        parent = comodel.search([("id", "=", record.sudo().parent_id.id)])
        tags = record.with_context(active_test=True).sudo().category_id.ids
        seen = set(tag_model.search([("id", "in", tags)]).ids)
        country = record.country_id
        values = {
            "name": record.name or None,
            "ref": record.ref or None,
            "barcode": record.barcode or None,
            "latitude": record.partner_latitude,
            "active": record.active,
            "country": {"id": country.id, "name": country.display_name} if country else None,
            "tags": [id_ for id_ in tags if id_ in seen],
            "parent": None,
        }
        if record.sudo().parent_id:
            name = parent.sudo().display_name if parent else None
            values["parent"] = {"id": record.sudo().parent_id.id, "name": name}
        return {"id": record.id, **{name: values[name] for name in fields}}


class TestGenerated(PlanCase):
    """The same rules, domains and orders for both ways, with plans made before records change."""

    @PROPERTY
    @example("('id', 'child_of', {some})", "('id', '!=', 0)", False, [], "parent", "id desc")
    @example("('category_id', 'child_of', {tags})", "('id', '!=', 0)", False, [], "tag", "id desc")
    @given(_rules, _rules, st.booleans(), _asked, _changes, st.sampled_from(ORDERS))
    def test_a_plan_reads_what_the_orm_reads(self, rule, group_rule, tag_rule, asked, change, order):
        with self.env.cr.savepoint() as savepoint:
            self.rule.domain_force = self.rule_text(rule)
            self.group_rule.domain_force = self.rule_text(group_rule)
            self.tag_rule.domain_force = "[('name', '!=', 'Two')]" if tag_rule else "[]"
            for step in ("nothing", change):
                self.change(step)
                for companies in ([self.company.id], [self.other.id, self.branch.id]):
                    self.assert_same(companies, asked, order)
                self.assert_same([self.company.id], asked and [["name", "ilike", "a"]], "name, id", "fr_FR", "narrow")
            savepoint.rollback()
        self.env.invalidate_all()
        self.env.registry.clear_cache()


class TestFixed(PlanCase):
    """What has a plan, and what is read as the ORM does."""

    def is_fixed(self, text):
        self.rule.domain_force = self.rule_text(text)
        return is_fixed_search(self.caller([self.company.id])["res.partner"], Domain.TRUE)

    def test_columns_constants_and_subqueries_are(self):
        for text in _LEAVES[: _LEAVES.index("('user_id', '=', user.id)") + 1]:
            self.assertTrue(self.is_fixed(text), text)
            self.assertTrue(self.is_fixed(f"'!', {text}"), text)

    def test_what_odoo_looks_up_first_is_not(self):
        for text in _LEAVES[_LEAVES.index("('user_id', '=', user.id)") + 1 :]:
            self.assertFalse(self.is_fixed(text), text)
            self.assertFalse(self.is_fixed(f"'|', ('name', '=', 'x'), {text}"), text)
            # Within a relation too.
            self.assertFalse(self.is_fixed(f"('parent_id', 'any', [{text}])"), text)

    def test_a_caller_has_the_rules_of_the_other_side_too(self):
        model = self.caller([self.company.id])["res.partner"]
        domain = Domain("category_id", "any", [("name", "=", "One")])
        self.assertTrue(is_fixed_search(model, domain))
        self.tag_rule.domain_force = f"[('id', 'child_of', {self.tags.ids})]"
        self.assertFalse(is_fixed_search(model, domain))

    def test_functions_and_queries_are_not(self):
        model = self.caller([self.company.id])["res.partner"]
        custom = Domain.custom(to_sql=lambda model, alias, query: SQL("TRUE"))
        for domain in (
            custom,
            ~custom & Domain("name", "=", "x"),
            Domain("parent_id", "any", custom),
            Domain("parent_id", "in", model._search([])),
            Domain("parent_id", "any!", SQL("SELECT 1")),
        ):
            self.assertFalse(is_fixed_search(model, domain), domain)

    def test_models_that_search_in_their_own_way_are_not(self):
        for name in ("res.groups", "ir.attachment"):
            self.assertFalse(is_fixed_search(self.env[name], Domain.TRUE), name)


class TestForgotten(PlanCase):
    """A plan is for one caller, and only until Odoo forgets what it was made of."""

    def seen(self, user=None, **context):
        context = {"allowed_company_ids": [self.company.id, self.other.id], **context}
        params = {"domain": [["id", "in", self.partners.ids]], "fields": ["name"], "context": context}
        found = self.call("contact.search", params, user=user)["records"]
        ids = self.call("contact.get", {"ids": [each["id"] for each in found], "context": context}, user=user)
        self.assertEqual([each["id"] for each in ids], [each["id"] for each in found])
        return {each["id"] for each in found}

    def missing(self, id_, user=None):
        with self.assertRaises(NotFound):
            self.call("contact.get", {"id": id_}, user=user)

    def plans(self):
        return self.env["jsonrpc.resource"]._jsonrpc_plans()

    def test_a_read_is_one_statement(self):
        self.seen(), self.seen()
        params = {"id": self.parent.id, "fields": ["name", "ref", "country"]}
        for method, sent in (("get", params), ("search", {"fields": ["name", "country"], "order": "name, id"})):
            self.call(f"contact.{method}", sent)
            self.env.invalidate_all()
            env = self.caller([self.company.id])
            spec = env["jsonrpc.api"]._jsonrpc_method(f"contact.{method}")
            context = CallContext(env=env, credential=self.credential, request_id="test")
            spec.invoke(context, spec.bind(sent))
            self.env.invalidate_all()
            with self.subTest(method), self.assertQueryCount(1):
                spec.invoke(context, spec.bind(sent))

    def test_a_changed_rule(self):
        self.assertIn(self.parent.id, self.seen())
        self.rule.domain_force = "[('is_company', '=', False)]"
        self.assertNotIn(self.parent.id, self.seen())
        self.missing(self.parent.id)
        self.rule.active = False
        self.assertIn(self.parent.id, self.seen())
        self.rule.active = True
        self.assertNotIn(self.parent.id, self.seen())
        self.rule.unlink()
        self.assertIn(self.parent.id, self.seen())

    def test_a_rule_of_a_new_group(self):
        self.group_rule.domain_force = f"[('id', '!=', {self.parent.id})]"
        self.assertNotIn(self.parent.id, self.seen())
        group = self.env["res.groups"].create({"name": "sees more"})
        self.group_rule.copy({"domain_force": "[(1, '=', 1)]", "groups": [Command.set(group.ids)]})
        self.assertNotIn(self.parent.id, self.seen())
        self.user.group_ids = [Command.link(group.id)]
        self.assertIn(self.parent.id, self.seen())
        self.user.group_ids = [Command.unlink(group.id)]
        self.assertNotIn(self.parent.id, self.seen())
        # By way of a group that they have.
        self.env.ref("base.group_user").implied_ids = [Command.link(group.id)]
        self.assertIn(self.parent.id, self.seen())

    def test_an_access_right(self):
        self.seen()
        self.env["ir.model.access"].search([("model_id.model", "=", "res.partner")]).perm_read = False
        for sent in ({"id": self.parent.id}, {"ids": self.partners.ids}):
            with self.assertRaises(Forbidden):
                self.call("contact.get", sent)

    def test_a_right_on_what_a_name_is_read_from(self):
        sent = {"id": self.parent.id, "fields": ["country"]}
        self.assertEqual(self.call("contact.get", sent)["country"]["name"], "Belgium")
        self.env["ir.model.access"].search([("model_id.model", "=", "res.country")]).perm_read = False
        self.assertIsNone(self.call("contact.get", sent)["country"]["name"])

    def test_companies_of_the_caller(self):
        self.rule.domain_force = "[('company_id', 'in', company_ids)]"
        mine = self.partners.filtered(lambda partner: partner.active and partner.company_id == self.company)
        others = self.partners.filtered(lambda partner: partner.active and partner.company_id == self.other)
        self.assertTrue(mine and others)
        for _again in range(2):
            self.assertEqual(self.seen(allowed_company_ids=[self.company.id]), set(mine.ids))
            self.assertEqual(self.seen(allowed_company_ids=[self.other.id]), set(others.ids))
            self.assertEqual(self.seen(), set((mine + others).ids))

    def test_companies_of_the_key(self):
        self.rule.domain_force = "[('company_id', 'in', company_ids)]"
        params = {"domain": [["id", "in", self.partners.ids]], "fields": ["name"]}
        for _again in range(2):
            for companies in ((self.company.id,), None, (self.other.id,)):
                credential = Credential(kind="key", user_id=self.user.id, company_ids=companies)
                # Of a request of their own, so that no environment remembers companies.
                self.env.flush_all()
                self.env.transaction.reset()
                with restricted(self.env.cr, credential):
                    found = self.call("contact.search", params, credential=credential)["records"]
                    ids = [each["id"] for each in found]
                    got = self.call("contact.get", {"ids": ids, "fields": ["name"]}, credential=credential)
                allowed = self.user.company_ids.ids if companies is None else companies
                mine = self.partners.filtered(
                    lambda each, allowed=allowed: each.active and each.company_id.id in allowed
                )
                self.assertEqual(set(ids), set(mine.ids))
                self.assertEqual(got, found)
                self.assertTrue(mine)
                hidden = self.partners.filtered("company_id") - self.partners.filtered(
                    lambda each, allowed=allowed: each.company_id.id in allowed
                )
                for each in hidden[:2]:
                    with restricted(self.env.cr, credential), self.assertRaises(NotFound):
                        self.call("contact.get", {"id": each.id}, credential=credential)

    def test_a_new_branch(self):
        self.rule.domain_force = "[('company_id', 'child_of', company_ids)]"
        partner = self.partners[2]
        self.seen()
        branch = self.env["res.company"].create({"name": "New branch", "parent_id": self.company.id})
        partner.company_id = branch
        self.user.company_ids = [Command.link(branch.id)]
        self.assertIn(partner.id, self.seen(allowed_company_ids=[self.company.id, branch.id]))

    def test_another_caller(self):
        self.rule.domain_force = "['|', ('user_id', '=', user.id), ('user_id', '=', False)]"
        other = new_test_user(self.env, "plan_other", groups="base.group_user,base.group_partner_manager")
        other.write({"company_ids": self.user.company_ids.ids, "company_id": self.company.id})
        mine = self.partners[7]
        self.assertEqual(mine.user_id, self.user)
        for _again in range(2):
            self.assertIn(mine.id, self.seen())
            self.assertNotIn(mine.id, self.seen(user=other))
            self.missing(mine.id, user=other)

    def test_a_default_of_a_company_dependent_field(self):
        sent = {"id": self.parent.id, "fields": ["barcode"], "context": {"allowed_company_ids": [self.other.id]}}
        self.assertIsNone(self.call("contact.get", sent)["barcode"])
        self.env["ir.default"].set("res.partner", "barcode", "fallback", company_id=self.other.id)
        self.assertEqual(self.call("contact.get", sent)["barcode"], "fallback")

    def test_another_domain_of_the_resource(self):
        self.assertIn(self.parent.id, self.seen())
        self.contact.domain = "[('is_company', '=', False)]"
        self.assertNotIn(self.parent.id, self.seen())
        self.missing(self.parent.id)

    def test_what_is_not_flushed_is_read(self):
        self.seen()
        self.call("contact.get", {"id": self.parent.id})
        env = self.caller([self.company.id])
        env["res.partner"].browse(self.parent.id).name = "Not flushed"
        self.assertEqual(self.call("contact.get", {"id": self.parent.id})["name"], "Not flushed")

    def test_a_thread_that_makes_a_plan_while_it_is_forgotten_keeps_it_for_nobody(self):
        before = self.plans()
        self.seen()
        self.assertTrue(len(before))
        self.env.registry.clear_cache()
        self.assertIsNot(self.plans(), before)
        self.assertEqual(len(self.plans()), 0)
        after = self.plans()
        self.env.registry.clear_cache("groups")
        self.assertIsNot(self.plans(), after)

    def test_there_are_no_more_than_so_many(self):
        plans = self.plans()
        for number in range(MAX_PLANS + 10):
            plans._kept(number, lambda: None)
        self.assertEqual(len(plans), MAX_PLANS)
