"""A reST docstring to the texts that document a method.

It must not know the function that it belongs to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from inspect import cleandoc

# ":param name:", ":param type name:", ":returns:", ":raises Error:" at the start of a line.
_FIELD = re.compile(r"^:(?P<field>\w+)(?: +(?P<argument>[^:]+))?:(?P<text>$|\s.*)")


@dataclass(frozen=True, slots=True)
class Docstring:
    """What a docstring says.

    :param summary: its first paragraph, on one line
    :param description: the text between the summary and the first field
    :param params: text by param name
    :param returns: what it says about the result
    """

    summary: str = ""
    description: str = ""
    params: dict[str, str] = field(default_factory=dict, hash=False)
    returns: str = ""


def parse_docstring(text: str | None) -> Docstring:
    """Return the parts of a reST docstring; fields other than param and returns are left out.

    :param text: as it stands in the source, indentation included
    """
    prose: list[str] = []
    params: dict[str, str] = {}
    returns: list[str] = []
    current = prose
    sections: dict[str, list[str]] = {}
    for line in cleandoc(text or "").splitlines():
        started = _FIELD.match(line)
        if started:
            current = [started["text"].strip()]
            if started["field"] == "param" and started["argument"]:
                sections[started["argument"].split()[-1]] = current
            elif started["field"] in ("return", "returns"):
                returns = current
        else:
            current.append(line)
    params = {name: _one_line(lines) for name, lines in sections.items()}
    summary, _, description = "\n".join(prose).strip().partition("\n\n")
    return Docstring(
        summary=_one_line(summary.splitlines()),
        description=description.strip(),
        params=params,
        returns=_one_line(returns),
    )


def _one_line(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
