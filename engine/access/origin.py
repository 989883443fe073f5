"""Web origins as text: which strings are one, and which of a list are.

It must not know what an origin is allowed to do, nor where lists of them are kept.
"""

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


def split(text: str) -> list[str]:
    """Return the items of a comma-separated list, origins or not, without the blanks around them."""
    return [item.strip() for item in text.split(",") if item.strip()]


@lru_cache(maxsize=64)
def origins(text: str) -> frozenset[str]:
    """Return the origins in a comma-separated list; what is none can match no browser's and is left out."""
    return frozenset(filter(is_origin, split(text)))
