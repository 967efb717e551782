"""Declarations of several variables or members, as in ``int a, b;``.

The compiler gives all of them the place where the declaration begins. Those after the first get the
place of their own declarator, which the name where they are used tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.tokens import Source, read_source

__all__ = ["declarators", "declared_before", "declared_for"]

_OPENING, _CLOSING = frozenset("([{<"), frozenset(")]}>")
_LONGEST_DECLARATION = 400  # tokens
_LONGEST_USE = 60


def declared_for(declaration: Place, use: Place) -> Place:
    """The place of the variable of a declaration that the expression at another place begins with."""
    places = declarators(declaration)
    source = read_source(use.file)
    start = source.at(use.line, use.column)
    if not places or start is None:
        return declaration
    named = [
        number
        for number in range(start, min(start + _LONGEST_USE, len(source.tokens) - 1))
        if source.tokens[number].text in places
    ]
    # An object whose member is meant may have the name of another member.
    ends = [number for number in named if source.tokens[number + 1].text not in {".", "->", "::"}]
    found = next(iter(ends or named), None)
    return declaration if found is None else places[source.tokens[found].text]


def declared_before(declaration: Place, initialiser: Place) -> Place:
    """The place of the variable of a declaration that an initialiser belongs to."""
    places = declarators(declaration)
    source = read_source(initialiser.file)
    start = source.at(initialiser.line, initialiser.column)
    if not places or start is None:
        return declaration
    for number in range(start - 1, max(start - _LONGEST_USE, 0), -1):
        if source.tokens[number].text in places:
            return places[source.tokens[number].text]
    return declaration


@cache
def declarators(declaration: Place) -> Mapping[str, Place]:
    """The place of each name of a declaration, in order; empty if there is only one name."""
    source = read_source(declaration.file)
    start = source.at(declaration.line, declaration.column)
    if start is None:
        return {}
    parts, depth = [start], 0
    for number in range(start, min(start + _LONGEST_DECLARATION, len(source.tokens))):
        text = source.tokens[number].text
        depth += (text in _OPENING) - (text in _CLOSING)
        if depth < 0:
            return {}  # a parameter
        if depth == 0 and text == ";":
            parts.append(number + 1)
            break
        if depth == 0 and text == ",":
            parts.append(number + 1)
    if len(parts) < 3 or source.tokens[parts[-1] - 1].text != ";":  # noqa: PLR2004 - one variable
        return {}
    places = {}
    for begin, end in pairwise(parts):
        token = source.tokens[begin]
        own = Place(declaration.file, token.line, token.column)
        places[_name(source, begin, end - 1)] = own if begin > start else declaration
    return places


def _name(source: Source, start: int, stop: int) -> str:
    """The name that a declarator declares."""
    name, depth = "", 0
    for number in range(start, stop):
        token = source.tokens[number]
        if token.text == "(" and source.tokens[number + 1].text == "*":  # a pointer to a function
            words = [t.text for t in source.tokens[number : source.closing(number)]
                     if t.kind == "word" and t.text != "const"]  # fmt: skip
            if depth == 0 and words:
                return words[0]
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.text == "=":
            break
        if depth == 0 and token.kind == "word":
            name = token.text
    return name
