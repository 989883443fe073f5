"""Requests that were refused before any call was made: rows without a method.

It must not know why they were refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ...protocol.errors import InternalError
from ...protocol.plain_text import without_control_characters
from .. import process
from . import error_data
from .redaction import Redaction
from .writer import utcnow

#: Requests without any call, of one process in one second, that are kept: a flood of them must
#: not push out what callers did.
_PER_SECOND = 20


def note_refusal(
    database: str,
    error: dict[str, Any],
    *,
    request_id: str,
    address: str | None,
    endpoint: str,
    door: str,
    user_agent: str | None,
) -> None:
    """Note a request that was refused before anybody knew who calls.

    :param database: name of the one that it was for
    :param error: what the caller was told: the ``error`` member of the response
    :param endpoint: path of the URL
    :param door: the routing type of the route
    :param user_agent: what the client says it is
    """
    common = row_of_request(
        request_id=request_id,
        address=address,
        endpoint=endpoint,
        credential="public",
        door=door,
        user_agent=user_agent,
    )
    put_refusal(database, common, error)


def put_refusal(database: str, common: dict[str, Any], error: dict[str, Any]) -> None:
    """Put a row that stands for a request without any call, unless there are too many of them."""
    served = process.served(database)
    if served.refused.count() > _PER_SECOND:
        served.writer.lose(1)
    else:
        served.writer.put([row_of_refusal(common, error)])


def row_of_refusal(common: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
    """The row of what was refused.

    :param common: columns that say who sent it
    :param error: the ``error`` member of the response
    """
    return common | {
        "called_at": utcnow(),
        "outcome": "failed" if error["code"] == InternalError.code else "refused",
        "error_type": error["data"]["type"],
        "error_message": Redaction().text(error["message"], 500),
        # A caller who proved nothing has no claim on our space.
        "error_data": error_data.kept_error_data(error["data"], Redaction(), whole=False)
        if common.get("user_id")
        else None,
        "duration": 0,
        "queries": 0,
        "response_size": 0,
        "batch_position": 0,
        "replayed": False,
    }


def row_of_request(endpoint: str | None, user_agent: str | None, **values: Any) -> dict[str, Any]:
    """The columns that every row has.

    :param endpoint: path of the URL, as it was sent
    :param user_agent: what the client says it is, as it was sent
    """
    return {
        "endpoint": endpoint and _short(endpoint),
        "user_agent": user_agent and _short(user_agent),
        "params": None,
        "result": None,
        "error_data": None,
        **values,
    }


@lru_cache(maxsize=256)
def _short(text: str) -> str:
    return Redaction().text(without_control_characters(text), 128)
