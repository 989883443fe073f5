"""The values of a call -> what the ORM is to write, with every record that they refer to checked.

Pydantic has checked each value by its type before (:mod:`.schema`); here come ids, lists of
ids, objects to create, and content. An id counts when the caller may see its record and the
resource on that side of the relation shows it: any other is "not found". It must not write.
"""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from odoo.fields import Domain

from ...protocol.binding import Binder
from ...protocol.errors import InvalidParams
from ...protocol.spec import ParamSpec
from ..definition import FieldDef
from ..failures import Failures
from ..query.reader import visible_query
from ..schema import MAX_BINARY, values_type
from ..view import View

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel

#: Ids and objects in all relational values of one call.
MAX_LINKS = 5_000

_CHANGES = frozenset({"set", "add", "remove", "create"})


@dataclass(slots=True)
class Changes:
    """What becomes of a one2many or many2many value.

    :ivar set: exactly these are linked, of those that the caller can see; ``None``: see the others
    :ivar create: records to create and link
    """

    set: list[int] | None = None
    add: list[int] = field(default_factory=list)
    remove: list[int] = field(default_factory=list)
    create: list[Values] = field(default_factory=list)


@dataclass(slots=True)
class Values:
    """The values of one record.

    :ivar plain: for the ORM, by name in the model
    :ivar many: what becomes of the one2many and many2many fields
    :ivar fixed: what can only be read, as it was sent
    :ivar id: the id that stood among the values
    """

    plain: dict[str, Any] = field(default_factory=dict)
    many: list[tuple[FieldDef, Changes]] = field(default_factory=list)
    fixed: dict[str, Any] = field(default_factory=dict)
    id: int | None = None


class Incoming:
    """Prepares the values of one call.

    :param env: of the caller
    :param failures: gets everything that is wrong
    :param records: what will be updated; a reference that they all have already may stay,
        also where the caller cannot see its other side
    :param may_read: whether the caller may know what they have
    """

    def __init__(
        self, env: Environment, failures: Failures, records: BaseModel | None = None, *, may_read: bool = True
    ):
        self._env = env
        self._failures = failures
        self._records = records
        self._may_read = may_read
        self._links_left = MAX_LINKS
        #: By model and resource, the ids with the places where they stand, and the domain.
        self._wanted: dict[tuple[str, str | None], dict[int, list[tuple[str, FieldDef]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._domains: dict[tuple[str, str | None], Domain] = {}

    def prepare(self, view: View, sent: dict[str, Any], path: str, *, nested: bool = False) -> Values:
        """Take over the values of one record; :meth:`check_links` completes it.

        :param sent: by external name, right by type
        :param nested: they belong to a record within another one
        """
        values = Values()
        for name, value in sent.items():
            line = view.writable.get(name)
            here = f"{path}.{name}"
            if line is None:
                if name == "id":
                    values.id = value
                else:
                    values.fixed[name] = value
            elif line.multiple:
                values.many.append((line, self._changes(view, line, value, here, nested)))
            elif line.comodel:
                values.plain[line.field] = self._one(view, line, value, here)
            elif line.type == "binary":
                self._binary(line, value, here, values)
            else:
                if line.type == "selection" and line.options is None:
                    self._selection(view, line, value, here)
                values.plain[line.field] = False if value is None else value
        return values

    def check_links(self) -> None:
        """Refuse the ids that the caller may not link, with one query for each resource."""
        for key, wanted in self._wanted.items():
            seen = self._visible(key, wanted)
            for id_, places in wanted.items():
                if id_ in seen:
                    continue
                for path, line in places:
                    if not self._has_already(line, id_):
                        self._failures.add(path, "not_found", "There is no such record")

    def _visible(self, key: tuple[str, str | None], ids: Any) -> set[int]:
        model = self._env[key[0]]
        if not model.has_access("read"):
            return set()
        return set(visible_query(model, self._domains[key], ids).get_result_ids())

    def _has_already(self, line: FieldDef, id_: int) -> bool:
        if not self._records or line.multiple or not self._may_read:
            return False
        return all(record[line.field].id == id_ for record in self._records)

    def _one(self, view: View, line: FieldDef, value: Any, path: str) -> int | bool:
        if value is None:
            if self._needed(line):
                self._failures.add(path, "missing", "This cannot be empty")
            return False
        return self._existing(view, line, value, path) or False

    def _needed(self, line: FieldDef) -> bool:
        return not line.nullable or (line.required and self._records is None)

    def _existing(self, view: View, line: FieldDef, value: Any, path: str) -> int | None:
        """The id of a record that exists, sent bare or in an object as it is read."""
        target = view.target(self._env, line)
        if isinstance(value, dict):
            known = {"id", "name", *(target.known if target else ())}
            for name in value:
                if name not in known:
                    self._failures.unknown(f"{path}.{name}")
            if "id" not in value:
                self._failures.add(f"{path}.id", "missing", "Field required")
                return None
            value, path = value["id"], f"{path}.id"
        if type(value) is not int or not 0 < value < 2**31:
            self._failures.add(path, "id", "Write the id of a record, alone or as {id}")
            return None
        key = (line.comodel, line.target)
        self._domains[key] = view.target_domain(line)
        self._wanted[key][value].append((path, line))
        return value

    def _changes(self, view: View, line: FieldDef, value: Any, path: str, nested: bool) -> Changes:
        changes = Changes()
        if isinstance(value, list):
            changes.set = self._items(view, line, value, path, nested, changes)
        elif isinstance(value, dict) and value and value.keys() <= _CHANGES:
            for kind, items in value.items():
                here = f"{path}.{kind}"
                if not isinstance(items, list):
                    self._failures.add(here, "type", "Write a list")
                elif kind == "create":
                    for position, item in enumerate(items):
                        self._created(view, line, item, f"{here}.{position}", nested, changes)
                else:
                    setattr(changes, kind, self._items(view, line, items, here, nested, changes))
            if changes.set is not None and (changes.add or changes.remove):
                self._failures.add(path, "conflict", '"set" says all; leave out "add" and "remove"')
            if set(changes.add) & set(changes.remove):
                self._failures.add(path, "conflict", "A record is both added and removed")
        else:
            self._failures.add(path, "type", "Write a list, or an object of set, add, remove, create")
        self._check_allowed(view, line, changes, path)
        return changes

    def _check_allowed(self, view: View, line: FieldDef, changes: Changes, path: str) -> None:
        """Refuse links that change the records on the other side, unless the caller may change those there.

        The records of a one2many hold the link themselves: it is a change of theirs, or their end.
        """
        if line.type != "one2many":
            return
        if line.deletes and not view.target_allows(line, "delete") and self._removes(view, line, changes):
            self._failures.add(path, "not_allowed", "Removing records from here would delete them")
        elif not view.target_allows(line, "update") and (
            self._adds(line, changes) or (not line.deletes and self._removes(view, line, changes))
        ):
            what = f"update on {line.target}" if line.target else "a resource that describes them"
            self._failures.add(path, "not_allowed", f"This changes the records that it links, which needs {what}")

    def _items(
        self, view: View, line: FieldDef, items: list[Any], path: str, nested: bool, changes: Changes
    ) -> list[int]:
        """The ids in a list; objects without an id are records to create."""
        ids = []
        for position, item in enumerate(items):
            here = f"{path}.{position}"
            self._links_left -= 1
            if self._links_left < 0:
                self._failures.add(path, "too_long", f"At most {MAX_LINKS} records can be linked in one call")
                break
            if isinstance(item, dict) and "id" not in item and not path.endswith(".remove"):
                self._created(view, line, item, here, nested, changes)
            else:
                id_ = self._existing(view, line, item, here)
                if id_ is not None:
                    ids.append(id_)
        return ids

    def _created(self, view: View, line: FieldDef, item: Any, path: str, nested: bool, changes: Changes) -> None:
        target = view.target(self._env, line)
        self._links_left -= 1
        if nested:
            self._failures.add(path, "too_deep", "A record within a record cannot bring records of its own")
        elif target is None or not view.target_allows(line, "create"):
            self._failures.add(path, "not_allowed", "Records cannot be created here")
        elif not isinstance(item, dict):
            self._failures.add(path, "type", "Write an object")
        elif self._links_left < 0:
            self._failures.add(path, "too_long", f"At most {MAX_LINKS} records can be linked in one call")
        else:
            try:
                checked = _created_binder(target)({"values": item})["values"]
            except InvalidParams as refusal:
                self._failures.merge(refusal, "values", path)
            else:
                changes.create.append(self.prepare(target, checked, path, nested=True))

    def _adds(self, line: FieldDef, changes: Changes) -> bool:
        """Whether a record would be linked that is not linked yet."""
        wanted = {*changes.add, *(changes.set or ())}
        if not wanted or not self._records:
            return bool(wanted)
        everything = self._records.with_context(active_test=False)
        return any(wanted - set(record[line.field].ids) for record in everything)

    def _removes(self, view: View, line: FieldDef, changes: Changes) -> bool:
        """Whether a linked record would be linked no more."""
        if changes.remove:
            return True
        if changes.set is None or not self._records:
            return False
        linked = set(self._records[line.field].ids) - set(changes.set)
        return bool(visible_query(self._env[line.comodel], view.target_domain(line), linked).get_result_ids())

    def _binary(self, line: FieldDef, value: Any, path: str, values: Values) -> None:
        if value is None:
            if self._needed(line):
                self._failures.add(path, "missing", "This cannot be empty")
            values.plain[line.field] = False
        elif isinstance(value, str):
            try:
                content = base64.b64decode(value.encode("ascii"), validate=True)
            except (binascii.Error, UnicodeEncodeError):
                self._failures.add(path, "base64", "Write base64")
                return
            if len(content) > MAX_BINARY:
                self._failures.add(path, "too_long", f"At most {MAX_BINARY} bytes are taken")
            values.plain[line.field] = value or False
        elif self._records is None or not (isinstance(value, dict) and value.keys() == {"size"}):
            self._failures.add(path, "base64", "Write base64")
        # An update that gives back {size} leaves the content as it is.

    def _selection(self, view: View, line: FieldDef, value: Any, path: str) -> None:
        model = view.model(self._env)
        if value is not None and value not in model._fields[line.field].get_values(self._env):
            self._failures.add(path, "enum", "This is none of the options")


def _created_binder(target: View) -> Binder:
    if "nested" not in target.types:
        target.types["nested"] = Binder(
            (ParamSpec("values", {}, required=True),), {"values": values_type(target, create=True)}
        )
    return target.types["nested"]
