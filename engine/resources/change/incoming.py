"""The values of a call -> what the ORM is to write, with every record that they refer to checked.

Pydantic has checked each value by its type before (:mod:`.schema`); here come ids, lists of
ids, objects to create, and content. An id counts when the caller may see its record and the
resource on that side of the relation shows it: any other is "not found". It must not write.
"""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from odoo.fields import Domain

from ...protocol.binding import Binder
from ...protocol.errors import InvalidParams
from ...protocol.spec import ParamSpec
from ..definition import FieldDef
from ..failures import Failures
from ..query.reader import visible_query
from ..query.selection import MAX_DEPTH
from ..schema import MAX_BINARY, values_type
from ..view import View
from .comparison import is_stored, stored_values
from .names import UNRESOLVED
from .values import Changes, Inner, Values

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel

#: Ids and objects in all relational values of one call.
MAX_LINKS = 5_000

_CHANGES = frozenset({"set", "add", "remove", "create", "update"})


@dataclass(frozen=True, slots=True)
class _Owner:
    """The record whose values are prepared.

    :ivar values: that are prepared
    :ivar records: what they will be written to; ``None`` for a new record
    :ivar may_read: whether the caller may know what these have
    :ivar depth: how many relations away from the record that the call is about
    :ivar inner: of that record: changes of all others, however deep they stand
    """

    view: View
    values: Values
    records: BaseModel | None
    may_read: bool
    depth: int
    inner: list[Inner]


@dataclass(frozen=True, slots=True)
class _Sent:
    """An object with an id that was sent with more members than that: perhaps a change of that record.

    :ivar owner: the record that refers to it
    :ivar line: by this relation
    """

    owner: _Owner
    line: FieldDef
    target: View
    id: int
    members: dict[str, Any]
    path: str


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
        self._wanted: dict[tuple[str, str | None], dict[int, list[tuple[str, FieldDef, _Owner]]]] = {}
        self._domains: dict[tuple[str, str | None], Domain] = {}
        self._sent: list[_Sent] = []

    def prepare(self, view: View, sent: dict[str, Any], path: str) -> Values:
        """Take over the values of one record; :meth:`check_links` completes it.

        :param sent: by external name, right by type
        """
        values = Values()
        return self._prepared(_Owner(view, values, self._records, self._may_read, 0, values.inner), sent, path)

    def check_links(self) -> None:
        """Refuse the ids that the caller may not link, with one query for each resource, and look into objects.

        What stands in an object beside its id is what the record has already, or a change of that record: it
        takes the rights that the same change takes there. Nothing that was sent is dropped.
        """
        self._check_ids()
        while self._sent:
            sent, self._sent = self._sent, []
            self._look_into(sent)
            self._check_ids()

    def _prepared(self, owner: _Owner, sent: dict[str, Any], path: str) -> Values:
        values, view = owner.values, owner.view
        for name, value in sent.items():
            line = view.writable.get(name)
            here = f"{path}.{name}"
            if line is None:
                if name == "id":
                    values.id = value
                else:
                    values.fixed[name] = value
                    self._note_inside(owner, view.known.get(name), value, here)
            elif line.multiple:
                values.many.append((line, self._changes(owner, line, value, here)))
            elif line.comodel:
                values.plain[line.field] = self._one(owner, line, value, here)
            elif line.type == "binary":
                self._binary(owner, line, value, here)
            else:
                if line.type == "selection" and line.options is None:
                    self._selection(view, line, value, here)
                values.plain[line.field] = False if value is None else value
        return values

    def _check_ids(self) -> None:
        wanted, self._wanted = self._wanted, {}
        for key, places_by_id in wanted.items():
            seen = self._visible(key, places_by_id)
            for id_, places in places_by_id.items():
                if id_ in seen:
                    continue
                for path, line, owner in places:
                    if not self._has_already(owner, line, id_):
                        self._failures.add(path, "not_found", "There is no such record")

    def _visible(self, key: tuple[str, str | None], ids: Any) -> set[int]:
        model = self._env[key[0]]
        if not model.has_access("read"):
            return set()
        return set(visible_query(model, self._domains[key], ids).get_result_ids())

    def _has_already(self, owner: _Owner, line: FieldDef, id_: int) -> bool:
        if not owner.records or line.multiple or not owner.may_read:
            return False
        return all(record[line.field].id == id_ for record in owner.records)

    # -- objects with an id

    def _note_inside(self, owner: _Owner, line: FieldDef | None, value: Any, path: str) -> None:
        """Look into the objects of a relation that itself stays as it is."""
        if line is None or not line.comodel:
            return
        target = owner.view.target(self._env, line)
        for item, here in _objects(value, path):
            id_ = item.get("id")
            if target is not None and type(id_) is int:
                self._note(_Sent(owner, line, target, id_, item, here))

    def _note(self, sent: _Sent) -> None:
        # The name that every reference is read with is no field of a resource that does not describe it.
        if sent.members.keys() - {"id", *({"name"} - sent.target.known.keys())}:
            self._sent.append(sent)

    def _look_into(self, sent: list[_Sent]) -> None:
        by_resource: dict[str, list[_Sent]] = defaultdict(list)
        for one in sent:
            by_resource[one.target.resource.name].append(one)
        for several in by_resource.values():
            view = several[0].target
            names = {name for one in several for name in one.members} - {"id"}
            lines = [line for name, line in view.readable.items() if name in names and line.type != "binary"]
            stored = stored_values(self._env, view, lines, {one.id for one in several})
            for one in several:
                # One that is not there is refused for that already.
                if one.id in stored:
                    self._take_changes(one, stored[one.id])

    def _take_changes(self, sent: _Sent, stored: dict[str, Any]) -> None:
        """The changes of one record that was sent inside of another."""
        target, changed = sent.target, {}
        records, depth = target.model(self._env).browse(sent.id), sent.owner.depth + 1
        owner = _Owner(target, Values(), records, target.may_read, depth, sent.owner.inner)
        for name, value in sent.members.items():
            line = target.known.get(name)
            here = f"{sent.path}.{name}"
            if line is None or name == "id":
                continue
            if line.type == "binary" and isinstance(value, dict):
                # As it is read where it is large: it stays.
                continue
            if name in stored and is_stored(line, value, stored):
                self._note_inside(owner, line, value, here)
            elif name not in target.writable:
                self._failures.add(here, "read_only", "This cannot be changed")
            else:
                changed[name] = value
        if not changed:
            return
        if not sent.owner.view.target_allows(sent.line, "update"):
            what = f"This changes a record of {target.resource.name}, which needs update there"
            self._failures.add(f"{sent.path}.{min(changed)}", "not_allowed", what)
        elif owner.depth > MAX_DEPTH:
            self._failures.add(sent.path, "too_deep", f"Records can be changed at most {MAX_DEPTH} relations deep")
        elif (checked := self._checked(target, changed, sent.path, create=False)) is not None:
            self._prepared(owner, checked, sent.path)
            sent.owner.inner.append(Inner(target, sent.id, owner.values))

    def _checked(self, view: View, values: dict[str, Any], path: str, *, create: bool) -> dict[str, Any] | None:
        """Values that were sent inside of another record, right by type; ``None`` if they are not."""
        try:
            return _inner_binder(view, create=create)({"values": values})["values"]
        except InvalidParams as refusal:
            self._failures.merge(refusal, "values", path)
            return None

    # -- relations

    def _one(self, owner: _Owner, line: FieldDef, value: Any, path: str) -> int | bool:
        if value is None:
            if self._needed(owner, line):
                self._failures.add(path, "missing", "This cannot be empty")
            return False
        return self._existing(owner, line, value, path) or False

    def _needed(self, owner: _Owner, line: FieldDef) -> bool:
        return not line.nullable or (line.required and owner.records is None)

    def _existing(self, owner: _Owner, line: FieldDef, value: Any, path: str) -> int | None:
        """The id of a record that exists, sent bare or in an object as it is read."""
        if value is UNRESOLVED:
            return None
        view = owner.view
        target = view.target(self._env, line)
        here = path
        if isinstance(value, dict):
            known = {"id", "name", *(target.known if target else ())}
            for name in value:
                if name not in known:
                    self._failures.unknown(f"{path}.{name}")
            if "id" not in value:
                self._failures.add(f"{path}.id", "missing", "Write the id of a record, or one name of it")
                return None
            members, value, here = value, value["id"], f"{path}.id"
        else:
            members = None
        if type(value) is not int or not 0 < value < 2**31:
            self._failures.add(here, "id", "Write the id of a record, alone or as {id}")
            return None
        key = (line.comodel, line.target)
        self._domains[key] = view.target_domain(line)
        self._wanted.setdefault(key, {}).setdefault(value, []).append((here, line, owner))
        if members is not None and target is not None:
            self._note(_Sent(owner, line, target, value, members, path))
        return value

    def _changes(self, owner: _Owner, line: FieldDef, value: Any, path: str) -> Changes:
        changes = Changes()
        if isinstance(value, list):
            changes.set = self._items(owner, line, value, path, changes)
        elif isinstance(value, dict) and value and value.keys() <= _CHANGES:
            for kind, items in value.items():
                here = f"{path}.{kind}"
                if not isinstance(items, list):
                    self._failures.add(here, "type", "Write a list")
                elif kind == "create":
                    for position, item in enumerate(items):
                        self._created(owner, line, item, f"{here}.{position}", changes)
                elif kind == "update":
                    self._updated(owner, line, items, here)
                else:
                    setattr(changes, kind, self._items(owner, line, items, here, changes))
            if changes.set is not None and (changes.add or changes.remove):
                self._failures.add(path, "conflict", '"set" says all; leave out "add" and "remove"')
            if set(changes.add) & set(changes.remove):
                self._failures.add(path, "conflict", "A record is both added and removed")
        else:
            self._failures.add(path, "type", "Write a list, or an object of set, add, remove, create, update")
        self._check_allowed(owner, line, changes, path)
        return changes

    def _check_allowed(self, owner: _Owner, line: FieldDef, changes: Changes, path: str) -> None:
        """Refuse links that change the records on the other side, unless the caller may change those there.

        The records of a one2many hold the link themselves: it is a change of theirs, or their end.
        """
        if line.type != "one2many":
            return
        view = owner.view
        if line.deletes and not view.target_allows(line, "delete") and self._removes(owner, line, changes):
            self._failures.add(path, "not_allowed", "Removing records from here would delete them")
        elif not view.target_allows(line, "update") and (
            self._adds(owner, line, changes) or (not line.deletes and self._removes(owner, line, changes))
        ):
            what = f"update on {line.target}" if line.target else "a resource that describes them"
            self._failures.add(path, "not_allowed", f"This changes the records that it links, which needs {what}")

    def _items(self, owner: _Owner, line: FieldDef, items: list[Any], path: str, changes: Changes) -> list[int]:
        """The ids in a list; objects without an id are records to create."""
        ids = []
        for position, item in enumerate(items):
            here = f"{path}.{position}"
            self._links_left -= 1
            if self._links_left < 0:
                self._failures.add(path, "too_long", f"At most {MAX_LINKS} records can be linked in one call")
                break
            if isinstance(item, dict) and "id" not in item and not path.endswith(".remove"):
                self._created(owner, line, item, here, changes)
            else:
                id_ = self._existing(owner, line, item, here)
                if id_ is not None:
                    ids.append(id_)
        return ids

    def _created(self, owner: _Owner, line: FieldDef, item: Any, path: str, changes: Changes) -> None:
        target = owner.view.target(self._env, line)
        self._links_left -= 1
        if owner.depth >= MAX_DEPTH:
            self._failures.add(path, "too_deep", f"Records can be created at most {MAX_DEPTH} relations deep")
        elif target is None or not owner.view.target_allows(line, "create"):
            self._failures.add(path, "not_allowed", "Records cannot be created here")
        elif not isinstance(item, dict):
            self._failures.add(path, "type", "Write an object")
        elif self._links_left < 0:
            self._failures.add(path, "too_long", f"At most {MAX_LINKS} records can be linked in one call")
        elif (checked := self._checked(target, item, path, create=True)) is not None:
            created = _Owner(target, Values(), None, target.may_read, owner.depth + 1, owner.inner)
            changes.create.append(self._prepared(created, checked, path))

    def _updated(self, owner: _Owner, line: FieldDef, items: list[Any], path: str) -> None:
        """The records of ``update``: linked already, each an object of its id and what changes."""
        linked = None if owner.records is None else owner.records.with_context(active_test=False)[line.field]._ids
        for position, item in enumerate(items):
            here = f"{path}.{position}"
            self._links_left -= 1
            if self._links_left < 0:
                self._failures.add(path, "too_long", f"At most {MAX_LINKS} records can be linked in one call")
                break
            if not isinstance(item, dict):
                self._failures.add(here, "type", "Write an object of the id and what changes")
                continue
            id_ = self._existing(owner, line, item, here)
            if id_ is not None and (linked is None or id_ not in linked):
                self._failures.add(f"{here}.id", "not_found", "There is no such record here")

    def _adds(self, owner: _Owner, line: FieldDef, changes: Changes) -> bool:
        """Whether a record would be linked that is not linked yet."""
        wanted = {*changes.add, *(changes.set or ())}
        if not wanted or not owner.records:
            return bool(wanted)
        everything = owner.records.with_context(active_test=False)
        return any(wanted - set(record[line.field].ids) for record in everything)

    def _removes(self, owner: _Owner, line: FieldDef, changes: Changes) -> bool:
        """Whether a linked record would be linked no more."""
        if changes.remove:
            return True
        if changes.set is None or not owner.records:
            return False
        linked = set(owner.records[line.field].ids) - set(changes.set)
        domain = owner.view.target_domain(line)
        return bool(visible_query(self._env[line.comodel], domain, linked).get_result_ids())

    # -- content

    def _binary(self, owner: _Owner, line: FieldDef, value: Any, path: str) -> None:
        values = owner.values
        if value is None:
            if self._needed(owner, line):
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
        elif owner.records is None or not (isinstance(value, dict) and value.keys() == {"size"}):
            self._failures.add(path, "base64", "Write base64")
        # An update that gives back {size} leaves the content as it is.

    def _selection(self, view: View, line: FieldDef, value: Any, path: str) -> None:
        model = view.model(self._env)
        if value is not None and value not in model._fields[line.field].get_values(self._env):
            self._failures.add(path, "enum", "This is none of the options")


def _inner_binder(view: View, *, create: bool) -> Binder:
    kind = f"inner.{'create' if create else 'update'}"
    if kind not in view.types:
        view.types[kind] = Binder(
            (ParamSpec("values", {}, required=True),), {"values": values_type(view, create=create)}
        )
    return view.types[kind]


def _objects(value: Any, path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a relational value as it is read, with their paths."""
    if isinstance(value, dict):
        yield value, path
    elif isinstance(value, list):
        for position, item in enumerate(value):
            if isinstance(item, dict):
                yield item, f"{path}.{position}"
