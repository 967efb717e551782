"""What the callers of a function need to know, from a walk through it."""

from __future__ import annotations

from pyholdfast.check.flow import Walk
from pyholdfast.check.states import ATTACHED, DETACHED, Step, Summary
from pyholdfast.check.ways_out import effect_of, outcomes_of

__all__ = ["summary_of"]


def summary_of(walk: Walk, *, declared: bool) -> Summary:
    """The summary of a function, from a walk that begins in an unknown mode.

    Args:
        walk: through the function.
        declared: whether the function is declared to be called attached.
    """
    function = walk.function
    requires, path = walk.effects.requires, walk.effects.path
    if not path and declared:
        requires = ATTACHED
        path = (Step(function.place, f"{function.name}() is declared to need it"),)
    blocks = walk.effects.blocks if requires != ATTACHED else ()
    ends = [end.state for end in walk.exits if not end.thrown]
    saved = [state.last("saved") for state in ends]
    acquired = [state.last("acquire") is not None for state in ends]
    owed = [state.owed > 0 for state in ends]
    reached = walk.body is None or any(not end.thrown for end in walk.exits)
    outcomes = outcomes_of(walk) if walk.body is not None else ()
    if outcomes and len({effect for _, effect in outcomes}) == 1:
        outcomes = ()
    return Summary(
        requires,
        path,
        effect_of(walk, requires),
        if_running=walk.effects.if_running,
        blocks=blocks,
        outcomes=outcomes,
        attaches=walk.effects.attaches,
        late=walk.effects.late,
        may_acquire=any(acquired) and not all(acquired),
        always_releases=bool(owed) and all(owed),
        returns=reached or any(end.thrown for end in walk.exits),
        may_save=any(saved),
        returns_saved=all(entry and entry.refusable == "return" for entry in saved),
        swaps_out=bool(saved) and all(entry and entry.by_swap for entry in saved),
        throws="nothrow" not in function.marks
        and not function.name.startswith("~")
        and any(end.thrown and not end.state.owed for end in walk.exits),
        detaches=requires == ATTACHED
        and all(end.state.mode == DETACHED for end in walk.exits if not end.thrown),
    )
