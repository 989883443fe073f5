"""The cases of resources, which an administrator defines: each against Odoo's endpoints doing the same.

They must not know how they are timed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .crowd import PAGE, PAGES, TOTAL
from .data import CREATED, Fixture
from .endpoints import Call
from .registry import case

_MODEL = "res.partner"
_OWN_FIELDS = ["name", "email", "phone", "is_company", "country"]
_ODOO_FIELDS = ["name", "email", "phone", "is_company", "country_id"]
_MANY = 500
_BATCH = 100
# What takes many times as long as the other cases is not in every round.
_SOMETIMES = 5
_RARELY = 20


def _found(count: int) -> Callable[[Any], bool]:
    """A page of that many records, with what was asked for in them."""
    return lambda result: len(result["records"]) == count and result["records"][0].keys() == {"id", *_OWN_FIELDS}


def _odoo_found(count: int) -> Callable[[Any], bool]:
    return lambda result: len(result) == count and result[0].keys() == {"id", *_ODOO_FIELDS}


# --- search: a page of so many records --------------------------------------------------


def _search(fixture: Fixture, count: int, more: dict[str, Any], expected: Callable[[Any], bool] | None = None) -> Call:
    params = {"fields": _OWN_FIELDS, "limit": count, **more}
    return fixture.endpoints.api("partner.search", params, expected or _found(count))


def _jsonrpc_search(fixture: Fixture, count: int, domain: list, more: dict[str, Any]) -> Call:
    kwargs = {"fields": _ODOO_FIELDS, "limit": count, **more}
    return fixture.endpoints.odoo_jsonrpc(_MODEL, "search_read", [domain], kwargs, _odoo_found(count))


def _json2_search(fixture: Fixture, count: int, domain: list, more: dict[str, Any]) -> Call:
    body = {"domain": domain, "fields": _ODOO_FIELDS, "limit": count, **more}
    return fixture.endpoints.odoo_json2(_MODEL, "search_read", body, _odoo_found(count))


def _add_searches(group: str, count: int, domain: Callable[[Fixture, int], list], every: int = 1) -> None:
    @case(group, "api partner.search", every=every)
    def own(fixture: Fixture, round_: int) -> list[Call]:
        return [_search(fixture, count, {"domain": domain(fixture, round_), "order": "id"})]

    @case(group, "/jsonrpc search_read", every=every)
    def jsonrpc(fixture: Fixture, round_: int) -> list[Call]:
        return [_jsonrpc_search(fixture, count, domain(fixture, round_), {"order": "id"})]

    @case(group, "/json/2 search_read", every=every)
    def json2(fixture: Fixture, round_: int) -> list[Call]:
        return [_json2_search(fixture, count, domain(fixture, round_), {"order": "id"})]


_add_searches("search 1", 1, lambda fixture, round_: [["name", "=", fixture.partner_name(round_)]])
for _count, _every in ((80, 1), (1000, _SOMETIMES)):
    _add_searches(
        f"search {_count}", _count, lambda fixture, round_: [["id", ">=", fixture.partner_id(round_)]], _every
    )


# --- pages: the first and a deep one, by key here and by offset there -------------------


def _add_pages(order: str) -> None:
    first, deep = f"page 1 by {order}", f"page {PAGES} by {order}"

    @case(first, "api partner.search")
    def own_first(fixture: Fixture, round_: int) -> list[Call]:
        return [_search(fixture, PAGE, {"order": order})]

    @case(first, "/jsonrpc search_read")
    def jsonrpc_first(fixture: Fixture, round_: int) -> list[Call]:
        return [_jsonrpc_search(fixture, PAGE, [], {"order": order})]

    @case(first, "/json/2 search_read")
    def json2_first(fixture: Fixture, round_: int) -> list[Call]:
        return [_json2_search(fixture, PAGE, [], {"order": order})]

    @case(deep, "api partner.search, cursor")
    def own_deep(fixture: Fixture, round_: int) -> list[Call]:
        page = fixture.deep_pages[order]
        more = {"order": order, "cursor": page.cursor}
        return [_search(fixture, PAGE, more, lambda result: [record["id"] for record in result["records"]] == page.ids)]

    @case(deep, "/jsonrpc search_read, offset", every=_SOMETIMES)
    def jsonrpc_deep(fixture: Fixture, round_: int) -> list[Call]:
        return [_jsonrpc_search(fixture, PAGE, [], {"order": order, "offset": PAGE * (PAGES - 1)})]

    @case(deep, "/json/2 search_read, offset", every=_SOMETIMES)
    def json2_deep(fixture: Fixture, round_: int) -> list[Call]:
        return [_json2_search(fixture, PAGE, [], {"order": order, "offset": PAGE * (PAGES - 1)})]


_add_pages("id")
_add_pages("name")


# --- ties: the whole crowd has one city, and no index is on it ---------------------------

_TIES = f"page 1 of {TOTAL} ties"


@case(_TIES, "api partner.search", every=_SOMETIMES)
def _ties(fixture: Fixture, round_: int) -> list[Call]:
    return [_search(fixture, PAGE, {"order": "city"})]


@case(_TIES, "/jsonrpc search_read", every=_SOMETIMES)
def _ties_jsonrpc(fixture: Fixture, round_: int) -> list[Call]:
    return [_jsonrpc_search(fixture, PAGE, [], {"order": "city, id"})]


@case(_TIES, "/json/2 search_read", every=_SOMETIMES)
def _ties_json2(fixture: Fixture, round_: int) -> list[Call]:
    return [_json2_search(fixture, PAGE, [], {"order": "city, id"})]


# --- get --------------------------------------------------------------------------------


@case("get", "api partner.get")
def _get(fixture: Fixture, round_: int) -> list[Call]:
    id_ = fixture.partner_id(round_)
    params = {"id": id_, "fields": _OWN_FIELDS}
    return [fixture.endpoints.api("partner.get", params, lambda result: result["id"] == id_)]


@case("get", "/jsonrpc read")
def _get_jsonrpc(fixture: Fixture, round_: int) -> list[Call]:
    args = [[fixture.partner_id(round_)]]
    return [fixture.endpoints.odoo_jsonrpc(_MODEL, "read", args, {"fields": _ODOO_FIELDS}, _odoo_found(1))]


@case("get", "/json/2 read")
def _get_json2(fixture: Fixture, round_: int) -> list[Call]:
    body = {"ids": [fixture.partner_id(round_)], "fields": _ODOO_FIELDS}
    return [fixture.endpoints.odoo_json2(_MODEL, "read", body, _odoo_found(1))]


# --- 100 gets: one batch here, 100 calls there ------------------------------------------


def _batch_of_gets(fixture: Fixture, round_: int, fields: Callable[[int], list[str]]) -> list[Call]:
    ids = fixture.some(_BATCH, round_)
    calls = [("partner.get", {"id": id_, "fields": fields(number)}) for number, id_ in enumerate(ids)]
    return [fixture.endpoints.api_batch(calls, lambda results: [record["id"] for record in results] == ids)]


@case("100 gets", "api batch, same fields", calls=_BATCH, every=_SOMETIMES)
def _same_gets(fixture: Fixture, round_: int) -> list[Call]:
    return _batch_of_gets(fixture, round_, lambda number: _OWN_FIELDS)


@case("100 gets", "api batch, different fields", calls=_BATCH, every=_SOMETIMES)
def _different_gets(fixture: Fixture, round_: int) -> list[Call]:
    return _batch_of_gets(fixture, round_, lambda number: _OWN_FIELDS[: 1 + number % len(_OWN_FIELDS)])


@case("100 gets", "/jsonrpc read", calls=_BATCH, every=_RARELY)
def _hundred_gets_jsonrpc(fixture: Fixture, round_: int) -> list[Call]:
    ids = fixture.some(_BATCH, round_)
    more = {"fields": _ODOO_FIELDS}
    return [fixture.endpoints.odoo_jsonrpc(_MODEL, "read", [[id_]], more, _odoo_found(1)) for id_ in ids]


@case("100 gets", "/json/2 read", calls=_BATCH, every=_RARELY)
def _hundred_gets_json2(fixture: Fixture, round_: int) -> list[Call]:
    bodies = [{"ids": [id_], "fields": _ODOO_FIELDS} for id_ in fixture.some(_BATCH, round_)]
    return [fixture.endpoints.odoo_json2(_MODEL, "read", body, _odoo_found(1)) for body in bodies]


# --- aggregate: all partners by country and month ---------------------------------------

_GROUP = f"aggregate {TOTAL}"
# Both in one time zone: without one, the gateway takes the user's and Odoo's own endpoints take none.
_ZONE = {"context": {"tz": "Europe/Brussels"}}
_OWN_GROUPS = {"group_by": ["country", "updated_at:month"], "measures": ["count", "city:count_distinct"], **_ZONE}
_ODOO_GROUPS = {
    "groupby": ["country_id", "write_date:month"],
    "aggregates": ["__count", "city:count_distinct"],
    **_ZONE,
}


def _counted(groups: list[dict[str, Any]], count: str) -> bool:
    """Whether most partners are in the groups, whatever else is in the database."""
    return sum(group[count] for group in groups) >= TOTAL // 2


@case(_GROUP, "api partner.aggregate", every=_SOMETIMES)
def _aggregate(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.api("partner.aggregate", _OWN_GROUPS, lambda result: _counted(result["groups"], "count"))]


@case(_GROUP, "/jsonrpc formatted_read_group", every=_SOMETIMES)
def _aggregate_jsonrpc(fixture: Fixture, round_: int) -> list[Call]:
    return [
        fixture.endpoints.odoo_jsonrpc(
            _MODEL, "formatted_read_group", [[]], _ODOO_GROUPS, lambda result: _counted(result, "__count")
        )
    ]


@case(_GROUP, "/json/2 formatted_read_group", every=_SOMETIMES)
def _aggregate_json2(fixture: Fixture, round_: int) -> list[Call]:
    body = {"domain": [], **_ODOO_GROUPS}
    return [
        fixture.endpoints.odoo_json2(_MODEL, "formatted_read_group", body, lambda result: _counted(result, "__count"))
    ]


# --- create -----------------------------------------------------------------------------


@case("create 1", "api partner.create")
def _create(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.api("partner.create", {"values": {"name": CREATED}}, lambda result: "id" in result)]


def _many() -> list[dict[str, Any]]:
    return [{"name": CREATED, "email": f"{number}@benchmark.example.com"} for number in range(_MANY)]


def _ids(result: Any) -> bool:
    return len(result) == _MANY


@case("create 500", "api partner.create", every=_RARELY)
def _create_many(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.api("partner.create", {"list": _many()}, lambda result: _ids(result["ids"]))]


@case("create 500", "/jsonrpc create", every=_RARELY)
def _create_many_jsonrpc(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.odoo_jsonrpc(_MODEL, "create", [_many()], {}, _ids)]


@case("create 500", "/json/2 create", every=_RARELY)
def _create_many_json2(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.odoo_json2(_MODEL, "create", {"vals_list": _many()}, _ids)]
