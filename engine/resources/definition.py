"""The records that an administrator wrote -> frozen dataclasses, read once.

They hold names, types and limits, never a recordset or an environment, so that a method
made from them serves every request until a definition changes. It must not know how any of
it is carried out.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from odoo.fields import NO_ACCESS, Domain
from odoo.models import BaseModel

from ..compat import odoo_orm
from .exposable import is_never_exposed
from .followed_fields import is_followed
from .kinds import KINDS

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.fields import Field

_logger = logging.getLogger(__name__)

#: What of these a model overrides, its records are fetched through; else SQL reads columns.
_FETCHING = ("_fetch_query", "fetch", "search_fetch")


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One exposed field.

    :ivar name: external name
    :ivar field: name in the model
    :ivar type: of the Odoo field, a key of :data:`.kinds.KINDS`
    :ivar required: a create without it is refused
    :ivar key: its values identify records, so ``upsert`` may look them up by it
    :ivar nullable: ``null`` may be written
    :ivar options: keys of a selection; ``None`` where they depend on the database
    :ivar digits: decimal places of a number; ``None``: as many as it has
    :ivar target: name of the resource that describes the other side of a relation
    :ivar guarded: some users lack access to it
    :ivar column: its value can stand in the SELECT of the record
    :ivar deletes: removing a record from this one2many deletes it
    :ivar sensitive: its values are kept in no log
    :ivar followed: who follows changes is told of a change of its value alone
    """

    name: str
    field: str
    type: str
    label: str = ""
    help: str = ""
    readable: bool = True
    writable: bool = False
    required: bool = False
    filterable: bool = False
    sortable: bool = False
    key: bool = False
    nullable: bool = True
    size: int | None = None
    options: tuple[str, ...] | None = None
    digits: int | None = None
    comodel: str | None = None
    target: str | None = None
    guarded: bool = False
    column: bool = True
    deletes: bool = False
    sensitive: bool = False
    followed: bool = True

    @property
    def multiple(self) -> bool:
        """Whether its value is a list of records."""
        return self.type in ("one2many", "many2many")


@dataclass(frozen=True, slots=True)
class MethodDef:
    """One exposed method of the model.

    :ivar name: last part of its external name
    :ivar method: name in the model
    :ivar access: ``"read"`` or ``"write"``
    :ivar takes_ids: it is called on records
    :ivar params: JSON Schema of its params where its signature does not tell
    :ivar expects_action: an action of the web client is a result like any other
    """

    name: str
    method: str
    access: str
    takes_ids: bool
    params: Mapping[str, Any] | None = field(default=None, hash=False)
    description: str = ""
    expects_action: bool = False


@dataclass(frozen=True, slots=True)
class ResourceDef:
    """One resource.

    :ivar domain: every record that calls can see or leave behind is in it
    :ivar order: default order, pairs of external name and "is it descending"
    :ivar audience: for whom it is: ``"keys"`` (and sessions), ``"publishable"`` keys too, or the
        ``"public"``, who need none
    :ivar direct: the model fetches records as every model does, so SQL may
    :ivar guarded: the fields that some users lack access to
    :ivar log_level: the most that is kept of a call, as :class:`~..protocol.spec.MethodSpec` says
    """

    name: str
    model: str
    description: str
    domain: Domain = field(hash=False, compare=False)
    order: tuple[tuple[str, bool], ...]
    page_size: int
    max_page_size: int
    operations: frozenset[str]
    deprecated: str | None
    fields: Mapping[str, FieldDef] = field(hash=False)
    methods: tuple[MethodDef, ...] = ()
    audience: str = "keys"
    direct: bool = True
    log_level: str | None = None

    @property
    def openness(self) -> dict[str, bool]:
        """What a :class:`~..protocol.spec.MethodSpec` says of who may call a method of it."""
        return {"public": self.audience == "public", "publishable": self.audience != "keys"}

    @property
    def guarded(self) -> tuple[FieldDef, ...]:
        return tuple(line for line in self.fields.values() if line.guarded)


def read_definitions(records: BaseModel, switches: Mapping[str, str]) -> dict[str, ResourceDef]:
    """Read the definitions of resources.

    A definition that cannot be read is left out with a line in the log: it must not take
    the others down.

    :param records: ``jsonrpc.resource`` records whose lines can all be read
    :param switches: by operation, the field of a resource that switches it on
    :returns: definitions by name
    """
    names = set(records.mapped("name"))
    found = {}
    for record in records:
        try:
            found[record.name] = _read(record, names, switches)
        except (KeyError, ValueError, SyntaxError, TypeError):
            _logger.exception("The JSON-RPC resource %r cannot be served", record.name)
    return found


def literal_domain(text: str | None) -> list:
    """The domain that an administrator wrote.

    :param text: a Python list of literals; names such as ``uid`` mean nothing here, because
        a resource shows the same records to everybody whose record rules allow it
    :raises ValueError: it is no such list
    """
    try:
        domain = ast.literal_eval((text or "[]").strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError) as exc:
        raise ValueError("write a list of literal values") from exc
    if not isinstance(domain, list):
        raise ValueError("write a list")
    return domain


def parse_order(text: str | None) -> list[tuple[str, bool]]:
    """Split ``"name desc, id"`` into names and directions.

    :returns: pairs of external name and "is it descending"
    :raises ValueError: a part is no name, or its direction is neither asc nor desc
    """
    terms = []
    for part in (text or "").split(","):
        words = part.split()
        if not words and not terms and "," not in (text or ""):
            break
        if len(words) not in (1, 2) or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
            raise ValueError("write names separated by commas, each followed by asc, desc or nothing")
        terms.append((words[0], len(words) == 2 and words[1].lower() == "desc"))
    return terms


def _read(record: BaseModel, names: Iterable[str], switches: Mapping[str, str]) -> ResourceDef:
    model = record.env[record.model]
    if is_never_exposed(model):
        # Defined before that was known of the model.
        raise ValueError(f"the model {record.model} can never be exposed")
    lines = {"id": _ID, **{line.name: _field(model, line, names) for line in record.field_ids}}
    return ResourceDef(
        name=record.name,
        model=record.model,
        description=record.description or "",
        domain=Domain(literal_domain(record.domain)),
        order=tuple(parse_order(record.order)),
        page_size=record.page_size,
        max_page_size=record.max_page_size,
        operations=frozenset(name for name, switch in switches.items() if record[switch]),
        deprecated=(record.deprecation_note or record.name) if record.deprecated else None,
        fields=MappingProxyType(lines),
        methods=tuple(_method(line) for line in record.method_ids),
        audience=record.audience,
        log_level=record.log_level or None,
        direct=not any(odoo_orm.is_overridden(model, name) for name in _FETCHING),
    )


#: Every record has it and every caller may know it.
_ID = FieldDef(
    name="id", field="id", type="id", label="ID", help="Database id", filterable=True, sortable=True, nullable=False
)


def _field(model: BaseModel, line: BaseModel, names: Iterable[str]) -> FieldDef:
    odoo_field = model._fields[line.field_id.name]
    target = line.target_id
    return FieldDef(
        name=line.name,
        field=odoo_field.name,
        type=odoo_field.type,
        label=odoo_orm.label(odoo_field, model.env),
        help=odoo_orm.help_text(odoo_field, model.env),
        readable=line.readable,
        writable=line.writable,
        required=line.required,
        filterable=line.filterable,
        sortable=line.sortable,
        key=line.key,
        nullable=not odoo_field.required,
        size=getattr(odoo_field, "size", None) or None,
        options=_options(odoo_field),
        digits=_digits(odoo_field, model.env),
        comodel=odoo_field.comodel_name if odoo_field.relational else None,
        target=target.name if target.active and target.name in names else None,
        # A model may decide about access by code, for any of its fields.
        guarded=bool(odoo_field.groups) or odoo_orm.is_overridden(model, "_has_field_access"),
        column=is_column(model, odoo_field),
        deletes=_deletes(model.env, odoo_field),
        sensitive=line.sensitive,
        followed=is_followed(model, odoo_field),
    )


def exposable(odoo_field: Field) -> bool:
    """Whether a field may be a line of a resource at all."""
    return odoo_field.type in KINDS and odoo_field.name != "id" and odoo_field.groups != NO_ACCESS


def is_column(model: BaseModel, odoo_field: Field) -> bool:
    """Whether SQL gives the field's value, with joins to other tables or without."""
    if odoo_field.type in ("one2many", "many2many", "binary"):
        return False
    if odoo_field.store:
        return bool(odoo_field.column_type)
    if not odoo_field.related or not (odoo_field.compute_sudo or odoo_field.inherited):
        return False
    *path, last = odoo_field.related.split(".")
    for name in path:
        step = model._fields[name]
        if step.type != "many2one" or not step.store:
            return False
        model = model.env[step.comodel_name]
    return is_column(model, model._fields[last])


def _options(odoo_field: Field) -> tuple[str, ...] | None:
    if odoo_field.type == "selection" and isinstance(odoo_field.selection, list):
        return tuple(key for key, _label in odoo_field.selection)
    return None


def _digits(odoo_field: Field, env: Environment) -> int | None:
    digits = odoo_field.get_digits(env) if odoo_field.type == "float" else None
    return digits[1] if digits else None


def _deletes(env: Environment, odoo_field: Field) -> bool:
    if odoo_field.type != "one2many" or not odoo_field.inverse_name:
        return False
    inverse = env[odoo_field.comodel_name]._fields[odoo_field.inverse_name]
    return getattr(inverse, "ondelete", None) == "cascade" or inverse.required


def _method(line: BaseModel) -> MethodDef:
    return MethodDef(
        name=line.name,
        method=line.method,
        access=line.access,
        takes_ids=line.takes_ids,
        params=line._read_params_schema(),
        description=line.description or "",
        expects_action=line.expects_action,
    )
