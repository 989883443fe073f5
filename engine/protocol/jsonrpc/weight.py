"""How much memory a JSON text needs, once it is read: told from its bytes, before they are.

Few bytes can stand for many values: ``[{},{},{}]`` needs twenty times its length. A look at the bytes
costs a fraction of a millisecond for each megabyte. ``engine/tests/test_weight.py`` holds what it tells
against what CPython needs.

It must not know who sends a text, nor how much they may.
"""

from __future__ import annotations

import re

from .codec import LONG

# Bytes in CPython 3.10 to 3.13, on 64 bits. An object of one to five members is as large as one of five;
# a large one also costs the list of its members, from which it is made, and their names.
_OBJECT, _MEMBERS, _FREE, _MEMBER = 64, 120, 5, 180
_ARRAY, _ITEM, _NUMBER, _STRING = 72, 12, 32, 56
# A character beyond U+FFFF makes each one of its string four bytes wide, one beyond U+00FF two.
_WIDE = re.compile(rb'"[^"]*[\xf0-\xf7][^"]*')
_WIDER = re.compile(rb'"[^"]*[\xc4-\xef][^"]*')


def estimated_size(raw: bytes) -> int:
    """Return about how many bytes a text and its values need.

    :param raw: the JSON text, valid or not
    """
    # Of any text there are as many, or more: those inside of strings count too.
    objects, arrays, members, commas = (raw.count(sign) for sign in (b"{", b"[", b":", b","))
    strings = max(0, raw.count(b'"') // 2 - members)
    return (
        _texts(raw)
        + _OBJECT * objects
        + _MEMBERS * min(objects, members)
        + _MEMBER * max(0, members - _FREE * objects)
        + _ARRAY * arrays
        + _ITEM * (max(0, commas - max(0, members - objects)) + arrays)
        + _NUMBER * max(0, commas + 1 - strings)
        + _STRING * strings
    )


def _texts(raw: bytes) -> int:
    """The bytes, the same as ``str``, and the strings in it."""
    size = 3 * len(raw)
    if raw.isascii():
        return size
    blanked = raw.replace(rb"\\", b"  ").replace(rb"\"", b"  ")
    wide = sum(len(match[0]) for match in _WIDE.finditer(blanked))
    wider = sum(len(match[0]) for match in _WIDER.finditer(blanked))
    # ``codec`` sees to it that a long text itself does not become wide, by escapes.
    text = 3 * min(len(raw), LONG) if wide else len(raw)
    return size + 3 * wide + wider + text
