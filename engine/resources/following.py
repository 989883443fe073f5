"""Definitions of resources -> what of their models is followed, for :mod:`..events`.

It must not know how anything is followed.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from odoo.fields import Domain

from ..compat import odoo_orm
from ..events.watch import Link, Parent, Watch
from .definition import ResourceDef
from .followed_fields import can_be_followed, is_column_of, is_kept, parent_column

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.fields import Field
    from odoo.models import BaseModel


def watches(definitions: Mapping[str, ResourceDef], env: Environment) -> list[Watch]:
    """What is to be followed.

    :param definitions: of the resources that are followed
    :param env: of the superuser
    """
    by_model = defaultdict(list)
    for resource in definitions.values():
        by_model[resource.model].append(resource)
    models = {name: env[name] for name in sorted(by_model)}
    return [_watch(model, by_model[name]) for name, model in models.items() if can_be_followed(model)]


def deciding_fields(model: BaseModel, domain: Domain = Domain.TRUE) -> set[str]:
    """The fields of a model by which it is decided who sees a record, as far as they stand in domains.

    Those of all record rules that are about reading, whoever they are for.

    :param domain: of the resource
    """
    names = {condition.field_expr.split(".")[0] for condition in domain.iter_conditions()}
    if active := odoo_orm.active_field(model):
        names.add(active)
    # sudo: rules are for administrators to read, and hold for everybody.
    rules = model.env["ir.rule"].sudo().search([("model_id.model", "=", model._name), ("perm_read", "=", True)])
    for rule in rules:
        names.update(word.split(".")[0] for word in _words(rule.domain_force or ""))
    return {name for name in names if name in model._fields}


def _words(text: str) -> Iterator[str]:
    """The texts in an expression of Python: among them are the names of fields."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _watch(model: BaseModel, resources: Iterable[ResourceDef]) -> Watch:
    shown: set[str] = set()
    kept: set[str] = set()
    for resource in resources:
        shown.update(line.field for line in resource.fields.values() if line.type != "id")
        kept.update(line.field for line in resource.fields.values() if line.filterable and not line.sensitive)
        kept |= deciding_fields(model, resource.domain)
    fields = [model._fields[name] for name in sorted(shown | kept) if name != "id"]
    columns = [field.name for field in fields if is_column_of(model, field)]
    image = [(field.name, field.column_type[1]) for field in fields if field.name in kept and is_kept(model, field)]
    links = [
        Link(field.name, field.relation, field.column1)
        for field in fields
        if field.type == "many2many" and field.store and field.relation
    ]
    files = [field.name for field in fields if field.type == "binary" and field.store and field.attachment]
    return Watch(
        model=model._name,
        table=model._table,
        columns=tuple(columns),
        image=tuple(image),
        parents=tuple(_parents(model, fields, kept)),
        links=tuple(links),
        files=tuple(files),
    )


def _parents(model: BaseModel, fields: Iterable[Field], kept: set[str]) -> Iterator[Parent]:
    """The tables whose columns records show as their own, and whose record rules hold for them."""
    shown = defaultdict(list)
    for field in fields:
        if (found := parent_column(model, field)) is not None:
            shown[found[0]].append((found[1], field.name))
    for name, link in sorted(model._inherits.items()):
        if not is_column_of(model, model._fields[link]):
            continue
        parent = model.env[name]
        deciding = {column for column, field in shown[link] if field in kept} | deciding_fields(parent)
        image = [
            (column, parent._fields[column].column_type[1])
            for column in sorted(deciding - {"id"})
            if is_kept(parent, parent._fields[column])
        ]
        columns = {column for column, _field in shown[link]} | {column for column, _type in image}
        if columns:
            fields_shown = tuple(sorted(field for _column, field in shown[link]))
            yield Parent(link, parent._table, tuple(sorted(columns)), fields_shown, tuple(image))
