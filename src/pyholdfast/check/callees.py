"""Which functions a call may run, and what is known of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pyholdfast.check.c_interface import summary_of_scope
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.classes import Classes
from pyholdfast.check.declarations import Declarations
from pyholdfast.check.facts import Event, UnitFacts
from pyholdfast.check.library_tables import KNOWN_MEMBERS
from pyholdfast.check.overloads import overriding
from pyholdfast.check.several_callees import by_pointer, needed_by, of_virtual
from pyholdfast.check.states import ATTACHED, Step, Summary
from pyholdfast.check.stored_functions import StoredFunctions

__all__ = ["Callees"]


@dataclass(slots=True)
class Callees:
    """The functions behind the calls of all files.

    Attributes:
        declarations: of all files.
        classes: of all files.
        summaries: of the functions that were read, by the place of their body.
        pointed: the functions that each pointer may point to, by its name.
        attached: names that the configuration declares to be called attached.
        roles: names that the configuration says attach, detach or block.
        overrides: virtual methods, each with the class whose method it overrides.
    """

    declarations: Declarations
    classes: Classes
    summaries: Mapping[Place, Summary]
    pointed: Mapping[str, set[Place]]
    attached: Collection[str]
    roles: Mapping[str, str]
    overrides: list[tuple[Place, str]] = field(default_factory=list)
    _overriders: dict[tuple[str, str], set[Place]] = field(default_factory=dict)
    _stored: StoredFunctions = field(init=False)

    def __post_init__(self) -> None:
        self._stored = StoredFunctions(self.declarations)

    def add(self, unit: UnitFacts) -> None:
        """Add those of one file."""
        self.overrides += unit.overrides
        self._stored.add(unit)

    def settle(self) -> None:
        """Find what a virtual method, or a std::function, may run, once all files have been added."""
        for place, base in self.overrides:
            body = self.declarations.body_at(place)
            if body is not None:
                key = (base, self.declarations.functions[body].name)
                self._overriders.setdefault(key, set()).add(body)
        self._stored.settle()

    def target_of(self, event: Event) -> Place | None:
        """The body of the function that an event calls, if it was read."""
        if event.kind not in {"call", "construct", "deferred"}:
            return None
        return self.declarations.body_of(event.target, event.place.file)

    def overriders_of(self, event: Event) -> Collection[Place]:
        """The methods that a call of a virtual method without a body may run."""
        named = self.declarations.name_of(event.target)
        if named not in self._overriders:
            return ()
        bodies = sorted(self._overriders[named])
        places = [self.declarations.functions[body].place for body in bodies]
        return [bodies[number] for number in overriding(event.target, named[1], places)]

    def is_read(self, event: Event) -> bool:
        """Whether a function that an event calls was read."""
        body = self.declarations.body_of(event.target, event.place.file)
        return body is not None or bool(self.overriders_of(event))

    def destructor_of(self, place: Place) -> Summary | None:
        """The summary of a destructor, by its declaration."""
        body = self.declarations.body_of(place, place.file)
        return self.summaries.get(body) if body is not None else None

    def summary_of(self, event: Event) -> Summary | None:
        """The summary for a call; None if nothing is known of it."""
        if event.kind == "pointer":
            return self._by_pointer(event)
        if event.kind == "storedcall":
            return of_virtual(self._known(self._stored.held_by(event.target)))
        if event.kind == "named":
            return Summary(effect=self.roles[event.name])
        if event.kind == "destroy":
            return self.classes.end_of(event.name, event.target)
        body = self.target_of(event)
        if body is not None:
            return self.summaries.get(body)
        if overriders := self.overriders_of(event):
            return of_virtual(self._known(overriders))
        _, name = self.declarations.name_of(event.target)
        if self.declarations.is_marked(event.target) or name in self.attached:
            return Summary(ATTACHED, (Step(event.target, f"{name}() is declared to need it"),))
        return summary_of_scope(event)

    def _by_pointer(self, event: Event) -> Summary | None:
        if known := KNOWN_MEMBERS.get(self.declarations.name_of(event.target)):
            return known
        held = self._stored.held_by(event.target)
        pointed = {*self.pointed.get(event.name, ()), *held}
        return by_pointer(self._known(pointed)) or needed_by(self._known(held))

    def _known(self, bodies: Iterable[Place]) -> list[Summary]:
        return [self.summaries[body] for body in sorted(bodies) if body in self.summaries]
