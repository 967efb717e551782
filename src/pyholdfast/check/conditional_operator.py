"""Finds conditional expressions: ``condition ? one : other``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyholdfast.check.tokens import Source

__all__ = ["Choice", "choices"]

_BEFORE = frozenset({"=", "return", ",", "(", "{", "[", ";", "&&", "||"})
_AFTER = frozenset({",", ";", ")", "}", "]"})


@dataclass(frozen=True, slots=True)
class Choice:
    """A conditional expression, as positions of tokens.

    Attributes:
        start: the start of the condition.
        mark: the question mark.
        first: the start of the operand for a true condition.
        second: the start of the operand for a false one, after the colon.
        end: one after the last token.
    """

    start: int
    mark: int
    first: int
    second: int
    end: int


def choices(source: Source, start: int, stop: int) -> Iterator[Choice]:
    """The choices in a range of tokens, from left to right."""
    for mark in range(start, stop):
        if source.tokens[mark].text == "?":
            colon = _ahead(source, mark + 1, stop, colons=1)
            if colon is not None and source.tokens[colon].text == ":":
                end = _ahead(source, colon + 1, stop, colons=0)
                begin = _begin(source, start, mark)
                yield Choice(begin, mark, mark + 1, colon + 1, stop if end is None else end)


def _ahead(source: Source, position: int, stop: int, *, colons: int) -> int | None:
    """The colon of a question mark, or the end of the expression."""
    waiting = colons
    while position < stop:
        text = source.tokens[position].text
        if text in {"(", "[", "{"}:
            position = source.closing(position)
        elif text in _AFTER:
            return position
        elif text == "?":
            waiting += 1
        elif text == ":":
            waiting -= 1
            if waiting <= 0 < colons:
                return position
        position += 1
    return None


def _begin(source: Source, start: int, mark: int) -> int:
    """The start of the condition before a question mark."""
    depth = 0
    for position in range(mark - 1, start - 1, -1):
        text = source.tokens[position].text
        if text in {")", "]"}:
            depth += 1
        elif text in {"(", "["} and depth > 0:
            depth -= 1
        elif depth == 0 and text in _BEFORE:
            return position + 1
    return start
