"""The form of tokens and of OAuth client ids: how a token is made, checked for typos, and stored.

``jrg_sk_`` (secret), ``jrg_pk_`` (publishable) or ``jrg_at_`` (access token), then 32 random
characters (190 bits) and 6 characters of checksum, all base62, after GitHub's format
(https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/):
a typo is refused without a query, and secret scanners find a leak by :data:`PATTERN`.
"""

import hashlib
import re
import secrets
import zlib

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIXES = {"secret": "jrg_sk_", "publishable": "jrg_pk_", "access": "jrg_at_"}
_RANDOM_LENGTH = 32
_CHECKSUM_LENGTH = 6
_HINT_LENGTH = 11

#: Matches every token; for secret scanners.
PATTERN = re.compile(rf"jrg_(?:sk|pk|at)_[0-9A-Za-z]{{{_RANDOM_LENGTH + _CHECKSUM_LENGTH}}}", re.ASCII)


def generate_token(kind: str = "secret") -> str:
    """A new token, from the system's secure source of randomness.

    :param kind: ``"secret"``; ``"publishable"`` for a key in a web page, so that people and
        scanners can tell it from a leak; or ``"access"`` for an access token
    """
    body = _PREFIXES[kind] + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    return body + _checksum(body)


def is_well_formed(token: str) -> bool:
    """Whether ``token`` can have come from :func:`generate_token`.

    Says nothing of a secret: the checksum is computed from the token itself.
    """
    if not PATTERN.fullmatch(token):
        return False
    return token[-_CHECKSUM_LENGTH:] == _checksum(token[:-_CHECKSUM_LENGTH])


def is_access_token(token: str) -> bool:
    """Whether ``token`` has the prefix of access tokens."""
    return token.startswith(_PREFIXES["access"])


def digest_of_token(token: str) -> str:
    """The SHA-256 of the token in hexadecimal, which is stored in its place.

    At this entropy a plain approved hash is enough, and a password KDF on every call buys
    nothing (NIST SP 800-63B, look-up secrets; OWASP ASVS 5.0, 6.5.2).
    """
    return hashlib.sha256(token.encode()).hexdigest()


def hint_of_token(token: str) -> str:
    """The first characters of the token, which may be shown to tell one key from another."""
    return token[:_HINT_LENGTH]


def client_id_of_key(key_id: int) -> str:
    """The public id of a key as an OAuth 2.0 client."""
    return f"jrg-{key_id}"


def _checksum(body: str) -> str:
    """CRC-32 of ``body`` in base62, padded: it catches typos, it proves nothing."""
    number = zlib.crc32(body.encode())
    digits = []
    while number:
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits)).rjust(_CHECKSUM_LENGTH, "0")
