"""Releases that depend on what PyGILState_Ensure() returned.

The result says how the thread was before, and each call must be followed by one release, whatever
the result is. A test of it leaves out the release for half of the threads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyholdfast.check.facts import Function
from pyholdfast.check.findings import Finding, remedy_for
from pyholdfast.check.program import Program
from pyholdfast.check.states import Step
from pyholdfast.check.structure import Statement
from pyholdfast.check.tokens import Source, read_source
from pyholdfast.check.written import lines_of

__all__ = ["of_half_releases"]

_RESULTS = {"PyGILState_LOCKED": "PyGILState_UNLOCKED", "PyGILState_UNLOCKED": "PyGILState_LOCKED"}
# A variable that begins with one of the values, where nothing may have been acquired.
_BEGINS = re.compile(r"(?:[^=!]=|\w[({])\s*PyGILState_(?:UN)?LOCKED")


def of_half_releases(program: Program) -> Iterator[Finding]:
    """Releases under a test of what the attach returned."""
    for function in program.functions.values():
        releases = [
            e for e in function.events if e.kind == "api" and e.name == "PyGILState_Release"
        ]
        body = program.body_of(function) if releases else None
        if body is None or _begins_with_one(function):
            continue
        source = read_source(function.body.file)
        for event in releases:
            number = source.at(event.place.line, event.place.column)
            tested = _tested(source, body, number) if number is not None else ""
            if tested:
                yield Finding(
                    "HF603",
                    event.place,
                    f"{function.shown} calls PyGILState_Release() only if PyGILState_Ensure() returned"
                    f" {tested}: after {_RESULTS[tested]}, the thread stays attached",
                    remedy_for("HF603", event.place),
                    function.shown,
                    (Step(event.place, "each PyGILState_Ensure() needs one PyGILState_Release()"),),
                )


def _tested(source: Source, what: Statement, number: int) -> str:
    """The result that a condition around a token compares with; empty if there is none."""
    inner = next((part for part in what.parts if part.start <= number < part.stop), None)
    if what.kind == "if" and inner is not None and inner is what.parts[0]:
        words = [token.text for token in source.tokens[slice(*what.condition)]]
        if len(words) == 3 and words[1] == "==":  # noqa: PLR2004 - state == value
            found = [word for word in words if word in _RESULTS]
            if found:
                return found[0]
    return _tested(source, inner, number) if inner is not None else ""


def _begins_with_one(function: Function) -> bool:
    return any(_BEGINS.search(line) for line in lines_of(function.body.file))
