"""Findings: their data, and the remedy for each code."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.states import Step

__all__ = ["CODES_OF_TROUBLE", "LEVELS", "Finding", "remedy_for"]

ERROR, NOTE = "error", "note"
# Notes are shown, but do not make a check fail.
LEVELS: Mapping[str, str] = MappingProxyType(
    {"HF602": NOTE, "HF611": NOTE, "HF612": NOTE, "HF614": NOTE, "HF616": NOTE}
)
REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "HF601": "attach first, e.g. with a holdfast::attach_guard, or move the call out of the"
        " detached part",
        "HF602": "attach in it, or declare that its callers do: HOLDFAST_REQUIRES_ATTACHED before"
        " it, or its name in 'attached' of the configuration",
        "HF603": "use an object: a holdfast::attach_guard or detach_guard ends on every path",
        "HF604": "remove it, or attach before it on every path that leads here",
        "HF605": "remove it, or detach before it on every path that leads here",
        "HF606": "do it before Python ends, or test a view first: holdfast::attach_guard refuses"
        " instead of crashing",
        "HF607": "start it with a holdfast::attach_guard on a view taken by its creator",
        "HF610": "use {instead}",
        "HF611": "use {instead}",
        "HF612": "attach to the interpreter itself: holdfast::attach_guard on its view",
        "HF613": "detach around it: Py_BEGIN_ALLOW_THREADS, a holdfast::detach_guard, or"
        " holdfast::join, wait, get",
        "HF614": "use holdfast::mutex, which detaches while it waits",
        "HF616": "detach around it if it can take longer than a few microseconds",
        "HF617": "attach in it: whoever calls it need not be attached",
        "HF618": "test it first, and handle the failure",
        "HF619": "keep it in a local variable, or in an object that lives in the same scope",
        "HF615": "create it while Python runs, and destroy it before Python ends",
    }
)
# What to do in C, which has no objects that end with their scope.
_IN_C: Mapping[str, str] = MappingProxyType(
    {
        "HF601": "attach first: PyGILState_STATE state = PyGILState_Ensure(); and after it"
        " PyGILState_Release(state); or move the call out of the detached part",
        "HF602": "attach in it, or name it in 'attached' of the configuration if its callers do",
        "HF603": "undo it before this way out, too, e.g. with a goto to the one place that does",
        "HF606": "do it before Python ends",
        "HF607": "begin the thread's function with PyGILState_STATE state = PyGILState_Ensure(); and"
        " end it with PyGILState_Release(state);",
        "HF612": "attach to the interpreter itself: PyThreadState_New() for it, then"
        " PyEval_RestoreThread()",
        "HF613": "detach around it: Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS",
        "HF614": "detach around it, or never attach while the mutex is held",
        "HF616": "detach around it if it can take longer than a few microseconds:"
        " Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS",
        "HF617": "attach in it: begin with PyGILState_STATE state = PyGILState_Ensure(); and end with"
        " PyGILState_Release(state); as whoever calls it need not be attached",
    }
)
CODES_OF_TROUBLE: Mapping[str, str] = MappingProxyType(
    {
        "HF620": "fix it, or give the options it is compiled with: -p BUILD, or after --",
        "HF621": "write it so that it can be read, or check it by hand",
        "HF622": "nothing, if the option does not change what the code means; it was left out",
        "HF623": "check the file alone, or give more time with --limit",
        "HF629": "name the files that are compiled, with the options that they are compiled with: -p BUILD,"
        " or after --",
    }
)


def remedy_for(code: str, place: Place, **values: str) -> str:
    """What to do about a finding, in the language of its file."""
    words = _IN_C.get(code) if Path(place.file).suffix == ".c" else None
    return (words or REMEDIES[code]).format(**values)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        code: ``HFnnn``.
        place: where.
        problem: what is wrong, with the values.
        remedy: one action.
        function: the function that contains it.
        path: how the thread gets there, outermost first.
        also: further lines of the same function with the same problem; for HF603, the other ways out.
    """

    code: str
    place: Place
    problem: str
    remedy: str
    function: str = ""
    path: tuple[Step, ...] = field(default=())
    also: tuple[int, ...] = ()

    @property
    def also_at(self) -> str:
        """The further lines in words; empty if there are none."""
        if not self.also:
            return ""
        lines = f"line{'s' if len(self.also) > 1 else ''} {', '.join(map(str, self.also))}"
        if self.code != "HF603":
            return f"also {lines}"
        more = "1 more way out" if len(self.also) == 1 else f"{len(self.also)} more ways out"
        return f"and {more}, {lines}"

    @property
    def level(self) -> str:
        """``error`` or ``note``."""
        return LEVELS.get(self.code, ERROR)

    def fingerprint(self, text: str, root: Path) -> str:
        """An identification that stays the same when lines are added elsewhere, for baselines.

        Args:
            text: the source line of the finding.
            root: the folder that paths are relative to.
        """
        file = Path(self.place.file)
        shown = file.relative_to(root) if file.is_relative_to(root) else file
        parts = (self.code, shown.as_posix(), self.function, " ".join(text.split()))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
