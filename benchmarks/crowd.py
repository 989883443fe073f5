"""Many more partners than anybody reads at once: what pages are turned through.

It must not know who is timed turning them.
"""

from __future__ import annotations

from typing import NamedTuple

from .client import ExchangeError
from .endpoints import Endpoints
from .web_session import WebSession

#: Partners in the database, more or less.
TOTAL = 200_000
#: Records of a page, and which page is the deep one.
PAGE, PAGES = 80, 1000
#: Records of the pages on the way there.
_STEP = 1000

# Copies of one partner, in SQL: through the ORM they would take a quarter of an hour.
_GATHER = """
DO $$
DECLARE others text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ') INTO others
      FROM pg_attribute
     WHERE attrelid = 'res_partner'::regclass AND attnum > 0 AND NOT attisdropped
       AND attname NOT IN ('id', 'name', 'complete_name', 'commercial_partner_id');
    EXECUTE format(
        'INSERT INTO res_partner (name, complete_name, %1$s) SELECT n, n, %1$s FROM res_partner,'
        ' (SELECT ''Gateway benchmark crowd '' || lpad(i::text, 6, ''0'') AS n'
        '    FROM generate_series((SELECT count(*) FROM res_partner), {total}) AS i) AS names'
        ' WHERE id = {like}', others);
    UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL;
END $$;
ANALYZE res_partner
"""


class DeepPage(NamedTuple):
    """A page far from the first.

    :param cursor: where it starts
    :param ids: of its records
    """

    cursor: str
    ids: list[int]


def gather(session: WebSession, *, like: int) -> None:
    """See to it that there are enough partners.

    :param like: id of the partner that the missing ones are copies of
    """
    session.run(f"env.cr.execute({_GATHER.format(total=TOTAL, like=like)!r}); result = ''")


def deep_page(endpoints: Endpoints, order: str) -> DeepPage:
    """Find the deep page as a client does, from page to page.

    :param order: of the pages
    :raises ExchangeError: it is none, or the server refuses
    """
    cursor: str | None = None
    left = PAGE * (PAGES - 1)
    while left:
        step = min(left, _STEP)
        cursor = _page(endpoints, order, step, cursor)["next_cursor"]
        if cursor is None:
            raise ExchangeError(f"There are not enough partners for page {PAGES}")
        left -= step
    return DeepPage(cursor, [record["id"] for record in _page(endpoints, order, PAGE, cursor)["records"]])


def _page(endpoints: Endpoints, order: str, limit: int, cursor: str | None) -> dict:
    params = {"fields": ["id"], "order": order, "limit": limit, **({"cursor": cursor} if cursor else {})}
    call = endpoints.api("partner.search", params, lambda result: bool(result["records"]))
    response, _seconds = endpoints.server.exchange(call.raw)
    call.check(response)
    return call.result(response)
