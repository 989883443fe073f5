"""What the tests of changes share: a database of its own, whose transactions are real, and calls without HTTP."""

import contextlib

import orjson

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tests import BaseCase, tagged
from odoo.tools import config

from ..engine.access.credential import Credential
from ..engine.dispatch.context import CallContext
from ..engine.protocol.errors import RpcError
from .resource_common import define
from .server_common import Database

#: Fields of the resource ``contact``, and what callers may do with each.
LINES = {
    "name": {"filterable": True},
    "ref": {"filterable": True},
    "color": {"filterable": True},
    "active": {"filterable": True},
    "comment": {"filterable": True},
    "country_id": {"name": "country", "filterable": True},
    "category_id": {"name": "tags", "filterable": True},
    "vat": {"filterable": True, "sensitive": True},
    "child_ids": {"name": "children"},
    "contact_address": {"name": "address"},
}


@tagged("post_install", "-at_install")
class FeedCase(BaseCase):
    """The resource ``contact`` with its changes, and a user who reads it, in a database where transactions end.

    :cvar registry: of this database
    """

    @classmethod
    def setUpClass(cls):
        cls.database = Database()
        cls.database.create()
        cls.addClassCleanup(cls.database.drop)
        super().setUpClass()
        cls.load()
        cls.addClassCleanup(cls._forget)
        with cls.transaction() as env:
            user = env["res.users"].create(
                {
                    "name": "Copy",
                    "login": "copy",
                    "group_ids": [(6, 0, [env.ref("base.group_user").id, env.ref("base.group_partner_manager").id])],
                }
            )
            cls.user_id = user.id
            define(env, "contact", "res.partner", LINES, can_changes=True, max_page_size=1000)
        cls.credential = Credential(kind="key", user_id=cls.user_id)

    @classmethod
    def load(cls):
        """Load the registry of the database."""
        # One that is loaded while tests are enabled runs them.
        enabled, config["test_enable"] = config["test_enable"], False
        try:
            cls.registry = Registry(cls.database.name)
        finally:
            config["test_enable"] = enabled

    @classmethod
    def _forget(cls):
        Registry.delete(cls.database.name)
        close_db(cls.database.name)

    @classmethod
    @contextlib.contextmanager
    def transaction(cls):
        """An environment of the superuser, in a transaction that is committed at the end."""
        with cls.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def call(self, method="contact.changes", **params):
        """Make a call in a transaction of its own.

        :returns: the result, as the caller gets it
        :raises RpcError: what the caller is told
        """
        with self.registry.cursor() as cr:
            env = api.Environment(cr, self.user_id, {"lang": "en_US"})
            spec = env["jsonrpc.api"]._jsonrpc_method(method)
            context = CallContext(env=env, credential=self.credential, request_id="test")
            return orjson.loads(orjson.dumps(spec.invoke(context, spec.bind(params))))

    def refused(self, **params):
        """Make a call that must be refused.

        :returns: the :class:`RpcError`
        """
        with self.assertRaises(RpcError) as caught:
            self.call(**params)
        return caught.exception


class Mirror:
    """A client's copy: what the calls of one feed add up to.

    :param case: the test
    :param params: of each call
    """

    def __init__(self, case, **params):
        self._case = case
        self._params = params
        self.records = {}
        self.cursor = None
        #: Ids that answers named as removed.
        self.removed = []

    def step(self):
        """Make one call; whether there is more to tell."""
        cursor = {} if self.cursor is None else {"cursor": self.cursor}
        try:
            answer = self._case.call(**self._params, **cursor)
        except RpcError as error:
            if error.type != "cursor_expired":
                raise
            self.records, self.cursor = {}, None
            return True
        self.records.update({record["id"]: record for record in answer["changed"]})
        for gone in answer["removed"]:
            self.records.pop(gone["id"], None)
            self.removed.append((gone["id"], gone["reason"]))
        self.cursor = answer["cursor"]
        return answer["more"]

    def catch_up(self):
        """Make calls until there is nothing more to tell; the number of calls."""
        calls = 1
        while self.step():
            calls += 1
        return calls
