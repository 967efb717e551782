"""What the source has at a place: the name that is declared there, a word, a line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.declarators import class_name, declared_name
from pyholdfast.check.tokens import tokenize
from pyholdfast.inputs import read_text

__all__ = [
    "called_at",
    "class_at",
    "is_local",
    "line_at",
    "lines_of",
    "macro_at",
    "name_at",
    "parameter_at",
    "pointer_at",
    "text_at",
    "word_at",
]

# The place of a variable is that of the first word of its declaration.
_BEFORE_A_TYPE = frozenset({"const", "constexpr", "static", "thread_local", "volatile", "auto"})
_SNIPPET = 40  # lines of a declaration to read


@cache
def name_at(place: Place) -> tuple[str, str]:
    """Class and name of the function that is declared at a place."""
    return declared_name(tokenize(text_at(place), head_only=True), 0)


@cache
def class_at(place: Place) -> str:
    """The name of the class that is defined at a place."""
    return class_name(tokenize(text_at(place), head_only=True), 0)


@cache
def pointer_at(place: Place) -> str:
    """The name of the function pointer that is declared at a place."""
    text = text_at(place).partition(";")[0].partition("=")[0]
    match = re.search(r"\(\s*\*\s*(?:const\s+)?(\w+)", text)
    return match.group(1) if match else parameter_at(place)


def parameter_at(place: Place) -> str:
    """The name of the parameter or variable that is declared at a place."""
    depth = 0
    name = ""
    for token in tokenize(text_at(place)[:400]).tokens:
        depth += (token.text in {"(", "[", "{", "<"}) - (token.text in {")", "]", "}", ">"})
        if depth < 0 or (depth == 0 and token.text in {",", "=", ";", ":"}):
            break
        if depth == 0 and token.kind == "word":
            name = token.text
    return name


@cache
def word_at(place: Place) -> str:
    """The qualified name at a place."""
    match = re.match(r"[\w:.>-]+", text_at(place))
    return match.group().rstrip("-.:") if match else ""


def called_at(place: Place) -> str:
    """The name at a place, if it is one word and does not begin a declaration."""
    word = word_at(place)
    return word if re.fullmatch(r"\w+", word) and word not in _BEFORE_A_TYPE else ""


def macro_at(place: Place) -> str:
    """The macro that makes a whole function, with its arguments; for a lambda, that."""
    match = re.match(r"\w+\s*(?:\([^()]{0,60}\))?", text_at(place))
    return match.group() if match else name_at(place)[1]


@cache
def is_local(place: Place) -> bool:
    """Whether a declaration begins with ``static``."""
    head = text_at(place)[:80].split("(")[0]
    return re.search(r"\bstatic\b", head) is not None


def line_at(place: Place) -> str:
    """The line of text that a place is on."""
    lines = lines_of(place.file)
    return lines[place.line - 1] if 0 < place.line <= len(lines) else ""


def text_at(place: Place) -> str:
    """The text from a place on, as far as a declaration may reach."""
    lines = lines_of(place.file)
    if place.line > len(lines):
        return ""
    first = lines[place.line - 1].encode("utf-8", "surrogateescape")[place.column - 1 :]
    rest = lines[place.line : place.line + _SNIPPET]
    return "\n".join([first.decode("utf-8", "replace"), *rest])


@cache
def lines_of(file: str) -> Sequence[str]:
    """The lines of a file; none if it cannot be read."""
    try:
        return read_text(Path(file), errors="surrogateescape").split("\n")
    except OSError:
        return ()
