"""The cases: who does which work. A new one is a decorated function here.

They must not know how they are timed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import guards
from .data import CREATED, PARTNERS, Fixture
from .endpoints import Call
from .registry import case

_MODEL = "res.partner"
_FIELDS = ["name", "email", "phone", "is_company", "user_id"]
_BATCH = 100
# What takes as long as all other cases together is not in every round: it would be most of what
# the server does, and would meet its limits of calls per minute.
_SOMETIMES = 5
_RARELY = 10


# --- no-op ------------------------------------------------------------------------------


@case("no-op", "api system.echo")
def _echo(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.api("system.echo", [round_], lambda result: result == round_)]


@case("no-op", "/web/version")
def _version(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.http_get("/web/version")]


# --- reads ------------------------------------------------------------------------------


def _records(ids: list[int]) -> Callable[[Any], bool]:
    return lambda result: [record["id"] for record in result] == ids and result[0].keys() == {"id", *_FIELDS}


def _get_info(fixture: Fixture, id_: int) -> Call:
    return fixture.endpoints.api("partner.get_info", {"partner_id": id_}, lambda result: result["id"] == id_)


def _object(fixture: Fixture, ids: list[int], secret: str | None = None) -> Call:
    return fixture.endpoints.object(_MODEL, "read", [ids], {"fields": _FIELDS}, _records(ids), secret)


def _jsonrpc(fixture: Fixture, ids: list[int], secret: str | None = None) -> Call:
    return fixture.endpoints.odoo_jsonrpc(_MODEL, "read", [ids], {"fields": _FIELDS}, _records(ids), secret)


def _json2(fixture: Fixture, ids: list[int]) -> Call:
    return fixture.endpoints.odoo_json2(_MODEL, "read", {"ids": ids, "fields": _FIELDS}, _records(ids))


def _json2_search_read(fixture: Fixture, ids: list[int]) -> Call:
    body = {"domain": [["id", "in", ids]], "fields": _FIELDS, "order": "id"}
    return fixture.endpoints.odoo_json2(_MODEL, "search_read", body, _records(ids))


@case("read 1", "api partner.get_info")
def _read_curated(fixture: Fixture, round_: int) -> list[Call]:
    return [_get_info(fixture, fixture.partner_id(round_))]


def _add_reads(group: str, count: int, every: int = 1) -> None:
    """Add the cases that read ``count`` partners by their ids."""

    @case(group, "object, password", every=every)
    def by_password(fixture: Fixture, round_: int) -> list[Call]:
        return [_object(fixture, fixture.some(count, round_))]

    @case(group, "object, Odoo key", every=every)
    def by_key(fixture: Fixture, round_: int) -> list[Call]:
        return [_object(fixture, fixture.some(count, round_), fixture.endpoints.odoo_key)]

    @case(group, "/jsonrpc, password", every=every)
    def odoo_by_password(fixture: Fixture, round_: int) -> list[Call]:
        return [_jsonrpc(fixture, fixture.some(count, round_))]

    @case(group, "/jsonrpc, Odoo key", every=every)
    def odoo_by_key(fixture: Fixture, round_: int) -> list[Call]:
        return [_jsonrpc(fixture, fixture.some(count, round_), fixture.endpoints.odoo_key)]

    @case(group, "/json/2 read", every=every)
    def odoo_json2(fixture: Fixture, round_: int) -> list[Call]:
        return [_json2(fixture, fixture.some(count, round_))]

    @case(group, "/json/2 search_read", every=every)
    def odoo_json2_search(fixture: Fixture, round_: int) -> list[Call]:
        return [_json2_search_read(fixture, fixture.some(count, round_))]


_add_reads("read 1", 1)
_add_reads("read 80", 80)
_add_reads("read 5000", PARTNERS, _SOMETIMES)


# --- what guards and records a call -----------------------------------------------------


def _add_guarded(what: str) -> None:
    """Add the case of a key with which that much is on."""

    @case("read 1, guarded", what)
    def read(fixture: Fixture, round_: int) -> list[Call]:
        id_ = fixture.partner_id(round_)
        method, params = "partner.get_info", {"partner_id": id_}
        return [fixture.guarded[what].api(method, params, lambda result: result["id"] == id_)]


for _what in guards.NAMES:
    _add_guarded(_what)


# --- 100 reads: one batch here, 100 calls there -----------------------------------------


@case("100 reads", "api batch of get_info", calls=_BATCH, every=_SOMETIMES)
def _batch_curated(fixture: Fixture, round_: int) -> list[Call]:
    ids = fixture.some(_BATCH, round_)
    calls = [("partner.get_info", {"partner_id": id_}) for id_ in ids]
    return [fixture.endpoints.api_batch(calls, lambda results: [info["id"] for info in results] == ids)]


@case("100 reads", "object batch, password", calls=_BATCH, every=_SOMETIMES)
def _batch_object(fixture: Fixture, round_: int) -> list[Call]:
    ids = fixture.some(_BATCH, round_)
    each = [[[id_]] for id_ in ids]
    return [
        fixture.endpoints.object_batch(
            _MODEL, "read", each, {"fields": _FIELDS}, lambda results: [record["id"] for (record,) in results] == ids
        )
    ]


@case("100 reads", "/jsonrpc, password", calls=_BATCH, every=_RARELY)
def _hundred_jsonrpc(fixture: Fixture, round_: int) -> list[Call]:
    return [_jsonrpc(fixture, [id_]) for id_ in fixture.some(_BATCH, round_)]


@case("100 reads", "/json/2 read", calls=_BATCH, every=_RARELY)
def _hundred_json2(fixture: Fixture, round_: int) -> list[Call]:
    return [_json2(fixture, [id_]) for id_ in fixture.some(_BATCH, round_)]


# --- create -----------------------------------------------------------------------------


def _new_id(result: Any) -> bool:
    return isinstance(result, int) or (isinstance(result, list) and len(result) == 1)


@case("create 1", "api partner.create_simple")
def _create_curated(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.api("partner.create_simple", {"name": CREATED}, lambda result: "partner_id" in result)]


@case("create 1", "object, password")
def _create_object(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.object(_MODEL, "create", [{"name": CREATED}], {}, _new_id)]


@case("create 1", "/jsonrpc, password")
def _create_jsonrpc(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.odoo_jsonrpc(_MODEL, "create", [{"name": CREATED}], {}, _new_id)]


@case("create 1", "/json/2 create")
def _create_json2(fixture: Fixture, round_: int) -> list[Call]:
    return [fixture.endpoints.odoo_json2(_MODEL, "create", {"vals_list": [{"name": CREATED}]}, _new_id)]
