"""The text of each function, as statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Function, UnitFacts
from pyholdfast.check.structure import Statement, read_body
from pyholdfast.check.tokens import read_source

__all__ = ["FunctionTexts"]


@dataclass(slots=True)
class FunctionTexts:
    """Reads functions with what the compiler said about their statements.

    Attributes:
        unread: functions whose text could not be followed, and why.
    """

    unread: dict[Place, str] = field(default_factory=dict)
    _bodies: dict[Place, Statement | None] = field(default_factory=dict)
    _statements: dict[str, set[int]] = field(default_factory=dict)
    _begins: dict[str, set[int]] = field(default_factory=dict)
    _controls: dict[str, dict[int, dict[str, tuple[Place, ...]]]] = field(default_factory=dict)

    def add(self, unit: UnitFacts) -> None:
        """Add what the compiler said about one file."""
        for places, numbers in ((unit.statements, self._statements), (unit.begins, self._begins)):
            for place in places:
                number = read_source(place.file).at(place.line, place.column)
                if number is not None:
                    numbers.setdefault(place.file, set()).add(number)
        for place, kinds in unit.controls.items():
            number = read_source(place.file).at(place.line, place.column)
            if number is not None:
                self._controls.setdefault(place.file, {}).setdefault(number, {}).update(kinds)

    def controls_of(self, file: str) -> Mapping[int, Mapping[str, tuple[Place, ...]]]:
        """Control flow that macros hide, by token, each kind with its place in the macro."""
        return self._controls.get(file, {})

    def body_of(self, function: Function) -> Statement | None:
        """A function's statements; None if its text could not be followed."""
        if function.body not in self._bodies:
            self._bodies[function.body] = self._read(function)
        return self._bodies[function.body]

    def _read(self, function: Function) -> Statement | None:
        source = read_source(function.body.file)
        opening = source.at(function.body.line, function.body.column)
        if opening is None:
            self.unread[function.body] = "its text could not be found"
            return None
        places = self._statements.get(function.body.file, set())
        seen = {source.at(e.place.line, e.place.column) for e in function.events}
        try:
            begins = self._begins.get(function.body.file, set())
            return read_body(source, opening, places | {n for n in seen if n is not None}, begins)
        except ValueError as error:
            self.unread[function.body] = str(error)
            return None
