"""What ``engine/compat`` relies on: each failure says which assumption about Odoo broke."""

import inspect
import logging
import time
from contextlib import closing, suppress
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import psycopg2
from psycopg2 import errors as pg

from odoo import api, fields, sql_db, tools
from odoo.exceptions import AccessDenied, AccessError, ConcurrencyError, ValidationError
from odoo.fields import Domain
from odoo.models import BaseModel
from odoo.modules import module
from odoo.service.server import CommonServer, RequestHandler
from odoo.tests import TransactionCase, get_db_name, new_test_user, tagged
from odoo.tools import SQL, Query, mute_logger
from odoo.tools.misc import Callbacks

from odoo.addons.base.models import res_users
from odoo.addons.base.models.res_users import check_identity

from ...engine.compat import odoo_base, odoo_db, odoo_orm, odoo_server


@tagged("post_install", "-at_install")
class TestCompatOrm(TransactionCase):
    """:mod:`~..engine.compat.odoo_orm`"""

    def test_base_model_has_the_methods_that_say_how_records_are_read(self):
        partner = self.env["res.partner"]
        for name in (*odoo_orm.READING, "_has_field_access"):
            self.assertTrue(hasattr(BaseModel, name), f"BaseModel has no {name} any more: what reads records now?")
            odoo_orm.is_overridden(partner, name)
        self.assertTrue(odoo_orm.is_overridden(partner, "_compute_display_name"))
        self.assertFalse(odoo_orm.is_overridden(self.env["res.country.state"], "fetch"))

    def test_models_say_by_which_field_records_are_archived(self):
        self.assertEqual(odoo_orm.active_field(self.env["res.partner"]), "active", "_active_name is something else")
        self.assertIsNone(odoo_orm.active_field(self.env["ir.model"]))

    def test_domain_has_sql_for_any_table_that_has_the_columns(self):
        model = self.env["res.partner"]
        query = Query(self.env, "other", SQL("(SELECT 7 AS id, 'Ann' AS name)"))
        domain = Domain("name", "=", "Ann").optimize_full(model)
        query.add_where(odoo_orm.domain_sql(domain, model, "other", query))
        self.assertEqual(self.env.execute_query(query.select()), [(7,)], "Domain._to_sql names its table otherwise")

    def test_public_methods_are_found_and_private_ones_refused(self):
        partner = self.env["res.partner"]
        self.assertIs(odoo_orm.public_method(partner, "write"), type(partner).write)
        with self.assertRaises(AccessError, msg="get_public_method lets private methods pass"):
            odoo_orm.public_method(partner, "_search")
        with self.assertRaises(AttributeError, msg="get_public_method says otherwise that there is none"):
            odoo_orm.public_method(partner, "no_such_method")

    def test_public_method_is_called_with_ids_first_and_the_context_in_kwargs(self):
        partner = self.env["res.partner"].create({"name": "Ann"})
        found = odoo_orm.call_public_method(
            self.env["res.partner"], "read", [partner.ids, ["name"]], {"context": {"lang": "en_US"}}
        )
        self.assertEqual(found, [{"id": partner.id, "name": "Ann"}], "call_kw takes ids, args and context otherwise")

    def test_decorators_leave_their_marks(self):
        partner = self.env["res.partner"]
        self.assertTrue(odoo_orm.takes_no_ids(type(partner).name_search), "@api.model leaves no _api_model")
        self.assertFalse(odoo_orm.takes_no_ids(type(partner).write))
        self.assertTrue(odoo_orm.reads_only(partner, "search_read"), "@api.readonly leaves no _readonly")
        self.assertFalse(odoo_orm.reads_only(partner, "write"))
        self.assertTrue(api.readonly(lambda self: None)._readonly)

    def test_transaction_flushes_as_the_default_env(self):
        env = self.env(user=self.env.ref("base.user_admin"))
        before = self.env.transaction.default_env
        self.addCleanup(setattr, self.env.transaction, "default_env", before)
        odoo_orm.act_as(env)
        source = inspect.getsource(type(self.env.transaction).flush)
        self.assertIn("self.default_env", source, "Transaction.flush uses another environment than default_env")
        self.assertIs(self.env.transaction.default_env, env)

    def test_fields_describe_themselves(self):
        field = self.env["res.partner"]._fields["name"]
        self.assertEqual(odoo_orm.label(field, self.env(context={"lang": "en_US"})), "Name")
        self.assertEqual(odoo_orm.help_text(field, self.env), "")
        self.assertTrue(odoo_orm.is_searchable(field))
        computed = self.env["res.partner"]._fields["contact_address"]
        self.assertFalse(odoo_orm.is_searchable(computed), "a computed field without a search counts as searchable")

    def test_registry_knows_the_columns_that_are_never_null(self):
        user = self.env["res.users"]
        self.assertTrue(odoo_orm.is_never_null(user, "login"), "Registry.not_null_fields lacks a required field")
        self.assertFalse(odoo_orm.is_never_null(user, "signature"))

    def test_record_rules_are_one_domain(self):
        user = new_test_user(self.env, "compat_rules", groups="base.group_user")
        partner = self.env(user=user)["res.partner"]
        self.assertFalse(odoo_orm.rule_domain(partner, "read").is_true())
        country = self.env(user=user)["res.country"]
        self.assertTrue(odoo_orm.rule_domain(country, "read").is_true(), "no rules are not the true domain any more")

    def test_fields_are_fetched_unchecked_in_one_query(self):
        partners = self.env["res.partner"].create([{"name": "Ann"}, {"name": "Bob"}])
        self.env.flush_all()
        partners.invalidate_recordset()
        with self.assertQueryCount(1):
            odoo_orm.fetch_unchecked(partners, [partners._fields["name"]])
            self.assertEqual(partners.mapped("name"), ["Ann", "Bob"], "_fetch_query does not fill the cache")

    def test_empty_query_finds_nothing_and_asks_nothing(self):
        with self.assertQueryCount(0):
            self.assertTrue(odoo_orm.empty_query(self.env["res.partner"]).is_empty())

    def test_table_query_finds_all_rows_of_tables_and_of_sql_views(self):
        for name in ("res.partner", "res.device"):
            model = self.env[name]
            self.env.cr.execute(f'SELECT count(*) FROM "{model._table}"')
            (count,) = self.env.cr.fetchone()
            self.assertEqual(len(odoo_orm.table_query(model)), count)

    def test_rule_dependencies_tell_companies_apart(self):
        one, other = (self.env(context={"allowed_company_ids": [id_]}) for id_ in (1, 2))
        self.assertNotEqual(odoo_orm.rule_dependencies(one), odoo_orm.rule_dependencies(other))
        self.assertEqual(hash(odoo_orm.rule_dependencies(one)), hash(odoo_orm.rule_dependencies(one)))

    def test_is_table_tells_tables_from_statements_of_a_model(self):
        partner = self.env["res.partner"]
        self.assertTrue(odoo_orm.is_table(partner))
        self.assertFalse(odoo_orm.is_table(self.env["jsonrpc.api"]))
        self.patch(type(partner), "_table_query", "SELECT 1 AS id")
        self.assertEqual(odoo_orm.table_query(partner).from_clause.code, '(SELECT 1 AS id) AS "res_partner"')
        self.assertFalse(odoo_orm.is_table(partner))

    def test_reads_own_column_tells_fields_that_a_model_reads_otherwise(self):
        partner = self.env["res.partner"]
        self.assertTrue(odoo_orm.is_overridden(partner, "_field_to_sql"), "no override is left to look behind")
        self.assertTrue(odoo_orm.reads_own_column(partner, "name"))
        self.assertTrue(odoo_orm.reads_own_column(self.env["res.country"], "name"))

        def otherwise(model, alias, name, query=None):
            return SQL("upper(%s)", SQL.identifier(alias, name))

        self.patch(type(partner), "_field_to_sql", otherwise)
        self.assertFalse(odoo_orm.reads_own_column(partner, "name"))

    def test_has_joins_tells_whether_a_condition_joined_something(self):
        users = self.env["res.users"]
        query = odoo_orm.table_query(users)
        self.assertFalse(odoo_orm.has_joins(query))
        odoo_orm.domain_sql(Domain("name", "=", "x").optimize_full(users), users, users._table, query)
        self.assertTrue(odoo_orm.has_joins(query))

    def test_undone_changes_are_forgotten_and_still_told(self):
        registry = self.registry
        self.addCleanup(registry.reset_changes)
        key = "jsonrpc_gateway.test_compat"
        parameters = self.env["ir.config_parameter"]
        self.assertFalse(parameters.get_param(key))
        with self.env.cr.savepoint() as savepoint:
            parameters.set_param(key, "set")
            self.assertEqual(parameters.get_param(key), "set")
            self.assertTrue(registry.cache_invalidated, "a write on a cached model leaves no trace in the registry")
            savepoint.rollback()
        odoo_orm.forget_undone_changes(self.env.cr)
        self.assertFalse(parameters.get_param(key), "clear_cache does not clear what cache_invalidated names")
        self.assertTrue(registry.cache_invalidated, "the other processes are not told any more")
        source = inspect.getsource(type(registry).reset_changes)
        self.assertIn("self._setup_models__(cr)", source, "Odoo forgets changes to models in another way now")
        self.assertIn("self.registry_invalidated", source, "Odoo notes changes to models in another way now")

    def test_registry_keeps_what_is_given_to_it(self):
        self.addCleanup(vars(self.registry).pop, "_jsonrpc_compat", None)
        first, second = (odoo_orm.kept_with_registry(self.registry, "compat", dict) for _time in range(2))
        self.assertIs(first, second, "the registry keeps no attributes of others")


@tagged("post_install", "-at_install")
class TestCompatDb(TransactionCase):
    """:mod:`~..engine.compat.odoo_db`"""

    def setUp(self):
        super().setUp()
        self.own = self.enterContext(closing(sql_db.db_connect(get_db_name()).cursor()))

    def test_connection_info_connects(self):
        with closing(psycopg2.connect(**odoo_db.connection_info(get_db_name()))) as connection:
            self.assertEqual(connection.info.dbname, get_db_name(), "connection_info_for no longer serves psycopg2")

    def test_what_is_repeated_are_failures_of_concurrency(self):
        self.assertLessEqual(
            {pg.SerializationFailure, pg.LockNotAvailable, pg.DeadlockDetected},
            set(odoo_db.CONCURRENCY_FAILURES),
            "retrying repeats other failures than it did",
        )
        self.assertFalse(issubclass(ConcurrencyError, odoo_db.CONCURRENCY_FAILURES))

    def test_constraints_have_sentences(self):
        user = self.env["res.users"].search([], limit=1)
        with self.assertRaises(pg.UniqueViolation) as caught, mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env.cr.execute(
                "INSERT INTO res_users (login, partner_id, company_id)"
                " SELECT login, partner_id, company_id FROM res_users WHERE id = %s",
                [user.id],
            )
        message = odoo_db.constraint_message(self.env["res.users"], caught.exception)
        self.assertIn("login", message, "_sql_error_to_message has no sentence for a constraint")
        self.assertNotIn("duplicate key", message)

    def test_a_cursor_lets_execute_be_replaced_for_every_statement(self):
        seen = []
        odoo_db.replace_execute(self.own, lambda query, *args, **kwargs: seen.append(query))
        self.own.execute("SELECT 1")
        self.own.savepoint(flush=False)
        odoo_db.restore_execute(self.own)
        self.own.execute("SELECT 2")
        self.assertEqual(self.own.fetchone(), (2,))
        self.assertEqual(seen[0], "SELECT 1", "a cursor's execute cannot be replaced: BaseCursor has slots")
        self.assertIn("SAVEPOINT", seen[1], "savepoints do not go through cr.execute any more")
        odoo_db.restore_execute(self.own)

    def test_cursor_is_kept_read_only_by_the_hooks_of_its_end(self):
        self.patch(module, "current_test", None)
        for end in (self.own.commit, self.own.rollback):
            for queue in (self.own.postcommit, self.own.postrollback):
                queue.clear()
                queue.add(lambda: odoo_db.keep_read_only(self.own))
            end()
            with self.assertRaises(pg.ReadOnlySqlTransaction), mute_logger("odoo.sql_db"):
                self.own.execute("SELECT nextval('res_partner_id_seq')")
            self.own.rollback()
            self.assertTrue(self.own.readonly, "Cursor.readonly asks something else than the connection")
            self.assertFalse(odoo_db.was_opened_read_only(self.own))
        self.own.close()
        with closing(sql_db.db_connect(get_db_name()).cursor()) as cr:
            cr.connection.readonly = True
            self.assertTrue(odoo_db.was_opened_read_only(cr))
        with closing(sql_db.db_connect(get_db_name()).cursor()) as cr:
            cr.execute("SHOW transaction_read_only")
            self.assertEqual(cr.fetchone(), ("off",), "a connection of the pool stays read-only for the next cursor")

    def test_pool_takes_back_what_a_session_was_told(self):
        show = "SELECT current_setting('statement_timeout'), current_setting('transaction_read_only'), pg_backend_pid()"
        self.own.execute(show)
        before = self.own.fetchone()
        self.own.rollback()
        # As outside of tests, whose transaction has begun already.
        self.patch(module, "current_test", None)
        odoo_db.let_read_only(self.own, statement_timeout=1234)
        for _transaction in range(2):
            self.own.execute(show)
            self.assertEqual(self.own.fetchone()[:2], ("1234ms", "on"))
            with self.assertRaises(pg.ReadOnlySqlTransaction), mute_logger("odoo.sql_db"):
                self.own.execute("CREATE TEMPORARY SEQUENCE read_only_compat; SELECT nextval('res_partner_id_seq')")
            self.own.rollback()
        self.own.close()
        with closing(sql_db.db_connect(get_db_name()).cursor()) as cr:
            cr.execute(show)
            self.assertEqual(cr.fetchone(), before, "the pool does not reset what the last user has set")

    def test_queues_of_hooks_hold_functions_in_order_and_data(self):
        queue, told = Callbacks(), []
        queue.add(lambda: told.append(("first", dict(queue.data))))
        queue.data["of"] = "first"
        first = odoo_db.take_hooks(queue)
        self.assertEqual((len(queue), queue.data), (0, {}), "Callbacks keeps its functions elsewhere than in _funcs")
        queue.add(lambda: told.append(("second", dict(queue.data))))
        queue.add(lambda: odoo_db.run_hooks(queue, first))
        queue.add(lambda: told.append(("third", dict(queue.data))))
        queue.data["of"] = "others"
        queue.run()
        others = {"of": "others"}
        expected = [("second", others), ("first", {"of": "first"}), ("third", others)]
        self.assertEqual(told, expected, "Callbacks.run no longer lets a function change the queue")

    def test_put_back_is_as_it_was(self):
        for name in ("precommit", "postcommit", "prerollback", "postrollback"):
            queue, told = getattr(self.own, name), []
            queue.add(lambda told=told: told.append(1))
            queue.data["x"] = 1
            odoo_db.put_hooks(queue, odoo_db.take_hooks(queue))
            self.assertEqual((len(queue), queue.data), (1, {"x": 1}))
            queue.run()
            self.assertEqual(told, [1], f"cr.{name} is no queue of functions any more")


@tagged("post_install", "-at_install")
class TestCompatBase(TransactionCase):
    """:mod:`~..engine.compat.odoo_base`"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "compat_user", groups="base.group_user", password="compat_password")

    def test_passwords_are_checked(self):
        env = self.env(user=api.SUPERUSER_ID)
        odoo_base.check_password(env, self.user.id, "compat_password")
        with self.assertRaises(AccessDenied, msg="_check_uid_passwd lets a wrong password pass"):
            odoo_base.check_password(env, self.user.id, "wrong")

    def test_second_factor_is_asked_of_the_user(self):
        self.assertFalse(odoo_base.has_second_factor(self.user.sudo()))
        self.patch(type(self.user), "_mfa_url", lambda user: "/web/login/totp")
        self.assertTrue(odoo_base.has_second_factor(self.user.sudo()), "_mfa_url is not what tells of a second factor")

    def test_companies_are_those_of_the_user(self):
        self.assertEqual(list(odoo_base.company_ids(self.user)), self.user.company_ids.ids)

    def test_identity_is_fresh_for_ten_minutes(self):
        ran = []

        class Model:
            env = None

            @check_identity
            def act(self):
                ran.append(True)

        for age, fresh in ((0, True), (590, True), (610, False)):
            session = {"identity-check-last": time.time() - age}
            self.assertIs(odoo_base.is_identity_fresh(session), fresh)
            request = SimpleNamespace(session=session)
            with patch.object(res_users, "request", request), suppress(AttributeError):
                Model().act()
            self.assertEqual(bool(ran), fresh, "check_identity asks after another time")
            ran.clear()
        self.assertFalse(odoo_base.is_identity_fresh({}))

    def test_fields_that_end_sessions_are_told(self):
        found = odoo_base.session_fields(self.user)
        self.assertLessEqual({"group_ids", "active", "company_id"}, found, "_get_invalidation_fields lacks some")

    def test_keys_may_not_outlive_what_groups_allow(self):
        env = self.env(user=self.user)
        odoo_base.check_key_expiry(env, fields.Datetime.now() + timedelta(hours=1))
        for moment in (None, fields.Datetime.now() + timedelta(days=36500)):
            with self.assertRaises(ValidationError, msg="_check_expiration_date lets a key live too long"):
                odoo_base.check_key_expiry(env, moment)
        self.assertIn("1", dict(odoo_base.key_durations(env)), "_selection_duration has no day among its choices")

    def test_messages_are_built_and_sent_through_a_session(self):
        message = odoo_base.email_message(
            self.env, email_from="a@example.com", email_to=["b@example.com"], subject="Hello", body="World"
        )
        self.assertEqual((message["To"], message["Subject"]), ("b@example.com", "Hello"))
        self.assertIn("World", message.as_string(), "_build_email__ builds another kind of message")
        self.assertIsNone(odoo_base.smtp_session(self.env, "a@example.com"), "tests would send e-mail")
        self.patch(tools.config, "options", {**tools.config.options, "email_from": "odoo@example.com"})
        self.assertEqual(odoo_base.default_sender(self.env), "odoo@example.com")

    def test_assets_have_urls(self):
        for kind in ("css", "js"):
            urls = odoo_base.asset_urls(self.env, "jsonrpc_gateway.assets_docs", **{kind: True})
            self.assertTrue(urls and all(url.split("?")[0].endswith(kind) for url in urls), f"_get_asset_links: {urls}")


@tagged("post_install", "-at_install")
class TestCompatServer(TransactionCase):
    """:mod:`~..engine.compat.odoo_server`"""

    def test_tests_are_told_from_a_server(self):
        self.assertTrue(odoo_server.is_testing(), "odoo.modules.module.current_test is not set in a test")

    def watched(self, name, add):
        """The messages that a filter is shown, which is added twice."""
        told = []

        class Watch(logging.Filter):
            def filter(self, record):
                told.append(record.getMessage())
                return True

        logger = logging.getLogger(name)
        before = list(logger.filters)
        self.addCleanup(logger.filters.__setitem__, slice(None), before)
        for _time in range(2):
            add(Watch())
        self.assertEqual(len(logger.filters), len(before) + 1)
        return told

    def test_refused_statements_are_logged_by_cursors(self):
        told = self.watched("odoo.sql_db", odoo_server.filter_statements)
        with self.assertLogs("odoo.sql_db"), self.assertRaises(pg.UndefinedTable), self.env.cr.savepoint():
            self.env.cr.execute("SELECT %s FROM no_such_table", ["value"])
        self.assertIn("SELECT 'value' FROM no_such_table", told[0], "sql_db.py logs a refused statement elsewhere")

    def test_request_lines_are_logged_by_werkzeug(self):
        told = self.watched("werkzeug", odoo_server.filter_request_lines)
        handler = RequestHandler.__new__(RequestHandler)
        handler.requestline, handler.client_address, handler.path = "GET /a HTTP/1.1", ("203.0.113.9", 1), "/a"
        handler.command, handler.request_version = "GET", "HTTP/1.1"
        logger = logging.getLogger("werkzeug")
        self.addCleanup(logger.setLevel, logger.level)
        logger.setLevel(logging.INFO)
        handler.log_request(200, 5)
        self.assertTrue(any("/a" in line for line in told), "Odoo's server logs request lines elsewhere")

    def test_functions_are_called_when_the_server_stops(self):
        called = []
        before = list(CommonServer._on_stop_funcs)
        self.addCleanup(CommonServer._on_stop_funcs.__setitem__, slice(None), before)
        CommonServer._on_stop_funcs.clear()
        odoo_server.on_stop(lambda: called.append(1))
        CommonServer(None).stop()
        self.assertEqual(called, [1], "a server that stops does not call what on_stop was given")

    def test_versions_are_told(self):
        self.assertRegex(odoo_server.addon_version("jsonrpc_gateway"), r"^19\.0\.\d+\.\d+\.\d+$")
        self.assertEqual(odoo_server.version()["protocol_version"], 1)
        self.assertTrue(odoo_server.about(False))
        self.assertEqual(len(odoo_server.about(True)), 2)
