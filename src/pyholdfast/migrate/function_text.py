"""Where a function stands in its file's tokens."""

from __future__ import annotations

from pyholdfast.check.facts import Function
from pyholdfast.check.tokens import read_source

__all__ = ["head_of", "span_of"]


def span_of(function: Function) -> tuple[int, int, int] | None:
    """The first token of a definition, its ``{``, and one after its ``}``.

    None if its text does not show them, as in a function that a macro defines.
    """
    source = read_source(function.body.file)
    first = source.at(function.place.line, function.place.column)
    opening = source.at(function.body.line, function.body.column)
    if first is None or opening is None or source.tokens[opening].text != "{":
        return None
    return first, opening, source.closing(opening) + 1


def head_of(function: Function) -> str:
    """The tokens before the body: result, name, parameters; separated by one space."""
    span = span_of(function)
    if span is None:
        return ""
    tokens = read_source(function.body.file).tokens
    return " ".join(token.text for token in tokens[span[0] : span[1]])
