"""Text from outside as it may be shown: what would act on a terminal is made visible.

Names of files and threads, command lines, source lines and messages of other programs can hold
escape sequences, line breaks, marks that turn the direction of writing, and bytes that are no
UTF-8.
"""

from __future__ import annotations

import re

__all__ = ["visible", "visible_lines"]

# Controls, surrogates, marks of direction, separators of lines, and what has no width.
_ACTS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BYTES = frozenset(map(chr, range(0xDC80, 0xDD00)))  # as "surrogateescape" keeps them


def visible(text: str) -> str:
    r"""One line, in which everything stands for itself or for an escape as Python writes it.

    >>> visible("a\x1b[31mb\nc")
    'a\\x1b[31mb\\nc'
    >>> visible("caf\udce9")  # a byte of a file's name that is not UTF-8
    'caf\\xe9'
    """
    return text if text.isascii() and text.isprintable() else _ACTS.sub(_escape, text)


def visible_lines(text: str) -> str:
    r"""The same for text of several lines, whose ends and tabs stay.

    >>> visible_lines("a\x07\n\tb")
    'a\\x07\n\tb'
    """
    return _ACTS.sub(lambda found: found[0] if found[0] in "\n\t" else _escape(found), text)


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    if letter in _BYTES:
        return f"\\x{letter.encode(errors='surrogateescape').hex()}"
    return ascii(letter)[1:-1]
