"""In which mode a function is called: detached, attached, or whatever its callers decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.declarations import Declarations
from pyholdfast.check.facts import Function
from pyholdfast.check.states import ATTACHED, DETACHED, UNKNOWN, Summary

__all__ = ["EVIDENCE", "Entries", "is_module_start"]

# What shows that Python, or code that is attached, calls a function.
EVIDENCE = frozenset({"signature", "holder", "table", "handed"})
_MODULE_CALLS = frozenset({"PyModule_Create2", "PyModuleDef_Init", "PyModule_FromDefAndSpec2"})
# Macros that define the function that Python calls to import the module.
_MODULES = frozenset(
    {"PYBIND11_MODULE", "PYBIND11_EMBEDDED_MODULE", "NB_MODULE", "BOOST_PYTHON_MODULE"}
)


@dataclass(slots=True)
class Entries:
    """What shows how the functions of all files are called.

    Attributes:
        attached: names that the configuration declares to be called attached.
        detached: names that the configuration declares to be called detached.
        declarations: of all files.
        summaries: of the functions that were read, by the place of their body.
        entered: functions that a library enters detached: why, and where they are given to it.
        started_elsewhere: whether a global variable or a member runs Python for its lifetime.
    """

    attached: Collection[str]
    detached: Collection[str]
    declarations: Declarations
    summaries: Mapping[Place, Summary]
    entered: dict[Place, tuple[str, Place]] = field(default_factory=dict)
    started_elsewhere: bool = False

    def mode_of(self, function: Function) -> str:
        """The mode that a function is called in, as far as it can be determined."""
        shown = {function.name, f"{function.owner}::{function.name}"}
        if not shown.isdisjoint(self.detached) or "thread" in function.marks:
            return DETACHED
        if "call_guard" in function.marks:
            return DETACHED
        if self.is_declared_attached(function) or "bound" in function.marks:
            return ATTACHED
        if function.name == "main" and not function.owner:
            return UNKNOWN if self.started_elsewhere else DETACHED
        summary = self.summaries.get(function.body, Summary())
        if summary.requires != ATTACHED:
            # What attaches by itself may be called detached, by all but tables of methods.
            sure = "method" in function.marks or not summary.attaches
            called_by_python = "table" in function.marks and summary.requires == UNKNOWN
            return ATTACHED if called_by_python and sure else UNKNOWN
        if is_module_start(function):
            return ATTACHED
        if function.body in self.entered:
            return DETACHED
        evidence = EVIDENCE & function.marks
        if evidence <= {"signature", "holder"} and summary.attaches:
            return UNKNOWN  # its own attach shows that its callers need not be attached
        return ATTACHED if evidence else UNKNOWN

    def is_declared_attached(self, function: Function) -> bool:
        """Whether the configuration or an annotation says that a function is called attached."""
        named = {function.name, f"{function.owner}::{function.name}"}
        return (
            not named.isdisjoint(self.attached)
            or "marked" in function.marks
            or self.declarations.is_marked_elsewhere(function)
        )


def is_module_start(function: Function) -> bool:
    """Whether Python calls a function to import a module."""
    made = any(event.kind == "api" and event.name in _MODULE_CALLS for event in function.events)
    return made or function.name in _MODULES or function.name.startswith("PyInit_")
