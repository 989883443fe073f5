"""What one caller sees of one resource: the fields that exist as far as they can tell.

It must not know what a call wants to do with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from odoo.fields import Domain

from ..protocol.spec import ACTIONS
from .definition import FieldDef, ResourceDef

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel

    from ..access.credential import Credential

    #: As in :class:`~..access.credential.Credential`.
    Grants = frozenset[tuple[str, str]]
    #: Names of resources, with what cannot be read and what cannot be written there.
    HiddenFields = tuple[tuple[str, frozenset[str], frozenset[str]], ...]

#: There are as many as combinations of groups and grants among the callers.
MAX_VIEWS = 1_000


class Catalogue:
    """All resources of a database.

    :param resources: definitions by name
    """

    def __init__(self, resources: Mapping[str, ResourceDef]):
        self.resources = resources
        self._views: dict[tuple, View] = {}

    def view(self, env: Environment, name: str, grants: Grants | None = None) -> View:
        """What the user of ``env`` sees of a resource.

        A field whose groups they lack does not exist for them: not in answers, nor in
        filters, orders, values, or the wording of an error.

        :param grants: what they are restricted to (:meth:`reach`); ``None`` where they are not
        """
        return self._view(name, *self._hidden(env, name), grants)

    def hidden(self, env: Environment) -> HiddenFields:
        """What does not exist for the user of ``env``, in all resources: what :meth:`documented` leaves out."""
        found = ((name, *self._hidden(env, name)) for name in sorted(self.resources))
        return tuple(entry for entry in found if entry[1] or entry[2])

    def secrets(self, name: str) -> tuple[str, ...]:
        """Names of the fields that no log may keep: of a resource, and of those that calls reach through it."""
        reached, waiting, names = set(), [name], set()
        while waiting:
            resource = self.resources.get(waiting.pop())
            if resource is not None and resource.name not in reached:
                reached.add(resource.name)
                lines = resource.fields.values()
                names.update(line.name for line in lines if line.sensitive)
                waiting += [line.target for line in lines if line.target]
        return tuple(sorted(names))

    def _hidden(self, env: Environment, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """The fields of a resource that a user cannot read, and those that they cannot write."""
        resource = self.resources[name]
        guarded = resource.guarded
        if not guarded or env.su:
            return frozenset(), frozenset()
        model = env[resource.model]
        unreadable, unwritable = (
            frozenset(
                line.name for line in guarded if not model._has_field_access(model._fields[line.field], operation)
            )
            for operation in ("read", "write")
        )
        return unreadable, unwritable

    def reach(self, credential: Credential) -> Grants | None:
        """What a caller may do with other resources, within a call on one.

        :returns: pairs of a resource and an action; ``None`` for everything
        """
        if credential.kind != "public" and not credential.publishable:
            return credential.grants
        open_to = {"public", "publishable"} if credential.publishable else {"public"}
        names = [name for name, resource in self.resources.items() if resource.audience in open_to]
        reached = frozenset((name, action) for name in names for action in ACTIONS)
        return reached if credential.grants is None else reached & credential.grants

    def documented(self, name: str, hidden: HiddenFields = ()) -> View:
        """A resource as it is documented.

        :param hidden: what does not exist for the readers, as :meth:`hidden` gives it
        """
        unreadable, unwritable = next(
            ((entry[1], entry[2]) for entry in hidden if entry[0] == name), (frozenset(),) * 2
        )
        return self._view(name, unreadable, unwritable, None)

    def _view(self, name: str, unreadable: frozenset[str], unwritable: frozenset[str], grants: Grants | None) -> View:
        key = (name, unreadable, unwritable, grants)
        view = self._views.get(key)
        if view is None:
            if len(self._views) >= MAX_VIEWS:
                self._views.clear()
            view = self._views[key] = View(self, self.resources[name], unreadable, unwritable, grants)
        return view


class View:
    """A resource without the fields that a caller may not see.

    :param unreadable: names that do not exist for reading, filtering and sorting
    :param unwritable: names that cannot be written
    :param grants: what the caller is restricted to
    :ivar types: the pydantic types and checks of :mod:`.schema` and of operations, made once
    """

    def __init__(
        self,
        catalogue: Catalogue,
        resource: ResourceDef,
        unreadable: frozenset[str],
        unwritable: frozenset[str],
        grants: Grants | None,
    ):
        self._catalogue = catalogue
        self._grants = grants
        self.resource = resource
        lines = resource.fields
        self.known = {name: line for name, line in lines.items() if name not in unreadable}
        self.readable = {name: line for name, line in self.known.items() if line.readable}
        self.filterable = {name: line for name, line in self.known.items() if line.filterable}
        self.sortable = {name: line for name, line in self.known.items() if line.sortable}
        self.writable = {name: line for name, line in lines.items() if line.writable and name not in unwritable}
        self.types: dict[str, Any] = {}

    @cached_property
    def deferred(self) -> tuple[FieldDef, ...]:
        """The writable fields whose values pydantic leaves to :mod:`.change.incoming`."""
        return tuple(line for line in self.writable.values() if line.comodel or line.type == "binary")

    def target(self, env: Environment, line: FieldDef) -> View | None:
        """What the user of ``env`` sees of the other side of a relation.

        :returns: ``None`` where no resource describes it, or it is not for this caller to read:
            a relation must not lead around a grant, nor to what is not public
        """
        if line.target is None or not self._granted(line.target, "read"):
            return None
        return self._catalogue.view(env, line.target, self._grants)

    def target_domain(self, line: FieldDef) -> Domain:
        """The domain of the resource on the other side of a relation, whoever asks."""
        target = self._catalogue.resources.get(line.target)
        return Domain.TRUE if target is None else target.domain

    def target_allows(self, line: FieldDef, operation: str) -> bool:
        """Whether an operation may happen on the other side of a relation, within a call on this one."""
        target = self._catalogue.resources.get(line.target)
        return target is not None and operation in target.operations and self._granted(target.name, operation)

    @property
    def may_read(self) -> bool:
        """Whether the caller may read what it shows, and not only change it."""
        return self._granted(self.resource.name, "read")

    def _granted(self, resource: str, action: str) -> bool:
        return self._grants is None or (resource, action) in self._grants

    def model(self, env: Environment) -> BaseModel:
        return env[self.resource.model]
