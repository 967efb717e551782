"""Variables that a function returns: a test of one tells what is returned on that path.

In ``if (found == NULL) PyGILState_Release(state); return found;``, the caller sees by the result
whether the pair is still open.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyholdfast.check.conditions import States, tested
from pyholdfast.check.results import OTHER
from pyholdfast.check.states import State
from pyholdfast.check.structure import Statement
from pyholdfast.check.tokens import Source

__all__ = ["ReturnedVariables", "key_of"]

_NULL, _NOT_NULL = frozenset({0}), frozenset({OTHER})
_ASSIGNING = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "++", "--"})
_OF_A_MEMBER = re.compile(r"->|\.|::")
_SETTING = frozenset({"Py_CLEAR", "Py_SETREF", "Py_XSETREF"})


@dataclass(slots=True)
class ReturnedVariables:
    """The local variables that one function returns by their name.

    Attributes:
        source: the file's tokens.
        body: the function's statements.
    """

    source: Source
    body: Statement
    _changed_at: Mapping[str, Sequence[int]] = field(init=False)

    def __post_init__(self) -> None:
        tokens = self.source.tokens
        places = range(self.body.start, self.body.stop - 2)
        names = {
            tokens[n + 1].text
            for n in places
            if tokens[n].text == "return"
            and tokens[n + 1].kind == "word"
            and tokens[n + 2].text == ";"
        }
        changed: dict[str, list[int]] = {name: [] for name in names}
        for number in places if names else ():
            name = tokens[number].text
            if name in names and self._may_change(number):
                changed[name].append(number)
        self._changed_at = changed

    def tested(self, states: States, text: str, *, holds: bool) -> States:
        """The states after a test of one of the variables that tells whether it is null."""
        for null in (True, False):
            name = tested(text, null=holds == null)
            if name in self._changed_at and not _OF_A_MEMBER.search(text):
                return frozenset(_told(states, name, _NULL if null else _NOT_NULL))
        return states

    def changed(self, start: int, stop: int, states: States) -> States:
        """The states before a range of tokens, which may give one of the variables another value."""
        if not any(state.results for state in states):
            return states
        names = {n for n, places in self._changed_at.items() if _any_within(places, start, stop)}
        names |= {key_of(name) for name in names}
        if not names:
            return states
        return frozenset(
            replace(state, results=frozenset(r for r in state.results if r[0] not in names))
            for state in states
        )

    def _may_change(self, number: int) -> bool:
        """Whether a use of a variable assigns to it: directly, by its address, or by a macro of Python's."""
        tokens = self.source.tokens
        if tokens[number + 1].text in _ASSIGNING or tokens[number - 2].text in _SETTING:
            return True
        return tokens[number - 1].text in {"&", "++", "--"}


def _any_within(places: Sequence[int], start: int, stop: int) -> bool:
    """Whether one of some numbers, in ascending order, is in a range."""
    first = bisect_left(places, start)
    return first < len(places) and places[first] < stop


def key_of(name: str) -> str:
    """The name among a state's results for what a test of a returned variable has told.

    It differs from the variable's: that a number is not 0 does not say how it compares with others.
    """
    return f"return {name}"


def _told(states: States, name: str, samples: frozenset[int]) -> Iterator[State]:
    """The states in which a variable may be what a test says."""
    for state in states:
        known = dict(state.results)
        if name in known:  # as a call's result, of which more is known
            yield state
        elif known.get(key_of(name), samples) == samples:
            yield state.returned(key_of(name), samples)
