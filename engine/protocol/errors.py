"""What can go wrong in a call, as exceptions that become JSON-RPC error objects.

It must not know which exception of Odoo leads to which error, nor any HTTP status.

The bands (specification, section 5.1, "Error object"):

==================  ==========================================================
-32700, -32603 ...  the specification's own errors
-32099 ... -32000   "Reserved for implementation-defined server-errors":
                    :class:`GatewayError`
1000 and above      :class:`ApplicationError`; "the remainder of the space is
                    available for application defined errors"
==================  ==========================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class RpcError(Exception):
    """An error that the caller is told.

    :param message: one sentence for people; the class's own by default
    :param data: JSON members that help to mend the call; secrets never belong here
    """

    code: int
    message: str
    type: str

    def __init__(self, message: str | None = None, *, data: Mapping[str, Any] | None = None):
        if not hasattr(type(self), "code"):
            raise TypeError(f"{type(self).__name__} declares no code: raise a subclass that does")
        # str(): a class may declare a lazily translated message.
        self.message = str(type(self).message if message is None else message)
        self.data = dict(data or {})
        super().__init__(self.message)

    def as_member(self, request_id: str | None = None) -> dict[str, Any]:
        """Return the ``error`` member of a response.

        "When a rpc call encounters an error, the Response Object MUST contain the error
        member with a value that is a Object with the following members: code, message,
        data" (section 5.1). Clients branch on ``data.type``, so extras never replace it.

        :param request_id: the name of this request in the server's log, if it has one
        """
        fixed: dict[str, Any] = {"type": self.type}
        if request_id is not None:
            fixed["request_id"] = request_id
        # Named twice on purpose: first in the order of members, last in authority.
        return {
            "code": self.code,
            "message": self.message,
            "data": {**fixed, **self.data, **fixed},
        }


class ParseError(RpcError):
    """The body is not the JSON that this gateway accepts; ``data.reason`` says why.

    "Invalid JSON was received by the server. An error occurred on the server while
    parsing the JSON text" (section 5.1).
    """

    code, message, type = -32700, "Parse error", "parse_error"


class InvalidRequest(RpcError):
    """The JSON is not a request object; ``data.member`` and ``data.reason`` say where and why.

    "The JSON sent is not a valid Request object" (section 5.1).

    :param id: the id to answer with: the request's own where it can be told, else ``None``
    """

    code, message, type = -32600, "Invalid Request", "invalid_request"

    def __init__(
        self,
        message: str | None = None,
        *,
        data: Mapping[str, Any] | None = None,
        id: str | int | float | None = None,  # noqa: A002 - the specification's name
    ):
        super().__init__(message, data=data)
        self.id = id


class MethodNotFound(RpcError):
    """There is no such method, or not for this caller.

    "The method does not exist / is not available" (section 5.1).
    """

    code, message, type = -32601, "Method not found", "method_not_found"


#: A body of a million wrong values must not become an answer of a million errors.
MAX_ERRORS = 100


class InvalidParams(RpcError):
    """The params do not fit; ``data.errors`` lists every ``{path, type, message}`` at once.

    "Invalid method parameter(s)" (section 5.1).
    """

    code, message, type = -32602, "Invalid params", "invalid_params"

    @classmethod
    def listing(cls, errors: list[dict[str, str]], omitted: int = 0) -> InvalidParams:
        """The error for what is wrong with the params, with as much of it as fits an answer.

        :param errors: each ``{"path", "type", "message"}``
        :param omitted: how many were left out of them already
        """
        omitted += max(0, len(errors) - MAX_ERRORS)
        return cls(data={"errors": errors[:MAX_ERRORS], **({"omitted": omitted} if omitted else {})})


class InternalError(RpcError):
    """A fault of ours; the server's log has it under ``data.request_id``.

    "Internal JSON-RPC error" (section 5.1).
    """

    code, message, type = -32603, "Internal error", "internal_error"


class GatewayError(RpcError):
    """Base of the gateway's own errors, in the band that the specification reserves for servers.

    :raises TypeError: at declaration, when the code is outside -32099 ... -32000
    """

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        code = getattr(cls, "code", None)
        if not isinstance(code, int) or not -32099 <= code <= -32000:
            raise TypeError(
                f"{cls.__name__}: the code of a gateway error is an int from -32099 to -32000,"
                f" not {code!r}"
            )


class Unauthenticated(GatewayError):
    """No credential, or one that proves nothing: unknown, expired or revoked."""

    code, message, type = -32001, "Authentication required", "unauthenticated"


class Forbidden(GatewayError):
    """The caller is known and may not do this."""

    code, message, type = -32002, "Not allowed", "forbidden"


class NotFound(GatewayError):
    """The record does not exist, or the caller may not know that it does."""

    code, message, type = -32003, "Not found", "not_found"


class ValidationFailed(GatewayError):
    """The params are well-formed, and a constraint of the database refuses their content."""

    code, message, type = -32004, "Validation failed", "validation_failed"


class UserRefused(GatewayError):
    """The application refused for a reason that it tells its users."""

    code, message, type = -32005, "Refused", "user_error"


class Conflict(GatewayError):
    """Another call stands in the way; the same call may succeed later."""

    code, message, type = -32006, "Conflict", "conflict"


class RateLimited(GatewayError):
    """Too many calls; ``data.retry_after`` tells how many seconds to wait, where it is known."""

    code, message, type = -32007, "Too many calls", "rate_limited"


class TooLarge(GatewayError):
    """The body, the batch or the answer is over its limit."""

    code, message, type = -32008, "Too large", "too_large"


class CallTimeout(GatewayError):
    """The call took longer than it may."""

    code, message, type = -32009, "Timeout", "timeout"


class MethodNotAllowed(GatewayError):
    """The HTTP verb is not one that this address answers."""

    code, message, type = -32010, "HTTP method not allowed", "method_not_allowed"


class UnsupportedMediaType(GatewayError):
    """The body is not declared as JSON."""

    code, message, type = -32011, "Unsupported media type", "unsupported_media_type"


class Unavailable(GatewayError):
    """The gateway cannot answer now; the same call may succeed later."""

    code, message, type = -32012, "Temporarily unavailable", "unavailable"


class IdempotencyMismatch(GatewayError):
    """The idempotency key stands for another call already; choose a new one for a new call."""

    code, message, type = -32013, "Idempotency key used for another call", "idempotency_mismatch"


class InProgress(GatewayError):
    """The same call, under the same idempotency key, is running right now; repeat it in a moment."""

    code, message, type = -32014, "Still in progress", "in_progress"


class RolledBack(GatewayError):
    """Another call of the atomic batch failed, so this one did not happen; ``data.failed`` names it."""

    code, message, type = -32015, "Rolled back", "rolled_back"


class CursorExpired(GatewayError):
    """What has changed since the cursor is not known any more; ``data.reason`` says why, and the copy is made anew."""

    code, message, type = -32016, "Cursor expired", "cursor_expired"


class ApplicationError(RpcError):
    """Base of the errors that methods declare, each with a code of 1000 or above.

    ``type`` is the class's name in snake_case and ``message`` the same in words, unless
    the class that declares the code declares them too. A class without any code is a base
    to be subclassed, and cannot be raised. The docstring is published in the method's
    documentation.

    :raises TypeError: at declaration, when the code is no int or below 1000
    """

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            return
        if not isinstance(cls.code, int) or cls.code < 1000:
            raise TypeError(
                f"{cls.__name__}: the code of an application error is an int of 1000 or above,"
                f" not {cls.code!r}"
            )
        words = _WORD_START.sub(" ", cls.__name__).replace("_", " ").split()
        if "type" not in cls.__dict__:
            cls.type = "_".join(words).lower()
        if "message" not in cls.__dict__:
            cls.message = " ".join(words).capitalize()
