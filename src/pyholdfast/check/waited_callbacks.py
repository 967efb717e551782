"""Calls that wait for a library's own threads, where these threads may wait for Python.

A library that calls back from a thread of its own holds a lock meanwhile, or ends that thread. If
the callback attaches, it waits until the thread that holds the GIL lets go, and that one waits for
the callback. So a call that is short in other programs may wait for ever here. Two things show it:
a callback that the library gets attaches, or the file detaches around other calls that take the
same lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from pyholdfast.check.blocking import blocking_calls
from pyholdfast.check.callbacks import Given, attaches_by_itself
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.states import DETACHED, Step, Summary

__all__ = ["awaited", "locks"]

# SDL_mixer plays on the audio thread of SDL: what ends that thread, or locks it, waits for both. The
# mixer's own lock is not held by other threads of SDL, such as that of its timers.
_SAME = {"Mix": "SDL"}
_ALSO = {"SDL": "Mix"}


def locks(event: Event) -> bool:
    """Whether a call takes a lock that the library's own threads hold while they call back."""
    return event.kind == "slow" and event.name in _names()


def awaited(
    functions: Mapping[Place, Function],
    given: Iterable[Given],
    summaries: Mapping[Place, Summary],
    modes: Mapping[Place, set[str]],
) -> dict[Place, Step]:
    """Make these calls block; what shows that they wait, by the call's place.

    Args:
        functions: by the place of their body; their events are changed.
        given: the functions that libraries get.
        summaries: of the functions.
        modes: the modes in which the calls are made.
    """
    attaching: dict[str, Step] = {}
    for item in given:
        if item.call is None or item.how == "spawned":
            continue  # a thread of the program's own holds no lock of the library
        if attaches_by_itself(summaries.get(item.body)):
            text = f"it waits for {functions[item.body].shown}, which attaches: {item.to}() gets it"
            attaching.setdefault(_prefix(item.to), Step(item.place, text))
    calls = [event for function in functions.values() for event in function.events if locks(event)]
    detached = {
        (event.place.file, _library(event.name)): Step(
            event.place, f"{event.name}(), which takes the same lock, is called detached here"
        )
        for event in calls
        if modes.get(event.place) == {DETACHED}
    }
    waited: dict[Place, Step] = {}
    for event in calls:
        prefix = _prefix(event.name)
        why = (
            attaching.get(prefix)
            or attaching.get(_ALSO.get(prefix, ""))
            or detached.get((event.place.file, _library(event.name)))
        )
        if why is not None:
            waited[event.place] = why
    for function in functions.values():
        function.events = [
            replace(event, kind="block") if event.place in waited and locks(event) else event
            for event in function.events
        ]
    return waited


@cache
def _names() -> frozenset[str]:
    return frozenset(row.name for row in blocking_calls() if row.level == "lock")


def _prefix(name: str) -> str:
    return name.partition("_")[0]


def _library(name: str) -> str:
    return _SAME.get(_prefix(name), _prefix(name))
