"""The key of an upsert: the record that it stands for, and how a second one is prevented.

It must not know what is written to the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain
from odoo.tools import SQL

from ...protocol.errors import Conflict
from ..failures import Failures
from ..view import View
from .names import split_external_id

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel


class Upsert:
    """The key of one call.

    :param key: as pydantic gave it: names of key fields, or ``external_id``
    :param failures: gets what is wrong with it
    :ivar values: what a new record gets from it, by external name
    """

    def __init__(self, env: Environment, view: View, key: dict[str, Any], failures: Failures):
        self._env = env
        self._view = view
        self._key = key
        self.values: dict[str, Any] = {}
        if len(key) != 1:
            failures.add("key", "one_key", "Write exactly one key")
            return
        ((self._name, self._value),) = key.items()
        if self._name != "external_id":
            if self._value in (None, ""):
                failures.add(f"key.{self._name}", "missing", "An empty value identifies nothing")
            self.values = dict(key)

    def find(self) -> BaseModel:
        """The record of this key, archived or not; empty where there is none.

        The key is locked until the transaction ends, so that of two calls at once only one
        creates a record.

        :raises Conflict: several records have the key, or one that the caller may not change
        :raises ConcurrencyError: another call created the record meanwhile; Odoo replays
        """
        lock = f"jsonrpc.upsert:{self._view.resource.model}:{self._name}:{self._value}"
        self._env.cr.execute(SQL("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", lock))
        found = self._search(self._env)
        if len(found) > 1:
            raise Conflict("Several records have this key")
        if not found and self._committed_meanwhile():
            raise ConcurrencyError("the record was created by another transaction")
        return found

    def remember(self, record: BaseModel) -> None:
        """Give a new record the external id that it was created by."""
        if self._name == "external_id":
            module, name = self._external_id()
            # sudo: external ids are bookkeeping that users cannot write, of a record that
            # this caller has just created.
            self._env["ir.model.data"].sudo().create(
                {"module": module, "name": name, "model": record._name, "res_id": record.id, "noupdate": True}
            )

    def _search(self, env: Environment) -> BaseModel:
        view = self._view
        model = view.model(env).with_context(active_test=False)
        if self._name != "external_id":
            condition = Domain(view.writable[self._name].field, "=", self._value)
            return model.search(condition & view.resource.domain, limit=2, order="id").with_env(env)
        module, name = self._external_id()
        # sudo: users cannot read external ids; what they stand for is searched as the user.
        known = (
            env["ir.model.data"]
            .sudo()
            .search_fetch([("module", "=", module), ("name", "=", name)], ["model", "res_id"], limit=1)
        )
        if not known:
            # An update of that addon would take the record for one of its own, and delete it.
            # sudo: which addons there are is not the caller's to read, and not told.
            if env["ir.module.module"].sudo().search_count([("name", "=", module)], limit=1):
                raise Conflict("This external id is taken")
            return model.browse()
        found = model.browse()
        if known.model == model._name:
            found = model.search(Domain("id", "=", known.res_id) & view.resource.domain).with_env(env)
        if not found:
            raise Conflict("This external id is taken")
        return found

    def _external_id(self) -> tuple[str, str]:
        return split_external_id(self._value)

    def _committed_meanwhile(self) -> bool:
        """Whether there is a record that this transaction is too old to see."""
        with self._env.registry.cursor() as cr:
            return bool(self._search(self._env(cr=cr)))
