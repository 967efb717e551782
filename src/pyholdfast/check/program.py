"""All functions together: the call graph, and what follows from it.

A function must be called attached if a call in it requires that, or a function that it calls does,
and nothing attaches first. The requirement moves up from CPython's functions until it reaches a
function whose callers are known: Python calls it, or a thread starts with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pyholdfast.check.api import kind_of, load
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.comments import comment_at
from pyholdfast.check.facts import Event, Function, UnitFacts, line_at, name_at
from pyholdfast.check.flow import Walk
from pyholdfast.check.passed_lambdas import is_passed
from pyholdfast.check.states import ATTACHED, DETACHED, UNKNOWN, State, Step, Summary
from pyholdfast.check.structure import Statement, read_body
from pyholdfast.check.tokens import Source, read_source
from pyholdfast.check.transitions import Effects, Guard
from pyholdfast.check.waiting import may_wait

__all__ = ["Program"]

_ROUNDS = 12
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
    """

    config_attached: frozenset[str] = frozenset()
    config_detached: frozenset[str] = frozenset()
    functions: dict[Place, Function] = field(default_factory=dict)
    unread: dict[Place, str] = field(default_factory=dict)
    called: set[Place] = field(default_factory=set)
    summaries: dict[Place, Summary] = field(default_factory=dict)
    _declared: dict[Place, tuple[str, str]] = field(default_factory=dict)
    _marked: set[tuple[str, str]] = field(default_factory=set)
    _index: dict[tuple[str, str], list[Place]] = field(default_factory=dict)
    _by_place: dict[Place, Place] = field(default_factory=dict)
    _bodies: dict[Place, Statement | None] = field(default_factory=dict)
    _statements: dict[str, set[int]] = field(default_factory=dict)
    _controls: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    _guards: dict[str, Guard | None] = field(default_factory=dict)
    _guard_fields: dict[str, str] = field(default_factory=dict)
    _pointed: dict[str, set[Place]] = field(default_factory=dict)
    _referred: list[tuple[Place, Place, Place]] = field(default_factory=list)
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
        self._guard_fields.update(unit.guard_fields)
        for place in unit.statements:
            number = read_source(place.file).at(place.line, place.column)
            if number is not None:
                self._statements.setdefault(place.file, set()).add(number)
        for place, kinds in unit.controls.items():
            number = read_source(place.file).at(place.line, place.column)
            if number is not None:
                self._controls.setdefault(place.file, {}).setdefault(number, set()).update(kinds)

    def conclude(self) -> None:
        """Compute the summaries until none changes."""
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
            function.events.sort(key=lambda event: (event.place.line, event.place.column))
            self._index.setdefault((function.owner, function.name), []).append(function.body)
        self._note_references()
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
        for _ in range(_ROUNDS):
            before = dict(self.summaries)
            self._guards.clear()
            for body, function in self.functions.items():
                self.summaries[body] = self._summarise(function)
            if before == self.summaries:
                break

    def walk(self, function: Function, entry: str) -> Walk:
        """Follow a thread through a function."""
        effects = Effects(self._summary_of, self._guard_of, is_answered_for=_is_answered_for)
        body, source, controls = None, _NOTHING, dict[int, set[str]]()
        if self._is_moving(function, effects):
            source = read_source(function.body.file)
            effects.argument_of = lambda event: _argument(source, event)
            body = self._body(function)
            controls = self._controls.get(function.body.file, {})
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
        if (function.owner, function.name) in self._marked:
            return ATTACHED
        if function.name == "main" and not function.owner:
            return DETACHED
        if self.summaries.get(function.body, Summary()).requires != ATTACHED:
            return UNKNOWN
        if _is_module_start(function):
            return ATTACHED
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
        if event.kind not in {"call", "construct"}:
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
        if not candidates and owner:
            candidates = [b for b in self._index.get(("", name), ()) if b.file == target.file]
        same = [body for body in candidates if body.file in {file, target.file}]
        if same:
            return same[0]
        visible = [body for body in candidates if not self.functions[body].local]
        return visible[0] if len(visible) >= 1 else None

    def _note_references(self) -> None:
        """Find functions whose address goes into a table, or is passed to another function."""
        for target, by, place in self._referred:
            body = self._resolve(target, target.file)
            if body is None:
                continue
            if pointer := _assigned_to(place):
                self._pointed.setdefault(pointer, set()).add(body)
            user = self._by_place.get(by)
            self.functions[body].marks.add("handed" if user is not None else "table")
        for place, named in self._declared.items():
            if "HOLDFAST_REQUIRES_ATTACHED" in line_at(place):
                self._marked.add(named)

    # Summaries

    def _summary_of(self, event: Event) -> Summary | None:
        if event.kind == "pointer":
            return self._summary_of_pointer(event.name)
        body = self.target_of(event)
        if body is None:
            owner, name = self._declared.get(event.target, ("", ""))
            if (owner, name) in self._marked or name in self.config_attached:
                return Summary(ATTACHED, (Step(event.target, f"{name}() is declared to need it"),))
            return None
        return self.summaries.get(body)

    def _summary_of_pointer(self, name: str) -> Summary | None:
        """The summary for a call through a pointer, which may be any of several functions."""
        known = [self.summaries[body] for body in self._pointed.get(name, ())
                 if body in self.summaries]  # fmt: skip
        return Summary(effect="varies") if any(summary.effect for summary in known) else None

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
        return None

    def _summarise(self, function: Function) -> Summary:
        walk = self.walk(function, UNKNOWN)
        requires, path = walk.effects.requires, walk.effects.path
        if not path and self._is_declared_attached(function):
            requires = ATTACHED
            path = (Step(function.place, f"{function.name}() is declared to need it"),)
        blocks = walk.effects.blocks if requires != ATTACHED else ()
        saved = [end.state.last("saved") for end in walk.exits if not end.thrown]
        return Summary(
            requires,
            path,
            _effect(walk, requires),
            blocks,
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
            or (function.owner, function.name) in self._marked
        )

    def _is_moving(self, function: Function, effects: Effects) -> bool:
        """Whether the order of a function's statements matters."""
        return any(
            effects.changes_state(event)
            or (event.kind in {"local", "bindinglocal"}
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
            return read_body(source, opening, places | {n for n in seen if n is not None})
        except ValueError as error:
            self.unread[function.body] = str(error)
            return None


def _is_answered_for(place: Place, code: str) -> bool:
    """Whether a comment at a call accepts a code and gives a reason."""
    comment = comment_at(place)
    return comment is not None and code in comment.codes and comment.reason != ""


def _assigned_to(place: Place) -> str:
    """The variable or member that a function's address is assigned to; empty if none."""
    source = read_source(place.file)
    number = source.at(place.line, place.column)
    if number is None:
        return ""
    tokens = source.tokens
    while number > 1 and tokens[number - 1].text in {"&", ")"}:
        if tokens[number - 1].text == "&":
            number -= 1
            continue
        while number > 1 and tokens[number - 1].text != "(":  # a cast
            number -= 1
        number -= 1
    assigned = number > 1 and tokens[number - 1].text == "="
    if not assigned:
        return ""
    before = tokens[number - 2].text
    return before if before != ")" else _pointer_before(source, number - 2)


def _pointer_before(source: Source, number: int) -> str:
    """The name in ``(*name)(int) =``, given its last bracket."""
    words = [token.text for token in source.tokens[max(0, number - 24) : number]]
    stars = [n for n, text in enumerate(words[:-1]) if text == "*" and words[n - 1] == "("]
    return words[stars[-1] + 1] if stars else ""


def _is_module_start(function: Function) -> bool:
    made = any(event.kind == "api" and event.name in _MODULE_CALLS for event in function.events)
    return made or function.name in _MODULES or function.name.startswith("PyInit_")


def _effect(walk: Walk, requires: str) -> str:
    """How a function leaves its thread, if that is the same on every path."""
    states = [end.state for end in walk.exits if not end.thrown]
    if not states:
        return ""
    if any(state.last("acquire") for state in states) and not _closes(walk, states, "acquire"):
        return "acquire"
    if any(state.owed for state in states):
        return "release"
    if all(state.last("saved") for state in states):
        return "save"
    if all(state.mode == "final" for state in states):
        return "end"
    if _varies(states, requires):
        return "varies"
    if all(state.mode == ATTACHED and state.since is not None for state in states):
        if requires == DETACHED:
            return "restore"
        if any(state.why.startswith("Py_Init") for state in states):
            return "start"
    return ""


def _varies(states: Sequence[State], requires: str) -> bool:
    """Whether the result depends on the path, or on a call whose effect varies."""
    modes = {state.mode for state in states}
    if requires == DETACHED and ATTACHED in modes and modes & {DETACHED, UNKNOWN}:
        return True
    return any(state.mode == UNKNOWN and state.since is not None for state in states)


def _closes(walk: Walk, states: Sequence[State], kind: str) -> bool:
    opened: set[Place] = {e.place for state in states for e in state.open if e.kind == kind}
    return bool(opened & walk.effects.closed.keys())


def _argument(source: Source, event: Event) -> str:
    number = source.at(event.place.line, event.place.column)
    if number is None or number + 1 >= len(source.tokens) or source.tokens[number + 1].text != "(":
        return ""
    close = source.closing(number + 1)
    return "".join(token.text for token in source.tokens[number + 2 : close])
