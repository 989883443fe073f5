"""Let uv use the package indexes that the machine configured for pip.

uv reads no pip configuration; without this, a machine behind its own index
would be asked for a second configuration.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

_LINE = re.compile(r"^(?P<section>[^.]+)\.(?P<key>[\w.-]+)=(?P<value>.+)$")
# pip's order: the environment over the command's section over the general one.
_RANK = {"global": 0, "install": 1, ":env:": 2}

_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
}


def uv_environment(listing: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Translate pip's configuration into variables for uv.

    :param listing: what ``pip config list`` printed
    :param environ: the environment; what it says to uv already stands
    :returns: variables to add
    """
    values: dict[str, tuple[int, str]] = {}
    for line in listing.splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        section, key = found["section"], found["key"].lstrip(".")
        rank = _RANK.get(section, -1)
        if rank >= values.get(key, (0, ""))[0] and rank >= 0:
            values[key] = (rank, _literal(found["value"]))
    result = {}
    for key, variable in _VARIABLES.items():
        if key in values and variable not in environ:
            separator = "," if key == "find-links" else " "
            result[variable] = separator.join(values[key][1].split())
    if "UV_INDEX" in result:
        # pip takes the best match of all indexes; uv would stop at the first that has the name.
        result.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return result


def _literal(text: str) -> str:
    try:
        return str(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text
