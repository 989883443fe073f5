"""What headers say about how the calls of a request are to be made.

``Idempotency-Key`` names a single write, as the member ``idempotency_key`` does in any call
(draft-ietf-httpapi-idempotency-key-header). ``JSON-RPC-Batch`` says what binds the calls of a
batch together: ``atomic``, ``references``, or both, separated by a comma. The body stays a legal
JSON-RPC request. It must not know how either is done.
"""

from ..engine.protocol.errors import InvalidRequest
from ..engine.protocol.jsonrpc.message import is_idempotency_key

_BATCH = "JSON-RPC-Batch"
_MODES = frozenset({"atomic", "references"})


def batch_modes(headers):
    """What binds the calls together.

    :param headers: of the HTTP request
    :returns: a subset of ``{"atomic", "references"}``
    :raises InvalidRequest: the header says something else
    """
    modes = {mode.strip().lower() for mode in headers.get(_BATCH, "").split(",")} - {""}
    if unknown := sorted(modes - _MODES):
        raise _invalid(_BATCH, f"{unknown[0]!r} is none of {', '.join(sorted(_MODES))}")
    return modes


def with_idempotency_key(payload, headers):
    """Put the key of the header, if there is one, into the call that it is for.

    :param payload: the decoded body
    :param headers: of the HTTP request
    :returns: the payload
    :raises InvalidRequest: the header is no key, is for a batch, or contradicts the body
    """
    header = headers.get("Idempotency-Key")
    if header is None or not isinstance(payload, (dict, list)):
        return payload
    # A structured header's string is quoted (RFC 9651); many clients leave that out.
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not is_idempotency_key(key):
        raise _invalid("Idempotency-Key", "1 to 255 visible ASCII characters")
    if isinstance(payload, list):
        raise _invalid("Idempotency-Key", "in a batch, each call has its own member idempotency_key")
    if payload.get("idempotency_key", key) != key:
        raise _invalid("Idempotency-Key", "the call has another idempotency_key")
    return {**payload, "idempotency_key": key}


def _invalid(header, reason):
    return InvalidRequest(data={"member": None, "header": header, "reason": reason})
