"""The state of a thread at one point of a function, and how calls change it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pyholdfast.check.clang_tidy_output import Place

__all__ = [
    "ATTACHED",
    "DETACHED",
    "FAILED",
    "FINAL",
    "LOCK_ALONE",
    "UNKNOWN",
    "Open",
    "State",
    "Step",
    "Summary",
    "in_order",
]

UNKNOWN = "unknown"  # the caller's mode
ATTACHED = "attached"
DETACHED = "detached"
FINAL = "final"  # Python has ended
# The beginning of State.why where an attach has failed.
FAILED = "the failure of "
# State.why where a thread has the GIL, but no thread state.
LOCK_ALONE = "PyEval_AcquireLock alone"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path that leads to a finding."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Open:
    """Something that must be undone.

    Attributes:
        kind: ``acquire`` (needs a release), ``guard`` (ends with its scope), ``saved`` (a state
            was detached and must be restored), ``restored`` (a state of the caller's was
            attached), ``swapped`` (another state was attached), ``object`` (its destructor needs
            Python), ``failed`` (an attach that failed, which nothing has tested yet),
            ``deferred`` (a lambda that is called at the end of its scope), ``undo`` (an object
            whose end undoes what its token names).
        mode: the thread's mode before it.
        since: where the thread got into that mode.
        place: the place of the call or the variable.
        scope: tokens of the block that the variable lives in.
        name: the function that was called, or the variable's class.
        token: the variable for the call's result; empty if there is none.
        refusable: the variable that is null if the call did nothing; empty if there is none.
        by_swap: whether PyThreadState_Swap() did it, in a function that was called or here.
    """

    kind: str
    mode: str
    since: Place | None
    place: Place
    scope: tuple[int, int] = (0, 0)
    name: str = ""
    token: str = ""
    refusable: str = ""
    by_swap: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """A thread's state at one point.

    Attributes:
        mode: whether it is attached.
        since: the call that led to that mode; None if it is the mode on entry.
        why: the name of that call.
        open: what must be undone, innermost last.
        owed: releases without an acquire in this function.
        assumed: conditions that hold on this path.
        results: what calls have returned on this path, by the variable or the call's name.
    """

    mode: str
    since: Place | None = None
    why: str = ""
    open: tuple[Open, ...] = ()
    owed: int = 0
    assumed: frozenset[tuple[str, bool]] = frozenset()
    results: frozenset[tuple[str, frozenset[int]]] = frozenset()

    def returned(self, name: str, samples: frozenset[int]) -> State:
        """The state after a call whose result is one of the samples."""
        kept = frozenset(item for item in self.results if item[0] != name)
        return replace(self, results=kept | {(name, samples)})

    def into(self, mode: str, place: Place | None, why: str) -> State:
        """The same thread in another mode."""
        return replace(self, mode=mode, since=place, why=why)

    def opening(self, entry: Open) -> State:
        """The state with one more thing to undo."""
        return replace(self, open=(*self.open, entry))

    def without(self, entry: Open) -> State:
        """The state with one thing less to undo."""
        kept = list(self.open)
        kept.remove(entry)
        return replace(self, open=tuple(kept))

    def last(self, kind: str) -> Open | None:
        """The innermost open entry of a kind."""
        return next((entry for entry in reversed(self.open) if entry.kind == kind), None)


def in_order(states: Collection[State]) -> Sequence[State]:
    """States in an order that is the same in each run, unlike that of a set."""
    return list(states) if len(states) < 2 else sorted(states, key=_key)  # noqa: PLR2004


def _key(state: State) -> tuple[str, ...]:
    results = sorted((name, sorted(samples)) for name, samples in state.results)
    count = f"{len(state.open):4}"
    parts = (state.mode, state.since, count, state.why, state.open, state.owed)
    return (*map(str, parts), str(sorted(state.assumed)), str(results))


@dataclass(frozen=True, slots=True)
class Summary:
    """What the callers of a function need to know.

    Attributes:
        requires: the mode that it must be called in; UNKNOWN if it works in any.
        path: from the function to the call that requires that mode.
        if_running: whether it requires that only where Py_IsInitialized() holds.
        effect: how it changes the thread: empty for not at all, else ``acquire``, ``release``,
            ``save``, ``restore``, ``swap`` (it attaches a given state, whatever was attached
            before), ``start``, ``begin`` (it starts Python and detaches), ``end``; ``varies`` if
            it restores or begins on some paths.
        outcomes: its effect by what it returns, if the result tells: constants, and the effect.
        attaches: the path to an attach in the mode on entry, if there is one.
        returns: False if it never returns.
        late: its first attach after a call that needs the thread attached already.
        may_acquire: whether it attaches on some paths, and leaves the thread attached.
        always_releases: whether it undoes an attach of its caller on every path.
        blocks: the path to a call that may block with the thread attached, if there is one.
        may_save: whether it saves on some path, and leaves the state saved.
        returns_saved: whether it always saves, and returns the saved state.
        swaps_out: whether it always saves, and PyThreadState_Swap() does that.
        detaches: whether it is called attached, and always leaves the thread detached.
        throws: whether it lets an exception out, and does not undo an attach of its caller before.
    """

    requires: str = UNKNOWN
    path: tuple[Step, ...] = ()
    effect: str = ""
    if_running: bool = False
    blocks: tuple[Step, ...] = ()
    may_save: bool = False
    returns_saved: bool = False
    swaps_out: bool = False
    detaches: bool = False
    throws: bool = False
    outcomes: tuple[tuple[frozenset[int], str], ...] = ()
    attaches: tuple[Step, ...] = ()
    returns: bool = True
    late: Step | None = None
    may_acquire: bool = False
    always_releases: bool = False
