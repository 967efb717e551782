"""What a walk through a function learns: problems, and what the function asks of its callers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.states import (
    ATTACHED,
    DETACHED,
    FAILED,
    FINAL,
    LOCK_ALONE,
    UNKNOWN,
    State,
    Step,
)

__all__ = ["DEAD", "Problem", "Record", "silent"]

_RUNNING = "Py_IsInitialized()"
DEAD = "dead"  # no thread goes on here: what is wrong has been said
# Kinds of events that a variable makes.
_VARIABLES = frozenset(
    {"attach", "detach", "local", "bindinglocal", "object", "contained", "plainlocal"}
)


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


@dataclass(slots=True, kw_only=True)
class Record:
    """What the paths of a function have shown so far.

    Attributes:
        problems: what went wrong, each once.
        requires: the mode that the function must be called in, as its own calls indicate.
        path: to the call that requires that mode.
        if_running: whether a test of Py_IsInitialized() decides about that call.
        blocks: path to the first call that may block in the mode on entry.
        closed: places of acquires, saves and restores that are undone on some path, each with the
            places that undo it.
        reaching: places of calls that undo something that began outside the function.
        attaches: path to the first attach in the mode on entry.
        calls: the modes in which other calls are made, by their place.
        modes: the modes in which calls are made that wait, or give a function to a library.
        late: the first attach after a call that needed the thread attached already.
        early: places of attaches in the mode on entry.
        started: places where Python starts.
        entry: the mode that the function is called in, as its callers indicate.
        is_answered_for: whether a comment at a call gives a reason why a finding would be wrong
            for every caller.
    """

    problems: dict[tuple[str, Place, Place | None], Problem] = field(default_factory=dict)
    requires: str = UNKNOWN
    path: tuple[Step, ...] = ()
    if_running: bool = False
    blocks: tuple[Step, ...] = ()
    closed: dict[Place, set[Place]] = field(default_factory=dict)
    reaching: set[Place] = field(default_factory=set)
    attaches: tuple[Step, ...] = ()
    modes: dict[Place, set[str]] = field(default_factory=dict)
    calls: dict[Place, set[str]] = field(default_factory=dict)
    late: Step | None = None
    early: dict[Place, Event] = field(default_factory=dict)
    started: set[Place] = field(default_factory=set)
    entry: str = UNKNOWN
    is_answered_for: Callable[[Place, str], bool] = lambda _, __: False

    def close(self, entry: Place, by: Place) -> None:
        """Note that a call undoes an earlier one."""
        self.closed.setdefault(entry, set()).add(by)

    def ask(self, mode: str, event: Event, path: tuple[Step, ...], state: State) -> None:
        """Note that an event asks for a mode, which the caller decides."""
        if self.requires == UNKNOWN and state.since is None:  # else the caller does not decide
            self.requires = mode
            self.if_running = (_RUNNING, True) in state.assumed
            step = Step(event.place, _said(event))
            if step in path:  # recursion
                path = path[path.index(step) + 1 :]
            self.path = (step, *path)

    def problem(self, code: str, event: Event, state: State, path: tuple[Step, ...]) -> None:
        """Note something that goes wrong, once for each reason."""
        problem = Problem(code, event.place, event.name, state, path, event.kind)
        self.problems.setdefault((code, event.place, state.since), problem)

    def need(self, event: Event, state: State, path: tuple[Step, ...]) -> State:
        """The state after an event that needs the thread attached."""
        if state.mode == ATTACHED and state.why == LOCK_ALONE:
            self.problem("HF601", event, state, path)
            return state.into(ATTACHED, state.since, event.name)  # what follows is reported once
        if state.mode == ATTACHED:
            return state
        if state.mode == UNKNOWN and state.since is not None:
            return state  # what a callee left open is not the caller's to close
        if state.mode == UNKNOWN and self.is_answered_for(event.place, "HF601"):
            return state
        if state.mode == UNKNOWN:
            self.ask(ATTACHED, event, path, state)
            return state.into(ATTACHED, None, "")
        self.problem("HF606" if state.mode == FINAL else "HF601", event, state, path)
        return silent(state)

    def note_attach(self, event: Event, state: State, path: tuple[Step, ...] = ()) -> None:
        """Note an attach, which a caller's state may forbid."""
        if state.mode == FINAL:
            self.problem("HF606", event, state, path)
        elif state.since is None and state.mode == ATTACHED and self.requires == ATTACHED:
            if not path and self.late is None:
                self.late = Step(event.place, event.name)
        elif state.since is None and state.mode in {UNKNOWN, DETACHED}:
            self.early.setdefault(event.place, event)
            self.attaches = self.attaches or (Step(event.place, _said(event)), *path[:3])


def silent(state: State) -> State:
    """The state after a problem; what follows from a failed attach is reported once."""
    return replace(state, mode=DEAD) if state.why.startswith(FAILED) else state


def _said(event: Event) -> str:
    if event.kind in {"call", "construct"}:
        return f"calls {event.name}()"
    if event.kind in _VARIABLES:
        return f"has a {event.name}"
    if event.kind == "destroy":
        return f"destroys a {event.name}"
    return f"calls {event.name}()"
