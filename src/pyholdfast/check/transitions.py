"""How an event changes a thread's state, and whether it is allowed in that state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from pyholdfast.check.api import kind_of
from pyholdfast.check.c_interface import SCOPE_EFFECTS, after_scope
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.record import DEAD
from pyholdfast.check.results import OTHER
from pyholdfast.check.state_calls import MAY_REFUSE, StateCalls
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
from pyholdfast.check.vocabulary import LIFE_CALLS, STARTING_ATTACHED

__all__ = ["IF_RUNNING", "Effects", "Guard"]

IF_RUNNING = "if running"

# Maximum number of calls between a function and one that blocks. Deeper ones are rarely meant to
# wait: in the code that was measured, they were clean-ups after a failed start.
_DEEPEST_BLOCK = 2
_REFUSABLE = Summary(outcomes=((frozenset({OTHER}), "acquire"), (frozenset({0}), "")))
_ATTACHING = frozenset({"acquire", "restore", "enter"})
_OF_PYTHONS_LIFE = {"start": ATTACHED, "begin": DETACHED, "end": FINAL}
_UNCHANGING = frozenset({"noreturn", "handover", "outside", "throw", "tried"})
_CALLS = frozenset({"call", "construct", "pointer", "storedcall", "named", "destroy"})
_WAITING = {"block": "HF613", "slow": "HF616", "lock": "HF614", "locker": "HF614"}


@dataclass(frozen=True, slots=True)
class Guard:
    """What objects of a class do to the thread during their lifetime.

    Attributes:
        kind: ``attach``, ``detach``, ``python``: it runs for their lifetime, ``object``: only
            its end needs Python, or ``undo``: its end undoes what began before it.
        requires: the mode that the thread must be in when the object is created.
        leaves: for ``python``, the mode after the object's creation; for ``undo``, the kind of
            what its end undoes; for ``object``, whether its end needs Python only if it runs.
    """

    kind: str
    requires: str = UNKNOWN
    leaves: str = UNKNOWN


@dataclass(slots=True, kw_only=True)
class Effects(StateCalls):
    """Applies events to states, and collects problems.

    Attributes:
        summary_of: the summary of a called function; None if unknown.
        guard_of: the guard behind a class; None if there is none.
        is_plain: whether all uses of a call's result are understood.
        before_start: whether the function is a main() that may start Python.
        is_moved: whether a variable gives up what it holds before its end.
        is_at_once: whether the arguments of a call say that the called function does not wait.
        is_read: whether the function that an event calls was read.
        waited_for: the callback that a call waits for, by the call's place.
    """

    summary_of: Callable[[Event], Summary | None]
    guard_of: Callable[[str, str], Guard | None]
    is_plain: Callable[[Event], bool] = lambda _: False
    is_moved: Callable[[Event], bool] = lambda _: False
    is_at_once: Callable[[Event], bool] = lambda _: False
    is_read: Callable[[Event], bool] = lambda _: False
    before_start: bool = False
    waited_for: Mapping[Place, Step] = field(default_factory=dict)

    def changes_state(self, event: Event) -> bool:
        """Whether the event may change the thread's mode."""
        if event.kind == "api":
            return kind_of(event.name) not in {"attached", "any"}
        if event.kind in {"call", "pointer", "storedcall", "named", "deferred"}:
            call = replace(event, kind="call") if event.kind == "deferred" else event
            summary = self.summary_of(call)
            return summary is not None and (summary.effect != "" or not summary.returns)
        if event.kind == "binding":
            return event.name in LIFE_CALLS
        return event.kind in {"attach", "detach", "noreturn", "starter", "startercontained"}

    def may_throw(self, event: Event) -> bool:
        """Whether an exception may leave a function's expression here.

        A function that was not read may throw where its caller has a try block for it.
        """
        if event.kind == "throw":
            return True
        if event.kind == "tried" and not self.is_read(event):
            return True
        if event.kind not in _CALLS:
            return False
        summary = self.summary_of(event)
        return summary is not None and summary.throws

    def apply(self, event: Event, state: State, scope: tuple[int, int], token: str) -> set[State]:
        """The possible states after an event."""
        return {after for after in self._after(event, state, scope, token) if after.mode != DEAD}

    def _after(
        self, event: Event, state: State, scope: tuple[int, int], token: str
    ) -> Iterable[State]:
        if event.kind == "api":
            return self._after_api(event, state, token)
        if event.kind == "binding" and event.name in LIFE_CALLS:
            return (self._life(event, state),)
        if event.kind in {"binding", "bindingnew"}:
            return (self.need(event, state, ()),)
        if event.kind in _WAITING:
            return (self._block(event, state),)
        if event.kind in _UNCHANGING:
            self.modes.setdefault(event.place, set()).add(state.mode)
            return (state,)
        if event.kind in _CALLS:
            return self._after_call(event, state, token)
        if event.kind == "deferred":
            entry = Open("deferred", state.mode, None, event.target, scope, event.name)
            return (state.opening(entry),)
        if event.kind in {"starter", "startercontained"}:
            return (_started(event, state, scope),)
        return (self._variable(event, state, scope),)

    def _after_api(self, event: Event, state: State, token: str) -> Iterable[State]:
        if event.name in MAY_REFUSE and self.is_plain(event):
            return self._each_outcome(event, state, token, _REFUSABLE)
        if event.name == "PyEval_ThreadsInitialized":  # since 3.7, wherever Python runs
            return (state.returned(token or event.name, frozenset({1})),)
        return (self.api(event, state, token),)

    def _after_call(self, event: Event, state: State, token: str) -> Iterable[State]:
        summary = self.summary_of(event)
        self.calls.setdefault(event.place, set()).add(state.mode)
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
                done = self.api(event, state, token) if effect else state
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
        if entry.kind == "object" and entry.token == IF_RUNNING and self._has_not_started(state):
            return state
        if entry.kind == "object":
            event = Event("object", entry.name, entry.place, entry.place)
            return self.need(event, state, ())
        if entry.kind == "undo":
            return self._undone(entry, state)
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

    def _has_not_started(self, state: State) -> bool:
        """Whether main() has not come to where it starts Python."""
        return self.before_start and state.mode == DETACHED and state.since is None

    def _undone(self, entry: Open, state: State) -> State:
        """The state after the end of an object that undoes what began before it."""
        begun = state.last(entry.token)
        if begun is None:
            return state
        self.close(begun.place, entry.place)
        return state.without(begun).into(begun.mode, begun.since, f"the end of the {entry.name}")

    # Calls and variables

    def _block(self, event: Event, state: State) -> State:
        self.modes.setdefault(event.place, set()).add(state.mode)
        if state.mode == ATTACHED:
            self.problem(_WAITING[event.kind], event, state, self._why_waiting(event))
        elif event.kind == "block" and self._may_hold_up_callers(event, state):
            self.blocks = (
                Step(event.place, f"{event.name}() may block"),
                *self._why_waiting(event),
            )
        return state

    def _why_waiting(self, event: Event) -> tuple[Step, ...]:
        callback = self.waited_for.get(event.place)
        return () if callback is None else (callback,)

    def _block_in(self, event: Event, state: State, summary: Summary) -> None:
        """What a called function blocks."""
        if not summary.blocks or self.is_at_once(event):
            return
        if state.mode == ATTACHED:
            self.problem("HF613", event, state, summary.blocks)
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
            self.note_attach(event, state, summary.attaches)
        if summary.requires == ATTACHED:
            if not (summary.if_running and self._has_not_started(state)):
                state = self.need(event, state, summary.path)
        elif summary.requires == DETACHED and summary.effect not in {"restore", "varies"}:
            if state.mode == ATTACHED and (state.since is not None or self.entry != UNKNOWN):
                self.problem("HF605", event, state, summary.path)
            elif state.mode == UNKNOWN:
                self.ask(DETACHED, event, summary.path, state)
        if made:
            return state
        return self._effect(event, state, summary, token)

    def _life(self, event: Event, state: State) -> State:
        """The state after a call of a library that starts or ends Python."""
        effect = LIFE_CALLS[event.name]
        requires = ATTACHED if effect == "end" else UNKNOWN
        return self._call(event, state, "", Summary(requires, effect=effect))

    def _effect(self, event: Event, state: State, summary: Summary, token: str) -> State:
        if summary.effect == "acquire":
            return self.acquire(event, state, "call", token)
        if summary.effect == "save":
            dropped = summary.returns_saved and not token
            kept = "" if dropped else "call"
            return self.save(event, state, kept, token, by_swap=summary.swaps_out)
        if summary.effect == "varies":  # the result of the call tells which way it went
            entry = state.last("saved")
            if entry is not None:
                self.close(entry.place, event.place)
                state = state.without(entry)
            return state.into(UNKNOWN, event.place, event.name)
        plain = {"release": self.release, "swap": self.swap_in}.get(summary.effect)
        if plain is not None:
            return plain(event, state)
        if summary.effect == "enter":  # by the configuration
            return state if state.mode == ATTACHED else self.restore(event, state, ())
        if summary.effect == "leave":
            return self.save(event, state, token or "call")
        if summary.effect == "restore":
            return self.restore(event, state, summary.path)
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
        if guard.kind in {"python", "undo", "object"}:
            return self._other_object(event, state, scope, guard)
        if guard.requires == ATTACHED:
            if state.mode == UNKNOWN:
                self.ask(ATTACHED, event, (), state)
                state = state.into(ATTACHED, None, "")
            elif state.mode != ATTACHED:
                self.problem("HF604", event, state, ())
        entry = Open("guard", state.mode, state.since, event.place, scope, event.name)
        if guard.kind == "attach":
            self.note_attach(event, state)
            return state.opening(entry).into(ATTACHED, event.place, event.name)
        return state.opening(entry).into(DETACHED, event.place, event.name)

    def _other_object(
        self, event: Event, state: State, scope: tuple[int, int], guard: Guard
    ) -> State:
        """The state after the definition of an object whose end matters."""
        if guard.kind == "python":
            entry = Open("guard", FINAL, event.place, event.place, scope, event.name)
            return state.opening(entry).into(guard.leaves, event.place, event.name)
        if self.is_moved(event):
            return state
        token = "" if guard.leaves == UNKNOWN else guard.leaves
        return state.opening(
            Open(guard.kind, state.mode, None, event.place, scope, event.name, token)
        )


def _started(event: Event, state: State, scope: tuple[int, int]) -> State:
    """The state after the definition of an object that runs Python for its lifetime.

    A holdfast::interpreter leaves the thread as it is, and pybind11's attached until it ends. An
    object that contains one may start Python now, later, or not at all.
    """
    if event.name not in STARTING_ATTACHED:
        return state.into(UNKNOWN, event.place, event.name) if state.mode == FINAL else state
    if event.kind == "startercontained":
        return state.into(UNKNOWN, event.place, event.name)
    entry = Open("guard", FINAL, event.place, event.place, scope, event.name)
    return state.opening(entry).into(ATTACHED, event.place, event.name)
