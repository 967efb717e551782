"""Escapes text from outside, so that it cannot act on a terminal.

Names of files and threads, command lines, source lines and messages of other programs may contain
escape sequences, line breaks, characters that change the writing direction, and bytes that are not
UTF-8.
"""

from __future__ import annotations

import re

__all__ = ["visible", "visible_lines"]

# Control characters, surrogates, direction marks, line separators, and zero-width characters.
_ACTS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BYTES = frozenset(map(chr, range(0xDC80, 0xDD00)))  # undecodable bytes, from "surrogateescape"


def visible(text: str) -> str:
    r"""The text as one line, with every unsafe character as a Python escape.

    >>> visible("a\x1b[31mb\nc")
    'a\\x1b[31mb\\nc'
    >>> visible("caf\udce9")  # a byte of a file's name that is not UTF-8
    'caf\\xe9'
    """
    return text if text.isascii() and text.isprintable() else _ACTS.sub(_escape, text)


def visible_lines(text: str) -> str:
    r"""The same for several lines; line ends and tabs are kept.

    >>> visible_lines("a\x07\n\tb")
    'a\\x07\n\tb'
    """
    return _ACTS.sub(lambda found: found[0] if found[0] in "\n\t" else _escape(found), text)


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    if letter in _BYTES:
        return f"\\x{letter.encode(errors='surrogateescape').hex()}"
    return ascii(letter)[1:-1]
