"""Prepared values -> records created, changed and deleted, all of them inside their resource.

What a call leaves behind must be in the resource's domain, or it is refused and the
pipeline's savepoint undoes it. It must not know params, nor check their types.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from odoo.fields import Command, Domain

from ...protocol.errors import Forbidden, NotFound, ValidationFailed
from ..definition import FieldDef
from ..failures import Failures
from ..query.reader import Reader, visible_query
from ..query.selection import Selection
from ..view import View
from .comparison import is_stored, stored_values
from .values import Changes, Values

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel


def existing_records(env: Environment, view: View, ids: Sequence[int]) -> BaseModel:
    """The records with these ids.

    :raises NotFound: one of them does not exist, or is not for this caller, or is outside
        of the resource; ``data.ids`` has all such ids, and does not tell which it was
    """
    model = view.model(env)
    found = set(visible_query(model, view.resource.domain, ids).get_result_ids())
    missing = [id_ for id_ in ids if id_ not in found]
    if missing:
        raise NotFound(data={"ids": missing})
    return model.browse(ids)


def create_records(view: View, env: Environment, prepared: Sequence[Values]) -> BaseModel:
    """Create records.

    :raises ValidationFailed: one of them would not be in the resource
    """
    records = view.model(env).create([_creation(values) for values in prepared])
    check_inside(records, view.resource.domain)
    for line in _restricted_relations(view, prepared):
        check_inside(records.with_context(active_test=False)[line.field], view.target_domain(line))
    for values in prepared:
        _change_inner(env, values)
    return records


def update_records(view: View, env: Environment, records: BaseModel, values: Values) -> None:
    """Change records.

    :raises Forbidden: the caller may see them and not change them
    :raises ValidationFailed: one of them would leave the resource
    """
    if not records.has_access("write"):
        raise Forbidden("These records are not yours to change")
    everything = records.with_context(active_test=False)
    before = [(line, set(everything[line.field].ids)) for line in _restricted_relations(view, [values])]
    for group, commands in _commands(view, env, records, values.many):
        group.write({**values.plain, **commands})
    check_inside(records, view.resource.domain)
    for line, ids in before:
        # What was linked, and what was linked before: either may have left its resource by that.
        children = everything[line.field]
        check_inside(children.browse(ids ^ set(children.ids)).exists(), view.target_domain(line))
    _change_inner(env, values)


def _change_inner(env: Environment, values: Values) -> None:
    """Change the records that were sent inside of another one, with their own rights and their own resource."""
    for inner in values.inner:
        update_records(inner.view, env, inner.view.model(env).browse(inner.id), inner.values)


def delete_records(records: BaseModel) -> None:
    """Delete records.

    :raises Forbidden: the caller may see them and not delete them
    """
    if not records.has_access("unlink"):
        raise Forbidden("These records are not yours to delete")
    records.unlink()


def check_fixed(
    view: View, env: Environment, records: BaseModel, values: Values, failures: Failures, path: str
) -> None:
    """Refuse values that can only be read, unless they are what the records have already.

    So a record that was read can be written back whole, and a change that nobody would
    make is not swallowed.
    """
    if values.id is not None and records.ids != [values.id]:
        failures.add(f"{path}.id", "read_only", "This cannot be changed")
    lines = tuple(view.readable[name] for name in values.fixed)
    if not lines or not records:
        return
    if not view.may_read:
        # Whether it is what they have is for those to know who may read it.
        for line in lines:
            failures.add(f"{path}.{line.name}", "read_only", "This cannot be changed")
        return
    stored = stored_values(env, view, lines, records.ids)
    for line in lines:
        if not all(is_stored(line, values.fixed[line.name], record) for record in stored.values()):
            failures.add(f"{path}.{line.name}", "read_only", "This cannot be changed")


def check_inside(records: BaseModel, domain: Domain) -> None:
    """See to it that no call leaves a record outside of its resource.

    :raises ValidationFailed: a record is, or is outside of what the caller sees
    """
    if not records or domain.is_true():
        return
    if set(records.ids) - set(visible_query(records, domain, records.ids).get_result_ids()):
        raise ValidationFailed("A record would be left outside of its resource")


def _restricted_relations(view: View, prepared: Iterable[Values]) -> Iterable[FieldDef]:
    """The relations that a call changes and on whose other side records have to fit a domain."""
    lines = {line.name: line for values in prepared for line, _changes in values.many}
    return [line for line in lines.values() if not view.target_domain(line).is_true()]


def _creation(values: Values) -> dict[str, Any]:
    """Values for the ORM's ``create``."""
    vals = dict(values.plain)
    for line, changes in values.many:
        ids = list(dict.fromkeys([*(changes.set or ()), *changes.add]))
        commands = [Command.set(ids)] if ids else []
        vals[line.field] = commands + [Command.create(_creation(created)) for created in changes.create]
    return vals


def _commands(
    view: View, env: Environment, records: BaseModel, many: Sequence[tuple[FieldDef, Changes]]
) -> Iterable[tuple[BaseModel, dict[str, list]]]:
    """The commands for relational fields, with the records that get the same ones.

    Only what differs is removed, and only what the caller can see: archived records, and
    those outside of the resource on the other side, stay linked.
    """
    if not many:
        return [(records, {})]
    differing: dict[int, dict[str, tuple[tuple, tuple]]] = defaultdict(dict)
    created: dict[str, list] = {}
    for line, changes in many:
        created[line.field] = [Command.create(_creation(values)) for values in changes.create]
        seen = _seen(view, env, records, line)
        for record in records:
            current = record.with_context(active_test=False)[line.field]._ids
            if changes.set is None:
                add, remove = changes.add, changes.remove
            else:
                add, remove = changes.set, [id_ for id_ in seen[record.id] if id_ not in changes.set]
            differing[record.id][line.field] = (
                tuple(id_ for id_ in dict.fromkeys(add) if id_ not in current),
                tuple(id_ for id_ in remove if id_ in current),
            )
    groups: dict[tuple, list[int]] = defaultdict(list)
    for id_, fields in differing.items():
        groups[tuple(fields.items())].append(id_)
    return [
        (
            records.browse(ids),
            {
                name: [*map(Command.unlink, remove), *map(Command.link, add), *created[name]]
                for name, (add, remove) in fields
            },
        )
        for fields, ids in groups.items()
    ]


def _seen(view: View, env: Environment, records: BaseModel, line: FieldDef) -> dict[int, list[int]]:
    """The linked records that the caller sees, by record."""
    found = Reader(env).by_ids(Selection(view, (line,)), records.ids)
    return {id_: record[line.name] for id_, record in found.items()}
