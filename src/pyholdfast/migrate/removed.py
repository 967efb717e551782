"""Replaces calls that CPython has removed, or will remove."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.structure import Statement
from pyholdfast.migrate.draft import Draft
from pyholdfast.migrate.function_tokens import Ground
from pyholdfast.migrate.pairs import End, Pair
from pyholdfast.migrate.refusal import RefusedError

__all__ = ["GONE", "Lock", "read_lock", "rewrite_call", "rewrite_lock"]

# Successors with the same arguments and the same result.
RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "PyEval_CallObject": "PyObject_CallObject",
        "PyEval_CallFunction": "PyObject_CallFunction",
        "PyEval_CallMethod": "PyObject_CallMethod",
        "PyEval_ThreadsInitialized": "Py_IsInitialized",
        "PyImport_ImportModuleNoBlock": "PyImport_ImportModule",
    }
)
GONE = frozenset(
    {*RENAMED, "PyEval_InitThreads", "PyEval_AcquireLock", "PyEval_CallObjectWithKeywords"}
)
_ASKED = frozenset({"! PyEval_ThreadsInitialized ( )", "PyEval_ThreadsInitialized ( ) == 0"})
_GOT = re.compile(
    r"(?:const )?PyThreadState \* (?:const )?(\w+) = (?::: )?PyThreadState_Get \( \) ;"
)
_SWAPPED_OUT = re.compile(r"(?:\( void \) )?PyThreadState_Swap \( (?:NULL|nullptr|0) \) ;")


def rewrite_call(draft: Draft, ground: Ground, event: Event, name: str) -> bool:
    """Replace a call with its successor; False if another edit has done that already.

    Raises:
        RefusedError: HF646 or HF649 if it cannot be replaced.
    """
    number = ground.number_of(event)
    if number is None or draft.source.tokens[number].text not in {name, "::"}:
        raise RefusedError("HF646", f"{name}() comes from a macro")
    number += draft.source.tokens[number].text == "::"
    if name in RENAMED:
        chain = ground.chain(number)
        if _asks_first(ground, chain[-1]):
            return False  # removed together with the call that it guards
        draft.replace(number, number + 1, RENAMED[name])
        return True
    if name != "PyEval_InitThreads":
        raise RefusedError("HF649", f"{name}() has no successor that takes the same arguments")
    chain = ground.chain(number)
    statement = chain[-1]
    if statement.kind != "expression" or not re.fullmatch(
        r"(?::: )?PyEval_InitThreads \( \) ;", ground.text(statement.start, statement.stop)
    ):
        raise RefusedError("HF649", "PyEval_InitThreads() is part of a larger expression")
    around = next((part for part in reversed(chain[:-1]) if part.kind == "if"), None)
    if around is not None and _asks_first(ground, around) and _holds_only(around, statement):
        statement = around
    elif chain[-2].kind != "block":
        raise RefusedError("HF649", "PyEval_InitThreads() is all that a branch does")
    draft.remove(statement.start, statement.stop)
    return True


def _asks_first(ground: Ground, what: Statement) -> bool:
    """Whether a statement is ``if (!PyEval_ThreadsInitialized())`` without an else."""
    return what.kind == "if" and ground.text(*what.condition) in _ASKED and len(what.parts) == 1


def _holds_only(what: Statement, statement: Statement) -> bool:
    inner = what.parts[0]
    return inner is statement or inner.parts == [statement]


@dataclass(frozen=True, slots=True)
class Lock:
    """``PyEval_ReleaseLock()`` and its ``PyEval_AcquireLock()``, with accompanying statements.

    Attributes:
        pair: the two calls, as if they were a save and a restore.
        beside: accompanying statements: ``PyThreadState_Get()`` before them, and swaps.
    """

    pair: Pair
    beside: tuple[Statement, ...]


def read_lock(ground: Ground, event: Event) -> Lock:
    """The pair that begins with a ``PyEval_ReleaseLock()``.

    Raises:
        RefusedError: HF642, HF644, HF646 or HF649 if the two are not one pair in one block.
    """
    number = ground.number_of(event)
    if number is None or ground.source.tokens[number].text != "PyEval_ReleaseLock":
        raise RefusedError("HF646", "PyEval_ReleaseLock() comes from a macro")
    released = ground.chain(number)
    closed = ground.walk.effects.closed
    begun = [place for place in closed if place.line <= event.place.line]
    places = {end for place in begun for end in closed[place]}
    acquired = [ground.chain(n) for n in _acquires(ground, places)]
    if len(acquired) != 1 or len(released) < 2 or released[-2].kind != "block":  # noqa: PLR2004
        shown = ground.walk.function.shown
        raise RefusedError(
            "HF642", f"PyEval_ReleaseLock() has no one PyEval_AcquireLock() in {shown}"
        )
    block, begin, end = released[-2], released[-1], acquired[0][-1]
    if not any(part is end for part in block.parts):
        raise RefusedError("HF644", "PyEval_AcquireLock() stands in another block")
    for statement in (begin, end):
        if not re.fullmatch(r"PyEval_\w+ \( \) ;", ground.text(statement.start, statement.stop)):
            raise RefusedError("HF649", "the call is part of a larger expression")
    got = _state_before(ground, block, begin)
    state = ground.unused("main_state") if got is None else got[1]
    beside = [*_swaps(ground, block, begin, end, state), *([got[0]] if got else [])]
    ends = (End(end, tuple(acquired[0])),)
    pair = Pair("detach", event, ground, begin, block, ends, state, declares=True, declaration=None)
    return Lock(pair, tuple(beside))


def rewrite_lock(draft: Draft, lock: Lock) -> None:
    """Replace the two calls with a save and a restore."""
    begin, state = lock.pair.begin, lock.pair.variable
    draft.replace(begin.start, begin.stop, f"PyThreadState *const {state} = PyEval_SaveThread();")
    for end in lock.pair.ends:
        draft.replace(end.statement.start, end.statement.stop, f"PyEval_RestoreThread({state});")


def _acquires(ground: Ground, places: Collection[Place]) -> Iterator[int]:
    for event in ground.walk.function.events:
        number = ground.number_of(event)
        if event.place in places and event.name == "PyEval_AcquireLock" and number is not None:
            yield number


def _state_before(
    ground: Ground, block: Statement, begin: Statement
) -> tuple[Statement, str] | None:
    """``PyThreadState *state = PyThreadState_Get();``, if otherwise only swaps use the variable."""
    for part in block.parts[: block.parts.index(begin)]:
        match = _GOT.fullmatch(ground.text(part.start, part.stop))
        if match is None:
            continue
        name = match.group(1)
        swaps = [s for s in ground.statements() if _is_swap(ground, s, name)]
        allowed = {part.start, *(swap.start for swap in swaps)}
        used = {
            ground.chain(n)[-1].start
            for n in range(ground.body.start, ground.body.stop)
            if ground.source.tokens[n].text == name
        }
        if used <= allowed and part.kind == "expression":
            return part, name
    return None


def _is_swap(ground: Ground, statement: Statement, state: str) -> bool:
    text = ground.text(statement.start, statement.stop)
    return re.fullmatch(rf"(?:\( void \) )?PyThreadState_Swap \( {state} \) ;", text) is not None


def _swaps(
    ground: Ground, block: Statement, begin: Statement, end: Statement, state: str
) -> Iterator[Statement]:
    """The swaps that the old recipe put beside the two calls."""
    parts = block.parts
    first, last = parts.index(begin), parts.index(end)
    for part in (*parts[max(first - 1, 0) : first], *parts[first + 1 : first + 2]):
        if _SWAPPED_OUT.fullmatch(ground.text(part.start, part.stop)):
            yield part
    for part in parts[last + 1 : last + 2]:
        if _is_swap(ground, part, state):
            yield part
