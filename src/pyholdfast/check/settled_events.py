"""What the events of each function are, now that the functions of all files are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pyholdfast.check.api import load
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.declarations import Declarations
from pyholdfast.check.facts import Function
from pyholdfast.check.named import with_named
from pyholdfast.check.waiting import may_wait

__all__ = ["settle_events"]

# Methods of a binding library's arrays and handles that read memory of an object which somebody owns,
# and its exception's what(), which attaches by itself.
_READING = frozenset(
    {"data", "mutable_data", "shape", "strides", "ndim", "nbytes", "itemsize", "ptr", "index_at",
     "offset_at", "what"}
)  # fmt: skip


def settle_events(
    functions: Mapping[Place, Function],
    declarations: Declarations,
    bound: Collection[str],
    roles: Mapping[str, str],
) -> None:
    """Decide what the events are.

    Args:
        functions: of all files.
        declarations: of all files.
        bound: classes whose objects a binding library destroys for Python.
        roles: what the names of the configuration do.
    """
    own = {function.name for function in functions.values()}
    guards = {event.name for function in functions.values() for event in function.events
              if event.kind in {"attach", "detach"}}  # fmt: skip
    for function in functions.values():
        function.events = [
            replace(event, kind="call")
            if event.kind == "api" and event.name in own and event.name not in load()
            else event
            for event in function.events
        ]  # the project's own functions may also be called Py...
        function.events = [  # a known guard counts by what it does, not by its own code
            event
            for event in function.events
            if (event.kind not in {"construct", "local"} or event.name not in guards)
            and (event.kind not in {"block", "waits"} or may_wait(event, function))
            and (event.kind != "binding" or event.name not in _READING)
        ]
        calls = {(event.place, event.target) for event in function.events if event.kind == "call"}
        function.events = [  # what a binding library does is read where it is checked itself
            event
            for event in function.events
            if event.kind != "binding" or (event.place, event.target) not in calls
        ]
        if function.owner in bound and function.name == f"~{function.owner}":
            function.marks.add("bound")
        function.events = with_named(function, roles, declarations.named)
        function.events.sort(key=lambda e: (e.place.line, e.place.column, e.order))
