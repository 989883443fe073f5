"""Records -> the objects that callers get, in a number of queries that does not grow with them.

One SELECT gives the columns of a page and the names that it can join, one query the names (or
fields) behind each other relation, and the ORM what only it can compute, for all records at
once. Every query goes through ``_search`` of its model, so record rules hold on each level. It
must not know params, nor how a page is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from odoo.fields import Domain
from odoo.tools import SQL

from ...compat import odoo_orm
from ...protocol.errors import TooLarge
from ..definition import FieldDef
from ..kinds import KINDS
from ..schema import MAX_BINARY
from ..view import View
from .lean import lean
from .plan import plans_of
from .selected_columns import SelectedColumns, select_columns
from .selection import Selection

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel
    from odoo.tools import Query

#: Objects below the top level that one answer may hold.
MAX_NESTED = 20_000
#: Bytes of binary content that one answer may hold.
MAX_CONTENT = 16 * MAX_BINARY

_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def encode_result(value: Any) -> orjson.Fragment:
    """The JSON of what this module returns: datetimes of Odoo are in UTC and say so."""
    return orjson.Fragment(orjson.dumps(value, option=_OPTIONS))


class Reader:
    """Reads for one call.

    :param env: of the caller
    """

    def __init__(self, env: Environment):
        self._env = env
        self._nested_left = MAX_NESTED
        self._content_left = MAX_CONTENT

    def by_ids(self, selection: Selection, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Read records that are in a resource and that the caller may see; others are missing.

        :returns: objects by id
        """
        view, wanted = selection.view, list(ids)
        if not wanted or not view.model(self._env).has_access("read"):
            return {}
        plan = plans_of(self._env).by_ids(self._env, selection)
        if plan is None:
            query = visible_query(view.model(self._env), view.resource.domain, wanted)
            records, _keys, _more = self.by_query(selection, query)
        else:
            records = self.objects(selection, plan.columns, plan.read(self._env, wanted))
        return {record["id"]: record for record in records}

    def by_query(
        self, selection: Selection, query: Query, keys: Sequence[SQL] = (), limit: int | None = None
    ) -> tuple[list[dict[str, Any]], tuple[Any, ...], bool]:
        """Read what a query finds, in its order.

        :param query: of ``_search`` on the model, so with the record rules in it
        :param keys: more columns
        :param limit: read that many objects, while the query may find one more
        :returns: the objects, the values of ``keys`` in the last of them, and whether the
            query found more
        """
        model = selection.view.model(self._env)
        columns = select_columns(model, selection, query)
        id_ = SQL.identifier(model._table, "id")
        rows = self._env.execute_query(query.select(id_, *keys, *columns.sql))
        return self.page(selection, columns, rows, len(keys), limit)

    def page(
        self,
        selection: Selection,
        columns: SelectedColumns,
        rows: list[tuple],
        keys: int = 0,
        limit: int | None = None,
    ) -> tuple[list[dict[str, Any]], tuple[Any, ...], bool]:
        """The objects for rows, as :meth:`by_query` returns them.

        :param rows: the id, the keys and the columns of each
        :param keys: how many keys there are
        :param limit: as of :meth:`by_query`
        """
        more = limit is not None and len(rows) > limit
        rows = rows[:limit]
        if not rows:
            return [], (), more
        return self.objects(selection, columns, rows, keys), rows[-1][1 : 1 + keys], more

    def objects(
        self, selection: Selection, columns: SelectedColumns, rows: Sequence[tuple], keys: int = 0
    ) -> list[dict[str, Any]]:
        """The objects for rows, one for each.

        :param rows: the id, the keys and the columns of each
        :param keys: how many keys there are
        """
        if not rows:
            return []
        ids, *values = zip(*rows, strict=True)
        found: dict[str, Sequence[Any]] = {"id": ids}
        direct = columns.lines
        joined = dict(zip(columns.named, values[keys + len(direct) :], strict=True))
        for line, column in zip(direct, values[keys:], strict=False):
            known = dict(zip(column, joined[line.name], strict=True)) if line.name in joined else None
            found[line.name] = self.dump_column(selection, line, column, known)
        if len(direct) < len(selection.lines):
            others = [line for line in selection.lines if line not in direct]
            self._through_orm(selection, selection.view.model(self._env).browse(ids), others, found)
        names = ["id", *(line.name for line in selection.lines)]
        return [dict(zip(names, row, strict=True)) for row in zip(*(found[name] for name in names), strict=True)]

    def _through_orm(
        self, selection: Selection, records: BaseModel, lines: list[FieldDef], found: dict[str, Sequence[Any]]
    ) -> None:
        """Add values that are computed, stored in other tables, or fetched in a way of the model's own."""
        if selection.view.resource.direct:
            # Not fetch(), which checks by all columns of all records what the search that found
            # them has checked.
            stored = [field for line in lines if line.multiple and (field := records._fields[line.field]).store]
            odoo_orm.fetch_unchecked(records, stored)
        else:
            records.fetch([line.field for line in lines if line.type != "binary"])
        for line in lines:
            if line.type == "binary":
                found[line.name] = self._binaries(records, line)
            elif line.multiple:
                found[line.name] = self._many(selection, line, [record[line.field]._ids for record in records])
            elif line.comodel:
                found[line.name] = self.dump_column(selection, line, [record[line.field].id for record in records])
            else:
                found[line.name] = self.dump_column(selection, line, [record[line.field] for record in records])

    def dump_column(
        self,
        selection: Selection,
        line: FieldDef,
        values: Sequence[Any],
        names: dict[int, str] | None = None,
    ) -> Sequence[Any]:
        """The values of one field as the answer has them.

        :param values: as PostgreSQL or the ORM gives them
        :param names: of the records behind a many2one, if they are known already
        """
        if line.comodel:
            return self._one(selection, line, values, names)
        if line.digits is not None:
            return [round(value, line.digits) if value else 0.0 for value in values]
        dump = KINDS[line.type].dump
        return dump(values) if dump else values

    def _one(
        self, selection: Selection, line: FieldDef, ids: Sequence[int | None], names: dict[int, str] | None
    ) -> list[Any]:
        """Many2one values: objects, ``null`` for empty.

        What the caller may not see keeps its id, which is part of the record that they do
        see, and loses the rest; so the record can still be written back as it was read.
        """
        wanted = {id_ for id_ in ids if id_}
        nested = selection.nested.get(line.name)
        if nested is not None:
            self._count(len(ids))
            objects = self.by_ids(nested, wanted)
            hidden = dict.fromkeys(inner.name for inner in nested.lines)
            return [(objects.get(id_) or {"id": id_, **hidden}) if id_ else None for id_ in ids]
        if names is None:
            names = self._names(selection.view, line, wanted)
        objects = {id_: {"id": id_, "name": names.get(id_) or None} for id_ in wanted}
        return [objects[id_] if id_ else None for id_ in ids]

    def _names(self, view: View, line: FieldDef, ids: set[int]) -> dict[int, str]:
        """The display names of those records behind a relation that the caller may see."""
        model = lean(self._env[line.comodel]).with_context(active_test=False)
        if not ids or not model.has_access("read"):
            return {}
        domain = Domain("id", "in", ids) & view.target_domain(line)
        seen = model.search_fetch(domain, ["display_name"], order="id")
        # sudo: the name of a record that the caller sees may be made of ones that they do
        # not, as everywhere in Odoo (Many2one.convert_to_read).
        return {record.id: record.display_name or None for record in seen.sudo()}

    def _many(self, selection: Selection, line: FieldDef, groups: list[tuple[int, ...]]) -> list[list[Any]]:
        """One2many and many2many values: lists of ids or of objects, only what the caller may see."""
        nested = selection.nested.get(line.name)
        wanted = {id_ for ids in groups for id_ in ids}
        if nested is not None:
            self._count(sum(map(len, groups)))
            objects = self.by_ids(nested, wanted)
            return [[objects[id_] for id_ in ids if id_ in objects] for ids in groups]
        # Searched for in any case: what the ORM has in its cache may come from an earlier call
        # of the request, that had superuser's rights somewhere within.
        other = self._env[line.comodel]
        seen = set()
        if wanted and other.has_access("read"):
            seen = set(visible_query(other, selection.view.target_domain(line), wanted).get_result_ids())
        return [[id_ for id_ in ids if id_ in seen] for ids in groups]

    def _binaries(self, records: BaseModel, line: FieldDef) -> list[Any]:
        """Binary values: base64, or the size of what is too large to be sent."""
        sizes = self._sizes(records, line)
        found: list[Any] = []
        for record in records:
            size = sizes.get(record.id)
            content = record[line.field] if size is None or size <= MAX_BINARY else None
            if content:
                size = len(content) * 3 // 4
            if size and size > MAX_BINARY:
                found.append({"size": size})
                continue
            self._content_left -= size or 0
            if self._content_left < 0:
                raise TooLarge(f"The answer would hold more than {MAX_CONTENT} bytes of binary content")
            found.append(content.decode("ascii") if content else None)
        return found

    def _sizes(self, records: BaseModel, line: FieldDef) -> dict[int, int]:
        """The sizes of stored content, so that what is too large is never loaded."""
        field = records._fields[line.field]
        if not (field.store and field.attachment):
            return {}
        domain = [("res_model", "=", records._name), ("res_field", "=", field.name), ("res_id", "in", records.ids)]
        # sudo: these attachments are the columns of records that the caller has just read
        # (Binary.read does the same).
        attachments = self._env["ir.attachment"].sudo().search_fetch(domain, ["res_id", "file_size"])
        return {attachment.res_id: attachment.file_size for attachment in attachments}

    def _count(self, objects: int) -> None:
        self._nested_left -= objects
        if self._nested_left < 0:
            raise TooLarge(f"The answer would hold more than {MAX_NESTED} nested records")


def visible_query(model: BaseModel, domain: Domain, ids: Iterable[int]) -> Query:
    """The query of those ids that are in a domain and that the caller may see, archived ones too.

    :raises AccessError: the caller may not read the model at all
    """
    ids = list(ids)
    if not ids:
        return odoo_orm.empty_query(model)
    return lean(model)._search(Domain("id", "in", ids) & domain, active_test=False)
