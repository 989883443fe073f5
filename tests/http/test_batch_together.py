"""Gets that stand next to each other in a batch are one statement, and calls of their own in all else."""

from odoo.fields import Command
from odoo.tests import new_test_user

from ..common import JSON
from ..resource_common import add_line, define
from .test_call_log import CallLogCase


class TestTogether(CallLogCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        flags = {"writable": True, "filterable": True}
        lines = {"name": flags, "color": flags, "country_id": {"name": "country"}, "parent_id": {"name": "parent"}}
        cls.person = define(cls.env, "person", "res.partner", lines, can_update=True, can_delete=True)
        cls.caller = new_test_user(cls.env, "together", groups="base.group_user,base.group_partner_manager")
        parent = cls.env["res.partner"].create({"name": "Parent"})
        country = cls.env.ref("base.be").id
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Together {n}", "color": n, "country_id": country, "parent_id": parent.id} for n in range(20)]
        )
        cls.env["ir.rule"].create(
            {
                "name": "one is hidden",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {cls.people[7].id})]",
                "groups": [Command.set(cls.env.ref("base.group_user").ids)],
            }
        )
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        self.key = self.issue_key(self.caller)

    def get(self, id_, number, fields=("name", "country"), **more):
        params = {"id": id_, "fields": list(fields), **more}
        return {"jsonrpc": "2.0", "method": "person.get", "params": params, "id": number}

    def send(self, calls, mode=None):
        """The answers of a batch by the id of the call, and its rows in the log by position."""
        self.writer.discard()
        before = self.logged()
        headers = {**JSON, "JSON-RPC-Batch": mode} if mode else JSON
        answers = self.post("/jsonrpc/2/api", calls, key=self.key, headers=headers).json()
        self.env.invalidate_all()
        rows = (self.logged() - before).sorted("batch_position")
        self.assertEqual(rows.mapped("batch_position"), list(range(1, len(calls) + 1)))
        return {answer["id"]: answer for answer in answers}, rows

    def alone(self, calls):
        """The answers of the same calls, each sent alone."""
        found = {}
        for call in calls:
            answer = self.post("/jsonrpc/2/api", call, key=self.key)
            if "id" in call:
                found[call["id"]] = answer.json()
        return found

    @staticmethod
    def without_request_id(answers):
        for answer in answers.values():
            answer.get("error", {}).get("data", {}).pop("request_id", None)
        return answers

    def test_one_statement_for_all(self):
        calls = [self.get(person.id, person.id) for person in self.people if person != self.people[7]]
        self.send(calls)
        self.env.invalidate_all()
        answers, rows = self.send(calls)
        self.assertEqual(
            [answers[call["id"]]["result"]["id"] for call in calls], [call["params"]["id"] for call in calls]
        )
        self.assertEqual(rows.mapped("queries"), [1] + [0] * (len(calls) - 1))
        self.assertEqual(set(rows.mapped("outcome")), {"done"})

    def test_each_has_the_answer_that_it_has_alone(self):
        ids = [*self.people.ids[:9], self.people[7].id, self.people[3].id, 2_000_000_000, 0, -1, "7", None, True, 2**40]
        calls = [self.get(id_, number) for number, id_ in enumerate(ids)]
        calls.insert(5, {name: value for name, value in self.get(self.people[1].id, 0).items() if name != "id"})
        calls += [self.get(person.id, f"p{person.id}", ["parent", "color"]) for person in self.people]
        calls += [self.get(self.people[0].id, "wrong", ["nothing"]), self.get(self.people[1].id, "wrong too", ["no"])]
        calls.append(self.get(self.people[2].id, "last", ["no"], context={"lang": "en_US"}))
        answers, rows = self.send(calls)
        self.assertEqual(self.without_request_id(answers), self.without_request_id(self.alone(calls)))
        refused = {
            answers[call["id"]]["error"]["data"]["type"]
            for call in calls
            if "id" in call and "error" in answers[call["id"]]
        }
        self.assertEqual(refused, {"not_found", "invalid_params"})
        for call, row in zip(calls, rows, strict=True):
            failed = "id" in call and "error" in answers[call["id"]]
            self.assertEqual(row.outcome, "refused" if failed else "done")

    def test_a_change_in_between_is_seen(self):
        one, two, three = self.people[0], self.people[1], self.people[2]
        change = {"id": two.id, "values": {"name": "Changed"}}
        gone = {"jsonrpc": "2.0", "method": "person.delete", "params": {"id": three.id}, "id": "delete"}
        calls = [
            *(self.get(person.id, f"1-{number}") for number, person in enumerate((one, two, three))),
            {"jsonrpc": "2.0", "method": "person.update", "params": change, "id": "update"},
            gone,
            *(self.get(person.id, f"2-{number}") for number, person in enumerate((one, two, three))),
        ]
        answers, _rows = self.send(calls)
        self.assertEqual(answers["1-1"]["result"]["name"], "Together 1")
        self.assertEqual(answers["2-1"]["result"]["name"], "Changed")
        self.assertEqual(answers["1-2"]["result"]["name"], "Together 2")
        self.assertEqual(answers["2-2"]["error"]["data"]["ids"], [three.id])
        self.assertEqual(answers["2-0"]["result"]["name"], "Together 0")

    def test_a_refused_change_in_between_is_not_seen(self):
        one, two = self.people[0], self.people[1]
        change = {"id": two.id, "values": {"name": "Changed", "color": "blue"}}
        calls = [
            self.get(one.id, 1),
            self.get(two.id, 2),
            {"jsonrpc": "2.0", "method": "person.update", "params": change, "id": "update"},
            self.get(one.id, 3),
            self.get(two.id, 4),
        ]
        answers, _rows = self.send(calls)
        self.assertIn("error", answers["update"])
        self.assertEqual(answers[4]["result"], answers[2]["result"])

    def test_languages_are_not_mixed(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref("base.be").with_context(lang="fr_FR").name = "Belgique"
        calls = [
            self.get(person.id, f"{lang}-{person.id}", context={"lang": lang})
            for person in self.people[:3]
            for lang in ("en_US", "fr_FR")
        ]
        calls += [self.get(person.id, f"again-{person.id}", context={"lang": "fr_FR"}) for person in self.people[:3]]
        answers, _rows = self.send(calls)
        for call in calls:
            name = answers[call["id"]]["result"]["country"]["name"]
            self.assertEqual(name, "Belgium" if call["id"].startswith("en") else "Belgique")

    def test_references_and_atomic_batches(self):
        first, second = self.people[0], self.people[1]
        calls = [self.get(first.id, 1, ["parent"]), self.get({"$ref": "/0/parent/id"}, 2, ["parent"])]
        calls.append(self.get(second.id, 3, ["parent"]))
        answers, _rows = self.send(calls, "references")
        self.assertEqual(answers[2]["result"]["id"], first.parent_id.id)
        self.assertEqual(answers[3]["result"]["id"], second.id)
        answers, _rows = self.send([*calls, self.get(self.people[7].id, 4, ["parent"])], "references, atomic")
        self.assertEqual(answers[4]["error"]["data"]["type"], "not_found")
        self.assertEqual({answers[id_]["error"]["data"]["type"] for id_ in (1, 2, 3)}, {"rolled_back"})

    def test_what_takes_more_than_a_statement_is_read_by_each(self):
        add_line(self.person, "category_id", name="tags")
        add_line(self.person, "child_ids", name="children", target_id=self.person.id)
        tag = self.env["res.partner.category"].create({"name": "Tag"})
        self.people[1].category_id = tag
        fields = ["name", "tags", {"children": ["name"]}]
        calls = [self.get(person.id, person.id, fields) for person in self.people[:4]]
        answers, _rows = self.send(calls)
        self.assertEqual(self.without_request_id(answers), self.without_request_id(self.alone(calls)))
        self.assertEqual(answers[self.people[1].id]["result"]["tags"], [tag.id])
