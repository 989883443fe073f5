"""Whether a read has the same SQL each time, for as long as Odoo keeps its caches.

It has where it is made of columns and constants. It has not where Odoo looks at records first and puts their
ids into the statement, where a method of an addon decides, or where a value stands for the day of today. One
look at records is harmless: the tree of companies cannot be changed, and a new company empties the caches.

What is not known here counts as not fixed. It must not know what is done with the SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from odoo.fields import Domain, Field
from odoo.models import BaseModel
from odoo.tools import SQL, Query

from ...compat import odoo_orm

#: Odoo lets nobody move a company below another one.
FIXED_TREES = frozenset({"res.company"})
HIERARCHICAL = frozenset({"child_of", "parent_of"})
NESTED = frozenset({"any", "not any", "any!", "not any!"})

_COMPARING = frozenset(
    {
        "=", "!=", "<", ">", "<=", ">=", "in", "not in",
        "like", "not like", "ilike", "not ilike", "=like", "not =like", "=ilike", "not =ilike",
    }
)  # fmt: skip
_PLAIN_TYPES = frozenset({"boolean", "char", "float", "html", "integer", "monetary", "selection", "text"})
_MOMENTS = frozenset({"date", "datetime"})
_MANY = frozenset({"one2many", "many2many"})


def is_fixed_search(model: BaseModel, domain: Domain) -> bool:
    """Whether ``_search`` of a domain, with the record rules in it, always gives the same SQL.

    :param model: in the environment of the caller
    """
    return _is_table(model) and is_fixed_domain(model, domain) and _are_rules_fixed(model)


def is_fixed_domain(model: BaseModel, domain: Domain) -> bool:
    """Whether a domain alone always becomes the same SQL, in the environment of a model."""
    # What is left as a Domain in the list is a function of an addon.
    if any(isinstance(item, Domain) for item in domain):
        return False
    return all(
        _is_fixed_condition(model, condition.field_expr, condition.operator, condition.value)
        for condition in domain.iter_conditions()
    )


def is_fixed_column(model: BaseModel, name: str) -> bool:
    """Whether a field that SQL can read is always read by the same SQL."""
    field = model._fields[name]
    if not field.store:
        *path, name = field.related.split(".")
        for step in path:
            if not is_fixed_column(model, step):
                return False
            model = model.env[model._fields[step].comodel_name]
        return is_fixed_column(model, name)
    return _is_core_type(field) and odoo_orm.reads_own_column(model, name)


def are_ids(value: object) -> bool:
    """Whether a relation is compared to ids, and not to names."""
    return all(isinstance(each, (int, bool, type(None))) for each in _each(value))


def are_moments(value: object) -> bool:
    """Whether a date is compared to dates, and not to words as ``today``."""
    for each in _each(value):
        if isinstance(each, str):
            try:
                date.fromisoformat(each[:10])
            except ValueError:
                return False
    return True


def _each(value: object) -> Iterable[object]:
    return [value] if isinstance(value, str) or not hasattr(value, "__iter__") else value


def _is_table(model: BaseModel) -> bool:
    """Whether a model's records are the rows of a table, found by no method of its own."""
    return odoo_orm.is_table(model) and not odoo_orm.is_overridden(model, "_search")


def _are_rules_fixed(model: BaseModel) -> bool:
    """Whether the access rules that a search of a user brings along are."""
    if model.env.su:
        return True
    if odoo_orm.is_overridden(model, "_check_access") or odoo_orm.is_overridden(model, "_has_field_access"):
        return False
    # As the ORM does: rules are not subject to rules.
    return is_fixed_domain(model.sudo(), odoo_orm.rule_domain(model, "read"))


def _is_core_type(field: Field) -> bool:
    # A type of an addon may have an SQL of its own.
    return type(field).__module__.startswith("odoo.orm.")


def _is_fixed_condition(model: BaseModel, path: str, operator: str, value: object) -> bool:
    first, _dot, rest = path.partition(".")
    field = model._fields.get(first)
    if field is None or not _is_core_type(field) or isinstance(value, (Query, SQL)):
        return False
    if rest:
        # Of what is no relation, it is a part of a date, or a property.
        return field.relational and _is_fixed_relation(model, field, [(rest, operator, value)], False)
    if operator in HIERARCHICAL:
        return _is_fixed_tree(model, field) and are_ids(value)
    if operator in NESTED:
        return field.relational and _is_fixed_relation(model, field, value, operator.endswith("!"))
    if operator not in _COMPARING:
        return False
    if field.inherited:
        parent = model._fields[field.related.split(".")[0]]
        return _is_fixed_relation(model, parent, [(first, operator, value)], True)
    return _is_stored(model, field) and _is_fixed_comparison(model, field, value)


def _is_fixed_comparison(model: BaseModel, field: Field, value: object) -> bool:
    if field.type in _PLAIN_TYPES:
        return True
    if field.type in _MOMENTS:
        return are_moments(value)
    if not are_ids(value):
        return False
    return field.type == "many2one" or (field.type in _MANY and _is_fixed_list(model, field))


def _is_fixed_relation(model: BaseModel, field: Field, value: object, bypass: bool) -> bool:
    """Whether a condition on the other side of a relation is.

    :param value: a domain; anything else is not known
    :param bypass: whether rules of the other side are left out
    """
    if not isinstance(value, (Domain, list, tuple)) or not _is_stored(model, field):
        return False
    if field.type != "many2one" and not (field.type in _MANY and _is_fixed_list(model, field)):
        return False
    comodel = model.env[field.comodel_name]
    if not _is_table(comodel) or not is_fixed_domain(comodel, Domain(value)):
        return False
    return bypass or field.bypass_search_access or _are_rules_fixed(comodel)


def _is_fixed_list(model: BaseModel, field: Field) -> bool:
    """Whether the records of a one2many or many2many are always found by the same SQL."""
    if callable(field.domain):
        return False
    comodel = model.env[field.comodel_name]
    if field.type == "one2many":
        inverse = comodel._fields.get(field.inverse_name)
        if inverse is None or inverse.type != "many2one" or not _is_stored(comodel, inverse):
            return False
    return _is_table(comodel) and is_fixed_domain(comodel, field.get_comodel_domain(model))


def _is_fixed_tree(model: BaseModel, field: Field) -> bool:
    if model._name in FIXED_TREES:
        return field.name == "id"
    return field.type == "many2one" and field.comodel_name in FIXED_TREES and _is_stored(model, field)


def _is_stored(model: BaseModel, field: Field) -> bool:
    """Whether a field is searched in the table, as such fields are in any model."""
    if not field.store or field.search or (field.company_dependent and field.relational):
        return False
    return field.type in _MANY or odoo_orm.reads_own_column(model, field.name)
