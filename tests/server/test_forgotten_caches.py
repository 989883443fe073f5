"""What workers remember of our records is forgotten at the commit of a change, whoever commits."""

import re
from pathlib import Path

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged

from ..server_common import ServerCase

ADDON = Path(__file__).resolve().parents[2]
MAX_BATCH = "jsonrpc_gateway.max_batch"


@tagged("post_install", "-at_install")
class TestOtherThreads(BaseCase):
    """A thread of the same worker reads and remembers the old state while the change is not committed."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())

    def check(self, change, read, expected):
        """``change(env)`` must be seen by ``read(env)`` after its commit, though it is read before, too."""
        with self.registry.cursor() as changing, self.registry.cursor() as reading:
            env = Environment(changing, SUPERUSER_ID, {})
            change(env)
            env.flush_all()
            before = read(Environment(reading, SUPERUSER_ID, {}))
            self.assertNotEqual(before, expected, "the change is not committed yet")
            changing.commit()
        with self.registry.cursor() as cr:
            self.assertEqual(read(Environment(cr, SUPERUSER_ID, {})), expected)

    def committed(self, make):
        """Commit ``make(env)``, a record, and delete it at the end of the test.

        :returns: a function of an environment that gives the record in it
        """
        with self.registry.cursor() as cr:
            record = make(Environment(cr, SUPERUSER_ID, {}))
            model, ids = record._name, record.ids
        self.addCleanup(self.remove, model, ids)
        return lambda env: env[model].browse(ids)

    def remove(self, model, ids):
        with self.registry.cursor() as cr:
            Environment(cr, SUPERUSER_ID, {})[model].with_context(active_test=False).browse(ids).exists().unlink()

    def limit(self):
        return self.committed(lambda env: env["jsonrpc.limit"].create({"name": "stale", "quota": 1000, "burst": 1000}))

    @staticmethod
    def quotas(env):
        return [policy.quota for policy in env["jsonrpc.limit"]._policies() if policy.name == "stale"]

    def test_limit_is_changed_meanwhile(self):
        limit = self.limit()
        self.check(lambda env: limit(env).write({"quota": 5}), self.quotas, [5])

    def test_limit_is_created_meanwhile(self):
        self.addCleanup(self.remove_limits)
        values = {"name": "stale", "quota": 7, "burst": 7}
        self.check(lambda env: env["jsonrpc.limit"].create(values), self.quotas, [7])

    def remove_limits(self):
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            env["jsonrpc.limit"].search([("name", "=", "stale")]).unlink()

    def test_limit_is_deleted_meanwhile(self):
        limit = self.limit()
        self.check(lambda env: limit(env).unlink(), self.quotas, [])

    def test_parameter_is_changed_meanwhile(self):
        def set_to(value):
            return lambda env: env["ir.config_parameter"].set_param("jsonrpc_gateway.stale", value)

        def read(env):
            return env["ir.config_parameter"].get_param("jsonrpc_gateway.stale")

        self.check(set_to("1"), read, "1")
        self.check(set_to("2"), read, "2")
        self.check(set_to(False), read, False)

    def test_resource_is_archived_meanwhile(self):
        def make(env):
            model = env["ir.model"]._get_id("res.partner.category")
            return env["jsonrpc.resource"].create({"name": "stale", "model_id": model})

        resource = self.committed(make)

        def is_there(env):
            return "stale.search" in env["jsonrpc.api"]._jsonrpc_methods()

        self.check(lambda env: resource(env).action_archive(), is_there, False)
        self.check(lambda env: resource(env).action_unarchive(), is_there, True)
        self.check(lambda env: resource(env).unlink(), is_there, False)

    def key(self):
        user = self.committed(lambda env: new_test_user(env, "stale.key"))
        tokens = []

        def make(env):
            grants = {"partner": ["read"]}
            key, token = env["jsonrpc.key"]._issue(name="Stale", user=user(env), grants=grants)
            tokens.append(token)
            return key

        return self.committed(make), tokens[0], user

    def test_grant_is_changed_meanwhile(self):
        key, token, _user = self.key()

        def granted(env):
            return env["jsonrpc.key"]._authenticate(token).grants

        other = {"may_read": False, "may_create": True}
        self.check(lambda env: key(env).grant_ids.write(other), granted, frozenset({("partner", "create")}))
        self.check(lambda env: key(env).grant_ids.unlink(), granted, frozenset())

    def test_log_level_of_a_key_is_changed_meanwhile(self):
        key, _token, _user = self.key()

        def level(env):
            return env["jsonrpc.call"]._level(key(env).id)

        self.check(lambda env: key(env).write({"log_level": "none"}), level, "none")

    def test_user_leaves_a_company_meanwhile(self):
        company = self.committed(lambda env: env["res.company"].create({"name": "Stale"}))
        key, token, user = self.key()
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            user(env).company_ids += company(env)
            key(env).company_ids = company(env)

        def is_good(env):
            return env["jsonrpc.key"]._authenticate(token) is not None

        self.check(lambda env: user(env).write({"company_ids": [(3, company(env).id)]}), is_good, False)

    def test_name_of_a_user_in_the_log_is_changed_meanwhile(self):
        user = self.committed(lambda env: new_test_user(env, "stale.login"))

        def login(env):
            return env["jsonrpc.call"]._user(user(env).id).login

        self.check(lambda env: user(env).write({"login": "stale.other"}), login, "stale.other")

    def test_caches_are_cleared_in_one_place(self):
        found = [
            path.relative_to(ADDON).as_posix()
            for folder in ("models", "wizards", "controllers", "engine/resources")
            for path in (ADDON / folder).rglob("*.py")
            if re.search(r"\bclear_(all_)?cache", path.read_text("utf-8"))
        ]
        self.assertEqual(found, ["models/registry_cache.py"])

    def test_many_changes_are_told_once(self):
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            limits = env["jsonrpc.limit"].create(
                [{"name": f"stale-{number}", "quota": 1, "burst": 1} for number in range(5)]
            )
            for limit in limits:
                limit.quota = 2
            env["ir.config_parameter"].set_param("jsonrpc_gateway.stale", "1")
            env["ir.config_parameter"].set_param("jsonrpc_gateway.stale", False)
            limits.unlink()
            self.assertEqual(len(cr.postcommit), 1)


@tagged("post_install", "-at_install")
class TestOtherProcesses(ServerCase):
    """A change is committed in an Odoo shell: no web request ends there that would tell the servers."""

    def call(self, method="system.echo", params=(1,), key=None):
        answer = self.server.rpc(method, list(params), key=key)
        return answer["error"]["data"]["type"] if "error" in answer else "ok"

    def batch(self, size):
        calls = [{"jsonrpc": "2.0", "method": "system.echo", "params": [1], "id": n} for n in range(size)]
        return isinstance(self.server.post("/jsonrpc/2/api", calls).json(), list)

    def test_limit_of_a_shell_holds_at_the_next_call(self):
        self.assertEqual([self.call(), self.call()], ["ok", "ok"])
        self.database.shell(
            "env['jsonrpc.limit'].create({'name': 'shell', 'subject': 'address', 'quota': 1, 'burst': 1,"
            " 'window': 'day'})"
        )
        self.assertEqual([self.call(), self.call()], ["ok", "rate_limited"])
        self.database.shell("env['jsonrpc.limit'].search([('name', '=', 'shell')]).unlink()")
        self.assertEqual([self.call(), self.call()], ["ok", "ok"])

    def test_parameter_of_a_shell_holds_at_the_next_call(self):
        self.assertTrue(self.batch(3))
        self.database.shell(f"env['ir.config_parameter'].set_param({MAX_BATCH!r}, '2')")
        self.assertFalse(self.batch(3))
        self.database.shell(f"env['ir.config_parameter'].search([('key', '=', {MAX_BATCH!r})]).unlink()")
        self.assertTrue(self.batch(3))

    def test_resource_of_a_shell_holds_at_the_next_call(self):
        key = self.database.issue_key()
        self.assertEqual(self.call("tag.search", (), key), "method_not_found")
        self.database.shell(
            "env['jsonrpc.resource'].create({'name': 'tag',"
            " 'model_id': env['ir.model']._get_id('res.partner.category')})"
        )
        self.assertEqual(self.call("tag.search", (), key), "ok")
        self.database.shell("env['jsonrpc.resource'].search([('name', '=', 'tag')]).action_archive()")
        self.assertEqual(self.call("tag.search", (), key), "method_not_found")

    def test_grant_of_a_shell_holds_at_the_next_call(self):
        key = self.database.issue_key(grants={"partner": ["read"]})
        self.assertEqual(self.call("partner.create_simple", ("Ann",), key), "forbidden")
        self.database.shell("env['jsonrpc.key'].search([], limit=1).grant_ids.may_create = True")
        self.assertEqual(self.call("partner.create_simple", ("Ann",), key), "ok")
