"""The functions of a source file, from its text alone.

For files that the compiler gives up on: functions that it did not reach are reported, not skipped.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyholdfast.check.declarators import declared_name
from pyholdfast.check.tokens import Source

__all__ = ["Outlined", "outline"]

_SCOPES = frozenset({"namespace", "class", "struct", "union", "extern", "enum"})


@dataclass(frozen=True, slots=True)
class Outlined:
    """A function definition, as found in the text.

    Attributes:
        name: including its class, if the definition names it.
        line: line of the definition's first token.
        body_line: line of the ``{``.
        last_line: line of the ``}``.
    """

    name: str
    line: int
    body_line: int
    last_line: int


def outline(source: Source) -> list[Outlined]:
    """The function definitions of a file, in order."""
    found: list[Outlined] = []
    tokens = source.tokens
    begin = 0
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.kind == "directive" or token.text in {";", "}"}:
            begin = position + 1
        elif token.text in {"(", "["}:
            position = source.closing(position)
        elif token.text == "{":
            if _is_function(source, begin, position):
                close = source.closing(position)
                owner, name = declared_name(source, begin)
                shown = f"{owner}::{name}" if owner else name
                found.append(Outlined(shown, tokens[begin].line, token.line, tokens[close].line))
                position = close
            elif not _is_scope(source, begin, position):
                position = source.closing(position)  # an initialiser, an enum
            begin = position + 1
        position += 1
    return found


def _is_scope(source: Source, begin: int, brace: int) -> bool:
    words = {token.text for token in source.tokens[begin:brace]}
    return bool(words & _SCOPES) and "=" not in words and "enum" not in words


def _is_function(source: Source, begin: int, brace: int) -> bool:
    position = begin
    parens = False
    while position < brace:
        text = source.tokens[position].text
        if text in {"namespace", "enum"} or (text == "=" and not parens):
            return False
        if text in {"class", "struct", "union"} and not parens:
            # A return type or a definition: only a return type is followed by parentheses.
            following = [token.text for token in source.tokens[position:brace]]
            if "(" not in following:
                return False
        if text == "(":
            parens = True
            position = source.closing(position)
        position += 1
    return parens
