"""How a function leaves its thread, as its callers see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.flow import Walk
from pyholdfast.check.leaving import Exit
from pyholdfast.check.results import OTHER, Outcomes, constant, simplified
from pyholdfast.check.returned import key_of
from pyholdfast.check.states import ATTACHED, DETACHED, UNKNOWN, Open, State

__all__ = ["effect_of", "intended", "outcomes_of"]

_KINDS = ("acquire", "saved", "restored")
_EFFECTS = {"acquire": "acquire", "saved": "save", "restored": "restore"}


def effect_of(walk: Walk, requires: str) -> str:
    """How a function leaves its thread, if that is the same on every path."""
    states = [end.state for end in walk.exits if not end.thrown]
    if not states:
        return ""
    if any(state.last("acquire") for state in states) and not _closes(walk, states, "acquire"):
        return "acquire"
    if any(state.owed for state in states):
        return "release"
    saves = _saves(states, walk)
    if saves:
        return saves
    if all(state.mode == "final" for state in states):
        return "end"
    if _varies(states, requires):
        return "varies"
    if all(state.mode == ATTACHED and state.since is not None for state in states):
        return _attaches(states, requires)
    return ""


def _attaches(states: Sequence[State], requires: str) -> str:
    """How a function attaches that leaves its thread attached on every path."""
    if requires == DETACHED:
        return "restore"
    if requires == UNKNOWN and all(_is_swapped_in(state) for state in states):
        return "swap"
    return "start" if any(state.why.startswith("Py_Init") for state in states) else ""


def outcomes_of(walk: Walk) -> Outcomes:
    """The effects by what the function returns; empty if the result does not tell them apart."""
    groups = _by_value(walk.exits)
    if groups is None or len(groups) < 2:  # noqa: PLR2004 - one result tells nothing
        return ()
    found: dict[frozenset[int], str] = {}
    for samples, ends in groups.items():
        effects = {_net(end.state, walk) for end in ends}
        found[samples] = "" if "" in effects else min(effects)
        if len(effects - {""}) > 1:
            return ()
    if len(set(found.values())) < 2 or not any(found.values()):  # noqa: PLR2004 - alike
        return ()
    return tuple(sorted(found.items(), key=lambda item: sorted(item[0])))


def intended(walk: Walk, entry: Open, *, tested: bool, lost: bool) -> frozenset[Place]:
    """The ways out on which a pair may stay open, because the result tells the caller.

    A function that attaches and may fail ends with the pair open, and undoes it where it fails.

    Args:
        walk: of the function.
        entry: what is open.
        tested: whether a caller tests the result.
        lost: whether what undoes it ends with the function: then no caller can.
    """
    if lost:
        return frozenset()
    ends = [end for end in walk.exits if not end.thrown]
    groups = _by_value(walk.exits)
    if groups is None or len(groups) < 2 or not ends:  # noqa: PLR2004
        return frozenset()
    last = max(end.place for end in ends)
    open_last = any(entry in end.state.open for end in ends if end.place == last)
    handed_on = tested and entry.kind == "restored"
    if not open_last and not handed_on and not _is_given_out(walk, entry):
        return frozenset()
    return frozenset(
        end.place
        for group in groups.values()
        if all(entry in end.state.open for end in group)
        for end in group
    )


def _is_given_out(walk: Walk, entry: Open) -> bool:
    """Whether the caller gets what undoes it, as in ``*state = PyGILState_Ensure();``."""
    number = walk.source.at(entry.place.line, entry.place.column)
    if number is None or number < 4:  # noqa: PLR2004 - the tokens before it
        return False
    before, star, _, sign = (token.text for token in walk.source.tokens[number - 4 : number])
    return sign == "=" and star == "*" and before in {";", "{", "}", ")", ":"}


def _by_value(exits: Sequence[Exit]) -> Mapping[frozenset[int], list[Exit]] | None:
    """The ways out by the constant that they return; None if one of them is unclear."""
    groups: dict[frozenset[int], list[Exit]] = {}
    for end in exits:
        if end.thrown:
            continue
        if not end.value:
            return None
        groups.setdefault(_samples(end), []).append(end)
    constants = {next(iter(samples)) for samples in groups if OTHER not in samples}
    if frozenset({OTHER}) in groups and constants - {0}:
        return None  # what is returned there may be one of the constants
    return groups


def _samples(end: Exit) -> frozenset[int]:
    number = constant(end.value)
    if number is not None:
        return frozenset({number})
    name = simplified(end.value)
    known = dict(end.state.results)
    return known.get(name, known.get(key_of(name), frozenset({OTHER})))


def _saves(states: Sequence[State], walk: Walk) -> str:
    begun = [_has_begun(state, walk) for state in states]
    if any(begun):
        return "begin" if all(begun) else "varies"
    return "save" if all(state.last("saved") for state in states) else ""


def _has_begun(state: State, walk: Walk) -> bool:
    """Whether the function has started Python, and then detached."""
    saved = state.last("saved")
    return saved is not None and saved.since in walk.effects.started


def _net(state: State, walk: Walk) -> str:
    if state.owed:
        return "release"
    if _has_begun(state, walk):
        return "begin"
    return next((_EFFECTS[entry.kind] for entry in state.open if entry.kind in _KINDS), "")


def _varies(states: Sequence[State], requires: str) -> bool:
    """Whether the result depends on the path, or on a call whose effect varies."""
    modes = {state.mode for state in states}
    if requires == DETACHED and ATTACHED in modes and modes & {DETACHED, UNKNOWN}:
        return True
    return any(state.mode == UNKNOWN and state.since is not None for state in states)


def _is_swapped_in(state: State) -> bool:
    """Whether a given state was attached, whatever was attached before."""
    begun = state.last("restored")
    return begun is not None and begun.by_swap


def _closes(walk: Walk, states: Sequence[State], kind: str) -> bool:
    opened: set[Place] = {e.place for state in states for e in state.open if e.kind == kind}
    return bool(opened & walk.effects.closed.keys())
