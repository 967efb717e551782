"""The facts about functions that are kept: in objects of std::function, and in pointers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyholdfast.check.clang_tidy_output import Diagnostic, Place
from pyholdfast.check.facts import KeptObject, UnitFacts
from pyholdfast.check.several_declared import declarators, declared_before, declared_for
from pyholdfast.check.tables import initialised_member, members_of
from pyholdfast.check.written import name_at, parameter_at, pointer_at

__all__ = ["add_kept_objects", "add_pointed", "add_stored", "all_of"]


def all_of(grouped: Mapping[str, list[Diagnostic]], kind: str) -> list[Diagnostic]:
    """All reports of a kind, which may have several queries: ``kind-...``."""
    names = [name for name in grouped if name == kind or name.startswith(f"{kind}-")]
    return [item for name in names for item in grouped[name]]


def add_stored(unit: UnitFacts, grouped: Mapping[str, list[Diagnostic]]) -> None:
    """What an object of std::function is given, and where it goes from there."""
    for item in all_of(grouped, "storedlambda"):
        variable = item.notes.get("callee")
        if item.place is not None and variable is not None:
            _keep(unit, item.place, _kept_in(variable, item, item.place), item)
    for item in all_of(grouped, "storedgiven"):
        parameter, to = item.notes.get("callee"), item.notes.get("to")
        if item.place is not None and parameter is not None and to is not None:
            unit.declared.setdefault(to, name_at(to))
            unit.stored_by_call.append((item.place, parameter, to))
    for item in all_of(grouped, "storedmove"):
        by, begin, end = (item.notes.get(name) for name in ("by", "from", "to"))
        if item.place is not None and by is not None and begin is not None and end is not None:
            if item.check.endswith("-initialised"):
                ends = declared_before(end, item.place)
            else:
                ends = declared_for(end, item.place)
            _move(unit, declared_for(begin, item.place), by, ends, item)


def add_kept_objects(unit: UnitFacts, grouped: Mapping[str, list[Diagnostic]]) -> None:
    """What keeps a Python object, and is given to a library."""
    for item in all_of(grouped, "keptobject"):
        to, variable = item.notes.get("to"), item.notes.get("object")
        if item.place is not None and to is not None and variable is not None:
            function = item.notes.get("callee", item.place)
            unit.declared.setdefault(function, name_at(function))
            unit.declared.setdefault(to, name_at(to))
            for name in declarators(variable) or (parameter_at(variable),):
                unit.kept_objects.append(KeptObject(item.place, function, to, name))


def add_pointed(unit: UnitFacts, grouped: Mapping[str, list[Diagnostic]]) -> None:
    """What a function pointer is given, and where it goes from there."""
    for item in all_of(grouped, "pointed"):
        function, variable = item.notes.get("fn"), item.notes.get("callee")
        if function is not None and variable is not None:
            unit.declared.setdefault(function, name_at(function))
            kept = _kept_in(variable, item, item.place)
            _keep(unit, function, kept, item)
            if item.place is not None:
                unit.keepers[item.place] = frozenset(map(pointer_at, kept))
    for item in grouped.get("pointedtable", ()):
        _add_element(unit, item)
    for item in all_of(grouped, "pointedgiven"):
        function, parameter, to = (item.notes.get(name) for name in ("fn", "callee", "to"))
        if function is not None and parameter is not None and to is not None:
            unit.declared.setdefault(function, name_at(function))
            unit.declared.setdefault(to, name_at(to))
            unit.stored_by_call.append((function, parameter, to))
    for item in all_of(grouped, "pointedmove"):
        begin, by, end = (item.notes.get(name) for name in ("from", "by", "callee"))
        if begin is not None and by is not None and end is not None:
            _move(unit, (begin,), by, _kept_in(end, item, item.place), item)


def _kept_in(variable: Place, item: Diagnostic, given: Place | None) -> Sequence[Place]:
    """The variables that may get something: assigned in an expression, or initialised."""
    call = item.notes.get("call")
    if call is not None and not item.check.endswith("-made"):
        return declared_for(variable, call)
    return declared_before(variable, given) if given is not None else (variable,)


def _keep(unit: UnitFacts, function: Place, kept: Sequence[Place], item: Diagnostic) -> None:
    """Note what gets a function; if it may be several, each counts as given what was not read."""
    if len(kept) == 1:
        unit.stored.append((function, kept[0]))
    elif (unread := item.notes.get("call", item.place)) is not None:
        unit.stored += [(unread, possible) for possible in kept]


def _move(
    unit: UnitFacts, begins: Sequence[Place], by: Place, ends: Sequence[Place], item: Diagnostic
) -> None:
    """Note what gets what another variable has, in the same way."""
    if len(begins) == len(ends) == 1:
        unit.stored_moves.append((begins[0], by, ends[0]))
    elif item.place is not None:
        unit.stored += [(item.place, possible) for possible in ends]


def _add_element(unit: UnitFacts, item: Diagnostic) -> None:
    """A function in the initialiser of a structure."""
    function, struct = item.notes.get("fn"), item.notes.get("struct")
    if item.place is None or function is None or struct is None:
        return
    numbers = [int(note) for note in item.notes if note.isdigit()]
    known = numbers and not item.macros  # of several elements that a macro makes, one is reported
    member = initialised_member(struct, item.place, numbers[0]) if known else None
    if member is not None:
        unit.declared.setdefault(function, name_at(function))
        unit.stored.append((function, member))
    else:  # any of them may have it: it counts as a function that was not read
        unit.stored += [(item.place, possible) for possible in members_of(struct)]
