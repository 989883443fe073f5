"""A decoded body to the value that answers it: order, notifications, errors per item.

It must not know how a call is made, nor catch anything but :class:`~.errors.RpcError`:
what else escapes from a call (a serialization failure that Odoo replays) is not its to judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from ..errors import InvalidRequest, RolledBack, RpcError, TooLarge
from ..values import ABSENT, Absent
from .message import Request, failure, parse_request, success
from .references import References

Call = Callable[[Request], Any]
#: Is told the position of an item (from 1), its request if it is one, and why it is not called.
Refused = Callable[[int, "Request | None", RpcError], None]


def run(
    payload: Any,
    call: Call,
    *,
    limit: int = 100,
    request_id: str | None = None,
    references: bool = False,
    undo: Callable[[int], None] | None = None,
    refused: Refused | None = None,
    foresee: Callable[[list[Request]], None] | None = None,
) -> dict[str, Any] | list[dict[str, Any]] | Absent:
    """Make every call of a body, in order, and return what to answer.

    "The Server should respond with an Array containing the corresponding Response objects,
    after all of the batch Request objects have been processed. ... If the batch rpc call
    itself fails to be recognized as an valid JSON or as an Array with at least one value,
    the response from the Server MUST be a single Response object. If there are no Response
    objects contained within the Response array as it is to be sent to the client, the
    server MUST NOT return an empty Array and should return nothing at all" (section 6).

    :param payload: the decoded body, any JSON value
    :param call: makes one call and returns its result, a value or :class:`~.message.Encoded`, or
        raises :class:`~.errors.RpcError`
    :param limit: calls that one batch may hold; a larger one is refused before any is made
    :param request_id: the name of this request in the server's log, if it has one
    :param references: whether params may point at earlier results (:mod:`.references`)
    :param undo: takes back all calls made so far, and is told the position (from 1) of the one that
        failed; if it is given, the batch is atomic: it happens as a whole, or, when one call fails,
        not at all
    :param refused: is told of each item of a batch that never becomes a call: of what is no request
        before any call is made, of wrong references when their turn comes, and of what stands behind
        the failure of an atomic batch
    :param foresee: is told all calls of a batch before any of them is made
    :returns: a response object, an array of them, or ABSENT when nothing is to be answered
    """
    if not isinstance(payload, list):
        return _answer(_Item(payload), call, request_id)
    if not payload:
        empty = InvalidRequest(data={"member": None, "reason": "a batch holds at least one call"})
        return failure(None, empty, request_id)
    if len(payload) > limit:
        refused = TooLarge(f"A batch holds at most {limit} calls", data={"limit": limit, "size": len(payload)})
        return failure(None, refused, request_id)
    refused = refused or _ignored
    make = _referring(call, refused) if references else call
    items = [_Item(item, position) for position, item in enumerate(payload, 1)]
    for item in items:
        if item.invalid is not None:
            refused(item.position, None, item.invalid)
    if foresee:
        foresee([item.request() for item in items if item.invalid is None])
    answers: list[dict[str, Any] | Absent] = []
    for item in items:
        try:
            answers.append(item.succeed(make(item.request())))
        except RpcError as error:
            if undo:
                undo(item.position)
                return _undone(items, item, error, request_id, refused)
            answers.append(item.fail(error, request_id))
    return _answered(answers)


def method_names(payload: Any, name_of: Callable[[str, Any], str] | None = None) -> list[str]:
    """Return the name of the method of each call of a body, before any of them is looked at.

    :param payload: the decoded body, any JSON value
    :param name_of: takes the method and the params of a call, of any type, and returns the one name by
        which it counts, where a method has several; by default it is the method's
    :returns: one name for each item, at least one; an empty one for what is no call
    """
    items = payload if isinstance(payload, list) else [payload]
    return [_method_name(item, name_of) for item in items] or [""]


def _method_name(item: Any, name_of: Callable[[str, Any], str] | None) -> str:
    name = item.get("method") if isinstance(item, dict) else None
    if not isinstance(name, str):
        return ""
    return name if name_of is None else name_of(name, item.get("params"))


def _ignored(position: int, request: Request | None, error: RpcError) -> None:
    """Nobody wants to be told."""


def _undone(
    items: list[_Item], failed: _Item, error: RpcError, request_id: str | None, refused: Refused
) -> list[dict[str, Any]] | Absent:
    """Answer an atomic batch in which one call failed: that one with its error, all others alike.

    A notification that fails is not answered, but ends the batch like any other call.
    """
    # As in a reference, positions are told from 0.
    rolled_back = RolledBack(data={"failed": {"position": failed.position - 1, "id": failed.id}})
    for item in items[failed.position :]:
        if item.invalid is None:
            refused(item.position, item.request(), rolled_back)
    return _answered(item.fail(error if item is failed else rolled_back, request_id) for item in items)


def _answered(answers: Iterable[dict[str, Any] | Absent]) -> list[dict[str, Any]] | Absent:
    return [answer for answer in answers if answer is not ABSENT] or ABSENT


def _answer(item: _Item, call: Call, request_id: str | None) -> dict[str, Any] | Absent:
    try:
        return item.succeed(call(item.request()))
    except RpcError as error:
        return item.fail(error, request_id)


class _Item:
    """One item of a payload, and how it is answered.

    "The Server MUST NOT reply to a Notification, including those that are within a batch
    request. ... the Client would not be aware of any errors (like e.g. "Invalid params",
    "Internal error")" (section 4.1).

    :param position: in its batch, from 1; 0 for a single call
    :ivar invalid: why it is no request, if it is none
    """

    def __init__(self, value: Any, position: int = 0):
        self.position = position
        self.invalid: InvalidRequest | None = None
        self._request: Request | None = None
        try:
            self._request = parse_request(value, position)
        except InvalidRequest as error:
            self.invalid = error

    @property
    def id(self) -> Any:
        """The id to answer with; null for a notification, which has none."""
        if self._request is None:
            return self.invalid.id
        return None if self._request.is_notification else self._request.id

    def request(self) -> Request:
        """:raises InvalidRequest: the item is none"""
        if self._request is None:
            raise self.invalid
        return self._request

    def succeed(self, result: Any) -> dict[str, Any] | Absent:
        return ABSENT if self._request.is_notification else success(self.id, result)

    def fail(self, error: RpcError, request_id: str | None) -> dict[str, Any] | Absent:
        if self._request is not None and self._request.is_notification:
            return ABSENT
        return failure(self.id, error, request_id)


def _referring(call: Call, refused: Refused) -> Call:
    """Return what makes a call whose params may point at the results of those before it."""
    references = References()

    def make(request: Request) -> Any:
        try:
            params = references.substitute(request.params)
        except RpcError as error:
            refused(request.position, request, error)
            raise
        result = call(replace(request, params=params))
        references.keep(request.position - 1, result)
        return result

    return make
