"""Structures of function pointers: which member an element of an initialiser is for.

The compiler numbers the elements as it numbers the members, whatever names, macros and braces are
written. The text of the structure tells where each member is declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.clang_tidy_pointers import MOST_MEMBERS
from pyholdfast.check.several_declared import declarators
from pyholdfast.check.tokens import Source, read_source

__all__ = ["initialised_member", "members_of"]

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
# A class with one of these is not a plain list of members.
_NOT_PLAIN = frozenset(
    {"public", "private", "protected", "virtual", "static", "template", "using", "typedef",
     "friend", "operator", ":", "{"}
)  # fmt: skip
_BEFORE_A_TYPE = frozenset({"struct", "class", "union", "enum", "typename"})
_QUALIFIERS = frozenset({"const", "volatile", "mutable", "restrict"}) | _BEFORE_A_TYPE
_BUILT_IN = frozenset(
    {"unsigned", "signed", "char", "short", "int", "long", "float", "double", "void", "bool",
     "_Bool"}
)  # fmt: skip


def initialised_member(struct: Place, element: Place, number: int) -> Place | None:
    """The declaration of the member that gets an element of an initialiser; None if it is not known.

    Args:
        struct: the definition of the structure.
        element: the place of the function in the element.
        number: of the element, as the compiler counts it, from 0.
    """
    members = members_of(struct)
    return members[number] if number < len(members) and _is_written_once(element) else None


def _is_written_once(element: Place) -> bool:
    """Whether an element is in the braces itself: a macro may make several of its argument."""
    tokens = read_source(element.file).tokens
    number = read_source(element.file).at(element.line, element.column)
    around = _brackets_around(element.file)
    opening = around[number] if number is not None else 0
    while opening > 0:
        if tokens[opening].text == "{":
            return True
        if tokens[opening - 1].kind == "word":
            return False
        opening = around[opening]
    return False


@cache
def _brackets_around(file: str) -> Sequence[int]:
    """For each token of a file the innermost bracket that is open there; 0 if none is.

    A table may have thousands of elements in one pair of braces.
    """
    around: list[int] = []
    opened = [0]
    for number, token in enumerate(read_source(file).tokens):
        if token.text in _CLOSING and len(opened) > 1:
            opened.pop()
        around.append(opened[-1])
        if token.text in _OPENING:
            opened.append(number)
    return around


@cache
def members_of(struct: Place) -> Sequence[Place]:
    """The members of a structure in order; none if it has more than plain members."""
    source = read_source(struct.file)
    start = _opening(source, struct)
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
    return members if len(members) <= MOST_MEMBERS else ()


def _opening(source: Source, struct: Place) -> int | None:
    """The bracket that a structure's members follow; None if a macro writes it, or it has a base class.

    Not of a union: its only element may be for any member.
    """
    start = source.at(struct.line, struct.column)
    if start is None or source.tokens[start].text not in {"struct", "class"}:
        return None
    for number in range(start, len(source.tokens)):
        if source.tokens[number].text in {";", ":"}:
            return None
        if source.tokens[number].text == "{":
            return number
    return None


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
        if token.kind == "word" and tokens[number - 1].text == ")" and token.text != "noexcept":
            return False  # a macro
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
    return _has_one_type(source, begin, end)


def _has_one_type(source: Source, begin: int, end: int) -> bool:
    """Whether a declaration begins with one type and a name: a macro before them may make members."""
    types: list[str] = []
    depth = 0
    number = begin
    while number < end and source.tokens[number].text not in {"(", "[", ",", "="}:
        token = source.tokens[number]
        depth += (token.text == "<") - (token.text == ">")
        if token.kind == "word" and depth == 0 and token.text not in _QUALIFIERS:
            word = "built-in" if token.text in _BUILT_IN else token.text
            if source.tokens[number - 1].text == "::":
                types[-1:] = [word]
            elif types[-1:] != [word]:
                types.append(word)
        number += 1
    points = number < end and source.tokens[number].text == "("  # its name is in the bracket
    return len(types) == (1 if points else 2)
