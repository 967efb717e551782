"""Applies the events of an expression in the order in which they happen.

Arguments come before the call, and of ``a ? b : c`` either b or c is evaluated.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pyholdfast.check.branches import Branches
from pyholdfast.check.conditional_operator import Choice, choices
from pyholdfast.check.conditions import States
from pyholdfast.check.event_places import end_of_call, result_of
from pyholdfast.check.facts import Event
from pyholdfast.check.macro_conditions import is_conditional
from pyholdfast.check.macro_scopes import END_IN_MACRO, is_within_macro
from pyholdfast.check.returned import ReturnedVariables
from pyholdfast.check.states import State, in_order
from pyholdfast.check.structure import Statement
from pyholdfast.check.tokens import Source
from pyholdfast.check.transitions import Effects
from pyholdfast.check.vocabulary import NEVER_RETURNS

__all__ = ["Expressions", "few"]

_MOST_STATES = 48
_NONE: States = frozenset()


@dataclass(slots=True)
class Expressions:
    """Evaluates the expressions of one function.

    Attributes:
        source: the file's tokens.
        effects: applies calls to states.
        opening: the token at which the function's body begins.
        scope: the tokens of the block that is being walked.
        at: the events by token.
        branches: decides conditions.
        thrown: is told of each event that may throw, and the states there.
        returned: the variables that the function returns.
    """

    source: Source
    effects: Effects
    opening: int
    scope: Callable[[], tuple[int, int]]
    at: Mapping[int, list[Event]] = field(default_factory=dict)
    branches: Branches | None = None
    thrown: Callable[[Event, States], None] = lambda _, __: None
    returned: ReturnedVariables | None = None
    _numbers: Sequence[int] = ()

    def evaluate(self, start: int, stop: int, states: States) -> States:
        """The states after the tokens of a range."""
        if self.returned is not None:
            states = self.returned.changed(start, stop, states)
        choice = self._choice(start, stop)
        if choice is not None:
            return self._choose(start, stop, choice, states)
        found = [(end_of_call(self.source, number), number) for number in self._at(start, stop)]
        for _, number in sorted(found):
            for event in self.at[number]:
                states = self.apply(event, states)
        return states

    def _at(self, start: int, stop: int) -> Sequence[int]:
        """The tokens of a range that have events."""
        if len(self._numbers) != len(self.at):
            self._numbers = sorted(self.at)
        first, last = bisect_left(self._numbers, start), bisect_left(self._numbers, stop)
        return self._numbers[first:last]

    def _choice(self, start: int, stop: int) -> Choice | None:
        """The first ``a ? b : c`` in which b or c may change the state."""
        changing = [
            number
            for number in self._at(start, stop)
            if any(map(self.effects.changes_state, self.at[number]))
        ]
        if not changing:
            return None
        found = choices(self.source, start, stop)
        return next((c for c in found if any(c.first <= n < c.end for n in changing)), None)

    def _choose(self, start: int, stop: int, choice: Choice, states: States) -> States:
        states = self.evaluate(start, choice.mark, states)
        holds = fails = states
        if self.branches is not None:
            text = "".join(t.text for t in self.source.tokens[choice.start : choice.mark])
            what = Statement("if", choice.start, choice.end)
            holds = self.branches.given(states, text, what, holds=True)
            fails = self.branches.given(states, text, what, holds=False)
        done = self.evaluate(choice.first, choice.second - 1, holds)
        done |= self.evaluate(choice.second, choice.end, fails)
        return self.evaluate(choice.end, stop, few(done))

    def apply(self, event: Event, states: States) -> States:
        """The states after one event."""
        if event.kind == END_IN_MACRO:
            return frozenset(self._ended(event, state) for state in in_order(states))
        if self.effects.may_throw(event):
            self.thrown(event, states)
        if self._never_returns(event):
            for state in in_order(states):
                self.effects.apply(event, state, self.scope(), "")
            return states if event.order and is_conditional(event) else _NONE
        token = self.variable_for(event) if event.kind in {"api", "call"} else ""
        done: set[State] = set()
        scope = self._in_macro(event) if is_within_macro(event) else self.scope()
        for state in in_order(states):
            done |= self.effects.apply(event, state, scope, token)
        return frozenset(done)

    def _in_macro(self, event: Event) -> tuple[int, int]:
        """The scope of a variable that ends in the macro that defines it: that of the macro."""
        number = self.source.at(event.place.line, event.place.column) or 0
        return (number, number + 1)

    def _ended(self, event: Event, state: State) -> State:
        """The state after the end of the last variable of a macro's own block."""
        scope = self._in_macro(event)
        entry = next(
            (e for e in reversed(state.open) if e.scope == scope and e.name == event.name), None
        )
        return state if entry is None else self.effects.end_of_scope(entry, state.without(entry))

    def _never_returns(self, event: Event) -> bool:
        """Whether a call never comes back; in a macro, it may stand on one path of several."""
        if event.kind == "noreturn":
            return True
        if event.kind not in {"api", "call"}:
            return False
        summary = self.effects.summary_of(event) if event.kind == "call" else None
        return event.name in NEVER_RETURNS or (summary is not None and not summary.returns)

    def variable_for(self, event: Event) -> str:
        """The variable for the result of a call."""
        return result_of(self.source, event, self.opening)


def few(states: States) -> States:
    """At most as many states as a function is worth following in."""
    if len(states) <= _MOST_STATES:
        return states
    return frozenset(in_order(states)[:_MOST_STATES])
