"""Whether a macro makes a call only under a condition, as `assert` does, and under which.

Of a call in a macro, clang-tidy gives the place of the macro; that a condition is before it stands in
the macro's definition only.
"""

from __future__ import annotations

import re
from functools import cache

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.tokens import read_source

__all__ = ["is_conditional", "is_for_its_argument"]

_ASKS = re.compile(r"\?|\bif\b|&&|\|\||\bwhile\b(?!\s*\(\s*(?:0|false)\s*\))|\bfor\b|\bswitch\b")


def is_conditional(event: Event) -> bool:
    """Whether one of the macros around an event may leave the event out."""
    return any(_asks(place) for place in event.order)


def is_for_its_argument(event: Event) -> bool:
    """Whether a macro makes a call only if its argument is not null: ``if (saved) restore(saved);``."""
    test = re.compile(
        r"\bif\s*\(\s*(\w+)\s*(?:!=\s*(?:NULL|nullptr|0)\s*)?\)[\s\\{]*"
        rf"{re.escape(event.name)}\s*\(\s*\1\s*\)"
    )
    return any(test.search(_definition_at(place)) for place in event.order)


@cache
def _asks(place: Place) -> bool:
    return _ASKS.search(_definition_at(place)) is not None


@cache
def _definition_at(place: Place) -> str:
    """The definition of the macro that a place is in; empty if it is not in one."""
    for token in read_source(place.file).tokens:
        if token.line > place.line:
            break
        if token.kind == "directive" and place.line <= token.line + token.text.count("\n"):
            return token.text
    return ""
