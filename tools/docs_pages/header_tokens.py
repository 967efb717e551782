"""Splits a C++ header into the tokens that declarations consist of.

Ordinary comments and preprocessor lines are dropped. Nothing is expanded: a declaration in both
branches of an ``#if`` is read twice. Imports nothing of this package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Token", "headline", "introduction", "macros", "tokens"]

_PIECE = re.compile(
    r"""
    (?P<trailing>///<[^\n]*)                 # belongs to the declaration before it
  | (?P<doc>///(?!/)[^\n]*)                  # belongs to the declaration after it
  | (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<directive>^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<literal>R"(?P<delimiter>\w*)\(.*?\)(?P=delimiter)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')
  | (?P<mark>[{}();])
  | (?P<text>[^{}();"'/\#]+|.)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a header.

    Attributes:
        kind: ``doc`` and ``trailing`` (documentation, without its slashes), ``mark`` (one of
            ``{}();``), ``text`` (anything else).
        text: as it is in the source.
    """

    kind: str
    text: str


def tokens(source: str) -> Iterator[Token]:
    """The tokens of a header, in order."""
    for match in _PIECE.finditer(source):
        kind, text = match.lastgroup or "text", match.group()
        if match["literal"]:
            yield Token("text", text)
        elif kind == "trailing":
            yield Token(kind, text[4:].strip())
        elif kind == "doc":
            yield Token(kind, text[3:].rstrip())
        elif kind in ("mark", "text"):
            yield Token(kind, text)


def headline(source: str) -> str:
    r"""The subject of a header, from the first sentence or two of its first comment.

    >>> headline("// holdfast/attach/waits.hpp: waits that detach,\n// all of them.\n//\n// Detached.\n")
    'waits that detach, all of them.'
    """
    comment = re.match(r"(?:// ?[^\n]*\S[^\n]*\n)+", source)
    lines = comment.group().splitlines() if comment else []
    text = " ".join(line.removeprefix("//").strip() for line in lines)
    return text.partition(": ")[2]


def introduction(source: str) -> list[str]:
    r"""The rest of the first comment, as lines with their indentation.

    >>> introduction("// holdfast/attach/waits.hpp: waits.\n//\n// Detaches.\n//\n//   a  b\n")
    [' Detaches.', '', '   a  b']
    """
    comment = re.match(r"(?://[^\n]*\n)+", source)
    lines = [line.removeprefix("//") for line in comment.group().splitlines()] if comment else []
    return lines[lines.index("") + 1 :] if "" in lines else []


def macros(source: str) -> dict[str, tuple[str, str]]:
    r"""The public macros with a value: name to value and documentation.

    >>> macros("/// For `#if`.\n#define HOLDFAST_VERSION_HEX 1\n#define HOLDFAST_DETAIL_X 2\n")
    {'HOLDFAST_VERSION_HEX': ('1', 'For `#if`.')}
    """
    found = {}
    pattern = (
        r"((?:^///[^\n]*\n)*)^#define (HOLDFAST_(?!DETAIL)\w+)(?:\\\n|[ \t])+((?:\\\n|[^\n])+)"
    )
    for match in re.finditer(pattern, source, re.MULTILINE):
        doc = " ".join(line.removeprefix("///").strip() for line in match[1].splitlines())
        found[match[2]] = (" ".join(match[3].replace("\\\n", " ").split()), doc)
    return found
