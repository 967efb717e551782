"""Declarations of several variables or members, as in ``int a, b;``.

The compiler gives all of them the place where the declaration begins. Those after the first get the
place of their own declarator, which the name where they are used tells. Where it does not, as where a
macro hides the name, each of them may be meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.tokens import Source, read_source

__all__ = ["declarators", "declared_before", "declared_for", "objects_at"]

_BRACKETS, _BRACKETS_END = frozenset("([{"), frozenset(")]}")
_OPENING, _CLOSING = _BRACKETS | {"<"}, _BRACKETS_END | {">"}
_LONGEST_DECLARATION = 400  # tokens
_JOINS = frozenset({".", "->", "::"})


def declared_for(declaration: Place, use: Place) -> Sequence[Place]:
    """The variables of a declaration that the expression at another place may begin with."""
    places = declarators(declaration)
    if not places:
        return (declaration,)
    source = read_source(use.file)
    start = source.at(use.line, use.column)
    name = _used(source, start, places) if start is not None else ""
    return (places[name],) if name else tuple(places.values())


def objects_at(declaration: Place) -> Sequence[Place]:
    """The places of the objects that a declaration makes, as in ``guard a, b(c), *d;``: a and b."""
    places = declarators(declaration)
    source = read_source(declaration.file)
    made = [place for name, place in places.items() if _is_object(source, name, place)]
    return made or (declaration,)


def _is_object(source: Source, name: str, place: Place) -> bool:
    """Whether a declarator is neither a pointer, nor a reference, an array or a function."""
    tokens = source.tokens
    start = source.at(place.line, place.column)
    stop = len(tokens) - 2 if start is not None else 0
    number = next((n for n in range(start or 0, stop) if tokens[n].text == name), None)
    if number is None:
        return False
    after = "".join(token.text for token in tokens[number + 1 : number + 3])
    before = tokens[number - 1].text
    return before not in {"*", "&", "&&", "const"} and not after.startswith("[") and after != "()"


def _used(source: Source, start: int, places: Mapping[str, Place]) -> str:
    """The one of some names that an expression like ``a->b[n].c()`` calls, assigns to, or takes a member of."""
    tokens = source.tokens
    closing = None
    if tokens[start].text == "for" and tokens[start + 1].text == "(":  # the range of a loop
        closing = source.closing(start + 1)
        start = max(n for n in range(start, closing) if n == start or tokens[n].text == ":") + 1
    names, stop = _chain(source, start)
    follows = tokens[stop].text if stop < len(tokens) else ""
    if stop != closing and tokens[stop - 1].text not in {")", "]"} and follows != "=":
        return ""  # an argument of a macro, which may take a member of it
    found = [number for number in names if tokens[number].text in places]
    # An object whose member is meant may have the name of another member.
    ends = [number for number in found if tokens[number + 1].text not in _JOINS]
    only = ends or found
    return tokens[only[0]].text if len(only) == 1 else ""


def _chain(source: Source, start: int) -> tuple[Sequence[int], int]:
    """The names of a postfix expression, without those in its brackets, and where it stops."""
    names: list[int] = []
    number = start
    while number < len(source.tokens) - 1:
        token = source.tokens[number]
        if token.text in {"(", "["} and names:
            number = source.closing(number)
        elif token.kind == "word" and (not names or source.tokens[number - 1].text in _JOINS):
            names.append(number)
        elif token.text not in _JOINS:
            break
        number += 1
    return names, number


def declared_before(declaration: Place, initialiser: Place) -> Sequence[Place]:
    """The variables of a declaration that an initialiser may belong to."""
    places = declarators(declaration)
    if not places:
        return (declaration,)
    own = _declarator_around(places, initialiser) or _initialised(places, initialiser)
    return (own,) if own is not None else tuple(places.values())


def _declarator_around(places: Mapping[str, Place], initialiser: Place) -> Place | None:
    """The declarator that an initialiser is in, as in ``a = f, b = g(h)``."""
    before = [place for place in places.values() if place <= initialiser]
    if not before or before[-1].file != initialiser.file:
        return None
    source = read_source(initialiser.file)
    start, stop = (source.at(place.line, place.column) for place in (before[-1], initialiser))
    if start is None or stop is None:
        return None
    depth = 0
    for token in source.tokens[start:stop]:
        depth += (token.text in _BRACKETS) - (token.text in _BRACKETS_END)
        if depth < 0 or (depth == 0 and token.text == ";"):
            return None
    return before[-1]


def _initialised(places: Mapping[str, Place], initialiser: Place) -> Place | None:
    """The member that a constructor initialises, as in ``: a(f), b(g(h))``."""
    source = read_source(initialiser.file)
    number = source.at(initialiser.line, initialiser.column)
    depth = 0
    for position in range(number - 1 if number is not None else -1, 1, -1):
        text = source.tokens[position].text
        depth += (text in _BRACKETS_END) - (text in _BRACKETS)
        if text == ";":
            return None
        if depth < 0:
            depth = 0
            name = source.tokens[position - 1].text
            if name in places and source.tokens[position - 2].text in {":", ","}:
                return places[name]
    return None


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
