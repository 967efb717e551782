"""Whether a macro makes a call only under a condition, as `assert` does.

Of a call in a macro, clang-tidy gives the place of the macro; that a condition is before it stands in
the macro's definition only.
"""

from __future__ import annotations

import re
from functools import cache

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.tokens import read_source

__all__ = ["is_conditional"]

_ASKS = re.compile(r"\?|\bif\b|&&|\|\||\bwhile\b(?!\s*\(\s*(?:0|false)\s*\))|\bfor\b|\bswitch\b")


def is_conditional(event: Event) -> bool:
    """Whether one of the macros around an event may leave the event out."""
    return any(_asks(place) for place in event.order)


@cache
def _asks(place: Place) -> bool:
    for token in read_source(place.file).tokens:
        if token.line > place.line:
            break
        if token.kind == "directive" and place.line <= token.line + token.text.count("\n"):
            return _ASKS.search(token.text) is not None
    return False
