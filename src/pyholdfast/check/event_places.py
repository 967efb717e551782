"""Where the events of a function stand among the tokens of its text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from pyholdfast.check.api import kind_of
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.macro_scopes import END_IN_MACRO, ends_in_macros
from pyholdfast.check.tokens import Source

__all__ = ["end_of_call", "events_by_token", "result_of"]


def events_by_token(source: Source, events: Iterable[Event]) -> dict[int, list[Event]]:
    """The events by the number of the token that they stand at, in the order in which they happen."""
    found: dict[int, list[Event]] = {}
    for event in events:
        number = source.at(event.place.line, event.place.column)
        if number is None:
            number = _nearest(source, event.place)
        found.setdefault(number, []).append(event)
    for at_one_place in found.values():
        at_one_place.extend(ends_in_macros(at_one_place))
        at_one_place.sort(key=lambda event: event.order)
    for number in sorted(found):
        _take_arguments(source, found, number)
    return found


def _take_arguments(source: Source, found: dict[int, list[Event]], number: int) -> None:
    """Assume that a macro that makes a pair evaluates its arguments inside the pair."""
    events = found.get(number, [])
    ends = [n for n, event in enumerate(events) if _ends_pair(event)]
    tokens = source.tokens
    if not ends or ends[0] == 0 or number + 1 >= len(tokens) or tokens[number + 1].text != "(":
        return
    close = source.closing(number + 1)
    within = [n for n in sorted(found) if number + 1 < n < close]
    events[ends[0] : ends[0]] = [event for n in within for event in found.pop(n)]


def _ends_pair(event: Event) -> bool:
    if event.kind == END_IN_MACRO:
        return True
    return event.kind == "api" and kind_of(event.name) in {"release", "restore"}


def end_of_call(source: Source, number: int) -> int:
    """The end of the call at a token: arguments are evaluated first, so calls are sorted by it."""
    for position in range(number, min(number + 12, len(source.tokens))):
        text = source.tokens[position].text
        if text == "(":
            return source.closing(position)
        if text in {";", "{", ",", ")"}:
            break
    return number


def result_of(source: Source, event: Event, body: int) -> str:
    """The variable for the result of a call: ``state`` in ``state = PyGILState_Ensure()``.

    Args:
        source: the tokens of the file.
        event: the call.
        body: the token at which the function's body begins; a call before it is made by one of the
            constructor's initialisers.
    """
    number = source.at(event.place.line, event.place.column)
    if number is None or number <= 1:
        return ""
    tokens = source.tokens
    named = number  # the place of a call is that of its first qualifier
    while tokens[named].text != event.name and tokens[named + 1].text == "::":
        named += 2
    if tokens[named].text != event.name:
        return "_save" if event.name == "PyEval_SaveThread" else ""
    if number < body:
        return "member"
    while number > 1 and tokens[number - 1].text in {"::", "("}:
        qualified = tokens[number - 1].text == "::" and tokens[number - 2].kind == "word"
        number -= 2 if qualified and tokens[number - 2].text != "return" else 1
    if tokens[number - 1].text == ")":  # a cast
        while number > 1 and tokens[number - 1].text != "(":
            number -= 1
        number -= 1
    if tokens[number - 1].text != "=":
        return "return" if tokens[number - 1].text == "return" else ""
    return tokens[number - 2].text


def _nearest(source: Source, place: Place) -> int:
    """The first token at or after a place."""
    wanted = (place.line, place.column)
    number = bisect_left(source.tokens, wanted, key=lambda token: (token.line, token.column))
    return min(number, len(source.tokens) - 1)
