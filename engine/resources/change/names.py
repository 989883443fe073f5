"""Names in the place of ids: ``{"external_id": "shop.c900"}``, or a key of the resource, ``{"code": "BE"}``.

All names of one call are resolved together, with one query for each key and resource, as the caller sees the
records. A name that stands for none, or for several, is refused with its path. It must not write.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from odoo.fields import Domain

from ..definition import FieldDef
from ..failures import Failures
from ..query.reader import visible_query
from ..view import View

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel

EXTERNAL_ID = "external_id"
#: Where external ids without a module are kept, as Odoo's own import does.
_MODULE = "__import__"


class _Unresolved:
    """Stands where a name was that stands for no record; what is wrong with it is noted already."""


UNRESOLVED = _Unresolved()


class _Place(NamedTuple):
    """Where a name stands: in which list or object, and there at which position or under which name."""

    container: Any
    key: Any
    value: Any
    path: str


class _Kind(NamedTuple):
    """What the names of one query have in common."""

    model: str
    resource: str | None
    #: Name of the field in the model; none for an external id.
    field: str | None


class Names:
    """The names in one call.

    :param env: of the caller
    :param failures: gets what is wrong with them
    """

    def __init__(self, env: Environment, failures: Failures):
        self._env = env
        self._failures = failures
        self._places: dict[_Kind, list[_Place]] = defaultdict(list)
        self._domains: dict[_Kind, Domain] = {}

    def ids(self, view: View, sent: list[Any], path: str) -> list[Any]:
        """A copy of a list of ids of a view's own records, in which :meth:`resolve` replaces the names."""
        copy = list(sent)
        for position in range(len(copy)):
            self._own(view, copy, position, f"{path}.{position}")
        return copy

    def one_id(self, view: View, sent: Any, path: str) -> list[Any]:
        """The same for a single id, alone in a list."""
        copy = [sent]
        self._own(view, copy, 0, path)
        return copy

    def values(self, view: View, sent: dict[str, Any], path: str) -> dict[str, Any]:
        """The values of a record, in whose relations :meth:`resolve` replaces the names; a copy where there are any."""
        copy = dict(sent)
        for name, value in sent.items():
            line = view.writable.get(name)
            if line is None or not line.comodel or not isinstance(value, (dict, list)):
                continue
            here = f"{path}.{name}"
            target = view.target(self._env, line)
            if not line.multiple:
                self._related(view, line, target, copy, name, here)
            elif isinstance(value, list):
                copy[name] = self._items(view, line, target, value, here)
            else:
                copy[name] = {
                    kind: self._items(view, line, target, items, f"{here}.{kind}", created=kind == "create")
                    if isinstance(items, list)
                    else items
                    for kind, items in value.items()
                }
        return copy

    def resolve(self) -> None:
        """Put ids, or :data:`UNRESOLVED`, where the names were."""
        for kind, places in self._places.items():
            found = self._found(kind, {place.value for place in places})
            for place in places:
                ids = found.get(place.value, ())
                if len(ids) == 1:
                    place.container[place.key] = ids[0]
                    continue
                place.container[place.key] = UNRESOLVED
                if ids:
                    self._failures.add(place.path, "ambiguous", "Several records have this name")
                else:
                    self._failures.add(place.path, "not_found", "There is no such record")

    def _own(self, view: View, container: list[Any], position: int, path: str) -> None:
        """Note a name of one of the view's own records."""
        item = container[position]
        if isinstance(item, dict) and not self._is_name(view, item):
            keys = [EXTERNAL_ID, *(name for name, line in view.known.items() if line.key)]
            self._failures.add(path, "id", f"Write the id of a record, or one name of it: {', '.join(keys)}")
            container[position] = UNRESOLVED
        self._take(view, view.resource.model, view.resource.domain, container, position, path)

    def _items(
        self, view: View, line: FieldDef, target: View | None, items: list[Any], path: str, *, created: bool = False
    ) -> list[Any]:
        copy = list(items)
        for position, item in enumerate(items):
            here = f"{path}.{position}"
            if isinstance(item, dict) and not (not created and self._is_name(target, item)):
                if target is not None:
                    # Of a record that is created or changed here.
                    copy[position] = self.values(target, item, here)
            elif not created:
                self._related(view, line, target, copy, position, here)
        return copy

    def _related(self, view: View, line: FieldDef, target: View | None, container: Any, key: Any, path: str) -> None:
        item = container[key]
        if isinstance(item, dict) and not self._is_name(target, item):
            if target is not None:
                container[key] = self.values(target, item, path)
            return
        self._take(target, line.comodel, view.target_domain(line), container, key, path)

    def _take(self, target: View | None, model: str, domain: Domain, container: Any, key: Any, path: str) -> None:
        """Note a name, if it is one.

        :param target: what the caller sees of the records; ``None``: they have no other name than an external id
        """
        item = container[key]
        if not self._is_name(target, item):
            return
        ((name, value),) = item.items()
        resource = target.resource.name if target else None
        kind = _Kind(model, resource, None if name == EXTERNAL_ID else target.known[name].field)
        self._domains[kind] = domain
        number = kind.field is not None and target.known[name].type == "integer"
        if type(value) is not (int if number else str) or value == "":
            container[key] = UNRESOLVED
            what = "number" if number else "text"
            self._failures.add(f"{path}.{name}", "type", f"Write the {what} that names the record")
            return
        self._places[kind].append(_Place(container, key, value, f"{path}.{name}"))

    def _is_name(self, target: View | None, item: Any) -> bool:
        if not isinstance(item, dict) or len(item) != 1:
            return False
        (name,) = item
        if name == EXTERNAL_ID:
            return True
        line = target.known.get(name) if target else None
        return line is not None and line.key

    def _found(self, kind: _Kind, values: set[Any]) -> dict[Any, list[int]]:
        """The ids that the caller sees, by name."""
        model = self._env[kind.model]
        if not model.has_access("read"):
            return {}
        if kind.field is None:
            return self._by_external_id(kind, model, values)
        # One type in the database, and so one in the condition.
        domain = Domain(kind.field, "in", sorted(values, key=str)) & self._domains[kind]
        records = model.with_context(active_test=False).search_fetch(domain, [kind.field], order="id")
        found: dict[Any, list[int]] = defaultdict(list)
        for record in records:
            found[record[kind.field]].append(record.id)
        return found

    def _by_external_id(self, kind: _Kind, model: BaseModel, values: Iterable[Any]) -> dict[Any, list[int]]:
        names = {value: split_external_id(value) for value in values if isinstance(value, str)}
        condition = Domain.OR(
            Domain("module", "=", module) & Domain("name", "in", [name for m, name in names.values() if m == module])
            for module in {module for module, _name in names.values()}
        )
        # sudo: users cannot read external ids; what they stand for is looked up as the user.
        known = (
            self._env["ir.model.data"]
            .sudo()
            .search_fetch(condition & Domain("model", "=", kind.model), ["module", "name", "res_id"])
        )
        ids = {(data.module, data.name): data.res_id for data in known}
        wanted = {value: ids[full] for value, full in names.items() if full in ids}
        seen = set(visible_query(model, self._domains[kind], wanted.values()).get_result_ids())
        return {value: [id_] for value, id_ in wanted.items() if id_ in seen}


def split_external_id(text: str) -> tuple[str, str]:
    """The module and the name of an external id, as Odoo's imports split it: at the first dot.

    What stands before it is a module only if it can be one; else all of it is a name without module, as it
    is where there is no dot: shops have ``cust/17`` and ``4.711``.
    """
    module, dot, name = text.partition(".")
    if dot and name and module.isascii() and module.replace("_", "a").isalnum() and module.islower():
        return module, name
    return _MODULE, text
