"""Results of an attach or a detach that are kept where all threads find them.

While one thread is between the two calls of the pair, Python may let another one run. If that one
makes the same pair, it overwrites what the first has kept. So does a nested call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def of_shared(function: Function) -> Iterator[Finding]:
    """Pairs of a function that other threads, or nested calls, break; the first of each variable."""
    if not function.shared or _is_alone(function):
        return
    seen = set()
    for event in function.shared:
        if event.target in seen or not _breaks(event, function):
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
    if _PER_THREAD.search(line_at(event.target)):
        return False
    if kind_of(event.name) == "acquire":
        return True
    # Saved by a function that returns detached: a host does that once. A function that also restores
    # the state is called again and again, and lets other threads in between.
    return any(e.kind == "api" and kind_of(e.name) == "restore" and e.place > event.place
               for e in function.events)  # fmt: skip


def _is_alone(function: Function) -> bool:
    """Whether only one thread comes here: it starts Python, or is kept apart from others."""
    if function.name == "main" and not function.owner:
        return True
    if any(event.kind == "api" and kind_of(event.name) == "start" for event in function.events):
        return True
    source = read_source(function.body.file)
    opening = source.at(function.body.line, function.body.column)
    if opening is None:
        return True
    body = source.tokens[opening : source.closing(opening)]
    return any(
        token.kind == "word" and token.text not in _OF_PYTHON and _ALONE.search(token.text)
        for token in body
    )
