"""How a call of CPython's own functions changes a thread's state."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from pyholdfast.check.api import kind_of
from pyholdfast.check.facts import Event
from pyholdfast.check.record import Record, silent
from pyholdfast.check.states import (
    ATTACHED,
    DETACHED,
    FINAL,
    LOCK_ALONE,
    UNKNOWN,
    Open,
    State,
    Step,
)
from pyholdfast.check.written import word_at

__all__ = ["MAY_REFUSE", "StateCalls"]

# These read constant parts of an object that the caller owns, and may do so detached. Py_SIZE() of a
# list is not constant, but reads memory that the owner keeps.
_UNCHANGING = frozenset(
    {"PyBytes_AS_STRING", "PyBytes_GET_SIZE", "PyTuple_GET_SIZE", "PyFloat_AS_DOUBLE",
     "PyUnicode_GET_LENGTH", "PyUnicode_KIND", "PyUnicode_DATA", "PyUnicode_1BYTE_DATA",
     "PyUnicode_2BYTE_DATA", "PyUnicode_4BYTE_DATA", "Py_SIZE"}
)  # fmt: skip
_ACCESSORS = re.compile(
    r"Py(?:Bytes|ByteArray|Tuple|List|Float|Unicode|Sequence_Fast|Long|Array|Set|Dict|Memory)\w*"
    r"_(?:AS_\w+|GET_\w+|READ(?:_CHAR)?|KIND|\w*DATA|\w*BYTES|ITEMS|N?DIMS?|NDIM|STRIDES?|SHAPE|SIZE|GETPTR\d)"
    r"|PyArray_(?:Check(?:Exact)?|TYPE|FLAGS|ITEMSIZE|IS[A-Z_]+)"
)
# These return null if Python has ended, and then need no counterpart.
MAY_REFUSE = frozenset({"PyThreadState_Ensure", "PyThreadState_EnsureFromView"})


@dataclass(slots=True, kw_only=True)
class StateCalls(Record):
    """Applies calls of CPython's functions.

    Attributes:
        argument_of: the argument of a call, as text.
        is_guarded: whether a test of the state that a call attaches decides about the call.
    """

    argument_of: Callable[[Event], str] = lambda _: ""
    is_guarded: Callable[[Event], bool] = lambda _: False

    def api(self, event: Event, state: State, token: str) -> State:
        """The state after a call of one of CPython's functions."""
        kind = kind_of(event.name)
        if kind in {"restore", "release"}:
            return (
                self.restore(event, state, ()) if kind == "restore" else self.release(event, state)
            )
        if kind in {"acquire", "save", "swap"}:
            return self._give_and_take(kind, event, state, token)
        if kind == "start":
            self.started.add(event.place)
            return state.into(ATTACHED, event.place, event.name)
        if kind == "whole":
            return state.into(FINAL, event.place, event.name)
        # Up to 3.10 these are macros, and the type check inside them is the call that is seen.
        if kind == "any" or event.name in _UNCHANGING or _reads_memory(event):
            return state
        if kind == "new" and _has_the_lock(state):  # which is all that it needs
            return state.into(ATTACHED, event.place, event.name)
        if kind != "end" or not _may_have_kept_its_state(state):
            state = self.need(event, state, ())
        if kind == "end":  # nothing remains to be undone
            kept = tuple(entry for entry in state.open if entry.kind in {"guard", "object"})
            return replace(state, open=kept).into(FINAL, event.place, event.name)
        return self._delete(event, state) if kind in {"close", "delete"} else state

    def _delete(self, event: Event, state: State) -> State:
        """The thread's state ends, and the thread is detached."""
        begun = state.last("restored")  # of the state that is deleted here
        if begun is not None:
            self.close(begun.place, event.place)
            state = state.without(begun)
        return state.into(DETACHED, event.place, event.name)

    def _give_and_take(self, kind: str, event: Event, state: State, token: str) -> State:
        if kind == "acquire":
            return self.acquire(event, state, token)
        if kind == "save":
            return self.save(event, state, token)
        argument = self.argument_of(event)
        if argument in {"NULL", "nullptr", "0"}:
            return self.save(event, state, token or "swap", by_swap=True)
        swapped = state.last("swapped")
        if swapped is not None and swapped.token == argument:
            self.close(swapped.place, event.place)
            return state.without(swapped).into(ATTACHED, event.place, event.name)
        saved = state.last("saved")
        if saved is not None and saved.by_swap:
            return self.swap_in(event, state)
        if token not in {"", "return", "member"}:
            state = state.opening(
                Open("swapped", state.mode, state.since, event.place, name=event.name, token=token)
            )
            return state.into(ATTACHED, event.place, event.name)
        return self.swap_in(event, state)

    def swap_in(self, event: Event, state: State) -> State:
        """The state after an attach of a given state, whatever was attached before."""
        saved = state.last("saved")
        given = self.argument_of(event)
        if saved is not None and (saved.by_swap or (given and given == saved.token)):
            self.close(saved.place, event.place)
            state = state.without(saved)
        elif state.mode != ATTACHED:
            self.reaching.add(event.place)
            entry = Open("restored", DETACHED, None, event.place, name=event.name, by_swap=True)
            state = state.opening(entry)
        return state.into(ATTACHED, event.place, event.name)

    def acquire(self, event: Event, state: State, token: str, holder: str = "") -> State:
        """The state after an attach that a release undoes."""
        self.note_attach(event, state)
        refusable = holder or (token if event.name in MAY_REFUSE else "")
        entry = Open("acquire", state.mode, state.since, event.place, (0, 0), event.name, token,
                     refusable)  # fmt: skip
        return state.opening(entry).into(ATTACHED, event.place, event.name)

    def release(self, event: Event, state: State) -> State:
        """The state after the end of an attach."""
        entry = state.last("acquire")
        if entry is not None:
            self.close(entry.place, event.place)
            if entry.mode == UNKNOWN:
                return state.without(entry).into(DETACHED, event.place, event.name)
            if entry.mode == DETACHED and entry.since is None:
                return state.without(entry).into(DETACHED, event.place, event.name)
            return state.without(entry).into(entry.mode, entry.since, state.why)
        self.reaching.add(event.place)
        if state.mode in {DETACHED, FINAL}:
            self.problem("HF604", event, state, ())
            return silent(state)
        if state.mode == ATTACHED and state.why.startswith("Py_Init"):  # nothing was acquired
            self.problem("HF604", event, state, ())
            return state
        done = state.into(DETACHED, event.place, event.name)
        return replace(done, owed=state.owed + 1)

    def save(
        self, event: Event, state: State, token: str, holder: str = "", *, by_swap: bool = False
    ) -> State:
        """The state after a detach."""
        if state.mode == DETACHED and event.name == "PyEval_ReleaseLock":
            return state  # after PyThreadState_Swap(NULL), the idiom before 3.2
        if state.mode == UNKNOWN:
            if not self.is_answered_for(event.place, "HF604"):
                self.ask(ATTACHED, event, (), state)
        elif state.mode != ATTACHED:
            self.problem("HF604", event, state, ())
            return silent(state)
        begun = state.last("restored")
        if begun is not None:  # back to the caller's mode
            self.reaching.add(event.place)
            self.close(begun.place, event.place)
            return state.without(begun).into(DETACHED, event.place, event.name)
        entry = Open("saved", ATTACHED, state.since, event.place, name=event.name, token=token,
                     refusable=holder or token, by_swap=by_swap)  # fmt: skip
        return state.opening(entry).into(DETACHED, event.place, event.name)

    def restore(self, event: Event, state: State, path: tuple[Step, ...]) -> State:
        """The state after an attach of a kept state."""
        guarded = self.is_guarded(event)  # where a kept state is there, the thread is detached
        if guarded and state.mode == ATTACHED:
            return state
        self.note_attach(event, state, path)
        if state.mode == UNKNOWN:
            self.ask(DETACHED, event, path, state)
        elif state.mode == ATTACHED and event.name != "PyEval_AcquireLock":
            if state.since is not None or self.entry != UNKNOWN:
                self.problem("HF605", event, state, path)
            return state
        entry = state.last("saved")
        why = event.name
        if event.name == "PyEval_AcquireLock" and not _keeps_its_state(state, entry):
            why = LOCK_ALONE
        if entry is not None:
            self.close(entry.place, event.place)
            state = state.without(entry)
        else:
            self.reaching.add(event.place)
            owed = "guarded" if guarded else ""
            given = self.argument_of(event)  # it is not null
            entry = Open("restored", DETACHED, None, event.place, name=event.name, token=given,
                         refusable=owed)  # fmt: skip
            state = state.opening(entry)
        return state.into(ATTACHED, event.place, why)


def _keeps_its_state(state: State, saved: Open | None) -> bool:
    """Whether a thread that takes the lock has a state: PyEval_ReleaseLock() leaves it attached."""
    if state.mode == ATTACHED:
        return True
    return saved is not None and saved.name == "PyEval_ReleaseLock"


def _may_have_kept_its_state(state: State) -> bool:
    """Whether a thread has taken the lock that it may have released in another function.

    The thread that ends Python is mostly the one that started it, and released the lock then.
    """
    return state.why == LOCK_ALONE and state.last("restored") is not None


def _has_the_lock(state: State) -> bool:
    return (state.mode == ATTACHED and state.why == LOCK_ALONE) or _is_swapped_out(state)


def _is_swapped_out(state: State) -> bool:
    """Whether PyThreadState_Swap() has detached the thread, here or in a function that was called."""
    if state.mode != DETACHED:
        return False
    saved = state.last("saved")
    swapped = saved is not None and saved.by_swap and saved.place == state.since
    return swapped or state.why == "PyThreadState_Swap"


def _reads_memory(event: Event) -> bool:
    """Whether a call comes from an accessor that reads an object which somebody owns.

    The accessor may stand in a macro of the project.
    """
    return any(_ACCESSORS.fullmatch(word_at(place)) for place in (event.place, *event.order))
