r"""JSON text to values, strictly, and values to JSON text, fast.

It must not know what the values mean: a request looks like any other object here.

Strict means RFC 8259 and I-JSON (RFC 7493): UTF-8 without a byte order mark, no NaN, no
number beyond a double or a 64-bit integer, no member named twice, no lone surrogate; and
no U+0000, which PostgreSQL cannot store. The standard library's C scanner reads the text;
every rule that it does not have is a look at the bytes before, or one of its hooks.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import orjson

from ..errors import ParseError
from .unservable import BigInteger, marked

_MAX_DEPTH = 64
# Bytes from which on a text is looked after that it does not become wider than it is, and of its portions.
LONG, _PORTION = 1024 * 1024, 64 * 1024
_ESCAPES = "jsonrpc_gateway.json_escapes"
# The longest decimal text of a 64-bit integer; more digits are refused without reading them.
_INTEGER_DIGITS = len(str(-(2**63)))
_BRACKET_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NOT_STRUCTURE = bytes(set(range(256)) - {*_BRACKET_STEP, ord('"')})
_STRING = re.compile(rb'"[^"]*"?')
# U+0000, a high surrogate without a low one after it, a low one without a high one before it.
# It is applied after \\ was blanked, so that every backslash it meets starts an escape.
_BAD_ESCAPE = re.compile(
    rb"\\u(?:0000"
    rb"|[dD][89abAB]..(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB]..\\u)[dD][c-fC-F])",
    re.DOTALL,
)


class EncodeError(TypeError):
    """A value that JSON cannot express and ``default`` did not convert."""


class _Unservable(ParseError):
    """JSON, but with values that cannot be served."""


def decode_payload(raw: bytes) -> Any:
    """Return the body of a request, in which what cannot be served is marked (:mod:`.unservable`).

    :param raw: the whole body
    :raises ParseError: it is no JSON, as :func:`decode` says
    """
    try:
        return decode(raw)
    except _Unservable:
        return marked(_value(_text(raw), _LENIENT))


def decode(raw: bytes, *, max_depth: int = _MAX_DEPTH) -> Any:
    """Return the value of a JSON text.

    "Parse error: Invalid JSON was received by the server" (JSON-RPC 2.0, section 5.1); what
    counts as invalid is this module's first paragraph.

    :param raw: the whole body
    :param max_depth: how deep arrays and objects may nest
    :raises ParseError: for any bytes that are not accepted, with ``data.reason``; never
        anything else
    """
    if not raw:
        raise _refusal("the body is empty")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise _refusal("the body starts with a byte order mark")
    text = _text(raw)
    if is_too_deep(raw, max_depth):
        raise _refusal(f"arrays and objects nest deeper than {max_depth}")
    if b"\\u" in raw and _BAD_ESCAPE.search(_blank(raw, rb"\\")):
        raise _Unservable(data={"reason": "a string holds U+0000 or half of a surrogate pair"})
    return _value(text, _DECODER)


def _value(text: str, decoder: json.JSONDecoder) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _refusal(f"{error.msg} at character {error.pos}") from None
    except RecursionError:
        # Only where max_depth is beyond what the interpreter's own stack has left.
        raise _refusal("arrays and objects nest too deep") from None


def encode(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """Return the JSON text of a value, in UTF-8.

    Keys that are numbers, dates, booleans or ``None`` become strings, and floats that are
    not finite become ``null``, as JSON has neither. Dates are ISO 8601, unless ``default``
    is given: then it decides about them, as about every type that JSON does not have.

    :param default: returns a JSON value for one that is none, or raises TypeError
    :raises EncodeError: for a value of no JSON type, an integer beyond 64 bits, a lone
        surrogate or a circular structure
    """
    option = None if default is None else orjson.OPT_PASSTHROUGH_DATETIME
    default = default or _big_integer
    try:
        return orjson.dumps(value, default, option)
    except orjson.JSONEncodeError:
        # Keys other than str are rare, and looking out for them slows every answer by a
        # quarter: so they are allowed at the second try only.
        pass
    try:
        return orjson.dumps(value, default, (option or 0) | orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError as error:
        raise EncodeError(str(error)) from error


def _big_integer(value: Any) -> orjson.Fragment:
    if isinstance(value, BigInteger):
        return orjson.Fragment(value.digits)
    raise TypeError(f"Type is not JSON serializable: {type(value).__name__}")


def fragment(value: Any, default: Callable[[Any], Any] | None = None) -> orjson.Fragment:
    """Encode a value now, to be put as it is inside another one that is encoded later.

    :raises EncodeError: as :func:`encode`
    """
    return orjson.Fragment(encode(value, default))


def _text(raw: bytes) -> str:
    """Return a text as ``str``, of at most two bytes for each of its own where it is long.

    One character beyond U+FFFF makes each of a ``str`` four bytes wide: so those of a long text that are not
    ASCII become escapes, which mean the same inside of strings and nothing outside, like themselves.

    :raises ParseError: it is not UTF-8
    """
    try:
        if len(raw) < LONG or raw.isascii():
            return raw.decode("utf-8")
        decoder = codecs.getincrementaldecoder("utf-8")()
        portions = (raw[start : start + _PORTION] for start in range(0, len(raw), _PORTION))
        escaped = [decoder.decode(portion).encode("ascii", _ESCAPES) for portion in portions]
        decoder.decode(b"", final=True)
        return b"".join(escaped).decode("ascii")
    except UnicodeDecodeError:
        pass
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refusal(f"not UTF-8 at byte {error.start}") from None
    raise AssertionError


def _escapes(error: UnicodeError) -> tuple[str, int]:
    text = error.object[error.start : error.end]
    return json.dumps(text)[1:-1], error.end


codecs.register_error(_ESCAPES, _escapes)


def _refusal(reason: str) -> ParseError:
    return ParseError(data={"reason": reason})


def _blank(raw: bytes, escape: bytes) -> bytes:
    """Return the text with an escape overwritten by as many harmless bytes."""
    return raw.replace(escape, b"  ")


def is_too_deep(raw: bytes, max_depth: int = _MAX_DEPTH) -> bool:
    """Whether arrays and objects nest deeper in a text than :func:`decode` accepts."""
    return raw.count(b"[") + raw.count(b"{") > max_depth and depth(raw) > max_depth


def depth(raw: bytes) -> int:
    """Return how deep arrays and objects nest in a JSON text, in a few passes over it."""
    if b"\\" in raw:
        # So that a string ends at the next quotation mark. The order matters: \\\\" ends one.
        raw = _blank(_blank(raw, rb"\\"), rb"\"")
    structure = raw.translate(None, _NOT_STRUCTURE)
    # Two adjacent quotation marks are a string without brackets, or the seam of two strings
    # with nothing between them: without them, few strings are left for the slower pass.
    brackets = _STRING.sub(b"", structure.replace(b'""', b""))
    return max(accumulate(map(_BRACKET_STEP.__getitem__, brackets)), default=0)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _refusal("an object names a member twice")
    return members


def _integer(digits: str) -> int:
    if len(digits) <= _INTEGER_DIGITS:
        value = int(digits)
        if -(2**63) <= value < 2**64:
            return value
    raise _Unservable(data={"reason": "an integer does not fit into 64 bits"})


def _any_integer(digits: str) -> int | BigInteger:
    try:
        return _integer(digits)
    except _Unservable:
        return BigInteger(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise _refusal("a number is beyond the range of a double")
    return value


def _constant(name: str) -> Any:
    raise _refusal(f"{name} is not JSON")


def _decoder(parse_int: Callable[[str], Any]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_members, parse_int=parse_int, parse_float=_float, parse_constant=_constant
    )


_DECODER, _LENIENT = _decoder(_integer), _decoder(_any_integer)
