"""Results of an attach or a detach that are kept where all threads find them.

While one thread is between the two calls of the pair, Python may let another one run. If that one
makes the same pair, it overwrites what the first has kept. So does a nested call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pyholdfast.check.api import kind_of
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.findings import Finding, remedy_for
from pyholdfast.check.tokens import read_source
from pyholdfast.check.written import line_at, pointer_at

__all__ = ["of_shared"]

_PER_THREAD = re.compile(r"\b(?:thread_local|_Thread_local|__thread)\b")
# Where a lock is taken or tested, only one thread at a time may come here.
_ALONE = re.compile(r"(?<!b)lock|mutex|nest|depth", re.IGNORECASE)
_OF_PYTHON = frozenset({"PyEval_AcquireLock", "PyEval_ReleaseLock"})


def of_shared(functions: Iterable[Function]) -> Iterator[Finding]:
    """Pairs that other threads, or nested calls, break."""
    restoring = {function.owner for function in functions
                 if function.name == f"~{function.owner}" and _restores(function, None)}  # fmt: skip
    for function in functions:
        if function.shared and not _is_alone(function):
            is_guard = function.name == function.owner and function.owner in restoring
            yield from _of_function(function, is_guard=is_guard)


def _of_function(function: Function, *, is_guard: bool) -> Iterator[Finding]:
    """The first of each variable."""
    seen = set()
    for event in function.shared:
        per_thread = _PER_THREAD.search(line_at(event.target)) is not None
        if event.target in seen or per_thread or not (is_guard or _breaks(event, function)):
            continue
        seen.add(event.target)
        name = pointer_at(event.target) or "a static variable"
        yield Finding(
            "HF619",
            event.place,
            f"the result of {event.name}() is kept in '{name}', which all threads share: the next"
            " one overwrites it",
            remedy_for("HF619", event.place),
            function.shown,
        )


def _breaks(event: Event, function: Function) -> bool:
    """Whether another thread may come here before the pair is undone."""
    if kind_of(event.name) == "acquire":
        return True
    # Saved by a function that returns detached: a host does that once. A function that also restores
    # the state is called again and again, and lets other threads in between. So is a guard.
    return _restores(function, event)


def _restores(function: Function, after: Event | None) -> bool:
    return any(
        event.kind == "api"
        and kind_of(event.name) == "restore"
        and (after is None or event.place > after.place)
        for event in function.events
    )


def _is_alone(function: Function) -> bool:
    """Whether only one thread comes here: it starts Python, or is kept apart from others."""
    if function.name == "main" and not function.owner:
        return True
    if any(event.kind == "api" and kind_of(event.name) == "start" for event in function.events):
        return True
    body = read_source(function.body.file).opened_at(function.body.line, function.body.column)
    if body is None:
        return True
    return any(
        token.kind == "word" and token.text not in _OF_PYTHON and _ALONE.search(token.text)
        for token in body
    )
