"""How a walk through a function leaves it, or a block: by a return, an exception, or its end."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.conditions import States
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.states import State, in_order
from pyholdfast.check.tokens import Source
from pyholdfast.check.transitions import Effects

__all__ = ["NONE", "Exit", "WaysOut", "place_of"]

NONE: States = frozenset()


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a function: the state there, whether it is by an exception, and the result."""

    state: State
    place: Place
    thrown: bool = False
    value: str = ""


@dataclass(slots=True, kw_only=True)
class WaysOut:
    """The ways out of one function that a walk has found so far.

    Attributes:
        function: the function.
        source: the file's tokens.
        effects: applies calls to states, and collects problems.
        exits: the ways out.
    """

    function: Function
    source: Source
    effects: Effects
    exits: list[Exit] = field(default_factory=list)
    _catching: list[set[State]] = field(default_factory=list)
    _scopes: list[tuple[int, int]] = field(default_factory=list)

    def _leave(self, states: States, position: int, value: str = "") -> None:
        place = place_of(self.function.body.file, self.source, position)
        for state in in_order(self._unwind(states, None)):
            self.exits.append(Exit(state, place, value=value))

    def _throw(self, states: States, position: int) -> None:
        if self._catching:
            self._catching[-1].update(states)
            return
        place = place_of(self.function.body.file, self.source, position)
        for state in in_order(self._unwind(states, None)):
            self.exits.append(Exit(state, place, thrown=True))

    def _thrown_by(self, event: Event, states: States) -> None:
        """Note that an expression may throw; what a statement throws is noted there."""
        if event.kind == "throw":
            return
        if self._catching:
            self._catching[-1].update(states)
        elif event.kind != "tried":
            for state in in_order(self._unwind(states, None)):
                self.exits.append(Exit(state, event.place, thrown=True))

    def _unwind(self, states: States, scope: tuple[int, int] | None) -> States:
        """End the variables of a block, innermost first; with None, all variables."""
        done = set()
        for state in in_order(states):
            ended = state
            for entry in reversed(state.open):
                if entry.scope != (0, 0) and (scope is None or _inside(entry.scope, scope)):
                    ended = self.effects.end_of_scope(entry, ended.without(entry))
            done.add(ended)
        return frozenset(done)

    def _scope(self) -> tuple[int, int]:
        return self._scopes[-1] if self._scopes else (1, 1)


def place_of(file: str, source: Source, number: int) -> Place:
    """The place of a token."""
    token = source.tokens[min(number, len(source.tokens) - 1)]
    return Place(file, token.line, token.column)


def _inside(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
