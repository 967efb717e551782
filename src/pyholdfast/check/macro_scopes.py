"""Where the scope of a variable ends that a macro defines between braces of its own.

    #define CALL(name, arguments) { detach_guard out; name arguments; }

Of what stands in a macro, clang-tidy gives the place of the macro; the braces stand in the macro's
definition only.
"""

from __future__ import annotations

from functools import cache

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.tokens import read_source, tokenize

__all__ = ["END_IN_MACRO", "ends_in_macros", "is_within_macro"]

END_IN_MACRO = "endinmacro"
_VARIABLES = frozenset({"attach", "detach", "local", "bindinglocal"})


def is_within_macro(event: Event) -> bool:
    """Whether an event is a variable whose scope ends in the macro that defines it."""
    return _end_of(event) is not None


def ends_in_macros(events: list[Event]) -> list[Event]:
    """An event for each end of a variable's scope in a macro, to be sorted among the others.

    Of variables that end at the same brace, the last one that was defined ends first.
    """
    found = []
    for event in sorted(events, key=lambda event: event.order, reverse=True):
        end = _end_of(event)
        if end is not None:
            found.append(Event(END_IN_MACRO, event.name, event.place, event.target, end))
    return found


def _end_of(event: Event) -> tuple[Place, ...] | None:
    if event.kind not in _VARIABLES:
        return None
    for depth, place in reversed(list(enumerate(event.order))):  # the innermost macro first
        close = _closing_brace(place)
        if close is not None:
            return (*event.order[:depth], close)
    return None


@cache
def _closing_brace(place: Place) -> Place | None:
    """The brace that closes the innermost block around a place in a macro's definition."""
    text = _definition_around(place)
    if text is None:
        return None
    depth = 0
    inside = False
    for token in tokenize(text).tokens:
        here = (token.line, token.column)
        if here == (place.line, place.column):
            inside, depth = depth > 0, 0
            if not inside:
                return None
        elif token.text in {"{", "}"} and token.kind == "mark":
            depth += 1 if token.text == "{" else -1
            if inside and depth < 0:
                return Place(place.file, *here)
    return None


def _definition_around(place: Place) -> str | None:
    """The macro's definition that a place is in, at its place in an otherwise empty text."""
    for token in read_source(place.file).tokens:
        if token.line > place.line:
            break
        if token.kind == "directive" and place.line <= token.line + token.text.count("\n"):
            hidden = token.text.replace("#", " ", 1)
            return "\n" * (token.line - 1) + " " * (token.column - 1) + hidden
    return None
