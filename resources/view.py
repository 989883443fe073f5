"""What one caller sees of one resource: the fields that exist as far as they can tell.

It must not know what a call wants to do with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .definition import FieldDef, ResourceDef

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel


class Catalogue:
    """All resources of a database.

    :param resources: definitions by name
    """

    def __init__(self, resources: Mapping[str, ResourceDef]):
        self.resources = resources
        self._views: dict[tuple[str, frozenset[str], frozenset[str]], View] = {}

    def view(self, env: Environment, name: str) -> View:
        """What the user of ``env`` sees of a resource.

        A field whose groups they lack does not exist for them: not in answers, nor in
        filters, orders, values, or the wording of an error.
        """
        resource = self.resources[name]
        guarded = resource.guarded
        if not guarded or env.su:
            return self._view(name, frozenset(), frozenset())
        model = env[resource.model]
        unreadable, unwritable = (
            frozenset(line.name for line in guarded if not model._has_field_access(model._fields[line.field], operation))
            for operation in ("read", "write")
        )
        return self._view(name, unreadable, unwritable)

    def full_view(self, name: str) -> View:
        """The whole of a resource, for documentation that nobody in particular reads."""
        return self._view(name, frozenset(), frozenset())

    def _view(self, name: str, unreadable: frozenset[str], unwritable: frozenset[str]) -> View:
        key = (name, unreadable, unwritable)
        view = self._views.get(key)
        if view is None:
            # As many as there are combinations of groups among the callers.
            view = self._views[key] = View(self, self.resources[name], unreadable, unwritable)
        return view


class View:
    """A resource without the fields that a caller may not see.

    :param unreadable: names that do not exist for reading, filtering and sorting
    :param unwritable: names that cannot be written
    :ivar types: the pydantic types and checks of :mod:`.schema`, made once
    """

    def __init__(
        self, catalogue: Catalogue, resource: ResourceDef, unreadable: frozenset[str], unwritable: frozenset[str]
    ):
        self._catalogue = catalogue
        self.resource = resource
        lines = resource.fields
        self.known = {name: line for name, line in lines.items() if name not in unreadable}
        self.readable = {name: line for name, line in self.known.items() if line.readable}
        self.filterable = {name: line for name, line in self.known.items() if line.filterable}
        self.sortable = {name: line for name, line in self.known.items() if line.sortable}
        self.writable = {name: line for name, line in lines.items() if line.writable and name not in unwritable}
        self.types: dict[str, Any] = {}

    @cached_property
    def relational(self) -> tuple[FieldDef, ...]:
        """The writable fields whose values are records."""
        return tuple(line for line in self.writable.values() if line.comodel)

    def target(self, env: Environment, line: FieldDef) -> View | None:
        """What the user of ``env`` sees of the other side of a relation.

        :returns: ``None`` where no resource describes it
        """
        return self._catalogue.view(env, line.target) if line.target else None

    def full_target(self, line: FieldDef) -> View | None:
        """As :meth:`target`, for nobody in particular."""
        return self._catalogue.full_view(line.target) if line.target else None

    def model(self, env: Environment) -> BaseModel:
        return env[self.resource.model]
