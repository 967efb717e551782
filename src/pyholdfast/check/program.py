"""All functions together: the call graph, and what follows from it.

A function must be called attached if a call in it requires that, or a function that it calls does,
and nothing attaches first. The requirement moves up from CPython's functions until it reaches a
function whose callers are known: Python calls it, or a thread starts with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pyholdfast.check.api import kind_of
from pyholdfast.check.callbacks import detached_entries
from pyholdfast.check.callees import Callees
from pyholdfast.check.callers import called_detached
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.classes import Classes
from pyholdfast.check.comments import comment_at
from pyholdfast.check.conditions import asks
from pyholdfast.check.declarations import Declarations
from pyholdfast.check.deleters import enders
from pyholdfast.check.destructors import is_given_up
from pyholdfast.check.entries import EVIDENCE, Entries, is_module_start
from pyholdfast.check.facts import Event, Function, Handed, KeptObject, UnitFacts
from pyholdfast.check.flow import Walk
from pyholdfast.check.function_texts import FunctionTexts
from pyholdfast.check.given_away import GivenAway
from pyholdfast.check.given_objects import given_lambdas, given_methods, mark_guarded
from pyholdfast.check.named import with_waits
from pyholdfast.check.neighbours import argument_of, arguments_of
from pyholdfast.check.outside_calls import add_outside_calls
from pyholdfast.check.passed_lambdas import is_passed
from pyholdfast.check.settled_events import settle_events
from pyholdfast.check.states import UNKNOWN, Step, Summary
from pyholdfast.check.structure import Statement
from pyholdfast.check.summarise import summary_of
from pyholdfast.check.tokens import Source, read_source
from pyholdfast.check.transitions import Effects
from pyholdfast.check.waited_callbacks import awaited
from pyholdfast.check.waiting import is_at_once

__all__ = ["Program"]

_ROUNDS = 12
_BY_CLASS = frozenset(
    {"pointer", "storedcall", "destroy", "local", "contained", "plainlocal", "construct",
     "deferred"}
)  # fmt: skip
_NOTHING = Source((), (), {}, ())


@dataclass(slots=True)
class Program:
    """The functions of all files.

    Attributes:
        functions: by the place of their body.
        config_attached: names that the configuration declares to be called attached.
        config_detached: names that the configuration declares to be called detached.
        config_roles: names that the configuration says attach, detach or block.
        tested: functions whose result a caller tests.
        bound_waits: functions of other code that may wait, and are bound without a guard.
        kept_objects: Python objects that something keeps which is given to a library.
    """

    config_attached: frozenset[str] = frozenset()
    config_detached: frozenset[str] = frozenset()
    config_roles: Mapping[str, str] = field(default_factory=dict)
    functions: dict[Place, Function] = field(default_factory=dict)
    tested: set[Place] = field(default_factory=set)
    called: set[Place] = field(default_factory=set)
    bound_waits: list[Event] = field(default_factory=list)
    kept_objects: list[KeptObject] = field(default_factory=list)
    summaries: dict[Place, Summary] = field(default_factory=dict)
    _callers: dict[Place, set[Place]] = field(default_factory=dict)
    _declarations: Declarations = field(init=False)
    _classes: Classes = field(init=False)
    _given: GivenAway = field(init=False)
    _texts: FunctionTexts = field(default_factory=FunctionTexts)
    _bound: set[str] = field(default_factory=set)
    _guarding: set[Place] = field(default_factory=set)
    _referred: list[tuple[Place, Place, Place]] = field(default_factory=list)
    _handed: list[Handed] = field(default_factory=list)
    _keepers: dict[Place, frozenset[str]] = field(default_factory=dict)
    _lambdas: list[Handed] = field(default_factory=list)
    _waited_for: Mapping[Place, Step] = field(default_factory=dict)
    _callees: Callees = field(init=False)
    _entries: Entries = field(init=False)

    def __post_init__(self) -> None:
        self._declarations = Declarations(self.functions)
        self._classes = Classes(self._declarations.bodies, self.summaries)
        self._given = GivenAway(self._declarations)
        self._callees = Callees(
            self._declarations,
            self._classes,
            self.summaries,
            self._given.pointed,
            self.config_attached,
            self.config_roles,
        )
        self._entries = Entries(
            self.config_attached, self.config_detached, self._declarations, self.summaries
        )

    def add(self, unit: UnitFacts) -> None:
        """Add the facts of one file; a header's functions may be added several times."""
        for body, function in unit.functions.items():
            known = self.functions.get(body)
            if known is None:
                self.functions[body] = function
            else:
                known.marks |= function.marks
                known.passed = known.passed or function.passed
                known.spawner = known.spawner or function.spawner
                if len(function.events) > len(known.events):
                    known.events = function.events
                known.shared = known.shared or function.shared
                known.by_value = known.by_value or function.by_value
        self._declarations.add(unit)
        self._classes.add(unit)
        self._referred += unit.referred
        self._handed += unit.handed
        self._keepers |= unit.keepers
        self._lambdas += unit.lambdas
        self._callees.add(unit)
        self._bound |= unit.bound
        self._guarding |= unit.guarding
        self.bound_waits += unit.bound_waits
        self.kept_objects += unit.kept_objects
        self._entries.started_elsewhere |= unit.started_elsewhere
        self._texts.add(unit)

    def conclude(self) -> None:
        """Compute the summaries until none changes."""
        settle_events(self.functions, self._declarations, self._bound, self.config_roles)
        self._declarations.settle()
        self._callees.settle()
        mark_guarded(self._lambdas, self._guarding, self._declarations)
        for function in self.functions.values():
            function.events = with_waits(function, self._callees.is_read)
        self.bound_waits = [event for event in self.bound_waits if not self._callees.is_read(event)]
        given = [
            *self._given.find(self._referred, self._handed, self._keepers),
            *given_lambdas(self._lambdas, self._declarations),
            *given_methods(self._callees.overrides, self._declarations),
        ]
        add_outside_calls(self.functions, given)
        sites: dict[Place, set[Place]] = {}
        for function in self.functions.values():
            for event in function.events:
                target = self.target_of(event)
                if target is not None and target != function.body:
                    sites.setdefault(target, set()).add(event.place)
                    self._callers.setdefault(target, set()).add(function.body)
        self.called = set(sites)
        for body, function in self.functions.items():
            if len(sites.get(body, ())) > 1:
                function.events = [
                    e for e in function.events if not self._is_of_a_user(e, function)
                ]
        self._summarise_all()
        locking = self._modes({"slow"})
        self._waited_for = awaited(self.functions, given, self.summaries, locking)
        if self._waited_for:
            self._summarise_all()
        modes = self._modes({"handover", "block", "outside"}) if given else {}
        entered = detached_entries(given, self.functions, self.summaries, modes, self.called)
        self._entries.entered = dict(enders(given, self.functions, self.summaries)) | entered

    def _summarise_all(self) -> None:
        """Summarise all functions, and those again whose callees have changed, until none does."""
        callers: dict[Place, set[Place]] = {}
        of_classes: set[Place] = set()  # what these do depends on more than the functions they call
        for body, function in self.functions.items():
            for event in function.events:
                target = self.target_of(event)
                targets = (target,) if target is not None else self._callees.overriders_of(event)
                for called in targets:
                    callers.setdefault(called, set()).add(body)
                if event.kind in _BY_CLASS:
                    of_classes.add(body)
        waiting = set(self.functions)
        for _ in range(_ROUNDS):
            self._classes.forget()
            changed = set()
            for body in [body for body in self.functions if body in waiting]:
                summary = self._summarise(self.functions[body])
                if summary != self.summaries.get(body):
                    self.summaries[body] = summary
                    changed.add(body)
            if not changed:
                break
            waiting = of_classes.union(*(callers.get(body, set()) for body in changed))

    def _modes(self, kinds: Collection[str]) -> dict[Place, set[str]]:
        """The modes in which events of some kinds happen, by their place."""
        modes: dict[Place, set[str]] = {}
        for function in self.functions.values():
            if any(event.kind in kinds for event in function.events):
                walk = self.walk(function, self.entry_of(function))
                for place, seen in walk.effects.modes.items():
                    modes.setdefault(place, set()).update(seen)
        return modes

    def is_called_detached(self, function: Function) -> bool:
        """Whether only a call in it, or its class, says that it is called attached, and no caller does."""
        if (EVIDENCE | {"marked", "bound"}) & function.marks - {"holder"}:
            return False
        return function.body in called_detached(
            {function.body}, self._callers, self._modes_of_calls
        )

    def _modes_of_calls(self, caller: Place) -> dict[Place, set[str]]:
        function = self.functions[caller]
        calls = self.walk(function, self.entry_of(function)).effects.calls
        modes: dict[Place, set[str]] = {}
        for event in function.events:
            target = self.target_of(event)
            if target is not None:
                modes.setdefault(target, set()).update(calls.get(event.place, ()))
        return modes

    def walk(self, function: Function, entry: str) -> Walk:
        """Follow a thread through a function."""
        effects = Effects(
            summary_of=self._callees.summary_of,
            guard_of=self._classes.guard_of,
            is_answered_for=_is_answered_for,
            is_at_once=self._is_at_once,
            is_read=self._callees.is_read,
            waited_for=self._waited_for,
            before_start=function.name == "main" and not function.owner,
        )
        body, source = None, _NOTHING
        controls: Mapping[int, Mapping[str, tuple[Place, ...]]] = {}
        if self._is_moving(function, effects):
            source = read_source(function.body.file)
            effects.argument_of = lambda event: argument_of(source, event.place)
            body = self._texts.body_of(function)
            controls = self._texts.controls_of(function.body.file)
            if body is not None:
                stop = body.stop
                effects.is_moved = lambda event: is_given_up(event, stop)
        walk = Walk(function=function, source=source, body=body, effects=effects, controls=controls)
        sure = {"signature", "holder", "table", "marked", "bound", "thread", "call_guard"}
        walk.run(entry, known=bool(sure & function.marks) or function.name == "main")
        return walk

    @property
    def unread(self) -> Mapping[Place, str]:
        """The functions whose text could not be followed, and why."""
        return self._texts.unread

    def body_of(self, function: Function) -> Statement | None:
        """A function's statements; None if its text could not be followed."""
        return self._texts.body_of(function)

    def entry_of(self, function: Function) -> str:
        """The mode that a function is called in, as far as it can be determined."""
        return self._entries.mode_of(function)

    @property
    def entered(self) -> Mapping[Place, tuple[str, Place]]:
        """The functions that a library enters detached: why, and where they are given to it."""
        return self._entries.entered

    @property
    def is_module(self) -> bool:
        """Whether the files make an extension module: then Python calls functions without a caller.

        A host may also make modules: code that starts Python is a host.
        """
        calls = {event.name for function in self.functions.values() for event in function.events
                 if event.kind == "api"}  # fmt: skip
        if any(kind_of(name) == "start" for name in calls):
            return False
        return any(is_module_start(function) for function in self.functions.values())

    def target_of(self, event: Event) -> Place | None:
        """The body of the function that an event calls, if it was read."""
        return self._callees.target_of(event)

    def body_at(self, declaration: Place) -> Place | None:
        """The body of a function that was read, by a declaration."""
        return self._declarations.body_of(declaration, declaration.file)

    def destructor_of(self, place: Place) -> Summary | None:
        """The summary of a destructor, by its declaration."""
        return self._callees.destructor_of(place)

    def _is_of_a_user(self, event: Event, function: Function) -> bool:
        """Whether an event calls a lambda passed by one user; other users may pass other ones."""
        target = self.target_of(event)
        return target is not None and is_passed(self.functions[target], function)

    def _is_at_once(self, event: Event) -> bool:
        """Whether the arguments of a call say that the called function does not wait."""
        body = self.target_of(event)
        arguments = arguments_of(event.place, event.name)
        return body is not None and is_at_once(arguments, self.functions[body])

    # Summaries

    def _summarise(self, function: Function) -> Summary:
        return summary_of(
            self.walk(function, UNKNOWN), declared=self._entries.is_declared_attached(function)
        )

    def _is_moving(self, function: Function, effects: Effects) -> bool:
        """Whether the order of a function's statements matters."""
        return any(
            effects.changes_state(event)
            or (event.kind in {"local", "bindinglocal", "contained", "plainlocal"}
                and self._classes.guard_of(event.kind, event.name) is not None)
            for event in function.events
        ) or (bool(function.events) and asks(read_source(function.body.file), function.body))  # fmt: skip


def _is_answered_for(place: Place, code: str) -> bool:
    """Whether a comment at a call accepts a code and gives a reason."""
    comment = comment_at(place)
    return comment is not None and code in comment.codes and comment.reason != ""
