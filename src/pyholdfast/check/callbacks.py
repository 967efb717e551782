"""Functions that are given away: who calls them, and whether that thread is attached.

A table that Python reads shows that a function is called attached. A function given to another
library is called by whatever thread that library likes. Three things say that this thread is not
attached: the library's own threads call it, it is given away while detached, or the other functions
that the file gives to the library attach.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Function
from pyholdfast.check.states import ATTACHED, DETACHED, Summary
from pyholdfast.check.vocabulary import FROM_OWN_THREADS
from pyholdfast.check.written import line_at

__all__ = [
    "Given",
    "attaches_by_itself",
    "calls_at_once",
    "detached_entries",
    "is_method_table",
    "is_pythons_slot",
    "is_pythons_table",
    "library_of",
    "starts_thread",
    "table_name",
]

# The types of tables that Python reads.
_OF_PYTHON = re.compile(
    r"\b(?:struct\s+)?(?:Py\w+|_inittab|_typeobject|_Py\w+|grammar|[A-Z]\w*Object)\b"
)
# Those whose functions Python calls attached. Others, such as an allocator's, it may call detached.
_OF_METHODS = re.compile(
    r"\b(?:PyMethodDef|PyGetSetDef|PyTypeObject|_typeobject|PyType_Slot|PyModuleDef(?:_Slot)?"
    r"|Py(?:Number|Sequence|Mapping|Async)Methods|PyBufferProcs)\b"
)
_SLOT = re.compile(
    r"(?:tp|nb|sq|mp|am|bf|m|was_sq)_\w+|ml_meth|get|set|slots|getter|setter|destructor"
)
# Functions that Python calls, or that say how they are called.
_KNOWN = frozenset({"table", "handed", "marked", "bound", "thread", "call_guard"})
# Events by which the checked files end objects.
_ENDING = frozenset({"destroy", "local", "contained", "plainlocal"})
# Functions that call what they are given before they return.
_AT_ONCE = re.compile(
    r"foreach|(?<![a-z])each|E(?:ach|ACH)|iterat|(?<![a-z])iter|Iter"  # not reach or writer
    r"|(?i:sort|find|search|walk|visit|map|compare|filter|matches)"
)
# Functions that start a thread, of whatever library; not those that hand something to a known one.
_STARTS = r"(?:create|start|new|spawn|launch|begin|fork)"
_THREAD = re.compile(
    rf"thread_?{_STARTS}|{_STARTS}_?(?:new|worker|joinable|detached)?_?thread", re.IGNORECASE
)
_KNOWN_THREAD = re.compile(
    r"py|gil|main|(?<![a-z])ui(?![a-z])|gui|this|current|same|hook|callback", re.IGNORECASE
)
_PREFIX = re.compile(r"[A-Z]*[a-z]+(?=_)|[A-Z]+(?=[A-Z_][a-z])|[a-z]+")


@dataclass(frozen=True, slots=True)
class Given:
    """A function that is given away.

    Attributes:
        body: of the function.
        to: the function of a library that it is given to, or the variable that keeps it.
        place: where.
        file: of the code that gives it away.
        call: the place of the call; None if it is assigned.
        declared: where the function that takes it is declared; None if it is assigned.
        how: ``function``, ``lambda``, ``here`` (a lambda that refers to local variables, and is
            called while they are there), ``override`` (of a virtual method of the class `to`), or
            ``spawned``: a pool or a new thread calls it.
        by: the body of the function that gives it to ``bind``, which keeps it.
    """

    body: Place
    to: str
    place: Place
    file: str
    call: Place | None
    declared: Place | None = None
    how: str = "function"
    by: Place | None = None

    @property
    def shown(self) -> str:
        """What it is given to, in messages."""
        return f"{self.to}()" if self.call is not None else f"'{self.to}'"


def is_pythons_table(place: Place) -> bool:
    """Whether the variable that is declared at a place is a table that Python reads."""
    return _OF_PYTHON.search(_head(place)) is not None


def is_method_table(place: Place) -> bool:
    """Whether Python calls the functions of the table that is declared at a place attached."""
    return _OF_METHODS.search(_head(place)) is not None


def table_name(place: Place) -> str:
    """The name of the variable that is declared at a place."""
    words: list[str] = re.findall(r"\w+", _head(place).partition("[")[0])
    return words[-1] if words else "a table"


def starts_thread(name: str) -> bool:
    """Whether a library's function starts a thread, as its name says."""
    return _THREAD.search(name) is not None and _KNOWN_THREAD.search(name) is None


def _head(place: Place) -> str:
    return line_at(place)[place.column - 1 :].partition("=")[0].partition("{")[0]


def is_pythons_slot(name: str) -> bool:
    """Whether a member is one that Python reads."""
    return _SLOT.fullmatch(name) is not None


def detached_entries(
    given: Iterable[Given],
    functions: Mapping[Place, Function],
    summaries: Mapping[Place, Summary],
    modes: Mapping[Place, set[str]],
    called: Collection[Place],
) -> dict[Place, tuple[str, Place]]:
    """The functions that are entered detached: why, and where they are given away.

    Args:
        given: all functions that are given to a library.
        functions: by the place of their body.
        summaries: of them.
        modes: the modes in which calls are made that wait, or give a function away, by their place.
        called: functions that the checked files call.
    """
    every = list(given)
    attaching = [item for item in every if attaches_by_itself(summaries.get(item.body))]
    found: dict[Place, tuple[str, Place]] = {}
    waits = _waits(functions, modes)
    for item in every:
        summary = summaries.get(item.body)
        if summary is None or summary.requires != ATTACHED or item.body in found:
            continue
        giver = summaries.get(item.by) if item.by is not None else None
        if giver is not None and giver.attaches and giver.requires != ATTACHED:
            shown = functions[item.by].shown if item.by is not None else ""
            why = f"kept by {item.to}() for later: {shown} attaches, as its callers need not be"
            found[item.body] = (why, item.place)
            continue
        if "signature" in functions[item.body].marks:
            continue  # it takes Python's objects
        alike = [other for other in attaching if _are_alike(item, other)]
        why = _why_detached(item, modes, waits)
        if not why and alike:
            why = _as_others(item, functions[alike[0].body].shown)
        if why:
            found[item.body] = (why, item.place)
    away = {item.body for item in every}
    for body, entry in _entered_late(functions, summaries, called, away):
        found.setdefault(body, entry)
    for body, entry in _ended_anywhere(functions, summaries):
        found.setdefault(body, entry)
    return found


def _entered_late(
    functions: Mapping[Place, Function],
    summaries: Mapping[Place, Summary],
    called: Collection[Place],
    away: Collection[Place],
) -> Iterator[tuple[Place, tuple[str, Place]]]:
    """Functions that attach by themselves, but only after their first call of Python."""
    for body, function in functions.items():
        late = summaries[body].late
        if late is None or body in called or _KNOWN & function.marks:
            continue
        if body in away or "signature" not in function.marks:
            why = (
                f"entered detached: it attaches by itself, by {late.text} in line {late.place.line}"
            )
            yield body, (why, late.place)


def _ended_anywhere(
    functions: Mapping[Place, Function], summaries: Mapping[Place, Summary]
) -> Iterator[tuple[Place, tuple[str, Place]]]:
    """Destructors that need Python, of classes whose methods attach: a library ends the objects."""
    attaching = {
        function.owner: function
        for body, function in functions.items()
        if function.owner
        and not function.name.startswith("~")
        and function.name != function.owner
        and "signature" not in function.marks
        and attaches_by_itself(summaries.get(body))
    }
    ended = {event.name for function in functions.values() for event in function.events
             if event.kind in _ENDING}  # fmt: skip
    for body, function in functions.items():
        other = attaching.get(function.owner)
        if other is None or function.name != f"~{function.owner}" or function.owner in ended:
            continue
        if summaries[body].requires == ATTACHED and not _KNOWN & function.marks:
            why = f"run by whoever ends the object: {other.shown} attaches, as its callers need not be"
            yield body, (why, other.place)


def attaches_by_itself(summary: Summary | None) -> bool:
    """Whether a function attaches by itself, and undoes it."""
    return (
        summary is not None
        and bool(summary.attaches)
        and summary.requires != ATTACHED
        and not summary.effect
    )


def calls_at_once(name: str) -> bool:
    """Whether a function calls what it is given before it returns, as its name says."""
    return _AT_ONCE.search(name) is not None


def _as_others(item: Given, other: str) -> str:
    if item.how == "override":
        return f"called by whoever calls '{item.to}', as is {other}, which attaches"
    return f"given to {item.shown}, as is {other}, which attaches"


def _why_detached(
    item: Given, modes: Mapping[Place, set[str]], waits: Collection[tuple[str, str]]
) -> str:
    """What the name of a library's function, or the calls of the library, show."""
    if item.how == "spawned":
        return f"given to {item.shown}, which calls it on another thread"
    if item.how == "override":
        return ""
    if item.to.startswith(FROM_OWN_THREADS):
        return f"given to {item.to}(), which calls it from a thread of its own"
    if wait := _waiting(item, waits):
        return f"given to {item.to}(), and called by {wait}(), which runs detached"
    if item.call is not None and DETACHED in modes.get(item.call, ()):
        return f"given to {item.to}() by a detached thread"
    return ""


def _waits(
    functions: Mapping[Place, Function], modes: Mapping[Place, set[str]]
) -> set[tuple[str, str]]:
    """File and name of each call that waits detached."""
    return {
        (event.place.file, event.name)
        for function in functions.values()
        for event in function.events
        if event.kind in {"block", "outside"} and DETACHED in modes.get(event.place, ())
    }


def _waiting(item: Given, waits: Collection[tuple[str, str]]) -> str:
    """The call of the same library, in the same file, that waits detached, and calls back meanwhile."""
    library = library_of(item.to)
    if not library or calls_at_once(item.to):
        return ""
    names = [name for file, name in waits if file == item.file and library_of(name) == library]
    return min(names, default="")


def _are_alike(one: Given, other: Given) -> bool:
    """Whether two functions are given to the same library by the same file."""
    if one.how != "function" or other.how != "function":
        alike = one.how == other.how and one.to == other.to and one.file == other.file
        return alike and one.how != "here"
    if one.file != other.file or (one.call is None) != (other.call is None):
        return False
    if one.declared is not None and other.declared is not None:
        if one.to == other.to or one.call == other.call:
            return True
        same = one.declared.file == other.declared.file and one.declared.file != one.file
        return same or library_of(one.to) == library_of(other.to) != ""
    return one.to == other.to or _are_near(one.place, other.place)


def _are_near(one: Place, other: Place) -> bool:
    """Whether two assignments fill the same structure."""
    return one.file == other.file and abs(one.line - other.line) <= 40  # noqa: PLR2004 - a screen


def library_of(name: str) -> str:
    """The beginning of a name that a library's functions share; empty if there is none."""
    match = _PREFIX.match(name)
    return match.group() if match else ""
