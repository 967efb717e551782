"""What stands beside a function's name in the text: a variable that it is assigned to, an argument."""

from __future__ import annotations

from functools import cache

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.tokens import Source, read_source

__all__ = [
    "argument_of",
    "arguments_of",
    "assigned_to",
    "is_exported",
    "macro_around",
    "names",
]

# How many tokens may stand before the name of a called function: an object, qualifiers.
_BEFORE_A_NAME = 24


def assigned_to(place: Place) -> str:
    """The variable or member that a function's address is assigned to; empty if none."""
    source = read_source(place.file)
    number = source.at(place.line, place.column)
    if number is None:
        return ""
    tokens = source.tokens
    while number > 1 and tokens[number - 1].text in {"&", ")"}:
        if tokens[number - 1].text == "&":
            number -= 1
            continue
        while number > 1 and tokens[number - 1].text != "(":  # a cast
            number -= 1
        number -= 1
    assigned = number > 1 and tokens[number - 1].text == "="
    if not assigned:
        return ""
    before = tokens[number - 2].text
    return before if before != ")" else _pointer_before(source, number - 2)


def macro_around(place: Place) -> str:
    """The name before the innermost bracket around a place: ``ev_io_init`` in ``ev_io_init(&w, call)``."""
    source = read_source(place.file)
    number = source.at(place.line, place.column)
    depth = 0
    while number is not None and number > 1 and source.tokens[number].text not in {";", "{", "}"}:
        number -= 1
        text = source.tokens[number].text
        depth += (text in {")", "]"}) - (text in {"(", "["})
        if depth < 0:
            before = source.tokens[number - 1]
            return before.text if text == "(" and before.kind == "word" else ""
    return ""


@cache
def is_exported(variable: str, file: str) -> bool:
    """Whether a file puts a variable into a capsule, for other extension modules.

    A function may return the variable's address to the one that makes the capsule.
    """
    source = read_source(file)
    tokens = source.tokens
    made = [number for number, token in enumerate(tokens) if token.text == "PyCapsule_New"]
    if not made:
        return False
    for number, token in enumerate(tokens[1:], 1):
        if token.text == variable and [t.text for t in tokens[number - 2 : number]] == [
            "return",
            "&",
        ]:
            return True
    return any(
        inside.text == variable
        for number in made
        for inside in tokens[number + 2 : source.closing(number + 1)]
    )


@cache
def names(file: str, word: str) -> bool:
    """Whether a file has a word outside of comments and strings."""
    return any(token.text == word for token in read_source(file).tokens if token.kind == "word")


def _pointer_before(source: Source, number: int) -> str:
    """The name in ``(*name)(int) =``, given its last bracket."""
    words = [token.text for token in source.tokens[max(0, number - 24) : number]]
    stars = [n for n, text in enumerate(words[:-1]) if text == "*" and words[n - 1] == "("]
    return words[stars[-1] + 1] if stars else ""


def argument_of(source: Source, place: Place) -> str:
    """The arguments of the call at a place, as text without spaces."""
    number = source.at(place.line, place.column)
    if number is None or number + 1 >= len(source.tokens) or source.tokens[number + 1].text != "(":
        return ""
    close = source.closing(number + 1)
    return "".join(token.text for token in source.tokens[number + 2 : close])


def arguments_of(place: Place, name: str) -> str:
    """As `argument_of`, of a call of a name that may have an object or a namespace before it."""
    source = read_source(place.file)
    number = source.at(place.line, place.column)
    for at in range(number or 0, min((number or 0) + _BEFORE_A_NAME, len(source.tokens))):
        token = source.tokens[at]
        if token.text == name:
            return argument_of(source, Place(place.file, token.line, token.column))
        if token.text == ";":
            break
    return ""
