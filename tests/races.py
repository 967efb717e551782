"""Reads ThreadSanitizer's reports, and tells CPython's own races from ours.

A race is CPython's own if both accesses are made by code of CPython, and a person has read that code and
said so in `CPYTHON`. That both are made by CPython is not enough: a call of ours without the thread state
attached looks the same.

The C++ library is not built for ThreadSanitizer: it sees neither how an exception's references are counted
nor, therefore, why the last one may free it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CPYTHON", "Report", "read_reports", "unexplained"]

# Function of CPython 3.13 in which, or below which, an access happens: why it is no fault of its caller.
CPYTHON: Mapping[str, str] = {
    "run_eval_code_obj": "every PyRun_...() stores 0 in one flag of the process, with no lock",
    "list_ass_slice_lock_held": "moves items with memmove() while PyList_GetItemRef() may read them",
    "PyInterpreterState_GetDict": "makes its dictionary at the first call, without a lock",
    "list_get_item_ref": "tries, without a lock, to own an item that another thread frees, and looks again",
    "PyThreadState_SetAsyncExc": "reads thread_id of states that their threads have just begun to set",
    "_mi_preloading": "mimalloc's flag, written by its atexit() function while threads allocate",
    "immortalize_interned": "makes a string immortal by plain stores while other threads compare it",
    "intern_common": "the same, while other threads count a reference to the string",
    "Py_IsInitialized": "may be called at any time, by its documentation, and reads a plain int",
    "init_interp_main": "stores that int",
    "_PyGC_ImmortalizeDeferredObjects": "stores a flag of the collector while other threads read it",
}
UNSEEN = "std::__exception_ptr::exception_ptr::_M_release()"
WARNING = "WARNING: ThreadSanitizer: "
END = "=================="
FRAME = re.compile(r"^ +#\d+ (?P<function>.*?) (?P<place>\S+) \((?P<module>[^)]+)\)$", re.MULTILINE)
# Stacks that say where something was made or by whom a thread was started are not accesses.
ACCESS = re.compile(
    r"^  (?:Previous |Atomic |Previous atomic )?(?:[Rr]ead|[Ww]rite|atomic \w+) of size "
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a stack.

    Attributes:
        function: its name.
        module: the file it was loaded from, without a folder.
    """

    function: str
    module: str

    @property
    def of_cpython(self) -> bool:
        """Whether the code is CPython's, or that of a module of its standard library."""
        return self.module.startswith("libpython") or ".cpython-" in self.module


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    Attributes:
        kind: "data race", "thread leak" and so on.
        accesses: who touched the memory: the innermost functions of each stack that are of one module, the
            sanitizer's own replacements of malloc(), memcpy() and so on left out.
        text: all of it.
    """

    kind: str
    accesses: tuple[tuple[Frame, ...], ...]
    text: str

    def excuse(self) -> str | None:
        """Why the race is CPython's own; None if no row says so."""
        if UNSEEN in self.text:
            return "the count of an exception's references is atomic, in code that is not seen"
        if not self.accesses or not all(stack[0].of_cpython for stack in self.accesses):
            return None
        known = [CPYTHON[f.function] for s in self.accesses for f in s if f.function in CPYTHON]
        return known[0] if known else None


def read_reports(stderr: str) -> list[Report]:
    """All reports that a process wrote."""
    reports = []
    for part in stderr.split(WARNING)[1:]:
        text = part.partition(END)[0]
        kind = text.partition(" (pid=")[0]
        tops = [_innermost(stack) for stack in text.split("\n\n") if _is_access(stack)]
        reports.append(Report(kind, tuple(top for top in tops if top), text))
    return reports


def unexplained(stderr: str) -> list[Report]:
    """The races that no row attributes to CPython."""
    return [report for report in read_reports(stderr) if report.excuse() is None]


def _is_access(stack: str) -> bool:
    return any(ACCESS.match(line) for line in stack.splitlines())


def _innermost(stack: str) -> tuple[Frame, ...]:
    found = (Frame(f["function"], f["module"].rpartition("+")[0]) for f in FRAME.finditer(stack))
    frames = [frame for frame in found if not frame.module.startswith("libtsan")]
    return tuple(takewhile(lambda frame: frame.module == frames[0].module, frames))
