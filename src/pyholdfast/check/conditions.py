"""What a tested condition reveals about a thread."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.states import ATTACHED, DETACHED, State
from pyholdfast.check.structure import Statement
from pyholdfast.check.tokens import Source

__all__ = [
    "States",
    "asked_mode",
    "asks",
    "begin_of_repeated",
    "consistent",
    "is_testable",
    "refined",
    "tested",
    "without_refused",
]

_TESTABLE = re.compile(
    r"!?[\w.:>-]+(?:(?:==|!=|>|<|>=|<=)[\w.:>-]+)?"
    r"|!?\([\w.:>-]+&[\w.:>-]+\)(?:(?:==|!=)[\w.:>-]+)?|[\w.:>-]+&[\w.:>-]+"
    r"|!?(?:Py_IsInitialized|_?Py_IsFinalizing|PyEval_ThreadsInitialized)\(\)"
)
_ASKS_ATTACHED = re.compile(
    r"(!?)(?:::)?(?:PyGILState_Check\(\)|holdfast::attached\(\))(?:(!=|==)0)?"
)
_ASKING = frozenset({"PyGILState_Check", "attached"})
_NULL_TEST = re.compile(r"(!?)(\w+)(?:(==|!=)(?:NULL|nullptr|0))?")
_LONGEST_TEST = 80
_MEMBER_OF = re.compile(r"(?:\w+(?:->|\.|::))+")
_ASKS_STATE = re.compile(r"(!?)(?:_?PyThreadState_(?:UncheckedGet|GetUnchecked)\(\))")
States = frozenset[State]


def asked_mode(text: str, *, holds: bool) -> str:
    """The mode that a condition tests for, given its result; empty if it tests something else."""
    asked = _ASKS_ATTACHED.fullmatch(text) or _ASKS_STATE.fullmatch(text)
    if asked is None:
        return ""
    compared = asked.group(2) if asked.re is _ASKS_ATTACHED else None
    negated = bool(asked.group(1)) != (compared == "==")
    return ATTACHED if holds != negated else DETACHED


def asks(source: Source, start: Place) -> bool:
    """Whether the block that begins at a place tests whether the thread is attached."""
    tokens = source.opened_at(start.line, start.column) or ()
    return any(
        token.text in _ASKING and following.text == "(" for token, following in pairwise(tokens)
    )


def is_testable(text: str) -> bool:
    """Whether a condition may be remembered: it only reads a variable."""
    return _TESTABLE.fullmatch(text) is not None


def consistent(states: States, text: str, *, holds: bool) -> States:
    """The states that do not contradict the condition's result."""
    name, value = text.lstrip("!"), holds != text.startswith("!")
    return frozenset(state for state in states if (name, not value) not in state.assumed)


def refined(states: States, mode: str) -> States:
    """The states after a test whether the thread is attached; a known mode decides the test."""
    kept = set()
    for state in states:
        if state.mode not in {ATTACHED, DETACHED} or state.mode == mode or state.since is None:
            kept.add(replace(state, mode=mode))
    return frozenset(kept)


def begin_of_repeated(body: Statement | None, what: Statement) -> int:
    """The start of what may run again after a statement: its outermost loop, or a label."""
    begin, current = what.start, body
    while current is not None:
        inner = next((p for p in current.parts if p.start <= what.start < p.stop), None)
        for part in current.parts:
            if part.kind == "label" and part.start <= what.start:
                begin = min(begin, part.start)
        if inner is not None and inner.kind in {"loop", "do"}:
            return min(begin, inner.start)
        current = inner
    return begin


def tested(text: str, *, null: bool) -> str:
    """The variable that a condition tests to be null, or not to be; empty if it does not."""
    test = _NULL_TEST.fullmatch(_MEMBER_OF.sub("", text) if len(text) < _LONGEST_TEST else text)
    if test is None:
        return ""
    negated = bool(test.group(1)) != (test.group(3) == "==")
    return str(test.group(2)) if negated == null else ""


def without_refused(states: States, text: str, *, holds: bool) -> States:
    """The states without a call that was refused: where its result is null, nothing attached."""
    name = tested(text, null=holds)
    if not name:
        return states
    found = set()
    for state in states:
        entry = state.last("acquire")
        if any(
            name == (e.refusable if e.kind == "saved" else e.token)
            for e in state.open
            if e.kind in {"saved", "restored"}
        ):
            continue  # neither a saved state is null, nor one that was attached
        if entry is not None and entry.refusable == name:
            found.add(state.without(entry).into(entry.mode, entry.since, state.why))
        else:
            found.add(state)
    return frozenset(found)
