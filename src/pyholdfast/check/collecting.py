"""Builds the facts about one file from clang-tidy's report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyholdfast.check.clang_tidy_output import Diagnostic, Place
from pyholdfast.check.collecting_kept import add_kept_objects, add_pointed, add_stored, all_of
from pyholdfast.check.facts import (
    OF_LIBRARIES,
    OR,
    PYTHON_OBJECT,
    Event,
    Function,
    Global,
    Handed,
    UnitFacts,
)
from pyholdfast.check.library_tables import needs_python
from pyholdfast.check.several_declared import declared_for, objects_at
from pyholdfast.check.written import (
    class_at,
    is_local,
    macro_at,
    name_at,
    parameter_at,
    pointer_at,
    text_at,
    word_at,
)

__all__ = ["collect"]

_CALLS = ("api", "call", "construct", "block", "slow", "lock", "binding", "bindingnew", "pointer",
          "storedcall", "named", "noreturn", "waits", "statement",
          "tried", "throw")  # fmt: skip
_VARIABLES = ("attach", "detach", "local", "bindinglocal", "locker", "contained", "plainlocal",
              "destroy", "starter", "startercontained")  # fmt: skip
_OF_SCOPE = frozenset({"attach", "detach", "local", "locker"})
_OF_FUNCTION = {"sig": "signature", "holder": "holder", "marked": "marked", "lambda": "lambda",
                "internal": "internal", "nothrow": "nothrow"}  # fmt: skip
_PASSED = {
    "spawn": "thread", "spawnref": "thread", "spawnlambda": "thread",
    "callguard": "call_guard", "callguardref": "call_guard", "boundlambda": "bound",
}  # fmt: skip


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
    for item in grouped.get("byvalue", ()):
        if (function := unit.function_of(_place(item))) is not None:
            function.by_value = item.notes.get("param")
    _add_marks(unit, grouped)
    _add_events(unit, grouped)
    _add_references(unit, grouped)
    _add_handed(unit, grouped)
    _add_given(unit, grouped)
    add_stored(unit, grouped)
    add_pointed(unit, grouped)
    add_kept_objects(unit, grouped)
    _add_members(unit, grouped)
    _add_spawned(unit, grouped)
    _add_statements(unit, grouped)
    _add_guards(unit, grouped)
    _add_bound(unit, grouped)
    unit.started_elsewhere = bool(all_of(grouped, "starterelsewhere"))
    return unit


def _add_guards(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for kind in ("attach", "detach"):
        for item in grouped.get(f"{kind}field", ()):
            unit.guard_fields[_contained(_place(item))] = kind
    for item in grouped.get("preset", ()):
        owner, callee = item.notes.get("owner"), item.notes.get("callee")
        if owner is not None and callee is not None:
            unit.presets[_contained(owner)] = name_at(callee)[1]


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
                unit.controls.setdefault(_place(item), {})[name] = tuple(item.spelled)


def _add_function(unit: UnitFacts, item: Diagnostic) -> None:
    place, body = _place(item), item.notes.get("body")
    if body is None or (body == place and name_at(place)[1] == "(lambda)"):
        return  # the second report is the lambda's conversion to a function pointer
    if body == place and any(OF_LIBRARIES.search(spelled.file) for spelled in item.spelled):
        return  # generated completely by a macro of a library
    unit.by_place[place] = body
    if body not in unit.functions:
        owner, name = name_at(place) if body != place else ("", macro_at(place))
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
    unit.class_of[place] = owner
    unit.declared[place] = (class_at(owner), name_at(place)[1])


def _add_events(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    around = {
        unit.by_place.get(_place(item)): item.notes.get("by") for item in grouped.get("lambda", ())
    }
    for kind in (*_CALLS, *_VARIABLES):
        for item in all_of(grouped, kind):
            by = item.notes.get("by")
            function = unit.function_of(by) if by is not None else None
            if function is None:
                continue
            if function.name == "(lambda)":
                function = _evaluating(unit, function, _place(item), around)
            variable = kind in _VARIABLES
            target = item.notes.get("class" if variable else "callee", _place(item))
            name = class_at(target) if variable else name_at(target)[1]
            if item.check.endswith("-constructor"):  # a variable's name may stand there
                name = f"{name}::{name}"
            if kind in {"pointer", "storedcall"}:
                possible = declared_for(target, _place(item))
                # Where it may be of several, nothing is known of the call.
                target = possible[0] if len(possible) == 1 else _place(item)
                name_of = pointer_at if kind == "pointer" else parameter_at
                name = OR.join(map(name_of, possible))
                owner = item.notes.get("owner")
                unit.declared[target] = (class_at(owner) if owner is not None else "", name)
            order = tuple(item.spelled)
            # The compiler reports objects that one declaration makes at the same place, as one.
            places = objects_at(_place(item)) if kind in _OF_SCOPE else (_place(item),)
            function.events += [Event(kind, name, place, target, order) for place in places]
            if not variable:
                unit.declared.setdefault(target, name_at(target))
    for item in grouped.get("bindingtable", ()):
        by, table = item.notes.get("by"), item.notes.get("callee")
        function = unit.function_of(by) if by is not None else None
        name = needs_python(item.macros)
        if function is not None and table is not None and name:
            function.events.append(Event("binding", name, _place(item), table, tuple(item.spelled)))
    _add_deferred(unit, grouped, around)
    _add_shared(unit, grouped)
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


def _add_shared(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for item in all_of(grouped, "shared"):
        by, callee, var = (item.notes.get(name) for name in ("by", "callee", "var"))
        function = unit.function_of(by) if by is not None else None
        if function is not None and callee is not None and var is not None:
            name = name_at(callee)[1]
            var = declared_for(var, _place(item))[0]
            function.shared.append(Event("shared", name, _place(item), var))


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


def _add_given(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    """Lambdas that are given away, and methods that override another class's."""
    given = set()
    for item in grouped.get("givenlambda", ()):
        by, call, to = (item.notes.get(name) for name in ("by", "call", "to"))
        if by is None or call is None or to is None or call == _place(item):
            continue
        owner = item.notes.get("owner")
        named = class_at(owner) if owner is not None else ""
        unit.lambdas.append(Handed(_place(item), by, _place(item), call, to, named))
        unit.declared.setdefault(to, name_at(to))
        given.add(_place(item))
    for item in grouped.get("pointerlambda", ()):
        by = item.notes.get("by")
        if by is not None and _place(item) not in given:
            unit.referred.append((_place(item), by, _place(item)))
    for item in grouped.get("override", ()):
        if (base := item.notes.get("base")) is not None:
            unit.overrides.append((_place(item), class_at(base)))


def _add_bound(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for item in grouped.get("boundclass", ()):
        if (named := item.notes.get("class")) is not None:
            unit.bound.add(class_at(named))
    for item in grouped.get("boundwaits", ()):
        if (callee := item.notes.get("callee")) is not None:
            name = name_at(callee)[1]
            unit.bound_waits.append(Event("boundwaits", name, _place(item), callee))


def _add_members(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for item in all_of(grouped, "member"):
        owner, held = item.notes.get("owner", _place(item)), item.notes.get("class")
        if held is not None:
            name = PYTHON_OBJECT if item.check.endswith("-python") else _contained(held)
            unit.members.setdefault(_contained(owner), set()).add(name)


def _contained(place: Place) -> str:
    """The name of the class there. One without a name is not taken for another one."""
    unnamed = f"class without a name at {Path(place.file).name}:{place.line}:{place.column}"
    return class_at(place) or unnamed


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


def _add_references(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    called = {(event.place, event.target) for function in unit.functions.values()
              for event in function.events}  # fmt: skip
    for item in grouped.get("ref", ()):
        target, by = item.notes.get("callee"), item.notes.get("by")
        if target is None or by is None or target == by == _place(item):
            continue  # the last: a lambda's conversion to a pointer, see "pointerlambda"
        if (_place(item), target) not in called:
            unit.declared.setdefault(target, name_at(target))
            unit.referred.append((target, by, _place(item)))
    for item in grouped.get("refstatic", ()):
        target = item.notes.get("callee")
        if target is not None:
            unit.declared.setdefault(target, name_at(target))
            unit.referred.append((target, item.notes.get("by", _place(item)), _place(item)))


def _add_spawned(unit: UnitFacts, grouped: dict[str, list[Diagnostic]]) -> None:
    for item in all_of(grouped, "guardingparam"):
        by, guard = item.notes.get("by"), item.notes.get("guard")
        if by is not None and guard is not None and _detaches(guard):
            unit.guarding.add(by)
    for kind, mark in _PASSED.items():
        for item in all_of(grouped, kind):
            target = item.notes.get("callee", _place(item))
            spawn = item.notes.get("spawn", _place(item))
            guard = item.notes.get("guard")
            if guard is not None and not _detaches(guard):
                continue
            named = unit.declared.get(target) or name_at(target)  # the former has a method's class
            function = unit.function_of(target) or _defined_as(unit, named)
            if function is not None:
                function.marks.add(mark)
                function.passed = _place(item)
                function.spawner = word_at(spawn)


def _detaches(guard: Place) -> bool:
    """Whether the call_guard that is made at a place detaches."""
    return "gil_scoped_release" in text_at(guard)[:200]


def _defined_as(unit: UnitFacts, named: tuple[str, str]) -> Function | None:
    owner, name = named
    if name == "(lambda)":  # any lambda would match
        return None
    for function in unit.functions.values():
        if function.name == name and (not owner or function.owner == owner):
            return function
    return None
