"""A finding: what is reported, in which words, with what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from pyholdfast.check.diagnostics import Place
from pyholdfast.check.states import Step

__all__ = ["CODES_OF_TROUBLE", "LEVELS", "REMEDIES", "Finding"]

ERROR, NOTE = "error", "note"
# Notes are shown, and do not make a check fail.
LEVELS: Mapping[str, str] = MappingProxyType(
    {"HF602": NOTE, "HF611": NOTE, "HF612": NOTE, "HF614": NOTE}
)
REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "HF601": "attach first, e.g. with a holdfast::attach_guard, or move the call out of the"
        " detached part",
        "HF602": "attach in it, or say that its callers do: HOLDFAST_REQUIRES_ATTACHED before it,"
        " or its name in 'attached' of the configuration",
        "HF603": "let an object do it: a holdfast::attach_guard or detach_guard ends on every path",
        "HF604": "remove it, or attach before it on every path that leads here",
        "HF605": "remove it, or detach before it on every path that leads here",
        "HF606": "do it before Python ends, or test a view first: holdfast::attach_guard refuses"
        " instead of crashing",
        "HF607": "begin it with a holdfast::attach_guard on a view that its creator took",
        "HF610": "use {instead}",
        "HF611": "use {instead}",
        "HF612": "attach to the interpreter itself: holdfast::attach_guard on its view",
        "HF613": "detach around it: Py_BEGIN_ALLOW_THREADS, a holdfast::detach_guard, or"
        " holdfast::join, wait, get",
        "HF614": "use holdfast::mutex, which detaches while it waits",
        "HF615": "make it when Python runs, and end it before Python does",
    }
)
CODES_OF_TROUBLE: Mapping[str, str] = MappingProxyType(
    {
        "HF620": "mend it, or give the options it is compiled with: -p BUILD, or after --",
        "HF621": "write it so that it can be read, or check it by hand",
        "HF622": "nothing, if the option does not change what the code means; it was left out",
        "HF623": "check the file alone, or give more time with --limit",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        code: ``HFnnn``.
        place: where.
        problem: what is wrong, with the values.
        remedy: one action.
        function: in which function.
        path: how the thread gets there, outermost first.
        also: further lines of the same function with the same problem.
    """

    code: str
    place: Place
    problem: str
    remedy: str
    function: str = ""
    path: tuple[Step, ...] = field(default=())
    also: tuple[int, ...] = ()

    @property
    def level(self) -> str:
        """``error`` or ``note``."""
        return LEVELS.get(self.code, ERROR)

    def fingerprint(self, text: str, root: Path) -> str:
        """What stays the same when lines are added elsewhere: for baselines.

        Args:
            text: the line of source at the finding.
            root: the folder that paths are written relative to.
        """
        file = Path(self.place.file)
        shown = file.relative_to(root) if file.is_relative_to(root) else file
        parts = (self.code, shown.as_posix(), self.function, " ".join(text.split()))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
