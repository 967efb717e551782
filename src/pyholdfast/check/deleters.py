"""Functions that a library gets to end an object with: it may do so on any thread.

A deleter is known by what it does, as it only drops references, or by the member that keeps it. A
container is different: its owner ends it, mostly attached, and its elements with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from pyholdfast.check.callbacks import Given, calls_at_once
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Event, Function
from pyholdfast.check.states import ATTACHED, Summary

__all__ = ["enders"]

_DROPS = re.compile(r"_?Py_X?(?:DECREF|DecRef|CLEAR)|_?Py_Dealloc|dec_ref")
_ENDING_MEMBER = re.compile(
    r"(?:.*_)?(?:deleter|delete_?fn|delete_?func|free_?(?:fn|func|cb)|destroy_?(?:fn|func|notify|cb)|"
    r"finalizer)",
    re.IGNORECASE,
)
_OF_CONTAINERS = re.compile(
    r"list|hash|table|tree|queue|array|map|vector|heap|stack|dict|cache|pool|sequence",
    re.IGNORECASE,
)
# Functions that end an object, or all, now: with what they are given. Not on_destroy() or set_free().
_NOW = re.compile(
    r"(?!(?:.*_)?(?:set|on|add|register|with)_)(?:.*_)?(?:clear|free|destroy|delete|release|reset)"
    r"(?:_(?:all|pointer|full))?"
    r"|(?:[cC]lear|[fF]ree|[dD]estroy|[dD]elete|[rR]elease|[rR]eset)(?:All)?"
)


def enders(
    given: Iterable[Given],
    functions: Mapping[Place, Function],
    summaries: Mapping[Place, Summary],
) -> Iterator[tuple[Place, tuple[str, Place]]]:
    """The deleters that need Python: each with why it is entered detached, and where it is given."""
    for item in given:
        function, summary = functions[item.body], summaries.get(item.body)
        needs = summary is not None and summary.requires == ATTACHED
        if needs and "signature" not in function.marks and _is_deleter(item, function):
            yield (
                item.body,
                (f"given to {item.shown}, to end an object with, on any thread", item.place),
            )


def _is_deleter(item: Given, function: Function) -> bool:
    """Whether a library ends an object with a function that is given to it, whenever it likes."""
    if "foreign" not in function.marks or item.how not in {"function", "lambda"}:
        return False  # the checked files call it themselves
    if item.call is None:
        return _ENDING_MEMBER.fullmatch(item.to) is not None
    if _OF_CONTAINERS.search(item.to) or _NOW.fullmatch(item.to) or calls_at_once(item.to):
        return False
    calls = [event for event in function.events if _does_something(event)]
    return bool(calls) and all(_DROPS.fullmatch(event.name) for event in calls)


def _does_something(event: Event) -> bool:
    return event.kind not in {"noreturn", "tried", "handover"}
