"""Functions that are called detached by all callers that the checked files have.

A call further down may seem to need Python, on a path that is not taken then: the callers know more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.states import DETACHED, UNKNOWN

__all__ = ["called_detached"]


def called_detached(
    wanted: Collection[Place],
    callers: Mapping[Place, Iterable[Place]],
    modes_in: Callable[[Place], Mapping[Place, Collection[str]]],
) -> set[Place]:
    """Those of the wanted functions that are called, and never while attached.

    A caller that does not say in which mode it is may be in that of its own callers.

    Args:
        wanted: the functions to decide on.
        callers: the functions that call a function.
        modes_in: the modes in which a function makes its calls, by the function that it calls.
    """
    around: set[Place] = set()
    waiting = set(wanted)
    while waiting:
        body = waiting.pop()
        new = set(callers.get(body, ())) - around
        around |= new
        waiting |= new
    calls = {caller: modes_in(caller) for caller in around}
    modes: dict[Place, set[str]] = {body: set() for body in (*wanted, *around)}
    changed = True
    while changed:
        changed = False
        for caller, called in calls.items():
            for body, seen in called.items():
                known = modes.get(body)
                found = {mode for mode in seen if mode != UNKNOWN}
                if UNKNOWN in seen:
                    found |= modes[caller] if callers.get(caller) else {UNKNOWN}
                if known is not None and not found <= known:
                    known |= found
                    changed = True
    return {body for body in wanted if modes[body] == {DETACHED}}
