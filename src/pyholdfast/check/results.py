"""What the result of a call tells about the thread.

A function that may fail to attach says so by what it returns. Such a call is followed twice, once
for each outcome, and a test of the result decides between them. Numbers stand for results: 7 for
whatever is not a constant of the function's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pyholdfast.check.states import FAILED, State

__all__ = ["OTHER", "Outcomes", "constant", "possible", "simplified", "without_contradiction"]

OTHER = 7
Outcomes = tuple[tuple[frozenset[int], str], ...]

_CONSTANTS = {"0": 0, "NULL": 0, "nullptr": 0, "false": 0, "FALSE": 0, "True": 1, "true": 1, "TRUE": 1,
              "HF_OK": 0, "EXIT_SUCCESS": 0, "EXIT_FAILURE": 1}  # fmt: skip
# What a macro or enumerator of a library is called that stands for 0.
_SUCCESS = re.compile(r"[A-Z][A-Z0-9_]*_(?:SUCCESS|OK)")
_NUMBER = re.compile(r"\(?(-?\d+)[uUlL]*\)?")
_TEST = re.compile(r"(!*)(\w+)(?:(==|!=|<=|>=|<|>)\(?(-?\w+)\)?)?")
_TURNED = re.compile(r"(-?\w+)(==|!=|<=|>=|<|>)(\w+)")
_PREFIX = re.compile(r"(?:\w+(?:::|->|\.))+(?=\w)")
_CALL = re.compile(r"(\w+)\([^()]*\)")
_HINT = re.compile(
    r"\b(?:__builtin_expect|(?:G_)?(?:UN)?LIKELY|(?:un)?likely)\(([^(),]*)(?:,[^(),]*)?\)"
)
_ASSIGNED = re.compile(r"\(?(?:[\w*]*\W)?(\w+)=(\w+)\)?")
_CAST = re.compile(r"\((?:void|int|bool|long|char|unsigned)\*?\)")
_SWAPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def constant(text: str) -> int | None:
    """The number that a returned expression stands for; None if it is no constant."""
    bare = text.strip("() ") if text.startswith("(") else text
    if bare in _CONSTANTS:
        return _CONSTANTS[bare]
    if _SUCCESS.fullmatch(bare):
        return 0
    match = _NUMBER.fullmatch(text)
    return int(match.group(1)) if match else None


def simplified(text: str) -> str:
    """A condition without arguments, casts and qualifiers: ``!get``, ``rc<0``.

    >>> simplified("!app::enter(&ticket,f(1))")
    '!enter'
    >>> simplified("(rc=enter())<0")
    'rc<0'
    >>> simplified("ticket->ok!=NULL")
    'ok!=NULL'
    """
    text = _CAST.sub("", text)
    before = ""
    while before != text:
        before = text
        text = _HINT.sub(r"\1", text)
        text = _CALL.sub(r"\1", text)
    text = _PREFIX.sub("", text)
    match = re.fullmatch(rf"(!*){_ASSIGNED.pattern}(.*)", text)
    if match and not match.group(4).startswith("="):
        text = match.group(1) + match.group(2) + match.group(4)
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return text


def possible(text: str, name: str, samples: Iterable[int], *, holds: bool) -> bool:
    """Whether a simplified condition can have a result, if the name stands for one of the samples."""
    test = _TEST.fullmatch(text)
    if test is None or test.group(2) != name:
        turned = _TURNED.fullmatch(text)
        if turned is None or turned.group(3) != name:
            return True
        value, operator, _ = turned.groups()
        test = _TEST.fullmatch(f"{name}{_SWAPPED.get(operator, operator)}{value}")
        if test is None:
            return True
    marks, _, operator, other = test.groups()
    wanted = holds != (len(marks) % 2 == 1)
    if operator is None:
        return any((sample != 0) == wanted for sample in samples)
    number = constant(other)
    if number is None:
        return True
    return any(_compared(sample, operator, number) == wanted for sample in samples)


def _compared(left: int, operator: str, right: int) -> bool:
    return {
        "==": left == right, "!=": left != right, "<": left < right,
        ">": left > right, "<=": left <= right, ">=": left >= right,
    }[operator]  # fmt: skip


def without_contradiction(states: Sequence[State] | frozenset[State], text: str, *, holds: bool
                          ) -> frozenset[State]:  # fmt: skip
    """The states whose calls may have returned what a condition's result says."""
    if not any(state.results for state in states):
        return frozenset(states)
    bare = simplified(text)
    words = set(re.findall(r"\w+", bare))
    return frozenset(
        _known(state, words)
        for state in states
        if all(possible(bare, name, samples, holds=holds) for name, samples in state.results)
    )


def _known(state: State, words: set[str]) -> State:
    """The state after a test: where a failed attach is known, the thread is as it was before."""
    entry = state.last("failed")
    if entry is None or entry.token not in words:
        return state
    kept = state.without(entry)
    return kept.into(entry.mode, entry.since, "") if state.why.startswith(FAILED) else kept
