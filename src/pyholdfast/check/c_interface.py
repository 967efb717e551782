"""What the scopes of `holdfast/holdfast.h` do to the thread.

`hf_attach()` and `hf_detach()` begin a scope, `hf_end()` ends the innermost one. All other functions
of the header attach by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event
from pyholdfast.check.states import ATTACHED, DETACHED, UNKNOWN, Open, State, Summary

__all__ = ["ATTACHING_BLOCK", "SCOPES", "SCOPE_EFFECTS", "after_scope", "summary_of_scope"]

# A macro whose block is attached, and is skipped if the thread is refused.
ATTACHING_BLOCK = "HF_ATTACHED"
_ATTACHES = ((frozenset({0}), "acquire"), (frozenset({1}), ""))
_DETACHES, _ENDS = "detach", "end scope"
SCOPE_EFFECTS = frozenset({_DETACHES, _ENDS})
SCOPES: Mapping[str, Summary] = MappingProxyType(
    {
        "hf_attach": Summary(effect="acquire", outcomes=_ATTACHES),
        "hf_attach_guard": Summary(effect="acquire", outcomes=_ATTACHES),
        "hf_detach": Summary(effect=_DETACHES),
        "hf_end": Summary(effect=_ENDS),
    }
)


def summary_of_scope(event: Event) -> Summary | None:
    """What a call does, if it is one of the header's that begin or end a scope."""
    of_header = event.target.file.endswith("/holdfast.h")
    return SCOPES.get(event.name) if event.kind == "call" and of_header else None


def after_scope(event: Event, state: State, effect: str, closed: dict[Place, set[Place]]) -> State:
    """The state after the begin of a detached scope, or after the end of a scope.

    To detach does nothing to a thread that is detached already; to end nothing is allowed.
    """
    if effect == _DETACHES:
        entry = Open("saved", state.mode, state.since, event.place, name=event.name)
        return state.opening(entry).into(DETACHED, event.place, event.name)
    begun = next((entry for entry in reversed(state.open) if entry.name in SCOPES), None)
    if begun is None:
        return state
    closed.setdefault(begun.place, set()).add(event.place)
    state = state.without(begun)
    if begun.kind == "acquire" and begun.mode != ATTACHED:
        return state.into(DETACHED, event.place, event.name)
    if begun.mode == UNKNOWN:
        return state.into(UNKNOWN, None, "")
    return state.into(begun.mode, event.place, event.name)
