"""The tokens of a C or C++ source, with their places.

They are sufficient to find the end of a statement, a body or an argument list, and the name of a
declaration. Comments and strings are recognised. A directive is one token, so that the reader can
choose between the branches of an #if.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyholdfast.inputs import read_text

__all__ = ["Source", "Token", "read_source"]

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\f\v]+|\\\r?\n)
  | (?P<newline>\n)
  | (?P<comment>//(?:\\\n|[^\n])*|/\*.*?(?:\*/|\Z))
  | (?P<raw>(?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)")
  | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"?)
  | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])*'?)
  | (?P<number>\.?\d(?:[eEpP][+-]|'?[\w.])*)
  | (?P<word>[A-Za-z_$\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
  | (?P<mark>::|->|\.\.\.|&&|\|\||[-+*/%&|^=!<>]=|<<|\+\+|--|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"#(?:\\\r?\n|/\*.*?\*/|[^\n])*", re.DOTALL)
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: ``word``, ``number``, ``string``, ``char``, ``mark`` or ``directive``.
        text: as written.
        line: line of its first character, from 1.
        column: column of its first character, in bytes, from 1.
    """

    kind: str
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file's tokens, its comments, and where to find a token by its place."""

    tokens: tuple[Token, ...]
    comments: tuple[Token, ...]
    index: dict[tuple[int, int], int]
    lines: tuple[str, ...]

    def at(self, line: int, column: int) -> int | None:
        """The number of the token that begins at a place; None if none does."""
        return self.index.get((line, column))

    def opened_at(self, line: int, column: int) -> tuple[Token, ...] | None:
        """The tokens from the bracket at a place to before the one that closes it; None if none is there."""
        numbers = self.within(line, column)
        return None if numbers is None else self.tokens[numbers.start : numbers.stop]

    def within(self, line: int, column: int) -> range | None:
        """The numbers of the same tokens. A function that a macro makes has no bracket of its own."""
        opening = self.at(line, column)
        if opening is None or self.tokens[opening].text not in _PAIRS:
            return None
        return range(opening, self.closing(opening))

    def closing(self, start: int, stop: int | None = None) -> int:
        """The number of the token that closes the bracket at `start`.

        Directives are skipped. Without a match, the last token before `stop`.
        """
        depth = 0
        opening = self.tokens[start].text
        closing = _PAIRS[opening]
        end = len(self.tokens) if stop is None else stop
        for position in range(start, end):
            text = self.tokens[position].text
            if self.tokens[position].kind != "mark":
                continue
            if text == opening:
                depth += 1
            elif text == closing:
                depth -= 1
                if depth == 0:
                    return position
        return end - 1


@cache
def read_source(path: str) -> Source:
    """The tokens of a file; none if it cannot be read."""
    try:
        text = read_text(Path(path), errors="surrogateescape")
    except OSError:
        text = ""
    return tokenize(text)


def tokenize(text: str, *, head_only: bool = False) -> Source:
    """The tokens of a text; with `head_only`, up to the first ``{`` or ``;``."""
    tokens: list[Token] = []
    comments: list[Token] = []
    ascii_only = text.isascii()
    line, begin, position, fresh = 1, 0, 0, True
    while position < len(text):
        directive = text[position] == "#" and fresh
        match = (_DIRECTIVE if directive else _TOKEN).match(text, position)
        if match is None:
            break
        kind = "directive" if directive else (match.lastgroup or "")
        word = match.group()
        if kind == "fence":
            kind = "raw"
        column = position - begin + 1
        if not ascii_only:
            column = len(text[begin:position].encode("utf-8", "surrogateescape")) + 1
        if kind == "comment":
            comments.append(Token(kind, word, line, column))
        elif kind not in {"space", "newline"}:
            kind = "string" if kind == "raw" else kind
            tokens.append(Token(kind, word, line, column))
            fresh = False
            if head_only and word in {"{", ";"}:
                break
        position = match.end()
        count = word.count("\n")
        if count:
            line += count
            begin = match.start() + word.rindex("\n") + 1
            fresh = fresh or kind in {"newline", "directive"}
        if kind == "newline":
            fresh = True
    index = {(token.line, token.column): number for number, token in enumerate(tokens)}
    return Source(tuple(tokens), tuple(comments), index, tuple(text.splitlines()))
