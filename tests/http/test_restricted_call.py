"""A key's restriction holds on every way through Odoo that a call with full ORM access takes."""

from odoo.tests import new_test_user

from ..common import JsonRpcCase

GROUPS = "base.group_system,base.group_multi_company,jsonrpc_gateway.jsonrpc_gateway_group_manager"


class RestrictedCase(JsonRpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.env["res.company"].create([{"name": "One"}, {"name": "Two"}])
        cls.one, cls.two = companies
        user = new_test_user(cls.env, "restricted", GROUPS, company_id=cls.one.id, company_ids=[(6, 0, companies.ids)])
        cls.user = user
        cls.ours, cls.theirs = cls.env["res.partner"].create(
            [{"name": f"Of {company.name}", "company_id": company.id} for company in companies]
        )
        keys = cls.env["jsonrpc.key"]
        cls.key, cls.token = keys._issue(
            name="Restricted", user=user, access="write", full_orm=True, company_ids=cls.one.ids
        )
        cls.free = keys._issue(name="Free", user=user, access="write", full_orm=True)[1]

    def object(self, model, method, *args, key=None, **kwargs):
        args = [self.env.cr.dbname, False, "", model, method, list(args), kwargs]
        params = {"service": "object", "method": "execute_kw", "args": args}
        return self.rpc("call", params, path="/jsonrpc/2/object", key=key or self.token)

    def refused(self, answer):
        self.assertNotIn("result", answer)
        self.assertEqual(answer["error"]["data"]["type"], "forbidden", answer)


class TestCompanies(RestrictedCase):
    """No context opens a company that the key does not have."""

    def names(self, **options):
        return {
            record["name"]
            for record in self.object("res.partner", "search_read", [["id", "in", self.both]], ["name"], **options)[
                "result"
            ]
        }

    @property
    def both(self):
        return [self.ours.id, self.theirs.id]

    def test_search_sees_the_companies_of_the_key(self):
        self.assertEqual(self.names(), {"Of One"})
        self.assertEqual(self.names(key=self.free), {"Of One", "Of Two"})
        self.assertEqual(self.names(), {"Of One"})

    def test_nested_context_opens_no_other_company(self):
        children = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.ours.id, "company_id": self.one.id} for name in ("Child",)]
        )
        self.assertTrue(children)
        for company in ([self.two.id], [self.one.id, self.two.id]):
            context = {"allowed_company_ids": company}
            specification = {
                "company_id": {"context": context, "fields": {"name": {}, "partner_id": {"fields": {"name": {}}}}}
            }
            with self.subTest(company=company):
                answer = self.object("res.partner", "web_search_read", [["id", "=", self.ours.id]], specification)
                self.refused(answer)

    def test_context_without_companies_means_those_of_the_key(self):
        specification = {"child_ids": {"context": {"allowed_company_ids": []}, "fields": {"name": {}}}}
        self.theirs.parent_id = self.ours
        answer = self.object("res.partner", "web_search_read", [["id", "=", self.ours.id]], specification)
        (record,) = answer["result"]["records"]
        self.assertEqual(record["child_ids"], [])
        answer = self.object(
            "res.partner", "web_search_read", [["id", "=", self.ours.id]], specification, key=self.free
        )
        self.assertEqual([child["name"] for child in answer["result"]["records"][0]["child_ids"]], ["Of Two"])

    def test_rules_that_one_caller_has_filled_the_cache_with_are_not_for_another(self):
        for token, expected in ((self.free, 2), (self.token, 1), (self.free, 2), (self.token, 1)):
            specification = {"child_ids": {"context": {"allowed_company_ids": []}, "fields": {"name": {}}}}
            self.object("res.partner", "web_search_read", [["id", "in", self.both]], specification, key=token)
            answer = self.object("res.partner", "search_count", [["id", "in", self.both]], key=token)
            self.assertEqual(answer["result"], expected)


class TestOwnModels(RestrictedCase):
    """No way of Odoo leads a key to the models of the gateway."""

    def test_import_reaches_no_limit(self):
        limit = self.env["jsonrpc.limit"].create({"name": "mine", "subject": "key", "quota": 5, "burst": 5})
        file = f".id,quota\n{limit.id},900\n"
        values = {"res_model": "jsonrpc.limit", "file_type": "text/csv", "file": file, "file_name": "a.csv"}
        wizard = self.object("base_import.import", "create", values)["result"]
        options = {"has_headers": True, "quoting": '"', "separator": ",", "encoding": "utf-8"}
        columns = [".id", "quota"]
        self.object("base_import.import", "execute_import", [wizard], columns, columns, options)
        self.env.invalidate_all()
        self.assertEqual(limit.quota, 5)

    def test_ways_past_the_door_are_refused(self):
        self.env["ir.filters"].create({"name": "Keys", "model_id": "jsonrpc.key", "user_ids": [(4, self.user.id)]})
        action = self.env["ir.actions.server"].create(
            {
                "name": "Widen",
                "model_id": self.env.ref("jsonrpc_gateway.model_jsonrpc_key").id,
                "state": "code",
                "code": f"env['jsonrpc.key'].browse({self.key.id}).write({{'name': 'Renamed'}})",
            }
        )
        self.refused(self.object("ir.actions.server", "run", [action.id]))
        model = self.env.ref("jsonrpc_gateway.model_jsonrpc_limit")
        create = self.env["ir.actions.server"].create(
            {
                "name": "Limit",
                "model_id": model.id,
                "state": "object_create",
                "crud_model_id": model.id,
                "value": "made",
            }
        )
        limit = self.env["jsonrpc.limit"].search([], limit=1)
        context = {"active_model": "jsonrpc.limit", "active_ids": limit.ids, "active_id": limit.id}
        self.refused(self.object("ir.actions.server", "run", [create.id], context=context))
        self.env.invalidate_all()
        self.assertEqual(self.key.name, "Restricted")
        self.assertFalse(self.env["jsonrpc.limit"].search([("name", "=", "made")]))

    def test_the_gateway_itself_goes_on(self):
        self.assertEqual(self.rpc("system.whoami", key=self.token)["result"]["user"]["id"], self.user.id)
        self.assertIn("result", self.rpc("partner.get_info", [self.ours.id], key=self.token))
