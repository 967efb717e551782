"""Results that may be null and are used without a test.

Read from the text: the first use of the result after the call decides. A copy, a return or a call
of an unknown function ends the search, because the test may be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.findings import Finding, remedy_for
from pyholdfast.check.states import Step
from pyholdfast.check.tokens import Source, read_source

__all__ = ["of_untested"]

# What may return null, and why.
_MAY_BE_NULL: Mapping[str, str] = MappingProxyType(
    {
        "PyThreadState_New": "if memory is short",
        "PyInterpreterState_New": "if memory is short, or an audit hook refuses",
        "Py_NewInterpreter": "if the sub-interpreter cannot be created",
        "PyThread_allocate_lock": "if memory is short",
    }
)
# These crash if they are given null, or leave the thread detached.
_NEEDING = frozenset(
    {"PyEval_RestoreThread", "PyEval_AcquireThread", "PyEval_ReleaseThread", "PyThreadState_Swap",
     "PyThreadState_Clear", "PyThreadState_Delete", "PyThreadState_New", "Py_EndInterpreter",
     "PyInterpreterState_Clear", "PyInterpreterState_Delete", "PyThread_acquire_lock",
     "PyThread_acquire_lock_timed", "PyThread_release_lock"}
)  # fmt: skip
_JOINING = frozenset({".", "->", "::"})


def of_untested(function: Function) -> Iterator[Finding]:
    """Calls whose result may be null, and is used before a test."""
    calls = [e for e in function.events if e.kind == "api" and e.name in _MAY_BE_NULL]
    if not calls:
        return
    source = read_source(function.body.file)
    body = source.at(function.body.line, function.body.column)
    for event in calls:
        number = source.at(event.place.line, event.place.column)
        if number is None or body is None:
            continue
        used = _first_use(source, number, body, event)
        if used is None:
            continue
        token = source.tokens[used]
        yield Finding(
            "HF618",
            Place(event.place.file, token.line, token.column),
            f"the result of {event.name}() may be null here: nothing tests it",
            remedy_for("HF618", event.place),
            function.shown,
            (Step(event.place, f"{event.name}() returns null {_MAY_BE_NULL[event.name]}"),),
        )


def _first_use(source: Source, number: int, body: int, event: Event) -> int | None:
    """The token where the result of a call is first used, if that needs a test before."""
    tokens = source.tokens
    named = number
    while tokens[named].text != event.name and tokens[named + 1].text == "::":
        named += 2
    if tokens[named].text != event.name or tokens[named + 1].text != "(":
        return None  # a macro
    while number > 1 and tokens[number - 1].text == "::":
        number -= 1
    end = source.closing(named + 1)
    if tokens[number - 1].text in {"(", ","} and tokens[number - 2].text in _NEEDING:
        return number - 2
    if number < body:  # a constructor's initialiser
        return _use_of(source, (tokens[number - 2].text,), body, source.closing(body))
    if tokens[end + 1].text == ";":
        name = _assigned(source, number)
        return _use_of(source, name, end, source.closing(body)) if name else None
    return None


def _assigned(source: Source, number: int) -> tuple[str, ...]:
    """The tokens of the variable or member that gets the result of the call at a token."""
    tokens = source.tokens
    at = number - 1
    if tokens[at].text == ")":  # a cast
        while at > 1 and tokens[at].text != "(":
            at -= 1
        at -= 1
    if tokens[at].text != "=":
        return ()
    last = at
    at -= 1
    while tokens[at].kind == "word" and tokens[at - 1].text in _JOINING:
        at -= 2
    if tokens[at].kind != "word" or tokens[at - 1].text == "=":
        return ()
    return tuple(token.text for token in tokens[at:last])


def _use_of(source: Source, name: tuple[str, ...], begin: int, stop: int) -> int | None:
    """The first use of a variable, if it is one that needs a test before."""
    tokens = source.tokens
    size = len(name)
    for at in range(begin, stop - size):
        if tuple(token.text for token in tokens[at : at + size]) != name:
            continue
        if tokens[at - 1].text in _JOINING:
            continue  # a member of the same name, of something else
        before, after = tokens[at - 1].text, tokens[at + size].text
        if after == "->":
            return at
        is_first = before == "(" and tokens[at - 2].text in _NEEDING
        return at if is_first and after in {")", ","} else None
    return None
