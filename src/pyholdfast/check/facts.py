"""clang-tidy's report on one file, as functions and the events in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pyholdfast.check.clang_tidy_output import Diagnostic, Place
from pyholdfast.check.declarators import class_name, declared_name
from pyholdfast.check.tokens import tokenize
from pyholdfast.inputs import read_text

__all__ = [
    "OF_BINDINGS",
    "OF_LIBRARIES",
    "PYTHON_OBJECT",
    "Event",
    "Function",
    "Global",
    "Handed",
    "UnitFacts",
    "collect",
    "line_at",
    "lines_of",
    "name_at",
]

# In place of a class of a binding library, whose objects drop a reference.
PYTHON_OBJECT = "a Python object"
_SNIPPET = 40  # lines of a declaration to read
_CALLS = ("api", "call", "construct", "block", "slow", "lock", "binding", "bindingnew", "pointer",
          "named", "noreturn")  # fmt: skip
_VARIABLES = ("attach", "detach", "local", "bindinglocal", "locker", "contained", "plainlocal",
              "destroy", "starter", "startercontained")  # fmt: skip
OF_BINDINGS = re.compile(r"/(?:pybind11|nanobind|boost/python)/")
OF_LIBRARIES = re.compile(r"/(?:pybind11|nanobind|boost/python|numpy|python3\.\d+t?)/")
_OF_FUNCTION = {"sig": "signature", "holder": "holder", "marked": "marked", "lambda": "lambda",
                "internal": "internal"}  # fmt: skip
_PASSED = {
    "spawn": "thread", "spawnref": "thread", "spawnlambda": "thread",
    "callguard": "call_guard", "callguardref": "call_guard", "boundlambda": "bound",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a function does.

    Attributes:
        kind: ``api``, ``call``, ``construct``, ``block``, ``slow``, ``binding``, ``bindingnew``,
            ``pointer`` (a call through one), ``named`` (by the configuration), ``noreturn``; for a
            variable ``attach``, ``detach``, ``local``, ``bindinglocal``, ``contained`` (in a
            container), ``plainlocal``, ``deferred`` (a lambda called at its end), ``starter``
            (Python runs for its lifetime), ``startercontained``; for objects that end here
            ``destroy``.
        name: the function that is called, or the variable's class.
        place: where it happens.
        target: the declaration of the called function, or the variable's class.
        order: a key that sorts events of the same place.
    """

    kind: str
    name: str
    place: Place
    target: Place
    order: tuple[Place, ...] = ()


@dataclass(slots=True)
class Function:
    """A function with a body.

    Attributes:
        body: the place of its ``{``, which identifies the function.
        place: the start of its definition.
        owner: the class of a method, else empty.
        name: without the class.
        local: whether it is visible in its file only.
        marks: properties: ``signature`` (its types are Python's), ``holder`` (its class holds
            Python objects), ``marked`` (annotated), ``lambda``, ``thread`` (passed to a thread),
            ``call_guard``, ``table`` (its address is in a table), ``bound`` (a binding library
            calls it for Python).
        events: what it does, in the order of the text.
        passed: where it is passed to a thread.
    """

    body: Place
    place: Place
    owner: str
    name: str
    local: bool
    marks: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    passed: Place | None = None
    spawner: str = ""

    @property
    def shown(self) -> str:
        """The function's name in messages."""
        if self.name == "(lambda)":
            return f"the lambda at line {self.place.line}"
        if self.name.endswith(")") and not self.name.startswith("operator"):
            return self.name  # a macro that makes the whole function
        return f"{self.owner}::{self.name}()" if self.owner else f"{self.name}()"


@dataclass(frozen=True, slots=True)
class Global:
    """A call or a destructor that runs before or after main."""

    kind: str
    name: str
    place: Place
    target: Place


@dataclass(frozen=True, slots=True)
class Handed:
    """A function that is an argument of a call.

    Attributes:
        target: its declaration.
        by: the function that makes the call.
        place: of the argument.
        call: the place of the call.
        to: the declaration of the called function.
    """

    target: Place
    by: Place
    place: Place
    call: Place
    to: Place


@dataclass(slots=True)
class UnitFacts:
    """One source file and what it includes.

    Attributes:
        functions: by the place of their body.
        declared: class and name of each declaration that is used.
        referred: functions whose address is taken: the function, the place of the function or
            variable that takes it, and where.
        handed: functions that are arguments of a call.
        members: what the objects of a class contain: classes by the name of the class.
        globals: what runs outside of main.
        statements: places at which statements begin.
        begins: those at which a statement of a block begins.
        controls: places at which control flow changes, and how.
        guard_fields: classes that have a guard as a member: ``attach`` or ``detach``.
        bound: classes whose objects a binding library destroys for Python.
        started_elsewhere: whether a global variable or a member runs Python for its lifetime.
    """

    functions: dict[Place, Function] = field(default_factory=dict)
    declared: dict[Place, tuple[str, str]] = field(default_factory=dict)
    referred: list[tuple[Place, Place, Place]] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    members: dict[str, set[str]] = field(default_factory=dict)
    globals: list[Global] = field(default_factory=list)
    statements: set[Place] = field(default_factory=set)
    begins: set[Place] = field(default_factory=set)
    controls: dict[Place, set[str]] = field(default_factory=dict)
    guard_fields: dict[str, str] = field(default_factory=dict)
    by_place: dict[Place, Place] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    started_elsewhere: bool = False

    def function_of(self, place: Place) -> Function | None:
        """The function whose definition, or lambda, begins at a place."""
        body = self.by_place.get(place)
        return self.functions.get(body) if body is not None else None


def collect(diagnostics: Sequence[Diagnostic]) -> UnitFacts:
    """Build the facts from the reports."""
    unit = UnitFacts()
    grouped: dict[str, list[Diagnostic]] = {}
    for item in diagnostics:
        if item.place is not None and item.check.startswith("custom-"):
            grouped.setdefault(item.check.removeprefix("custom-"), []).append(item)
    for item in grouped.get("fn", ()):
        _add_function(unit, item)
    for item in grouped.get("method", ()):
        _add_owner(unit, item)
    _add_marks(unit, grouped)
    _add_events(unit, grouped)
    _add_references(unit, grouped)
    _add_handed(unit, grouped)
    _add_members(unit, grouped)
    _add_spawned(unit, grouped)
    _add_statements(unit, grouped)
    for kind in ("attach", "detach"):
        for item in grouped.get(f"{kind}field", ()):
            unit.guard_fields[class_at(_place(item))] = kind
    for item in grouped.get("boundclass", ()):
        if (named := item.notes.get("class")) is not None:
            unit.bound.add(class_at(named))
    unit.started_elsewhere = bool(_all(grouped, "starterelsewhere"))
    return unit


def _place(item: Diagnostic) -> Place:
    return item.place or Place("", 0, 0)


def _add_marks(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for name, mark in _OF_FUNCTION.items():
        for item in grouped.get(name, ()):
            function = unit.function_of(_place(item))
            if function is not None:
                function.local = function.local or mark == "internal"
                function.marks.add(mark)
            elif mark == "marked":
                unit.declared[_place(item)] = name_at(_place(item))


def _add_statements(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for name in ("plain", "return", "goto", "break", "continue", "if", "throw"):
        for item in grouped.get(f"s-{name}", ()):
            unit.statements.add(_place(item))
            if name == "plain":
                unit.begins.add(_place(item))
            if name != "plain" and item.macros:
                unit.controls.setdefault(_place(item), set()).add(name)


def _add_function(unit: UnitFacts, item: Diagnostic) -> None:
    place, body = _place(item), item.notes.get("body")
    if body is None or (body == place and name_at(place)[1] == "(lambda)"):
        return  # the second report is the lambda's conversion to a function pointer
    if body == place and any(OF_LIBRARIES.search(spelled.file) for spelled in item.spelled):
        return  # generated completely by a macro of a library
    unit.by_place[place] = body
    if body not in unit.functions:
        owner, name = name_at(place) if body != place else ("", _macro_at(place))
        local = is_local(place)
        unit.functions[body] = Function(body, place, owner, name, local)


def _add_owner(unit: UnitFacts, item: Diagnostic) -> None:
    place, owner = _place(item), item.notes.get("class")
    if owner is None:
        return
    function = unit.function_of(place)
    if name_at(owner)[1] == "(lambda)":
        if function is not None:
            function.name, function.owner = "(lambda)", ""
            unit.by_place[owner] = function.body
        return
    if function is not None:
        function.owner = function.owner or class_at(owner)
    unit.declared[place] = (class_at(owner), name_at(place)[1])


def _add_events(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    around = {
        unit.by_place.get(_place(item)): item.notes.get("by") for item in grouped.get("lambda", ())
    }
    for kind in (*_CALLS, *_VARIABLES):
        for item in _all(grouped, kind):
            by = item.notes.get("by")
            function = unit.function_of(by) if by is not None else None
            if function is None:
                continue
            if function.name == "(lambda)":
                function = _evaluating(unit, function, _place(item), around)
            variable = kind in _VARIABLES
            target = item.notes.get("class" if variable else "callee", _place(item))
            name = class_at(target) if variable else name_at(target)[1]
            if kind == "pointer":
                name = pointer_at(target)
                owner = item.notes.get("owner")
                unit.declared[target] = (class_at(owner) if owner is not None else "", name)
            order = tuple(item.spelled)
            function.events.append(Event(kind, name, _place(item), target, order))
            if not variable:
                unit.declared.setdefault(target, name_at(target))
    _add_deferred(unit, grouped, around)
    _add_globals(unit, grouped)


def _add_deferred(
    unit: UnitFacts,
    grouped: dict[str, list[Diagnostic]],
    around: dict[Place | None, Place | None],
) -> None:
    for item in grouped.get("deferred", ()):
        user, var = unit.function_of(item.notes.get("by", _place(item))), item.notes.get("var")
        if user is not None and var is not None:
            if user.name == "(lambda)":
                user = _evaluating(unit, user, var, around)
            user.events.append(Event("deferred", "(lambda)", var, _place(item)))
            unit.declared.setdefault(_place(item), ("", "(lambda)"))


def _add_globals(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for item in grouped.get("apistatic", ()):
        target = item.notes.get("callee", _place(item))
        unit.globals.append(Global("api", name_at(target)[1], _place(item), target))
    for kind in ("static", "bindingstatic"):
        for item in grouped.get(kind, ()):
            target = item.notes.get("dtor") or item.notes.get("class", _place(item))
            unit.globals.append(Global(kind, name_at(target)[1], _place(item), target))
            unit.declared.setdefault(target, name_at(target))


def _add_handed(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for item in grouped.get("passed", ()):
        noted = [item.notes.get(name) for name in ("callee", "by", "call", "to")]
        target, by, call, to = noted
        if target is None or by is None or call is None or to is None or call == _place(item):
            continue  # the last: a call of the function itself
        unit.handed.append(Handed(target, by, _place(item), call, to))
        unit.declared.setdefault(target, name_at(target))
        unit.declared.setdefault(to, name_at(to))


def _add_members(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for item in _all(grouped, "member"):
        owner, held = item.notes.get("owner", _place(item)), item.notes.get("class")
        if held is not None:
            name = PYTHON_OBJECT if item.check.endswith("-python") else class_at(held)
            unit.members.setdefault(class_at(owner), set()).add(name)


def _evaluating(
    unit: UnitFacts, function: Function, place: Place, around: dict[Place | None, Place | None]
) -> Function:
    """The function that evaluates code in a lambda; for its captures, the one that creates it."""
    while (
        function.name == "(lambda)" and place.file == function.body.file and place < function.body
    ):
        by = around.get(function.body)
        outer = unit.function_of(by) if by is not None else None
        if outer is None or outer is function:
            break
        function = outer
    return function


def _all(grouped: dict[str, list[Diagnostic]], kind: str) -> list[Diagnostic]:
    """All reports of a kind, which may have several queries: ``kind-...``."""
    names = [name for name in grouped if name == kind or name.startswith(f"{kind}-")]
    return [item for name in names for item in grouped[name]]


def _add_references(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    called = {(event.place, event.target) for function in unit.functions.values()
              for event in function.events}  # fmt: skip
    for item in grouped.get("ref", ()):
        target, by = item.notes.get("callee"), item.notes.get("by")
        if target is not None and by is not None and (_place(item), target) not in called:
            unit.declared.setdefault(target, name_at(target))
            unit.referred.append((target, by, _place(item)))
    for item in grouped.get("refstatic", ()):
        target = item.notes.get("callee")
        if target is not None:
            unit.declared.setdefault(target, name_at(target))
            unit.referred.append((target, item.notes.get("by", _place(item)), _place(item)))


def _add_spawned(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for kind, mark in _PASSED.items():
        for item in _all(grouped, kind):
            target = item.notes.get("callee", _place(item))
            spawn = item.notes.get("spawn", _place(item))
            guard = item.notes.get("guard")
            if guard is not None and "gil_scoped_release" not in _text_at(guard)[:200]:
                continue
            function = unit.function_of(target) or _defined_as(unit, name_at(target))
            if function is not None:
                function.marks.add(mark)
                function.passed = _place(item)
                function.spawner = word_at(spawn)


def _defined_as(unit: UnitFacts, named: tuple[str, str]) -> Function | None:
    owner, name = named
    if name == "(lambda)":  # any lambda would match
        return None
    for function in unit.functions.values():
        if function.name == name and (not owner or function.owner == owner):
            return function
    return None


@cache
def name_at(place: Place) -> tuple[str, str]:
    """Class and name of the function that is declared at a place."""
    return declared_name(tokenize(_text_at(place), head_only=True), 0)


@cache
def class_at(place: Place) -> str:
    """The name of the class that is defined at a place."""
    return class_name(tokenize(_text_at(place), head_only=True), 0)


@cache
def pointer_at(place: Place) -> str:
    """The name of the function pointer that is declared at a place."""
    text = _text_at(place).partition(";")[0].partition("=")[0]
    match = re.search(r"\(\s*\*\s*(?:const\s+)?(\w+)", text) or re.search(r"(\w+)\s*$", text)
    return match.group(1) if match else ""


@cache
def word_at(place: Place) -> str:
    """The qualified name at a place."""
    match = re.match(r"[\w:.>-]+", _text_at(place))
    return match.group().rstrip("-.:") if match else ""


def _macro_at(place: Place) -> str:
    """The macro that makes a whole function, with its arguments; for a lambda, that."""
    match = re.match(r"\w+\s*(?:\([^()]{0,60}\))?", _text_at(place))
    return match.group() if match else name_at(place)[1]


@cache
def is_local(place: Place) -> bool:
    """Whether a declaration begins with ``static``."""
    head = _text_at(place)[:80].split("(")[0]
    return re.search(r"\bstatic\b", head) is not None


def line_at(place: Place) -> str:
    """The line of text that a place is on."""
    lines = lines_of(place.file)
    return lines[place.line - 1] if 0 < place.line <= len(lines) else ""


def _text_at(place: Place) -> str:
    lines = lines_of(place.file)
    if place.line > len(lines):
        return ""
    first = lines[place.line - 1].encode("utf-8", "surrogateescape")[place.column - 1 :]
    rest = lines[place.line : place.line + _SNIPPET]
    return "\n".join([first.decode("utf-8", "replace"), *rest])


@cache
def lines_of(file: str) -> Sequence[str]:
    """The lines of a file; none if it cannot be read."""
    try:
        return read_text(Path(file), errors="surrogateescape").split("\n")
    except OSError:
        return ()
