"""Who sees a record, as far as its own columns tell, now and before a change.

Those who follow changes are told of what they no longer see, and of nothing that they never saw. What a
record was before is kept of its own columns only; where a condition looks at anything else, nobody could
tell whether it held. It must not know pages, nor cursors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from odoo.fields import Domain
from odoo.tools import SQL, Query

from ..compat import odoo_orm
from ..events.feed import images_table
from .definition import ResourceDef
from .followed_fields import is_kept
from .query.reader import lean

if TYPE_CHECKING:
    from odoo.models import BaseModel

_HIERARCHICAL = frozenset({"child_of", "parent_of"})
_NESTED = frozenset({"any", "not any", "any!", "not any!"})
#: Odoo lets nobody move a company below another one.
_FIXED_TREES = frozenset({"res.company"})


def with_archived(model: BaseModel, domain: Domain) -> Domain:
    """A domain that leaves out archived records where ``search`` would: unless it says something about them."""
    active = odoo_orm.active_field(model)
    if active and not any(condition.field_expr == active for condition in domain.iter_conditions()):
        domain &= Domain(active, "=", True)
    return domain


def unfollowed_condition(model: BaseModel, domain: Domain) -> str | None:
    """The field of the first condition that the record's own columns do not decide.

    :returns: ``None`` where they decide all of it; an empty text for what has no name
    """
    if any(isinstance(item, Domain) for item in domain):
        return ""
    for condition in domain.iter_conditions():
        name, operator, value = condition.field_expr, condition.operator, condition.value
        field = model._fields.get(name)
        if field is None or not is_kept(model, field) or operator in _NESTED or isinstance(value, (Query, SQL)):
            return name
        if operator in _HIERARCHICAL and field.comodel_name not in _FIXED_TREES:
            return name
        if field.relational and not _are_ids(value):
            return name
        if field.type in ("date", "datetime") and not _are_moments(value):
            return name
    return None


def _are_ids(value: object) -> bool:
    """Whether a relation is compared to ids, and not to names."""
    values = value if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "__iter__") else [value]
    return not isinstance(value, str) and all(isinstance(each, (int, bool, type(None))) for each in values)


def _are_moments(value: object) -> bool:
    """Whether a date is compared to dates, and not to words as ``today``."""
    values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else value
    for each in values:
        if isinstance(each, str):
            try:
                date.fromisoformat(each[:10])
            except ValueError:
                return False
    return True


class Visibility:
    """What the user of an environment sees of a resource.

    :param model: in the environment of the caller
    :param domain: what they ask for
    """

    def __init__(self, model: BaseModel, resource: ResourceDef, domain: Domain):
        self._model = model
        self.domain = with_archived(model, resource.domain & domain)
        self.rules = odoo_orm.rule_domain(model, "read")

    @property
    def rules_are_followed(self) -> bool:
        """Whether the caller's record rules look at the record's own columns only."""
        return unfollowed_condition(self._model, self.rules) is None

    @property
    def digest(self) -> str:
        """Another one whenever the caller's record rules are others."""
        return hashlib.sha256(str(self.rules).encode()).hexdigest()[:16]

    @property
    def fields(self) -> set[str]:
        """The fields that the conditions look at."""
        return {each.field_expr for domain in (self.domain, self.rules) for each in domain.iter_conditions()}

    def query(self) -> Query:
        """All records that the caller sees."""
        return lean(self._model)._search(self.domain, active_test=False)

    def before(self, rows: Sequence[int]) -> dict[int, bool]:
        """The records that the caller saw before some changes.

        :param rows: ids of the changes in the outbox
        :returns: ids of records, and whether it was a deletion that ended it
        """
        model = self._model
        kept = [(name, model._fields[name].column_type[1]) for name in sorted(self.fields) if name != "id"]
        query = Query(model.env, model._table, images_table(rows, kept))
        for domain, reader in ((self.domain, model), (self.rules, model.sudo().with_context(active_test=False))):
            full = domain.optimize_full(reader)
            if full.is_false():
                return {}
            if not full.is_true():
                query.add_where(odoo_orm.domain_sql(full, reader, model._table, query))
        operation = SQL("%s = 'deleted'", SQL.identifier(model._table, "jsonrpc_operation"))
        found: dict[int, bool] = {}
        for id_, deleted in model.env.execute_query(query.select(SQL.identifier(model._table, "id"), operation)):
            found[id_] = found.get(id_, False) or deleted
        return found
