"""One request object in, one response object out: their shape and nothing else.

It must not know which methods exist, nor what was sent as bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from ..errors import InvalidRequest, RpcError
from ..values import ABSENT, Absent
from .unservable import BigInteger, Unservable

_KEY = re.compile(r"[!-~]{1,255}")
_KEY_RULE = "idempotency_key must be a String of 1 to 255 visible ASCII characters, or left out"


@dataclass(frozen=True, slots=True)
class Request:
    """A valid request object (section 4).

    :param method: "A String containing the name of the method to be invoked"
    :param params: "A Structured value that holds the parameter values", or ABSENT; or why they cannot be served
    :param id: "An identifier established by the Client", or ABSENT
    :param idempotency_key: chosen by the client, so that a write that is sent again happens once
    :param validate_only: whether to answer what would happen, and leave everything as it is
    :param position: which item of its batch it is, from 1; 0 for a single call
    """

    method: str
    params: list[Any] | dict[str, Any] | Unservable | Absent = ABSENT
    id: str | int | float | BigInteger | Absent | None = ABSENT
    idempotency_key: str | None = None
    validate_only: bool = False
    position: int = 0

    @property
    def is_notification(self) -> bool:
        """Whether no answer is wanted.

        "A Notification is a Request object without an "id" member" (section 4.1); a null id
        is an id.
        """
        return self.id is ABSENT


def _is_id(value: Any) -> bool:
    # bool is an int to Python and neither String, Number nor Null to the specification.
    return value is None or (isinstance(value, (str, int, float, BigInteger)) and not isinstance(value, bool))


def recover_id(value: Any) -> str | int | float | BigInteger | None:
    """Return the id to answer an invalid request with.

    "If there was an error in detecting the id in the Request object (e.g. Parse
    error/Invalid Request), it MUST be Null" (section 5); where the id can be told, the
    answer carries it.

    :param value: what was sent in the place of a request, any JSON value
    """
    found = value.get("id") if isinstance(value, dict) else None
    return found if _is_id(found) else None


def parse_request(value: Any, position: int = 0) -> Request:
    """Return the request that a JSON value is.

    "jsonrpc: A String specifying the version of the JSON-RPC protocol. MUST be exactly
    "2.0". method: A String ... params: A Structured value ... This member MAY be omitted.
    id: ... MUST contain a String, Number, or NULL value if included" (section 4).

    Members that the specification does not name are ignored, as it forbids none; two of them
    are ours: ``idempotency_key`` and ``validate_only``.

    :param value: any decoded JSON value
    :param position: which item of its batch it is, from 1; 0 for a single call
    :raises InvalidRequest: with ``id`` recovered, and ``data`` naming the first offender as
        ``{"member": ..., "reason": ...}`` (``member`` is null when the value is no object)
    """
    if not isinstance(value, dict):
        raise _invalid(value, None, "a request is an Object")
    if value.get("jsonrpc") != "2.0":
        raise _invalid(value, "jsonrpc", 'jsonrpc must be exactly "2.0"')
    method = value.get("method")
    if not isinstance(method, str):
        raise _invalid(value, "method", "method must be a String")
    params = value.get("params", ABSENT)
    if params is not ABSENT and not isinstance(params, (list, dict, Unservable)):
        raise _invalid(value, "params", "params must be an Array or an Object, or left out")
    id_ = value.get("id", ABSENT)
    if id_ is not ABSENT and not _is_id(id_):
        raise _invalid(value, "id", "id must be a String, a Number or Null, or left out")
    key = value.get("idempotency_key")
    if "idempotency_key" in value and not is_idempotency_key(key):
        raise _invalid(value, "idempotency_key", _KEY_RULE)
    validate_only = value.get("validate_only", False)
    if not isinstance(validate_only, bool):
        raise _invalid(value, "validate_only", "validate_only must be true or false, or left out")
    return Request(method, params, id_, key, validate_only, position)


def is_idempotency_key(value: Any) -> bool:
    """Whether a value can be an idempotency key: 1 to 255 visible characters of ASCII."""
    return isinstance(value, str) and _KEY.fullmatch(value) is not None


def _invalid(value: Any, member: str | None, reason: str) -> InvalidRequest:
    return InvalidRequest(data={"member": member, "reason": reason}, id=recover_id(value))


@dataclass(frozen=True, slots=True)
class Encoded:
    """A result that is JSON text already; it goes into the response object as it is.

    :ivar text: the JSON text, in UTF-8
    :ivar replayed: whether it was remembered from the first time that the call was made
    """

    text: bytes
    replayed: bool = False

    def value(self) -> Any:
        """The value of the text, decoded each time that it is asked for."""
        return orjson.loads(self.text)


def success(id: str | int | float | BigInteger | None, result: Any) -> dict[str, Any]:  # noqa: A002
    """Return the response object of a call that worked.

    "result: This member is REQUIRED on success. This member MUST NOT exist if there was an
    error" (section 5); a null result keeps the member. One that was remembered says so in a
    member of ours, ``replayed``, which only clients that send idempotency keys can meet.

    :param result: :class:`Encoded`, or any value that can be encoded
    """
    if not isinstance(result, Encoded):
        return {"jsonrpc": "2.0", "result": result, "id": id}
    response = {"jsonrpc": "2.0", "result": orjson.Fragment(result.text), "id": id}
    if result.replayed:
        response["replayed"] = True
    return response


def failure(
    id: str | int | float | BigInteger | None,  # noqa: A002
    error: RpcError,
    request_id: str | None = None,
) -> dict[str, Any]:
    """Return the response object of a call that did not work.

    "error: This member is REQUIRED on error. This member MUST NOT exist if there was no
    error triggered during invocation" (section 5).

    :param request_id: the name of this request in the server's log, if it has one
    """
    return {"jsonrpc": "2.0", "error": error.as_member(request_id), "id": id}
