"""Whole numbers that people write as text, in settings for example."""

from __future__ import annotations

#: More digits than any setting has; Python itself refuses to read thousands.
_MOST_DIGITS = 12


def parse_whole_number(text: str) -> int | None:
    """Return the number that a text names: ASCII digits and nothing else; ``None`` for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
