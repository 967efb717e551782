"""What CPython's functions require of the calling thread, and which are removed or deprecated.

The data in `api.txt` is made from CPython's headers and documentation by ``tools/api_table.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

__all__ = ["KINDS", "TABLE", "Gone", "Row", "gone_by", "kind_of", "load", "versions_text"]

TABLE = Path(__file__).with_name("api.txt")
NEWEST = (3, 15)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "attached": "the calling thread must be attached",
        "any": "may be called attached or detached",
        "acquire": "attaches; must be followed by one release",
        "release": "undoes an acquire; attached",
        "save": "detaches the thread state, and returns it; attached",
        "restore": "attaches a thread state; the thread must be detached",
        "swap": "attaches the given state; detaches if it is null",
        "start": "starts Python; leaves the thread attached",
        "end": "ends Python; the thread is attached before, and must not call Python afterwards",
        "new": "creates a sub-interpreter and attaches to it; attached before",
        "close": "ends the attached sub-interpreter; leaves the thread detached",
        "delete": "deletes the attached thread state; leaves the thread detached",
        "whole": "starts Python, runs it and ends it",
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One function.

    Attributes:
        name: of the function.
        versions: the minor versions whose headers declare it, oldest first.
        kind: a key of `KINDS`.
        source: where the kind comes from; ``tools/api_rules.py`` explains the words.
    """

    name: str
    versions: tuple[str, ...]
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A function that CPython has removed or deprecated.

    Attributes:
        deprecated: the version that deprecated it.
        removed: the first version whose headers lack it; None if they still have it.
        instead: the replacement.
    """

    deprecated: tuple[int, int]
    removed: tuple[int, int] | None
    instead: str


# The version that deprecated it, and the replacement. Source: What's New in Python 3.2 to 3.15.
_ADVISED_AGAINST: Mapping[str, tuple[tuple[int, int], str]] = MappingProxyType(
    {
        "PyEval_InitThreads": ((3, 9), "nothing: Py_Initialize() has done it since 3.7"),
        "PyEval_ThreadsInitialized": ((3, 9), "Py_IsInitialized()"),
        "PyEval_AcquireLock": ((3, 2), "PyEval_RestoreThread()"),
        "PyEval_ReleaseLock": ((3, 2), "PyEval_SaveThread()"),
        "PyEval_CallObject": ((3, 9), "PyObject_CallObject()"),
        "PyEval_CallObjectWithKeywords": ((3, 9), "PyObject_Call()"),
        "PyEval_CallFunction": ((3, 9), "PyObject_CallFunction()"),
        "PyEval_CallMethod": ((3, 9), "PyObject_CallMethod()"),
        "PyThread_exit_thread": ((3, 14), "returning from the thread's function"),
        "Py_SetProgramName": ((3, 11), "PyConfig.program_name"),
        "Py_SetPythonHome": ((3, 11), "PyConfig.home"),
        "Py_SetPath": ((3, 11), "PyConfig.module_search_paths"),
        "Py_SetStandardStreamEncoding": ((3, 11), "PyConfig.stdio_encoding"),
        "PySys_SetArgv": ((3, 11), "PyConfig.argv"),
        "PySys_SetArgvEx": ((3, 11), "PyConfig.argv"),
        "PySys_SetPath": ((3, 11), "PyConfig.module_search_paths"),
        "PyErr_Fetch": ((3, 12), "PyErr_GetRaisedException()"),
        "PyErr_Restore": ((3, 12), "PyErr_SetRaisedException()"),
        "PyErr_NormalizeException": ((3, 12), "PyErr_GetRaisedException()"),
        "PyGILState_Ensure": ((3, 15), "PyThreadState_EnsureFromView(), or a guard"),
        "PyGILState_Release": ((3, 15), "PyThreadState_Release(), or a guard"),
        "PyGILState_GetThisThreadState": ((3, 15), "PyThreadState_Get()"),
        "PyGILState_Check": ((3, 15), "PyThreadState_GetUnchecked()"),
        "PyWeakref_GetObject": ((3, 13), "PyWeakref_GetRef()"),
        "PyWeakref_GET_OBJECT": ((3, 13), "PyWeakref_GetRef()"),
        "PyImport_ImportModuleNoBlock": ((3, 3), "PyImport_ImportModule()"),
        "_PyThreadState_UncheckedGet": ((3, 13), "PyThreadState_GetUnchecked()"),
    }
)

# Private functions of CPython's internal headers that touch no object and report no error.
# Source: their comments in Python/fileutils.c, hashtable.c, traceback.c and pystate.c.
_NEEDS_NOTHING = re.compile(
    r"_Py_\w+_noraise|_Py_(?:closerange|SetLocaleFromEnv|DumpTraceback\w*|hashtable_\w+)"
    r"|_PyThreadState_SetCurrent"
)

# Macros, which are in no table of functions: they go when what they expand to does.
_BEHIND_MACROS: Mapping[str, str] = MappingProxyType(
    {"PyEval_CallObject": "PyEval_CallObjectWithKeywords"}
)


@cache
def load() -> Mapping[str, Row]:
    """The table, by function name."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, versions, kind, source = line.split(" ", 3)
            found[name] = Row(name, _versions(versions), kind, source)
    return MappingProxyType(found)


def kind_of(name: str) -> str:
    """The kind of a function; ``attached`` if it is in no table."""
    row = load().get(name)
    if row is not None:
        return row.kind
    if _NEEDS_NOTHING.fullmatch(name):
        return "any"
    # Removed before 3.10, but still found in old code.
    return {"PyEval_AcquireLock": "restore", "PyEval_ReleaseLock": "save"}.get(name, "attached")


def gone_by(name: str, version: tuple[int, int]) -> Gone | None:
    """The entry of a function that `version` lacks or deprecates; None for any other."""
    if name not in _ADVISED_AGAINST:
        return None
    deprecated, instead = _ADVISED_AGAINST[name]
    row = load().get(_BEHIND_MACROS.get(name, name))
    removed = None
    if row is None or row.versions[-1] != "{}.{}".format(*NEWEST):
        last = int(row.versions[-1].split(".")[1]) if row is not None else NEWEST[1]
        removed = (3, last + 1 if row is not None else 9)
    return Gone(deprecated, removed, instead) if deprecated <= version else None


def versions_text(versions: Sequence[str]) -> str:
    """``3.10-3.15``, or ``3.10,3.12-3.14`` if one is missing.

    >>> versions_text(("3.10", "3.12", "3.13"))
    '3.10,3.12-3.13'
    """
    minors = [int(version.split(".")[1]) for version in versions]
    runs: list[list[int]] = []
    for minor in minors:
        if runs and runs[-1][-1] == minor - 1:
            runs[-1].append(minor)
        else:
            runs.append([minor])
    return ",".join(f"3.{run[0]}" if len(run) == 1 else f"3.{run[0]}-3.{run[-1]}" for run in runs)


def _versions(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        start = int(first.split(".")[1])
        stop = int((last or first).split(".")[1])
        found += [f"3.{minor}" for minor in range(start, stop + 1)]
    return tuple(found)
