"""How an event changes a thread's state, and whether it is allowed in that state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from pyholdfast.check.api import kind_of
from pyholdfast.check.c_interface import SCOPE_EFFECTS, after_scope
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event, word_at
from pyholdfast.check.results import OTHER
from pyholdfast.check.states import (
    ATTACHED,
    DETACHED,
    FAILED,
    FINAL,
    UNKNOWN,
    Open,
    State,
    Step,
    Summary,
)

__all__ = ["Effects", "Guard", "Problem"]

# Maximum number of calls between a function and one that blocks. Deeper ones are rarely meant to
# wait: in the code that was measured, they were clean-ups after a failed start.
_DEEPEST_BLOCK = 2
# These read constant parts of an object that the caller owns, and may do so detached.
_UNCHANGING = frozenset(
    {"PyBytes_AS_STRING", "PyBytes_GET_SIZE", "PyTuple_GET_SIZE", "PyFloat_AS_DOUBLE",
     "PyUnicode_GET_LENGTH", "PyUnicode_KIND", "PyUnicode_DATA", "PyUnicode_1BYTE_DATA",
     "PyUnicode_2BYTE_DATA", "PyUnicode_4BYTE_DATA"}
)  # fmt: skip
_ACCESSORS = re.compile(
    r"Py(?:Bytes|ByteArray|Tuple|List|Float|Unicode|Sequence_Fast|Long|Array|Set|Dict|Memory)\w*"
    r"_(?:AS_\w+|GET_\w+|KIND|\w*DATA|\w*BYTES|ITEMS|N?DIMS?|NDIM|STRIDES?|SHAPE|SIZE|GETPTR\d)"
)
# These return null if Python has ended, and then need no counterpart.
_MAY_REFUSE = frozenset({"PyThreadState_Ensure", "PyThreadState_EnsureFromView"})
_REFUSABLE = Summary(outcomes=((frozenset({OTHER}), "acquire"), (frozenset({0}), "")))
_ATTACHING = frozenset({"acquire", "restore", "enter"})
_OF_PYTHONS_LIFE = {"start": ATTACHED, "begin": DETACHED, "end": FINAL}
_OF_PYBIND11 = {
    "initialize_interpreter": Summary(effect="start"),
    "finalize_interpreter": Summary(ATTACHED, effect="end"),
}
_WAITING = {"block": "HF613", "slow": "HF616", "lock": "HF614", "locker": "HF614"}
_DEAD = "dead"  # no thread goes on here: what is wrong has been said


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that goes wrong on a path.

    Attributes:
        code: the finding's code.
        place: where it goes wrong.
        name: the function that is called there.
        state: the thread's state there.
        path: from there to the actual call, if that is further down.
        kind: of the event.
    """

    code: str
    place: Place
    name: str
    state: State
    path: tuple[Step, ...] = ()
    kind: str = "api"


@dataclass(frozen=True, slots=True)
class Guard:
    """What objects of a class do to the thread during their lifetime.

    Attributes:
        kind: ``attach``, ``detach``, ``python``: it runs for their lifetime, or ``object``: only
            its end needs Python.
        requires: the mode that the thread must be in when the object is created.
        leaves: for ``python``, the mode after the object's creation.
    """

    kind: str
    requires: str = UNKNOWN
    leaves: str = UNKNOWN


@dataclass(slots=True)
class Effects:
    """Applies events to states, and collects problems.

    Attributes:
        summary_of: the summary of a called function; None if unknown.
        guard_of: the guard behind a class; None if there is none.
        problems: what went wrong, each once.
        requires: the mode that the function must be called in, as its own calls indicate.
        path: to the call that requires that mode.
        blocks: path to the first call that may block in the mode on entry.
        closed: places of acquires, saves and restores that are undone on some path, each with the
            places that undo it.
        attaches: path to the first attach in the mode on entry.
        modes: the modes in which functions are given to a library, by the place of the call.
        late: the first attach after a call that needed the thread attached already.
        early: places of attaches in the mode on entry.
        started: places where Python starts.
        is_plain: whether all uses of a call's result are understood.
        is_guarded: whether a test of the state that a call attaches decides about the call.
        is_moved: whether a variable gives up what it holds before its end.
        reaching: places of calls that undo something that began outside the function.
        argument_of: the argument of a call, as text.
        is_answered_for: whether a comment at a call gives a reason why a finding would be wrong
            for every caller.
        entry: the mode that the function is called in, as its callers indicate.
    """

    summary_of: Callable[[Event], Summary | None]
    guard_of: Callable[[str, str], Guard | None]
    problems: dict[tuple[str, Place, Place | None], Problem] = field(default_factory=dict)
    requires: str = UNKNOWN
    path: tuple[Step, ...] = ()
    blocks: tuple[Step, ...] = ()
    closed: dict[Place, set[Place]] = field(default_factory=dict)
    reaching: set[Place] = field(default_factory=set)
    argument_of: Callable[[Event], str] = lambda _: ""
    is_answered_for: Callable[[Place, str], bool] = lambda _, __: False
    entry: str = UNKNOWN
    attaches: tuple[Step, ...] = ()
    modes: dict[Place, set[str]] = field(default_factory=dict)
    late: Step | None = None
    early: dict[Place, Event] = field(default_factory=dict)
    started: set[Place] = field(default_factory=set)
    is_plain: Callable[[Event], bool] = lambda _: False
    is_moved: Callable[[Event], bool] = lambda _: False
    is_guarded: Callable[[Event], bool] = lambda _: False

    def changes_state(self, event: Event) -> bool:
        """Whether the event may change the thread's mode."""
        if event.kind == "api":
            return kind_of(event.name) not in {"attached", "any"}
        if event.kind in {"call", "pointer", "named", "deferred"}:
            call = replace(event, kind="call") if event.kind == "deferred" else event
            summary = self.summary_of(call)
            return summary is not None and (summary.effect != "" or not summary.returns)
        if event.kind == "binding":
            return event.name in _OF_PYBIND11
        return event.kind in {"attach", "detach", "noreturn", "starter", "startercontained"}

    def apply(self, event: Event, state: State, scope: tuple[int, int], token: str) -> set[State]:
        """The possible states after an event."""
        return {after for after in self._after(event, state, scope, token) if after.mode != _DEAD}

    def _after(
        self, event: Event, state: State, scope: tuple[int, int], token: str
    ) -> Iterable[State]:
        if event.kind == "api":
            if event.name in _MAY_REFUSE and self.is_plain(event):
                return self._each_outcome(event, state, token, _REFUSABLE)
            return (self._api(event, state, token),)
        if event.kind == "binding" and event.name in _OF_PYBIND11:
            return (self._call(event, state, token, _OF_PYBIND11[event.name]),)
        if event.kind in {"binding", "bindingnew"}:
            return (self._need(event, state, ()),)
        if event.kind in _WAITING:
            return (self._block(event, state),)
        if event.kind in {"noreturn", "handover"}:
            self.modes.setdefault(event.place, set()).add(state.mode)
            return (state,)
        if event.kind in {"call", "construct", "pointer", "named", "destroy"}:
            return self._after_call(event, state, token)
        if event.kind == "deferred":
            entry = Open("deferred", state.mode, None, event.target, scope, event.name)
            return (state.opening(entry),)
        if event.kind in {"starter", "startercontained"}:
            return (_started(event, state, scope),)
        return (self._variable(event, state, scope),)

    def _after_call(self, event: Event, state: State, token: str) -> Iterable[State]:
        summary = self.summary_of(event)
        if summary is None:
            return (state,)
        if summary.outcomes and self.is_plain(event):
            return self._each_outcome(event, state, token, summary)
        if summary.effect in SCOPE_EFFECTS:
            return (after_scope(event, state, summary.effect, self.closed),)
        return (self._call(event, state, token, summary),)

    def _each_outcome(
        self, event: Event, state: State, token: str, summary: Summary
    ) -> Iterable[State]:
        """One state for each result of a call that tells what the call did."""
        key = token if token not in {"", "return"} else event.name
        attaches = any(effect in _ATTACHING for _, effect in summary.outcomes)
        for samples, effect in summary.outcomes:
            after = replace(summary, effect=effect, outcomes=())
            if event.kind == "api":
                done = self._api(event, state, token) if effect else state
            else:
                done = self._call(event, state, token, after)
            if effect == "" and attaches and done.mode != ATTACHED:
                value = "null" if event.kind == "api" else str(min(samples))
                entry = Open("failed", done.mode, done.since, event.place, token=key)
                done = done.opening(entry)
                done = done.into(DETACHED, event.place, f"{FAILED}{event.name}() ({value})")
            yield done.returned(key, samples)

    def end_of_scope(self, entry: Open, state: State) -> State:
        """The state after the end of a variable's life."""
        if entry.kind == "object":
            event = Event("object", entry.name, entry.place, entry.place)
            return self._need(event, state, ())
        if entry.kind == "deferred":
            call = Event("call", entry.name, entry.place, entry.place)
            summary = self.summary_of(call)
            return state if summary is None else self._call(call, state, "", summary)
        mode = entry.mode
        if mode == FINAL:
            return state.into(FINAL, entry.place, f"the end of the {entry.name}")
        if mode == UNKNOWN and state.mode == ATTACHED:
            # After the end of its own attach, a function is detached unless its caller had
            # attached; a guard in it indicates that the caller may not have.
            return state.into(DETACHED, entry.place, f"the end of the {entry.name}")
        return state.into(mode, entry.since, state.why if entry.since else "")

    # One kind of event each

    def _api(self, event: Event, state: State, token: str) -> State:
        kind = kind_of(event.name)
        if kind in {"restore", "release"}:
            return (
                self._restore(event, state, ())
                if kind == "restore"
                else self._release(event, state)
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
        if kind == "new" and state.mode == DETACHED and state.why == "PyThreadState_Swap":
            return state.into(
                ATTACHED, event.place, event.name
            )  # needs the GIL, not a thread state
        state = self._need(event, state, ())
        if kind == "end":  # nothing remains to be undone
            kept = tuple(entry for entry in state.open if entry.kind in {"guard", "object"})
            return replace(state, open=kept).into(FINAL, event.place, event.name)
        return self._delete(event, state) if kind in {"close", "delete"} else state

    def _delete(self, event: Event, state: State) -> State:
        """The thread's state ends, and the thread is detached."""
        begun = state.last("restored")  # of the state that is deleted here
        if begun is not None:
            self.closed.setdefault(begun.place, set()).add(event.place)
            state = state.without(begun)
        return state.into(DETACHED, event.place, event.name)

    def _give_and_take(self, kind: str, event: Event, state: State, token: str) -> State:
        if kind == "acquire":
            return self._acquire(event, state, token)
        if kind == "save":
            return self._save(event, state, token)
        argument = self.argument_of(event)
        if argument in {"NULL", "nullptr", "0"}:
            return self._save(event, state, token or "swap")
        for swapped in (state.last("swapped"), state.last("saved")):
            if swapped is None or swapped.name != event.name:
                continue
            if swapped.kind == "saved" or swapped.token == argument:
                self.closed.setdefault(swapped.place, set()).add(event.place)
                return state.without(swapped).into(ATTACHED, event.place, event.name)
        if token not in {"", "return", "member"}:
            state = state.opening(
                Open("swapped", state.mode, state.since, event.place, name=event.name, token=token)
            )
        elif state.mode != ATTACHED:
            self.reaching.add(event.place)
            state = state.opening(Open("restored", DETACHED, None, event.place, name=event.name))
        return state.into(ATTACHED, event.place, event.name)

    def _need(self, event: Event, state: State, path: tuple[Step, ...]) -> State:
        if state.mode == ATTACHED:
            return state
        if state.mode == UNKNOWN and state.since is not None:
            return state  # what a callee left open is not the caller's to close
        if state.mode == UNKNOWN and self.is_answered_for(event.place, "HF601"):
            return state
        if state.mode == UNKNOWN:
            self._ask(ATTACHED, event, path, state)
            return state.into(ATTACHED, None, "")
        self._problem("HF606" if state.mode == FINAL else "HF601", event, state, path)
        return _silent(state)

    def _note_attach(self, event: Event, state: State, path: tuple[Step, ...] = ()) -> None:
        if state.mode == FINAL:
            self._problem("HF606", event, state, path)
        elif state.since is None and state.mode == ATTACHED and self.requires == ATTACHED:
            if not path and self.late is None:
                self.late = Step(event.place, event.name)
        elif state.since is None and state.mode in {UNKNOWN, DETACHED}:
            self.early.setdefault(event.place, event)
            self.attaches = self.attaches or (Step(event.place, _said(event)), *path[:3])

    def _acquire(self, event: Event, state: State, token: str, holder: str = "") -> State:
        self._note_attach(event, state)
        refusable = holder or (token if event.name in _MAY_REFUSE else "")
        entry = Open("acquire", state.mode, state.since, event.place, (0, 0), event.name, token,
                     refusable)  # fmt: skip
        return state.opening(entry).into(ATTACHED, event.place, event.name)

    def _release(self, event: Event, state: State) -> State:
        entry = state.last("acquire")
        if entry is not None:
            self.closed.setdefault(entry.place, set()).add(event.place)
            if entry.mode == UNKNOWN:
                return state.without(entry).into(DETACHED, event.place, event.name)
            if entry.mode == DETACHED and entry.since is None:
                return state.without(entry).into(DETACHED, event.place, event.name)
            return state.without(entry).into(entry.mode, entry.since, state.why)
        self.reaching.add(event.place)
        if state.mode in {DETACHED, FINAL}:
            self._problem("HF604", event, state, ())
            return _silent(state)
        if state.mode == ATTACHED and state.why.startswith("Py_Init"):  # nothing was acquired
            self._problem("HF604", event, state, ())
            return state
        done = state.into(DETACHED, event.place, event.name)
        return replace(done, owed=state.owed + 1)

    def _save(self, event: Event, state: State, token: str, holder: str = "") -> State:
        if state.mode == DETACHED and event.name == "PyEval_ReleaseLock":
            return state  # after PyThreadState_Swap(NULL), the idiom before 3.2
        if state.mode == UNKNOWN:
            if not self.is_answered_for(event.place, "HF604"):
                self._ask(ATTACHED, event, (), state)
        elif state.mode != ATTACHED:
            self._problem("HF604", event, state, ())
            return _silent(state)
        begun = state.last("restored")
        if begun is not None:  # back to the caller's mode
            self.reaching.add(event.place)
            self.closed.setdefault(begun.place, set()).add(event.place)
            return state.without(begun).into(DETACHED, event.place, event.name)
        entry = Open("saved", ATTACHED, state.since, event.place, name=event.name, token=token,
                     refusable=holder or token)  # fmt: skip
        return state.opening(entry).into(DETACHED, event.place, event.name)

    def _restore(self, event: Event, state: State, path: tuple[Step, ...]) -> State:
        guarded = self.is_guarded(event)  # where a kept state is there, the thread is detached
        if guarded and state.mode == ATTACHED:
            return state
        self._note_attach(event, state, path)
        if state.mode == UNKNOWN:
            self._ask(DETACHED, event, path, state)
        elif state.mode == ATTACHED and event.name != "PyEval_AcquireLock":
            if state.since is not None or self.entry != UNKNOWN:
                self._problem("HF605", event, state, path)
            return state
        entry = state.last("saved")
        if entry is not None:
            self.closed.setdefault(entry.place, set()).add(event.place)
            state = state.without(entry)
        else:
            self.reaching.add(event.place)
            owed = "guarded" if guarded else ""
            entry = Open("restored", DETACHED, None, event.place, name=event.name, refusable=owed)
            state = state.opening(entry)
        return state.into(ATTACHED, event.place, event.name)

    def _block(self, event: Event, state: State) -> State:
        if state.mode == ATTACHED:
            self._problem(_WAITING[event.kind], event, state, ())
        elif event.kind == "block" and self._may_hold_up_callers(event, state):
            self.blocks = (Step(event.place, f"{event.name}() may block"),)
        return state

    def _block_in(self, event: Event, state: State, summary: Summary) -> None:
        """What a called function blocks."""
        if not summary.blocks:
            return
        if state.mode == ATTACHED:
            self._problem("HF613", event, state, summary.blocks)
        elif len(summary.blocks) < _DEEPEST_BLOCK and self._may_hold_up_callers(event, state):
            self.blocks = (Step(event.place, f"calls {event.name}()"), *summary.blocks)

    def _may_hold_up_callers(self, event: Event, state: State) -> bool:
        if state.mode != UNKNOWN or self.blocks:
            return False
        return not self.is_answered_for(event.place, "HF613")

    def _call(self, event: Event, state: State, token: str, summary: Summary) -> State:
        made = event.kind == "construct"
        if made and self.guard_of("local", event.name) is not None:
            return state  # a guard's constructor is handled with its variable
        self._block_in(event, state, summary)
        if summary.attaches:
            self._note_attach(event, state, summary.attaches)
        if summary.requires == ATTACHED:
            state = self._need(event, state, summary.path)
        elif summary.requires == DETACHED and summary.effect not in {"restore", "varies"}:
            if state.mode == ATTACHED and (state.since is not None or self.entry != UNKNOWN):
                self._problem("HF605", event, state, summary.path)
            elif state.mode == UNKNOWN:
                self._ask(DETACHED, event, summary.path, state)
        if made:
            return state
        return self._effect(event, state, summary, token)

    def _effect(self, event: Event, state: State, summary: Summary, token: str) -> State:
        if summary.effect == "acquire":
            return self._acquire(event, state, "call", token)
        if summary.effect == "save":
            dropped = summary.returns_saved and not token
            return self._save(event, state, "" if dropped else "call", token)
        if summary.effect == "varies":  # the result of the call tells which way it went
            entry = state.last("saved")
            if entry is not None:
                self.closed.setdefault(entry.place, set()).add(event.place)
                state = state.without(entry)
            return state.into(UNKNOWN, event.place, event.name)
        if summary.effect == "release":
            return self._release(event, state)
        if summary.effect == "enter":  # by the configuration
            return state if state.mode == ATTACHED else self._restore(event, state, ())
        if summary.effect == "leave":
            return self._save(event, state, token or "call")
        if summary.effect == "restore":
            return self._restore(event, state, summary.path)
        if summary.effect == "start":
            self.started.add(event.place)
        mode = _OF_PYTHONS_LIFE.get(summary.effect)
        return state if mode is None else state.into(mode, event.place, event.name)

    def _variable(self, event: Event, state: State, scope: tuple[int, int]) -> State:
        guard = self.guard_of(event.kind, event.name)
        if guard is None:
            return state
        if guard.kind != "object" and event.kind in {"contained", "plainlocal"}:
            return state  # what a container or a member does to the thread is not followed
        if guard.kind == "python":
            entry = Open("guard", FINAL, event.place, event.place, scope, event.name)
            return state.opening(entry).into(guard.leaves, event.place, event.name)
        if guard.kind == "object":
            if self.is_moved(event):
                return state
            return state.opening(Open("object", state.mode, None, event.place, scope, event.name))
        if guard.requires == ATTACHED:
            if state.mode == UNKNOWN:
                self._ask(ATTACHED, event, (), state)
                state = state.into(ATTACHED, None, "")
            elif state.mode != ATTACHED:
                self._problem("HF604", event, state, ())
        entry = Open("guard", state.mode, state.since, event.place, scope, event.name)
        if guard.kind == "attach":
            self._note_attach(event, state)
            return state.opening(entry).into(ATTACHED, event.place, event.name)
        return state.opening(entry).into(DETACHED, event.place, event.name)

    # Bookkeeping

    def _ask(self, mode: str, event: Event, path: tuple[Step, ...], state: State) -> None:
        if self.requires == UNKNOWN and state.since is None:  # else the caller does not decide
            self.requires = mode
            step = Step(event.place, _said(event))
            if step in path:  # recursion
                path = path[path.index(step) + 1 :]
            self.path = (step, *path)

    def _problem(self, code: str, event: Event, state: State, path: tuple[Step, ...]) -> None:
        problem = Problem(code, event.place, event.name, state, path, event.kind)
        self.problems.setdefault((code, event.place, state.since), problem)


def _reads_memory(event: Event) -> bool:
    """Whether a call comes from an accessor that reads an object which somebody owns."""
    return _ACCESSORS.fullmatch(word_at(event.place)) is not None


def _started(event: Event, state: State, scope: tuple[int, int]) -> State:
    """The state after the definition of an object that runs Python for its lifetime.

    A holdfast::interpreter leaves the thread as it is, and pybind11's attached until it ends. An
    object that contains one may start Python now, later, or not at all.
    """
    if event.name != "scoped_interpreter":
        return state.into(UNKNOWN, event.place, event.name) if state.mode == FINAL else state
    if event.kind == "startercontained":
        return state.into(UNKNOWN, event.place, event.name)
    entry = Open("guard", FINAL, event.place, event.place, scope, event.name)
    return state.opening(entry).into(ATTACHED, event.place, event.name)


def _silent(state: State) -> State:
    """The state after a problem; what follows from a failed attach is reported once."""
    return replace(state, mode=_DEAD) if state.why.startswith(FAILED) else state


def _said(event: Event) -> str:
    if event.kind in {"call", "construct"}:
        return f"calls {event.name}()"
    if event.kind in {"attach", "detach", "local", "bindinglocal", "object", "contained",
                      "plainlocal"}:  # fmt: skip
        return f"has a {event.name}"
    if event.kind == "destroy":
        return f"destroys a {event.name}"
    return f"calls {event.name}()"
