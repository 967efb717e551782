"""Which function a declaration stands for, across the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Function, UnitFacts
from pyholdfast.check.overloads import may_be_one, most_alike
from pyholdfast.check.written import line_at, name_at
from pyholdfast.paths import include_dir

__all__ = ["Declarations"]


@dataclass(slots=True)
class Declarations:
    """The declarations of all files.

    Attributes:
        functions: those with a body, by its place.
        named: class and name of each declaration that is used.
        bodies: of each class and name.
    """

    functions: Mapping[Place, Function]
    named: dict[Place, tuple[str, str]] = field(default_factory=dict)
    bodies: dict[tuple[str, str], list[Place]] = field(default_factory=dict)
    _by_place: dict[Place, Place] = field(default_factory=dict)
    _found: dict[tuple[Place, str], Place | None] = field(default_factory=dict)
    _marked: dict[tuple[str, str], bool] = field(default_factory=dict)
    _class_of: dict[Place, Place] = field(default_factory=dict)
    _units: dict[Place, set[int]] = field(default_factory=dict)
    _unit: int = 0

    def add(self, unit: UnitFacts) -> None:
        """Add those of one file."""
        self._by_place.update(unit.by_place)
        self.named.update(unit.declared)
        self._class_of.update(unit.class_of)
        for place in (*unit.functions, *unit.declared):
            self._units.setdefault(place, set()).add(self._unit)
        self._unit += 1

    def settle(self) -> None:
        """Index the functions, and note those that are declared to be called attached."""
        for body, function in self.functions.items():
            self.bodies.setdefault((function.owner, function.name), []).append(body)
        ours = include_dir()
        for place, name in self.named.items():
            if "HOLDFAST_REQUIRES_ATTACHED" in line_at(place):
                of_project = not Path(place.file).is_relative_to(ours)
                self._marked[name] = of_project or self._marked.get(name, False)

    def body_at(self, place: Place) -> Place | None:
        """The body of the function whose definition begins at a place."""
        return self._by_place.get(place)

    def body_of(self, target: Place, file: str) -> Place | None:
        """The body of the function that a declaration stands for, as seen from a file."""
        key = (target, file)
        if key not in self._found:
            self._found[key] = self._find(target, file)
        return self._found[key]

    def name_of(self, target: Place) -> tuple[str, str]:
        """Class and name of a declaration; empty if it is not known."""
        return self.named.get(target, ("", ""))

    def is_marked(self, target: Place) -> bool:
        """Whether a function without a body is declared to be called attached."""
        return self.name_of(target) in self._marked

    def is_marked_elsewhere(self, function: Function) -> bool:
        """Whether a declaration that its file does not include is marked.

        Declarations are compared by name, so those of holdfast's own headers do not count.
        """
        return not function.local and self._marked.get((function.owner, function.name), False)

    def _find(self, target: Place, file: str) -> Place | None:
        body = self._by_place.get(target)
        if body is not None:
            return body
        owner, name = self.named.get(target) or name_at(target)
        candidates = [
            body for body in self.bodies.get((owner, name), []) if self._may_define(body, target)
        ]
        same = [body for body in candidates if body.file in {file, target.file}]
        if same:
            return self._overload(target, name, same)
        with_it = [body for body in candidates if self._units_of(body) & self._units_of(target)]
        visible = [body for body in candidates if not self.functions[body].local]
        return self._overload(target, name, with_it or visible)

    def _may_define(self, body: Place, target: Place) -> bool:
        """Whether a function may be the one that is declared: classes may have the same name."""
        place = self.functions[body].place
        if not may_be_one(target, self.functions[body].name, place):
            return False
        owner = self._class_of.get(place)
        declared_in = self._class_of.get(target)
        if owner is None:
            return declared_in is None
        return declared_in == owner if declared_in is not None else target.file == owner.file

    def _units_of(self, place: Place) -> set[int]:
        """The files of which a function, or a declaration, is a part."""
        return self._units.get(place, set())

    def _overload(self, target: Place, name: str, bodies: Sequence[Place]) -> Place | None:
        if len(bodies) <= 1:
            return bodies[0] if bodies else None
        places = [self.functions[body].place for body in bodies]
        return bodies[most_alike(target, name, places)]
