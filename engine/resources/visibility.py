"""Who sees a record, as far as its own columns tell, now and before a change.

Those who follow changes are told of what they no longer see, and of nothing that they never saw. What a
record was before is kept of its own columns only; where a condition looks at anything else, nobody could
tell whether it held. It must not know pages, nor cursors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from odoo.fields import Domain
from odoo.tools import SQL, Query

from ..compat import odoo_orm
from ..events.feed import images_table
from ..events.watch import image_name
from .definition import ResourceDef
from .followed_fields import is_kept, parent_column
from .query.fixed import FIXED_TREES, HIERARCHICAL, NESTED, are_ids, are_moments
from .query.lean import lean

if TYPE_CHECKING:
    from odoo.models import BaseModel


def with_archived(model: BaseModel, domain: Domain) -> Domain:
    """A domain that leaves out archived records where ``search`` would: unless it says something about them."""
    active = odoo_orm.active_field(model)
    if active and not any(condition.field_expr == active for condition in domain.iter_conditions()):
        domain &= Domain(active, "=", True)
    return domain


def through_parents(model: BaseModel, domain: Domain) -> Domain:
    """A domain whose conditions on inherited fields (``_inherits``) are conditions on the parent."""

    def mapped(condition: Domain) -> Domain:
        field = model._fields.get(condition.field_expr)
        found = field and parent_column(model, field)
        if not found:
            return condition
        return Domain(found[0], "any", Domain(found[1], condition.operator, condition.value))

    return domain.map_conditions(mapped)


def unfollowed_condition(model: BaseModel, domain: Domain) -> str | None:
    """The field of the first condition that neither the record's own columns nor its parents' decide.

    :param domain: as :func:`through_parents` gives it
    :returns: ``None`` where they decide all of it; an empty text for what has no name
    """
    if any(isinstance(item, Domain) for item in domain):
        return ""
    for condition in domain.iter_conditions():
        name, operator, value = condition.field_expr, condition.operator, condition.value
        field = model._fields.get(name)
        if _is_about_parent(model, condition):
            parent = model.env[field.comodel_name]
            if (inner := unfollowed_condition(parent, through_parents(parent, value))) is not None:
                return f"{name}.{inner}"
            continue
        if field is None or not is_kept(model, field) or operator in NESTED or isinstance(value, (Query, SQL)):
            return name
        if operator in HIERARCHICAL and field.comodel_name not in FIXED_TREES:
            return name
        if field.relational and not are_ids(value):
            return name
        if field.type in ("date", "datetime") and not are_moments(value):
            return name
    return None


def _is_about_parent(model: BaseModel, condition: Domain) -> bool:
    """Whether a condition is one on a parent (``_inherits``), and not on any other record."""
    links = model._inherits.values()
    return condition.field_expr in links and condition.operator in NESTED and isinstance(condition.value, Domain)


class Visibility:
    """What the user of an environment sees of a resource.

    :param model: in the environment of the caller
    :param domain: what they ask for
    """

    def __init__(self, model: BaseModel, resource: ResourceDef, domain: Domain):
        self._model = model
        self.domain = with_archived(model, resource.domain & domain)
        self.rules = odoo_orm.rule_domain(model, "read")
        self._conditions = tuple(through_parents(model, each) for each in (self.domain, self.rules))

    @property
    def rules_are_followed(self) -> bool:
        """Whether the caller's record rules look at the record's own columns and its parents' only."""
        return unfollowed_condition(self._model, self._conditions[1]) is None

    @property
    def domain_is_followed(self) -> bool:
        """Whether the domain does, too."""
        return unfollowed_condition(self._model, self._conditions[0]) is None

    @property
    def digest(self) -> str:
        """Another one whenever the caller's record rules are others."""
        return hashlib.sha256(str(self.rules).encode()).hexdigest()[:16]

    @property
    def fields(self) -> set[str]:
        """The fields that the conditions look at."""
        return {each.field_expr for domain in self._conditions for each in domain.iter_conditions()}

    def _parents(self) -> dict[str, list[tuple[str, str]]]:
        """The columns of parents that the conditions look at, with their types, by the field that leads there."""
        found: dict[str, set[str]] = {}
        for domain in self._conditions:
            for condition in domain.iter_conditions():
                if _is_about_parent(self._model, condition):
                    parent = self._model.env[self._model._fields[condition.field_expr].comodel_name]
                    inner = through_parents(parent, condition.value)
                    found.setdefault(condition.field_expr, {"id"}).update(
                        each.field_expr for each in inner.iter_conditions()
                    )
        return {
            link: [
                (name, "int4" if name == "id" else parent._fields[name].column_type[1])
                for parent in [self._model.env[self._model._fields[link].comodel_name]]
                for name in sorted(names)
            ]
            for link, names in found.items()
        }

    def query(self) -> Query:
        """All records that the caller sees."""
        return lean(self._model)._search(self.domain, active_test=False)

    def before(self, rows: Sequence[int]) -> dict[int, bool]:
        """The records that the caller saw before some changes.

        :param rows: ids of the changes in the outbox
        :returns: ids of records, and whether it was a deletion that ended it
        """
        model = self._model
        parents = self._parents()
        kept = [(image_name(link, name), type_) for link, columns in parents.items() for name, type_ in columns] + [
            (name, model._fields[name].column_type[1]) for name in sorted(self.fields) if name != "id"
        ]
        query = Query(model.env, model._table, images_table(rows, kept))
        for link, columns in parents.items():
            query.add_table(query.make_alias(model._table, link), _parent_image(model._table, link, columns))
        readers = (model, model.sudo().with_context(active_test=False))
        for domain, reader in zip(self._conditions, readers, strict=True):
            full = domain.optimize_full(reader)
            if full.is_false():
                return {}
            if not full.is_true():
                full = full.map_conditions(lambda condition, reader=reader: _on_image(reader, condition))
                query.add_where(odoo_orm.domain_sql(full, reader, model._table, query))
        operation = SQL("%s = 'deleted'", SQL.identifier(model._table, "jsonrpc_operation"))
        found: dict[int, bool] = {}
        for id_, deleted in model.env.execute_query(query.select(SQL.identifier(model._table, "id"), operation)):
            found[id_] = found.get(id_, False) or deleted
        return found


def _parent_image(alias: str, link: str, columns: Sequence[tuple[str, str]]) -> SQL:
    """SQL of a table of one row: a parent as it was, taken out of the image of the record."""
    taken = SQL(", ").join(
        SQL("%s AS %s", SQL.identifier(alias, image_name(link, name)), SQL.identifier(name)) for name, _type in columns
    )
    return SQL("LATERAL (SELECT %s)", taken)


def _on_image(model: BaseModel, condition: Domain) -> Domain:
    """A condition on a parent as one on its image. A parent that was gone already fits nothing."""
    if not _is_about_parent(model, condition):
        return condition
    parent = model.env[model._fields[condition.field_expr].comodel_name]
    negation = SQL("NOT ") if condition.operator.startswith("not") else SQL()

    def to_sql(_model: BaseModel, alias: str, query: Query) -> SQL:
        inner = query.make_alias(alias, condition.field_expr)
        fits = odoo_orm.domain_sql(condition.value.optimize_full(parent), parent, inner, query)
        return SQL("(%s IS NOT NULL AND %s(%s))", SQL.identifier(inner, "id"), negation, fits)

    return Domain.custom(to_sql=to_sql)
