"""Lambdas in objects of std::function, and functions in pointers: which of them a call may run.

Each is followed from the parameter, member, variable or container that it is given to, through
each that it is moved to, up to the one that is called.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.declarations import Declarations
from pyholdfast.check.facts import UnitFacts
from pyholdfast.check.written import parameter_at

__all__ = ["StoredFunctions"]

# A variable by its declaration; a parameter by its function's body and its name, as it may be
# declared twice.
_Variable = Place | tuple[Place, str]


@dataclass(slots=True)
class StoredFunctions:
    """The lambdas and functions of all files that an object of std::function, or a pointer, holds."""

    declarations: Declarations
    _stored: list[tuple[Place, Place]] = field(default_factory=list)
    _given: list[tuple[Place, Place, Place]] = field(default_factory=list)
    _moves: list[tuple[Place, Place, Place]] = field(default_factory=list)
    _bodies: dict[_Variable, set[Place]] = field(default_factory=dict)
    _unread: set[_Variable] = field(default_factory=set)

    def add(self, unit: UnitFacts) -> None:
        """Add those of one file."""
        self._stored += unit.stored
        self._given += unit.stored_by_call
        self._moves += unit.stored_moves

    def settle(self) -> None:
        """Follow each lambda, once all files have been added."""
        for place, variable in self._stored:
            self._hold(variable, place)
        for place, parameter, to in self._given:
            self._hold(parameter, place)  # as it is called in the function itself
            self._hold(self._parameter(to, parameter), place)
        moves: dict[_Variable, set[_Variable]] = {}
        for begin, by, end in self._moves:
            for source in (begin, self._parameter(by, begin)):
                moves.setdefault(source, set()).add(end)
        waiting = [*self._bodies, *self._unread]
        while waiting:
            source = waiting.pop()
            bodies, unread = self._bodies.get(source, set()), source in self._unread
            for target in moves.get(source, ()):
                held = self._bodies.setdefault(target, set())
                if not bodies <= held or (unread and target not in self._unread):
                    held |= bodies
                    self._unread |= {target} if unread else set()
                    waiting.append(target)

    def held_by(self, variable: Place) -> Collection[Place]:
        """The bodies of the functions that a variable or member may hold; none if not all were read."""
        return () if variable in self._unread else self._bodies.get(variable, ())

    def _hold(self, variable: _Variable, place: Place) -> None:
        body = self.declarations.body_at(place)
        if body is None and self.declarations.name_of(place)[1] not in {"", "(lambda)"}:
            body = self.declarations.body_of(place, place.file)
        if body is not None:
            self._bodies.setdefault(variable, set()).add(body)
        else:
            self._unread.add(variable)

    def _parameter(self, function: Place, parameter: Place) -> _Variable:
        body = self.declarations.body_at(function) or self.declarations.body_of(
            function, function.file
        )
        return parameter if body is None else (body, parameter_at(parameter))
