"""What of a call may be kept: its values without secrets, and not longer than a limit.

A value is hidden because of its name (``password`` at any depth), because of its look (tokens,
long hexadecimal and base62 words, keys in PEM, blobs in base64), or because it stands behind a
name (``["password", "=", "x"]`` in a filter). It is pure: it must not know where values come
from, nor where they are kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise
from typing import Any

#: Stands in the place of a secret.
HIDDEN = "[redacted]"
#: Characters that are kept of one value, all its strings together.
LIMIT = 4096

# Longer strings are not searched for secrets beyond this: what is cut off needs no search.
_MAX_TEXT = 1024
# Base64 in lines or in one piece; shorter ones are words, longer ones are files.
_BLOB = re.compile(r"(?:data:[\w/+.;=-]{1,80},)?[A-Za-z0-9+/_\r\n-]{128,}={0,2}\s*", re.ASCII)
_MIN_BLOB = 128

# What each alternative is for: our tokens and those of well-known systems; JSON Web Tokens;
# HTTP credentials; the password in a URL; private keys; then any word of 24 characters or more,
# which _is_random judges.
_KNOWN = r"""
    (?<![A-Za-z0-9])
    (?:jrg|sk|pk|rk|gh[opsur]|github_pat|glpat|xox[abeoprs]|npm|pypi|AKIA|ASIA)[_-]?[A-Za-z0-9_-]{12,}
  | (?<![A-Za-z0-9])eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?
  | (?<=://)[^\s/:@]{0,256}:[^\s/@]{1,256}(?=@)
  | -----BEGIN\ [A-Z\ ]{0,40}PRIVATE\ KEY-----[\s\S]*
"""
_TOKEN = re.compile(_KNOWN, re.ASCII | re.VERBOSE)
_SUSPECT = re.compile(
    rf"""
      (?P<known> {_KNOWN} )
    | (?P<scheme> \b(?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Dd]igest)\s+) [^\s"',;]{{6,}}
    | (?<![A-Za-z0-9_+/-])(?P<word> [A-Za-z0-9_+/-]{{24,}}={{0,2}})
    """,
    re.ASCII | re.VERBOSE,
)
#: password=..., "token": ...
_NAMED = re.compile(
    r"""((?:passw(?:or)?d|passphrase|secret|token|api_?key)[\w.-]{0,40}["']?\s*[=:]\s*["']?)[^\s"',;&)}\]]+""",
    re.ASCII | re.IGNORECASE,
)
_NAMED_PARTS = ("passw", "passphrase", "secret", "token", "apikey", "api_key")
# No secret that is worth hiding by its look is shorter.
_MIN_SUSPECT = 12
_MIN_RANDOM_PART = 16
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_HEX = re.compile(r"(?:0x)?[0-9a-f]{32,}", re.ASCII | re.IGNORECASE)

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
#: Words that make a name one of a secret wherever they stand in it.
_SECRET_WORDS = frozenset(
    [
        *("pass", "passwd", "password", "passwords", "passphrase", "pwd", "secret", "secrets", "token", "tokens"),
        *("apikey", "bearer", "authorization", "cookie", "cookies", "credential", "credentials", "signature"),
        *("otp", "totp", "pin", "cvv", "cvc", "jwt", "iban", "ssn"),
    ]
)
_SECRET_PAIRS = frozenset(
    [
        *(("api", "key"), ("private", "key"), ("access", "key"), ("signing", "key"), ("encryption", "key")),
        *(("client", "key"), ("ssh", "key"), ("auth", "code"), ("security", "code"), ("card", "number")),
    ]
)
# Also where the words of a name are not told apart: newpassword, clientsecret.
_SECRET_PARTS = ("passw", "passphrase", "secret", "apikey", "api_key")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.-]{0,127}", re.ASCII)


# What may stand between a name and the value that it is compared with.
_OPERATORS = frozenset(
    [
        *("=", "!=", "<>", "<", ">", "<=", ">=", "in", "not in", "any"),
        *("like", "ilike", "not like", "not ilike", "=like", "=ilike"),
    ]
)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether what has this name is a secret: ``newPassword``, ``x_api_key``, ``database.secret``."""
    lowered = name.lower()
    if any(part in lowered for part in _SECRET_PARTS):
        return True
    words = [word.lower() for word in _WORDS.findall(name)]
    if not _SECRET_WORDS.isdisjoint(words):
        return True
    return any(pair in _SECRET_PAIRS for pair in pairwise(words))


def is_token(text: str) -> bool:
    """Whether there is a token of a well-known kind in a text, which is no name for anything."""
    return _TOKEN.search(text) is not None


class Redaction:
    """Makes one call fit to be kept; remembers what it hid, to hide it in the error's words too.

    :param sensitive: more names to hide, of the method's params or of fields at any depth
    :param limit: characters that are kept of each value
    :ivar asks_for_secret: whether a value is the name of a secret, so that the answer may be one
    """

    def __init__(self, sensitive: Collection[str] = (), limit: int = LIMIT):
        self._sensitive = sensitive
        self._limit = limit
        self._left = limit
        self._hidden: set[str] = set()
        self.asks_for_secret = False

    def value(self, value: Any) -> Any:
        """A copy of a JSON value without its secrets; beyond the limit, with counts of what was left out.

        :param value: any value that JSON decoding gives
        :returns: a value of the same shape
        """
        self._left = self._limit
        return self._kept(value)

    def everything(self, value: Any) -> Any:
        """A copy of which only the names at the top are left, for calls that are about secrets."""
        self._remember(value)
        if isinstance(value, dict):
            return dict.fromkeys(map(self.text, value), HIDDEN)
        return HIDDEN

    def text(self, text: str, length: int = _MAX_TEXT) -> str:
        """Words for people without the secrets in them, nor those that were hidden before.

        :param length: characters that are kept
        """
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        # One of them may contain another.
        for hidden in sorted(self._hidden, key=len, reverse=True):
            text = text.replace(hidden, HIDDEN)
        if len(text) < _MIN_SUSPECT:
            return text
        # Some more than is kept is searched, so that no half of a secret is left at the end.
        text = text[: length + 1024]
        lowered = text.lower()
        if any(part in lowered for part in _NAMED_PARTS):
            text = _NAMED.sub(rf"\1{HIDDEN}", text)
        text = _SUSPECT.sub(_substitute, text)
        return text if len(text) <= length else f"{text[: length - 1]}…"

    def _kept(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, list):
            return self._array(value)
        self._left -= 8
        return value

    def _object(self, value: dict[str, Any]) -> dict[str, Any]:
        kept = {}
        # {"key": "database.secret", "value": ...}: the name of the one is in the other.
        named = next((value[key] for key in ("name", "key", "field") if isinstance(value.get(key), str)), "")
        pair = "value" in value and is_secret_name(named[:128])
        for count, (name, item) in enumerate(value.items()):
            if self._left <= 0:
                kept["…"] = f"{len(value) - count} more"
                break
            self._left -= len(name) + 4
            if name in self._sensitive or is_secret_name(name[:128]) or (pair and name == "value"):
                kept[self.text(name, 128)] = self._hide(item)
            else:
                kept[self.text(name, 128)] = self._kept(item)
        return kept

    def _array(self, value: list[Any]) -> list[Any]:
        kept = []
        behind = False
        for count, item in enumerate(value):
            if self._left <= 0:
                kept.append(f"… {len(value) - count} more")
                break
            if behind and not isinstance(item, (dict, list)) and item not in _OPERATORS:
                kept.append(self._hide(item))
            else:
                kept.append(self._kept(item))
            if isinstance(item, str) and not behind and _IDENTIFIER.fullmatch(item):
                behind = item in self._sensitive or is_secret_name(item)
                self.asks_for_secret |= behind
        return kept

    def _string(self, value: str) -> str:
        if len(value) >= _MIN_BLOB and _BLOB.fullmatch(value):
            self._left -= 32
            return f"[base64, {len(value)} characters]"
        kept = self.text(value, min(_MAX_TEXT, max(self._left, 16)))
        self._left -= len(kept)
        return kept

    def _hide(self, value: Any) -> Any:
        """What is no secret by its kind tells how the call was meant: null, true, false, ""."""
        if value is None or isinstance(value, bool) or value in ("", [], {}):
            return value
        self._remember(value)
        return HIDDEN

    def _remember(self, value: Any) -> None:
        if len(self._hidden) >= 64:
            return
        if isinstance(value, str):
            # Shorter ones are found in innocent words.
            if len(value) >= 4:
                self._hidden.add(value)
        elif isinstance(value, (dict, list)):
            for item in value.values() if isinstance(value, dict) else value:
                self._remember(item)
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > 999:
            self._hidden.add(str(value))


def _substitute(match: re.Match[str]) -> str:
    if match["scheme"]:
        return f"{match['scheme']}{HIDDEN}"
    if match["known"] or _is_random(match["word"]):
        return HIDDEN
    return match["word"]


def _is_random(word: str) -> bool:
    """Whether a long word is one that nobody says: hexadecimal, or of mixed case and digits."""
    if _UUID.fullmatch(word):
        return False
    if _HEX.fullmatch(word):
        # A long number is one, and "deadbeef" alone may be a word.
        return not word.isdigit()
    # In base64 a slash is a letter, in a path it parts words.
    return any(
        len(part) >= _MIN_RANDOM_PART
        and any("a" <= char <= "z" for char in part)
        and any("A" <= char <= "Z" for char in part)
        and any("0" <= char <= "9" for char in part)
        for part in word.split("/")
    )
