"""Calls of the libraries that get callbacks: a call that is made detached may call back detached.

clang-tidy does not report calls of functions that a system's header declares. They are found here
by their names, in the functions that detach.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pyholdfast.check.api import kind_of
from pyholdfast.check.callbacks import Given, library_of
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.tokens import read_source

__all__ = ["add_outside_calls"]

# Beginnings of names that many libraries have.
_COMMON = frozenset(
    {"add", "call", "close", "create", "destroy", "do", "for", "free", "get", "handle", "init",
     "is", "make", "mem", "my", "new", "on", "open", "print", "pthread", "py", "read", "register",
     "run", "send", "set", "start", "std", "stop", "str", "to", "update", "write"}
)  # fmt: skip
# Functions that return at once and call nothing back.
_QUIET = re.compile(
    r"free|destroy|unlock|lock|remove|[gs]et(?=_|[A-Z]|$)|init|error|version|ref$", re.IGNORECASE
)


def add_outside_calls(functions: Mapping[Place, Function], given: Iterable[Given]) -> None:
    """Add an event for each call, in a function that detaches, of a library that gets callbacks.

    Args:
        functions: all that were read.
        given: the callbacks.
    """
    libraries: dict[str, set[str]] = {}
    for item in given:
        library = library_of(item.to)
        if item.call is not None and item.how in {"function", "lambda"} and _is_telling(library):
            libraries.setdefault(item.file, set()).add(library)
    own = {function.name for function in functions.values()}
    for function in functions.values():
        wanted = libraries.get(function.body.file)
        if wanted and any(_detaches(event) for event in function.events):
            function.events += _calls(function, wanted, own)
            function.events.sort(key=lambda e: (e.place.line, e.place.column, e.order))


def _is_telling(library: str) -> bool:
    return len(library) > 1 and library.lower() not in _COMMON


def _detaches(event: Event) -> bool:
    return event.kind == "detach" or (event.kind == "api" and kind_of(event.name) == "save")


def _calls(function: Function, libraries: set[str], own: set[str]) -> Iterable[Event]:
    source = read_source(function.body.file)
    numbers = source.within(function.body.line, function.body.column)
    if numbers is None:
        return
    tokens = source.tokens
    for number in numbers:
        token = tokens[number]
        if token.kind != "word" or tokens[number + 1].text != "(" or token.text in own:
            continue
        library = library_of(token.text)
        if library in libraries and token.text != library and not _QUIET.search(token.text):
            place = Place(function.body.file, token.line, token.column)
            yield Event("outside", token.text, place, place)
