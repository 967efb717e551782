"""Tables of functions that other extension modules fill: what their functions need and do.

A header of the library calls them by a macro, and the module that fills the table is not checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pyholdfast.check.states import Summary

__all__ = ["KNOWN_MEMBERS", "needs_python"]

# Structure and member.
KNOWN_MEMBERS: Mapping[tuple[str, str], Summary] = MappingProxyType(
    {
        ("_PyGObject_Functions", "gil_state_ensure"): Summary(effect="acquire"),
        ("_PyGObject_Functions", "gil_state_release"): Summary(effect="release"),
    }
)
_OF_NUMPY = re.compile(r"Py(?:Array|UFunc)_\w+")
# They work on numbers and memory only. Those of iterators (NpyIter_...) say so for each.
_WITHOUT_PYTHON = re.compile(
    r"PyUFunc_(?:get|clear)fperr|PyArray_(?:GetNDArrayC\w+|GetEndianness|\w*Multiply(?:Int)?List|GetPtr"
    r"|CheckStrides|CompareLists|ElementStrides|Compare(?:String|UCS4))"
)


def needs_python(macros: Iterable[str]) -> str:
    """The macro of numpy that calls a function which needs Python; empty if none does."""
    of_numpy = [name for name in macros if _OF_NUMPY.fullmatch(name)]
    if any(_WITHOUT_PYTHON.fullmatch(name) for name in of_numpy):
        return ""  # as in PyArray_SIZE(), which multiplies a list
    return of_numpy[0] if of_numpy else ""
