"""Web origins (RFC 6454): which text is one, and how a list of them is read."""

from __future__ import annotations

import re
from functools import lru_cache

# RFC 6454, section 6.2, as browsers write it: scheme and host in lower case, the port unless
# it is the scheme's own, and nothing after it. "null" and wildcards are none on purpose.
_HOST = r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
_ORIGIN = re.compile(rf"(?:http://{_HOST}(?!:80$)|https://{_HOST}(?!:443$))(?::[1-9]\d{{0,4}})?")


def is_origin(text: str) -> bool:
    """Whether a text is an origin as a browser would send it, for example ``https://shop.example.com``."""
    return _ORIGIN.fullmatch(text) is not None


def split_origins(text: str) -> list[str]:
    """Return the items of a comma-separated list without the blanks around them, origins or not."""
    return [item.strip() for item in text.split(",") if item.strip()]


@lru_cache(maxsize=64)
def valid_origins(text: str) -> frozenset[str]:
    """Return the origins in a comma-separated list; an item that is no origin is left out."""
    return frozenset(filter(is_origin, split_origins(text)))
