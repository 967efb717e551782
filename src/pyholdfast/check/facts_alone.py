"""Findings that follow from the facts alone, without a walk through a function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyholdfast.check.api import gone_by, kind_of
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Function, Global
from pyholdfast.check.findings import Finding, remedy_for
from pyholdfast.check.program import Program
from pyholdfast.check.states import ATTACHED, Step
from pyholdfast.check.tokens import read_source
from pyholdfast.check.written import called_at, lines_of, name_at, parameter_at

__all__ = [
    "of_bound_waits",
    "of_globals",
    "of_guarded_objects",
    "of_guards",
    "of_names",
    "of_subinterpreters",
]

_SUBINTERPRETERS = ("Py_NewInterpreter", "Py_NewInterpreterFromConfig")


def of_guards(program: Program) -> Iterator[Finding]:
    """Guard classes whose destructor releases what the constructor may not have acquired."""
    makers = {function.owner: function for body, function in program.functions.items()
              if function.name == function.owner != "" and program.summaries[body].may_acquire}  # fmt: skip
    for body, function in program.functions.items():
        maker = makers.get(function.owner)
        ends = function.name == f"~{function.owner}" and program.summaries[body].always_releases
        if maker is None or not ends:
            continue
        release = next((e for e in function.events if kind_of(e.name) == "release"), None)
        if release is not None:
            yield Finding(
                "HF604",
                release.place,
                f"{release.name}() gives up an attached thread state that the thread may not have",
                remedy_for("HF604", release.place),
                function.shown,
                (Step(maker.place, f"{maker.shown} does not attach on every path"),),
            )


def of_guarded_objects(program: Program) -> Iterator[Finding]:
    """Objects that are parameters of a function bound with a guard: they end before the guard does."""
    for body, function in program.functions.items():
        if "call_guard" not in function.marks or function.by_value is None:
            continue
        name = parameter_at(function.by_value)
        if _gives_up(body, name):
            continue
        by = Step(
            function.passed or function.place,
            f"{function.shown} is called by way of call_guard<gil_scoped_release>",
        )
        yield Finding(
            "HF601",
            function.by_value,
            f"the destructor of '{name}' is called without an attached thread state",
            "take it as a const reference, or detach in the function instead of around it",
            function.shown,
            (by,),
        )


def _gives_up(body: Place, name: str) -> bool:
    """Whether a function moves a parameter to somewhere else."""
    tokens = read_source(body.file).opened_at(body.line, body.column) or ()
    text = "".join(token.text for token in tokens)
    return not name or f"move({name})" in text


def of_bound_waits(program: Program) -> Iterator[Finding]:
    """Functions that may wait, and that a binding library calls attached."""
    for event in program.bound_waits:
        yield Finding(
            "HF613",
            event.place,
            f"{event.name}() is bound without a guard, and may block while the thread is attached; all"
            " others wait with it",
            "bind it with call_guard<gil_scoped_release>, or a function that detaches and calls it",
        )


def of_names(function: Function, version: tuple[int, int]) -> Iterator[Finding]:
    """Calls of removed or deprecated functions; the first of each name in a function."""
    lines: dict[str, list[Place]] = {}
    for event in function.events:
        if event.kind == "api":
            name = called_at(event.place) or event.name
            known = name if gone_by(name, version) else event.name
            lines.setdefault(known, []).append(event.place)
    for name, places in lines.items():
        gone = gone_by(name, version)
        if gone is None:
            continue
        removed = gone.removed is not None and gone.removed <= version
        since = gone.removed if removed and gone.removed else gone.deprecated
        verb = "removed" if removed else "deprecated"
        code = "HF610" if removed else "HF611"
        also = tuple(sorted({place.line for place in places} - {places[0].line}))
        yield Finding(
            code,
            places[0],
            f"{name}() is {verb} since Python {since[0]}.{since[1]}",
            remedy_for(code, places[0], instead=gone.instead)
            if not gone.instead.startswith("nothing")
            else f"remove it: {gone.instead.removeprefix('nothing: ')}",
            function.shown,
            also=also,
        )  # fmt: skip


def of_subinterpreters(program: Program) -> Iterator[Finding]:
    """PyGILState_Ensure() where there are sub-interpreters; the first of each function."""
    made = [event.place for function in program.functions.values() for event in function.events
            if event.kind == "api" and event.name in _SUBINTERPRETERS]  # fmt: skip
    declared = _declares_support({function.body.file for function in program.functions.values()})
    why = made[0] if made else declared
    if why is None:
        return
    text = "sub-interpreters are made here" if made else "the module says that it supports them"
    for function in program.functions.values():
        places = [event.place for event in function.events
                  if event.kind == "api" and event.name == "PyGILState_Ensure"]  # fmt: skip
        for place in places[:1]:
            yield Finding(
                "HF612",
                place,
                "PyGILState_Ensure() attaches to the main interpreter, whichever one is meant",
                remedy_for("HF612", place),
                function.shown,
                (Step(why, text),),
            )


def _declares_support(files: Iterable[str]) -> Place | None:
    for file in sorted(files):
        for number, line in enumerate(lines_of(file), 1):
            column = line.find("Py_MOD_PER_INTERPRETER_GIL_SUPPORTED")
            if column >= 0 and "#" not in line:
                return Place(file, number, column + 1)
    return None


def of_globals(program: Program, globals_: Iterable[Global]) -> Iterator[Finding]:
    """What needs Python before main() or after it."""
    for item in globals_:
        if item.kind == "api":
            if kind_of(item.name) == "attached":
                yield Finding("HF615", item.place,
                              f"{item.name}() is called before main(), when Python does not run",
                              remedy_for("HF615", item.place))  # fmt: skip
        elif item.kind == "bindingstatic":
            yield Finding("HF615", item.place,
                          "a Python object lives as long as the process: its destructor runs after"
                          " Python has ended", remedy_for("HF615", item.place))  # fmt: skip
        else:
            summary = program.destructor_of(item.target)
            if summary is not None and summary.requires == ATTACHED:
                yield Finding("HF615", item.place,
                              f"{name_at(item.target)[1]}() needs Python, and runs after it has"
                              " ended: the object lives as long as the process",
                              remedy_for("HF615", item.place), path=summary.path)  # fmt: skip
