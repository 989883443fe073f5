"""Texts that people give to things, which end in headers, mails and logs, where a line break would begin something new.

Control characters are those of Unicode's category Cc; U+2028 and U+2029 end lines too.
"""

from __future__ import annotations

import re

_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_CONTROLS = re.compile(f"[{_CONTROL}]")
#: A text of several lines may have line breaks and tabs.
_CONTROLS_BUT_LINES = re.compile(f"(?![\\n\\r\\t])[{_CONTROL}]")
_RUNS = re.compile(f"[{_CONTROL}]+")


def has_control_character(text: str, *, lines: bool = False) -> bool:
    """Tell whether a text has a control character.

    :param lines: whether line breaks and tabs are none
    """
    return bool((_CONTROLS_BUT_LINES if lines else _CONTROLS).search(text))


def without_control_characters(text: str, *, lines: bool = False) -> str:
    """Return a text with a space for each run of control characters.

    :param lines: whether line breaks and tabs stay
    """
    return _CONTROLS_BUT_LINES.sub("", text) if lines else _RUNS.sub(" ", text)
