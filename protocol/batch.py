"""A decoded body to the value that answers it: order, notifications, errors per item.

It must not know how a call is made, nor catch anything but :class:`~.errors.RpcError`:
what else escapes from a call (a serialization failure that Odoo replays) is not its to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import InvalidRequest, RpcError, TooLarge
from .message import ABSENT, Absent, Request, failure, parse_request, success

Call = Callable[[Request], Any]


def run(
    payload: Any, call: Call, *, limit: int = 100, request_id: str | None = None
) -> dict[str, Any] | list[dict[str, Any]] | Absent:
    """Make every call of a body, in order, and return what to answer.

    "The Server should respond with an Array containing the corresponding Response objects,
    after all of the batch Request objects have been processed. ... If the batch rpc call
    itself fails to be recognized as an valid JSON or as an Array with at least one value,
    the response from the Server MUST be a single Response object. If there are no Response
    objects contained within the Response array as it is to be sent to the client, the
    server MUST NOT return an empty Array and should return nothing at all" (section 6).

    :param payload: the decoded body, any JSON value
    :param call: makes one call and returns its result, or raises :class:`~.errors.RpcError`
    :param limit: calls that one batch may hold; a larger one is refused before any is made
    :param request_id: the name of this request in the server's log, if it has one
    :returns: a response object, an array of them, or ABSENT when nothing is to be answered
    """
    if not isinstance(payload, list):
        return _answer(payload, call, request_id)
    if not payload:
        empty = InvalidRequest(data={"member": None, "reason": "a batch holds at least one call"})
        return failure(None, empty, request_id)
    if len(payload) > limit:
        refused = TooLarge(
            f"A batch holds at most {limit} calls", data={"limit": limit, "size": len(payload)}
        )
        return failure(None, refused, request_id)
    answers = (_answer(item, call, request_id) for item in payload)
    return [answer for answer in answers if answer is not ABSENT] or ABSENT


def _answer(item: Any, call: Call, request_id: str | None) -> dict[str, Any] | Absent:
    """Make one call; ABSENT answers a notification.

    "The Server MUST NOT reply to a Notification, including those that are within a batch
    request. ... the Client would not be aware of any errors (like e.g. "Invalid params",
    "Internal error")" (section 4.1).
    """
    try:
        request = parse_request(item)
    except InvalidRequest as error:
        return failure(error.id, error, request_id)
    try:
        result = call(request)
    except RpcError as error:
        return ABSENT if request.id is ABSENT else failure(request.id, error, request_id)
    return ABSENT if request.id is ABSENT else success(request.id, result)
