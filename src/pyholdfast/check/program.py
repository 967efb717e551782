"""All functions together: the call graph, and what follows from it.

A function must be called attached if a call in it requires that, or a function that it calls does,
and nothing attaches first. The requirement moves up from CPython's functions until it reaches a
function whose callers are known: Python calls it, or a thread starts with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyholdfast.check.api import kind_of, load
from pyholdfast.check.c_interface import summary_of_scope
from pyholdfast.check.callbacks import (
    Given,
    detached_entries,
    is_pythons_slot,
    is_pythons_table,
    table_name,
)
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.comments import comment_at
from pyholdfast.check.destructors import end_of, is_given_up
from pyholdfast.check.facts import (
    OF_LIBRARIES,
    Event,
    Function,
    Handed,
    UnitFacts,
    line_at,
    name_at,
)
from pyholdfast.check.flow import Walk
from pyholdfast.check.named import with_named, with_waits
from pyholdfast.check.neighbours import argument_of, assigned_to
from pyholdfast.check.passed_lambdas import is_passed
from pyholdfast.check.states import ATTACHED, DETACHED, UNKNOWN, Step, Summary
from pyholdfast.check.structure import Statement, read_body
from pyholdfast.check.tokens import Source, read_source
from pyholdfast.check.transitions import Effects, Guard
from pyholdfast.check.waiting import may_wait
from pyholdfast.check.ways_out import effect_of, outcomes_of
from pyholdfast.paths import include_dir

__all__ = ["Program"]

_ROUNDS = 12
_BY_CLASS = frozenset(
    {"pointer", "destroy", "local", "contained", "plainlocal", "construct", "deferred"}
)
_NOTHING = Source((), (), {}, ())
_MODULE_CALLS = frozenset({"PyModule_Create2", "PyModuleDef_Init", "PyModule_FromDefAndSpec2"})
# Macros that define the function that Python calls to import the module.
_MODULES = frozenset(
    {"PYBIND11_MODULE", "PYBIND11_EMBEDDED_MODULE", "NB_MODULE", "BOOST_PYTHON_MODULE"}
)
_NO_OP_WHERE_DETACHED = frozenset({"detach_guard"})


@dataclass(slots=True)
class Program:
    """The functions of all files.

    Attributes:
        functions: by the place of their body.
        unread: functions whose text could not be followed, and why.
        config_attached: names that the configuration declares to be called attached.
        config_detached: names that the configuration declares to be called detached.
        config_roles: names that the configuration says attach, detach or block.
        entered: functions that a library enters detached: why, and where they are given to it.
        tested: functions whose result a caller tests.
    """

    config_attached: frozenset[str] = frozenset()
    config_detached: frozenset[str] = frozenset()
    config_roles: Mapping[str, str] = field(default_factory=dict)
    functions: dict[Place, Function] = field(default_factory=dict)
    entered: dict[Place, tuple[str, Place]] = field(default_factory=dict)
    tested: set[Place] = field(default_factory=set)
    unread: dict[Place, str] = field(default_factory=dict)
    called: set[Place] = field(default_factory=set)
    summaries: dict[Place, Summary] = field(default_factory=dict)
    _declared: dict[Place, tuple[str, str]] = field(default_factory=dict)
    _marked: set[tuple[str, str]] = field(default_factory=set)
    _marked_in_project: set[tuple[str, str]] = field(default_factory=set)
    _started_elsewhere: bool = False
    _index: dict[tuple[str, str], list[Place]] = field(default_factory=dict)
    _by_place: dict[Place, Place] = field(default_factory=dict)
    _bodies: dict[Place, Statement | None] = field(default_factory=dict)
    _statements: dict[str, set[int]] = field(default_factory=dict)
    _begins: dict[str, set[int]] = field(default_factory=dict)
    _controls: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    _guards: dict[str, Guard | None] = field(default_factory=dict)
    _guard_fields: dict[str, str] = field(default_factory=dict)
    _pointed: dict[str, set[Place]] = field(default_factory=dict)
    _referred: list[tuple[Place, Place, Place]] = field(default_factory=list)
    _handed: list[Handed] = field(default_factory=list)
    _members: dict[str, set[str]] = field(default_factory=dict)
    _resolved: dict[tuple[Place, str], Place | None] = field(default_factory=dict)

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
        self._by_place.update(unit.by_place)
        self._declared.update(unit.declared)
        self._referred += unit.referred
        self._handed += unit.handed
        for owner, held in unit.members.items():
            self._members.setdefault(owner, set()).update(held)
        self._guard_fields.update(unit.guard_fields)
        self._started_elsewhere |= unit.started_elsewhere
        for places, numbers in ((unit.statements, self._statements), (unit.begins, self._begins)):
            for place in places:
                number = read_source(place.file).at(place.line, place.column)
                if number is not None:
                    numbers.setdefault(place.file, set()).add(number)
        for place, kinds in unit.controls.items():
            number = read_source(place.file).at(place.line, place.column)
            if number is not None:
                self._controls.setdefault(place.file, {}).setdefault(number, set()).update(kinds)

    def conclude(self) -> None:
        """Compute the summaries until none changes."""
        self._settle_events()
        for function in self.functions.values():
            function.events = with_waits(function.events, self.target_of)
        given = list(self._given_away())
        self._note_marked()
        sites: dict[Place, set[Place]] = {}
        for function in self.functions.values():
            for event in function.events:
                target = self.target_of(event)
                if target is not None and target != function.body:
                    sites.setdefault(target, set()).add(event.place)
        self.called = set(sites)
        for body, function in self.functions.items():
            if len(sites.get(body, ())) > 1:
                function.events = [
                    e for e in function.events if not self._is_of_a_user(e, function)
                ]
        self._summarise_all()
        self.entered = detached_entries(
            given, self.functions, self.summaries, self._handover_modes(), self.called
        )

    def _summarise_all(self) -> None:
        """Summarise all functions, and those again whose callees have changed, until none does."""
        callers: dict[Place, set[Place]] = {}
        of_classes: set[Place] = set()  # what these do depends on more than the functions they call
        for body, function in self.functions.items():
            for event in function.events:
                target = self.target_of(event)
                if target is not None:
                    callers.setdefault(target, set()).add(body)
                if event.kind in _BY_CLASS:
                    of_classes.add(body)
        waiting = set(self.functions)
        for _ in range(_ROUNDS):
            self._guards.clear()
            changed = set()
            for body in [body for body in self.functions if body in waiting]:
                summary = self._summarise(self.functions[body])
                if summary != self.summaries.get(body):
                    self.summaries[body] = summary
                    changed.add(body)
            if not changed:
                break
            waiting = of_classes.union(*(callers.get(body, set()) for body in changed))

    def _handover_modes(self) -> dict[Place, set[str]]:
        """The modes of the calls that give a function to a library, by the place of the call."""
        modes: dict[Place, set[str]] = {}
        for function in self.functions.values():
            if any(event.kind == "handover" for event in function.events):
                walk = self.walk(function, self.entry_of(function))
                for place, seen in walk.effects.modes.items():
                    modes.setdefault(place, set()).update(seen)
        return modes

    def _settle_events(self) -> None:
        """Decide what the events of each function are, now that all functions are known."""
        own = {function.name for function in self.functions.values()}
        guards = {event.name for function in self.functions.values() for event in function.events
                  if event.kind in {"attach", "detach"}}  # fmt: skip
        for function in self.functions.values():
            function.events = [
                replace(event, kind="call")
                if event.kind == "api" and event.name in own and event.name not in load()
                else event
                for event in function.events
            ]  # the project's own functions may also be called Py...
            function.events = [  # a known guard counts by what it does, not by its own code
                event
                for event in function.events
                if (event.kind not in {"construct", "local"} or event.name not in guards)
                and (event.kind != "block" or may_wait(event, function))
            ]
            function.events = with_named(function, self.config_roles, self._declared)
            function.events.sort(key=lambda e: (e.place.line, e.place.column, e.order))
            self._index.setdefault((function.owner, function.name), []).append(function.body)

    def walk(self, function: Function, entry: str) -> Walk:
        """Follow a thread through a function."""
        effects = Effects(self._summary_of, self._guard_of, is_answered_for=_is_answered_for)
        body, source, controls = None, _NOTHING, dict[int, set[str]]()
        if self._is_moving(function, effects):
            source = read_source(function.body.file)
            effects.argument_of = lambda event: argument_of(source, event.place)
            body = self._body(function)
            controls = self._controls.get(function.body.file, {})
            if body is not None:
                stop = body.stop
                effects.is_moved = lambda event: is_given_up(event, stop)
        walk = Walk(function, source, body, effects, controls)
        sure = {"signature", "holder", "table", "marked", "thread", "call_guard"}
        walk.run(entry, known=bool(sure & function.marks) or function.name == "main")
        return walk

    def body_of(self, function: Function) -> Statement | None:
        """A function's statements; None if its text could not be followed."""
        return self._body(function)

    def entry_of(self, function: Function) -> str:
        """The mode that a function is called in, as far as it can be determined."""
        shown = {function.name, f"{function.owner}::{function.name}"}
        if shown & self.config_detached or "thread" in function.marks:
            return DETACHED
        if "call_guard" in function.marks:
            return DETACHED
        if shown & self.config_attached or "marked" in function.marks:
            return ATTACHED
        if self._is_marked_elsewhere(function):
            return ATTACHED
        if function.name == "main" and not function.owner:
            return UNKNOWN if self._started_elsewhere else DETACHED
        if self.summaries.get(function.body, Summary()).requires != ATTACHED:
            return UNKNOWN
        if _is_module_start(function):
            return ATTACHED
        if function.body in self.entered:
            return DETACHED
        evidence = {"signature", "holder", "table", "handed"} & function.marks
        return ATTACHED if evidence else UNKNOWN

    @property
    def is_module(self) -> bool:
        """Whether the files make an extension module: then Python calls functions without a caller.

        A host may also make modules: code that starts Python is a host.
        """
        calls = {event.name for function in self.functions.values() for event in function.events
                 if event.kind == "api"}  # fmt: skip
        if any(kind_of(name) == "start" for name in calls):
            return False
        return any(_is_module_start(function) for function in self.functions.values())

    def target_of(self, event: Event) -> Place | None:
        """The body of the function that an event calls, if it was read."""
        if event.kind not in {"call", "construct", "deferred"}:
            return None
        return self._resolve(event.target, event.place.file)

    def destructor_of(self, place: Place) -> Summary | None:
        """The summary of a destructor, by its declaration."""
        body = self._resolve(place, place.file)
        return self.summaries.get(body) if body is not None else None

    def _is_of_a_user(self, event: Event, function: Function) -> bool:
        """Whether an event calls a lambda passed by one user; other users may pass other ones."""
        target = self.target_of(event)
        return target is not None and is_passed(self.functions[target], function)

    # Finding functions

    def _resolve(self, target: Place, file: str) -> Place | None:
        key = (target, file)
        if key not in self._resolved:
            self._resolved[key] = self._find(target, file)
        return self._resolved[key]

    def _find(self, target: Place, file: str) -> Place | None:
        body = self._by_place.get(target)
        if body is not None:
            return body
        owner, name = self._declared.get(target) or name_at(target)
        candidates = self._index.get((owner, name), [])
        same = [body for body in candidates if body.file in {file, target.file}]
        if same:
            return same[0]
        visible = [body for body in candidates if not self.functions[body].local]
        return visible[0] if len(visible) >= 1 else None

    def _given_away(self) -> Iterator[Given]:
        """Find functions whose address goes into a table, or is passed to another function."""
        passed = {item.place: item for item in self._handed}
        called = {event.name for function in self.functions.values() for event in function.events
                  if event.kind == "pointer"}  # fmt: skip
        for target, by, place in self._referred:
            body = self._resolve(target, target.file)
            if body is None:
                continue
            marks = self.functions[body].marks
            pointer = assigned_to(place)
            if pointer:
                self._pointed.setdefault(pointer, set()).add(body)
            user = self._by_place.get(by)
            handed = passed.get(place)
            if user is None:
                marks.add("table" if is_pythons_table(by) else "stored")
                if "stored" in marks:
                    yield Given(body, table_name(by), by, place.file, None)
            elif handed is not None:
                yield from self._handed_over(handed, body, self.functions[user])
            elif pointer and not is_pythons_slot(pointer):
                marks.add("stored" if pointer in called else "foreign")
                yield Given(body, pointer, place, place.file, None)
            else:
                marks.add("handed")

    def _note_marked(self) -> None:
        """Collect the names of the functions that are declared to be called attached."""
        for place, named in self._declared.items():
            if "HOLDFAST_REQUIRES_ATTACHED" in line_at(place):
                self._marked.add(named)
                if not Path(place.file).is_relative_to(include_dir()):
                    self._marked_in_project.add(named)

    def _handed_over(self, handed: Handed, body: Place, user: Function) -> Iterator[Given]:
        """A function that is an argument: of Python's functions, the project's, or a library's."""
        marks = self.functions[body].marks
        name = name_at(handed.to)[1]
        if name.startswith(("Py", "_Py")) or OF_LIBRARIES.search(handed.to.file):
            marks.add("handed")
        elif self._resolve(handed.to, handed.to.file) is not None:
            marks.add("stored")
        else:
            marks.add("foreign")
            user.events.append(Event("handover", name, handed.call, handed.to))
            yield Given(body, name, handed.place, handed.place.file, handed.call, handed.to)

    # Summaries

    def _summary_of(self, event: Event) -> Summary | None:
        if event.kind == "pointer":
            return self._summary_of_pointer(event.name)
        if event.kind == "named":
            return Summary(effect=self.config_roles[event.name])
        if event.kind == "destroy":
            return self._end_of(event.name, event.target)
        body = self.target_of(event)
        if body is None:
            owner, name = self._declared.get(event.target, ("", ""))
            if (owner, name) in self._marked or name in self.config_attached:
                return Summary(ATTACHED, (Step(event.target, f"{name}() is declared to need it"),))
            return summary_of_scope(event)
        return self.summaries.get(body)

    def _summary_of_pointer(self, name: str) -> Summary | None:
        """The summary for a call through a pointer, which may be any of several functions."""
        known = [self.summaries[body] for body in self._pointed.get(name, ())
                 if body in self.summaries]  # fmt: skip
        changing = {summary.effect: summary for summary in known if summary.effect}
        if not changing:
            return None
        if len(changing) == 1:  # the others do nothing, until the real one is put in
            return next(iter(changing.values()))
        return Summary(effect="varies")

    def _end_of(self, name: str, place: Place) -> Summary | None:
        """What the end of an object of a class does."""
        return end_of(name, self._destructor_of, self._members, place)

    def _destructor_of(self, name: str) -> Summary | None:
        bodies = self._index.get((name, "~" + name), ())
        return next((self.summaries[body] for body in bodies if body in self.summaries), None)

    def _guard_of(self, kind: str, name: str) -> Guard | None:
        if kind in {"attach", "detach"}:
            needs = kind == "detach" and name not in _NO_OP_WHERE_DETACHED
            return Guard(kind, ATTACHED if needs else UNKNOWN)
        if kind == "bindinglocal":
            return Guard("object")
        if name not in self._guards:
            self._guards[name] = self._class_as_guard(name)
        return self._guards[name]

    def _class_as_guard(self, name: str) -> Guard | None:
        makers = [self.summaries.get(body) for body in self._index.get((name, name), ())]
        enders = [self.summaries.get(body) for body in self._index.get((name, "~" + name), ())]
        effects = {summary.effect for summary in makers if summary is not None}
        ends = {summary.effect for summary in enders if summary is not None}
        requires = next((s.requires for s in makers if s is not None), UNKNOWN)
        if "end" in ends and effects & {"begin", "start"}:
            return Guard("python", leaves=ATTACHED if "start" in effects else DETACHED)
        if "acquire" in effects and "release" in ends:
            return Guard("attach", requires)
        if "restore" in effects and ("save" in ends or any(s and s.detaches for s in enders)):
            return Guard("attach", UNKNOWN)
        if "save" in effects and "restore" in ends:
            return Guard("detach", requires)
        if any(s is not None and s.may_save for s in makers) and "varies" in ends:
            return Guard("detach", requires)  # if attached; else the thread stays detached
        if name in self._guard_fields:
            return Guard(self._guard_fields[name])
        if any(s is not None and s.requires == ATTACHED and not s.effect for s in enders):
            return Guard("object")
        if not enders or not any(ends):
            ended = self._end_of(name, Place("", 0, 0))
            if ended is not None and ended.requires == ATTACHED and not ended.effect:
                return Guard("object")
        return None

    def _summarise(self, function: Function) -> Summary:
        walk = self.walk(function, UNKNOWN)
        requires, path = walk.effects.requires, walk.effects.path
        if not path and self._is_declared_attached(function):
            requires = ATTACHED
            path = (Step(function.place, f"{function.name}() is declared to need it"),)
        blocks = walk.effects.blocks if requires != ATTACHED else ()
        ends = [end.state for end in walk.exits if not end.thrown]
        saved = [state.last("saved") for state in ends]
        acquired = [state.last("acquire") is not None for state in ends]
        owed = [state.owed > 0 for state in ends]
        reached = walk.body is None or any(not end.thrown for end in walk.exits)
        outcomes = outcomes_of(walk) if walk.body is not None else ()
        if outcomes and len({effect for _, effect in outcomes}) == 1:
            outcomes = ()
        return Summary(
            requires,
            path,
            effect_of(walk, requires),
            blocks,
            outcomes=outcomes,
            attaches=walk.effects.attaches,
            late=walk.effects.late,
            may_acquire=any(acquired) and not all(acquired),
            always_releases=bool(owed) and all(owed),
            returns=reached or any(end.thrown for end in walk.exits),
            may_save=any(saved),
            returns_saved=all(entry and entry.refusable == "return" for entry in saved),
            detaches=requires == ATTACHED
            and all(end.state.mode == DETACHED for end in walk.exits if not end.thrown),
        )

    def _is_declared_attached(self, function: Function) -> bool:
        named = {function.name, f"{function.owner}::{function.name}"}
        return bool(
            named & self.config_attached
            or "marked" in function.marks
            or self._is_marked_elsewhere(function)
        )

    def _is_marked_elsewhere(self, function: Function) -> bool:
        """Whether a declaration that its file does not include is marked.

        Declarations are compared by name, so those of holdfast's own headers do not count.
        """
        return not function.local and (function.owner, function.name) in self._marked_in_project

    def _is_moving(self, function: Function, effects: Effects) -> bool:
        """Whether the order of a function's statements matters."""
        return any(
            effects.changes_state(event)
            or (event.kind in {"local", "bindinglocal", "contained", "plainlocal"}
                and self._guard_of(event.kind, event.name) is not None)
            for event in function.events
        )  # fmt: skip

    def _body(self, function: Function) -> Statement | None:
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


def _is_answered_for(place: Place, code: str) -> bool:
    """Whether a comment at a call accepts a code and gives a reason."""
    comment = comment_at(place)
    return comment is not None and code in comment.codes and comment.reason != ""


def _is_module_start(function: Function) -> bool:
    made = any(event.kind == "api" and event.name in _MODULE_CALLS for event in function.events)
    return made or function.name in _MODULES or function.name.startswith("PyInit_")
