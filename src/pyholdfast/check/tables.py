"""Structures of function pointers: which member an element of an initialiser is for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.several_declared import declarators
from pyholdfast.check.tokens import Source, read_source
from pyholdfast.check.written import pointer_at

__all__ = ["initialised_member", "members_of"]

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
# A class with one of these is not a plain list of members.
_NOT_PLAIN = frozenset(
    {"public", "private", "protected", "virtual", "static", "template", "using", "typedef",
     "friend", "operator", ":", "{"}
)  # fmt: skip


def initialised_member(struct: Place, element: Place) -> Place | None:
    """The declaration of the member that gets an element of an initialiser.

    Args:
        struct: the definition of the structure.
        element: a place in the element.
    """
    source = read_source(element.file)
    number = source.at(element.line, element.column)
    begins = _elements(source, number) if number is not None else ()
    if not begins:
        return None
    if any(_is_macro(source, begin) for begin in begins):
        return None  # it may make several elements
    *before, own = (source.tokens[begin].text == "." for begin in begins)
    members = members_of(struct)
    if own:
        name = source.tokens[begins[-1] + 1].text
        return next((member for member in members if pointer_at(member) == name), None)
    index = len(before)
    return members[index] if index < len(members) and not any(before) else None


def _is_macro(source: Source, begin: int) -> bool:
    name, after = source.tokens[begin : begin + 2]
    return name.text.isupper() and after.text == "("


def _elements(source: Source, number: int) -> Sequence[int]:
    """Where the elements of an initialiser begin, up to the one that a token is in."""
    begins: list[int] = []
    depth = 0
    for position in range(number - 1, -1, -1):
        token = source.tokens[position]
        depth += (token.text in _CLOSING) - (token.text in _OPENING)
        if depth < 0:
            return [position + 1, *reversed(begins)] if token.text == "{" else ()
        if token.kind == "directive" or (depth == 0 and token.text == ";"):
            return ()
        if depth == 0 and token.text == ",":
            begins.append(position + 1)
    return ()


@cache
def members_of(struct: Place) -> Sequence[Place]:
    """The members of a structure in order; none if it has more than plain members."""
    source = read_source(struct.file)
    start = source.at(struct.line, struct.column)
    while start is not None and source.tokens[start].text != "{":
        start = start + 1 if source.tokens[start].text != ";" else None
    if start is None:
        return ()
    members: list[Place] = []
    stop = source.closing(start)
    begin = start + 1
    while begin < stop:
        end = next((n for n in range(begin, stop) if source.tokens[n].text == ";"), None)
        if end is None or not _is_plain(source, begin, end):
            return ()
        token = source.tokens[begin]
        place = Place(struct.file, token.line, token.column)
        members += declarators(place).values() or [place]
        begin = end + 1
    return members


def _is_plain(source: Source, begin: int, end: int) -> bool:
    """Whether a declaration has only members, which may point to functions."""
    tokens = source.tokens
    depth = 0
    for number in range(begin, end):
        token = tokens[number]
        if token.kind == "directive" or token.text in _NOT_PLAIN:
            return False
        opens = depth == 0 and token.text == "("
        if opens and tokens[number + 1].text != "*" and tokens[number - 1].text != ")":
            return False  # a method, or a macro
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
    return True
