"""Lambdas that are given to other code, and methods that other code calls by their base class."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from pyholdfast.check.api import kind_of
from pyholdfast.check.callbacks import Given, starts_thread
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.declarations import Declarations
from pyholdfast.check.facts import OF_LIBRARIES, Event, Handed
from pyholdfast.check.written import name_at, text_at
from pyholdfast.paths import include_dir

__all__ = ["given_lambdas", "given_methods", "mark_guarded"]

# Classes that run what they are given on threads of their own, and the methods that take it.
_POOL = re.compile(r"(?:pool|executor|workers?|threads|strand|task_?queue|io_context|io_service)$",
                   re.IGNORECASE)  # fmt: skip
_SUBMITS = re.compile(
    r"(?:submit|enqueue|post|push|schedule|execute|async|spawn|launch|start|run|add|queue|defer|"
    r"dispatch|detach)(?:_?(?:task|job|work|async|back|later))?",
    re.IGNORECASE,
)
# Classes whose objects are threads, or are run by one, and the method that is overridden.
_THREAD = re.compile(r"(?:Thread|Runnable)$")
_RUNS = re.compile(r"run|Run|Entry|entry|main|execute|Execute|threadMain|ThreadMain")
_ATTACHING = frozenset({"acquire", "restore"})


def given_lambdas(handed: Iterable[Handed], declarations: Declarations) -> Iterator[Given]:
    """The lambdas that a library, or a pool of threads, calls.

    Args:
        handed: lambdas that are arguments of a call.
        declarations: of all files.
    """
    for item in handed:
        body = declarations.body_of(item.target, item.target.file)
        user = declarations.body_at(item.by)
        if body is None or "thread" in declarations.functions[body].marks:
            continue
        name = name_at(item.to)[1]
        if name.startswith(("Py", "_Py")) or OF_LIBRARIES.search(item.to.file):
            continue
        if item.to.file.startswith(str(include_dir())):
            continue  # holdfast's own functions attach
        how = _how(item, name, declarations)
        if how == "spawned":
            to = f"{item.owner}::{name}" if item.owner else name
            yield Given(body, to, item.place, item.place.file, item.call, item.to, how)
        elif how and user is not None:
            declarations.functions[user].events.append(Event("handover", name, item.call, item.to))
            if text_at(item.place).startswith("[]"):
                declarations.functions[body].marks.add("foreign")
            yield Given(body, name, item.place, item.place.file, item.call, item.to, how)


def mark_guarded(
    handed: Iterable[Handed], guarding: Collection[Place], declarations: Declarations
) -> None:
    """Mark the lambdas that a function of the project binds with a guard that detaches.

    Args:
        handed: lambdas that are arguments of a call.
        guarding: the functions that do so with what they are given.
        declarations: of all files.
    """
    for item in handed:
        body = declarations.body_of(item.target, item.target.file)
        if item.to in guarding and body is not None:
            declarations.functions[body].marks.add("call_guard")
            declarations.functions[body].passed = item.place


def _how(item: Handed, name: str, declarations: Declarations) -> str:
    """How a lambda is called, as in `Given`; empty if the project's own code calls it."""
    read = declarations.body_of(item.to, item.to.file)
    if _POOL.search(item.owner) and _SUBMITS.fullmatch(name):
        return "" if read is not None and _attaches_in(read.file, declarations) else "spawned"
    if read is not None:
        return ""
    if starts_thread(name):
        return "spawned"
    return "here" if text_at(item.place).startswith("[&") else "lambda"


def _attaches_in(file: str, declarations: Declarations) -> bool:
    """Whether a file has code that attaches: then the threads of its classes may be attached."""
    return any(
        event.kind == "attach" or (event.kind == "api" and kind_of(event.name) in _ATTACHING)
        for function in declarations.functions.values()
        if function.body.file == file
        for event in function.events
    )


def given_methods(
    overrides: Iterable[tuple[Place, str]], declarations: Declarations
) -> Iterator[Given]:
    """The methods that override another class's, which no checked file calls.

    Args:
        overrides: methods, each with the class whose method it overrides.
        declarations: of all files.
    """
    functions = declarations.functions
    called = {event.name for function in functions.values() for event in function.events
              if event.kind == "call"}  # fmt: skip
    owners = {function.owner for function in functions.values()}
    for place, base in overrides:
        body = declarations.body_at(place)
        if body is None or functions[body].name in called:
            continue
        name = functions[body].name
        if _THREAD.search(base) and _RUNS.fullmatch(name):
            if base not in owners:  # else the thread's class is the project's own, and may attach
                yield Given(body, f"{base}::{name}", place, place.file, None, None, "spawned")
        else:
            yield Given(body, base, place, place.file, None, None, "override")
