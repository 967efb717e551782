"""The table of CPython's functions: complete, and with a source for each row."""

from __future__ import annotations

import re
from collections import Counter

import pytest

import api_table
from api_rules import SOURCES, rule_of
from matrix import usable
from pyholdfast.check.api import KINDS, TABLE, gone_by, kind_of, load, versions_text
from pyholdfast.check.tokens import tokenize

# Each Python's headers are read once, by text: a second of work.
FOUND = api_table.by_version()


# How many functions the table has of each version; api_table.py says when that changes.
COUNTS = {"3.10": 1334, "3.11": 1309, "3.12": 1409, "3.13": 1334, "3.14": 1437, "3.15": 1486}
# From the documentation: the versions that came with a function, and the last ones that had it.
SPANS = {
    "PyGILState_Ensure": "3.10-3.15", "PyEval_AcquireLock": "3.10-3.12",
    "PyEval_ReleaseLock": "3.10-3.12", "PyFrame_GetLasti": "3.11-3.15",
    "PyErr_GetRaisedException": "3.12-3.15", "Py_NewInterpreterFromConfig": "3.12-3.15",
    "PyThreadState_GetUnchecked": "3.13-3.15", "PyMutex_Lock": "3.13-3.15",
    "PyThreadState_EnsureFromView": "3.15",
}  # fmt: skip


@pytest.mark.parametrize("version", sorted(FOUND, key=lambda text: int(str(text).split(".")[1])))
def test_every_function_of_the_headers_at_hand_is_classified(version: str) -> None:
    """By the table, or by a rule: a security update adds functions and takes some away.

    So a function that is not there is no fault of the table; but if many were not, then not all
    of the headers would have been read.
    """
    listed = {name for name, row in load().items() if version in row.versions}
    found = FOUND[version]

    assert [name for name in sorted(found - listed) if rule_of(name) is None] == []
    assert len(listed - found) < len(listed) / 20, sorted(listed - found)


def test_the_table_is_what_the_rules_make_of_it() -> None:
    """Whatever is installed here: no row was edited by hand, and no rule changed without it."""
    assert api_table.text_of(api_table.rows({})) == TABLE.read_text(encoding="utf-8")


def test_the_table_has_every_version_whole() -> None:
    """As many functions as their headers had when it was made, and the right ones at the borders."""
    counts = Counter(version for row in load().values() for version in row.versions)

    assert counts == COUNTS
    assert {name: versions_text(load()[name].versions) for name in SPANS} == SPANS


def test_each_python_of_the_range_was_read() -> None:
    """The test above is about the Pythons that are here; at least one is."""
    assert set(FOUND) == {"{}.{}".format(*python.build.version[:2]) for python in usable()}
    assert FOUND


def test_each_row_has_a_kind_and_a_source() -> None:
    """Both are words that are explained."""
    for row in load().values():
        assert row.kind in KINDS, row
        assert row.source in SOURCES, row


def test_the_pairs_are_classified() -> None:
    """What the whole proof stands on; from CPython's documentation."""
    kinds = {
        "PyGILState_Ensure": "acquire", "PyGILState_Release": "release",
        "PyThreadState_Ensure": "acquire", "PyThreadState_EnsureFromView": "acquire",
        "PyThreadState_Release": "release", "PyEval_SaveThread": "save",
        "PyEval_RestoreThread": "restore", "PyEval_AcquireThread": "restore",
        "PyEval_ReleaseThread": "save", "PyThreadState_Swap": "swap", "Py_Initialize": "start",
        "Py_FinalizeEx": "end", "Py_NewInterpreter": "new", "Py_EndInterpreter": "close",
        "PyThreadState_DeleteCurrent": "delete", "PyMem_RawMalloc": "any", "PyMem_Malloc": "attached",
        "PyGILState_Check": "any", "Py_IncRef": "attached", "PyErr_Occurred": "attached",
        "PyMutex_Lock": "any", "PyThread_acquire_lock": "any", "Py_AddPendingCall": "any",
        "PyInterpreterGuard_FromCurrent": "attached", "PyInterpreterView_FromMain": "any",
    }  # fmt: skip

    assert {name: kind_of(name) for name in kinds} == kinds
    assert Counter(row.kind for row in load().values())["attached"] > 1000


def test_a_function_without_a_rule_is_refused() -> None:
    """A name that no pattern covers stops the tool, so nothing is classified by accident."""
    with pytest.raises(LookupError, match="NotPython_Call"):
        api_table.rows({"3.13": {"NotPython_Call"}})


def test_declarations_are_found_in_every_form() -> None:
    """PyAPI_FUNC over several lines, static inline, deprecated ones."""
    text = """
    #define PyNot_Me(x) PyNot_Me_Either(x)
    PyAPI_FUNC(int) PyOne(
        int a);
    Py_DEPRECATED(3.9) PyAPI_FUNC(void (*)(int)) PyTwo(void);
    static inline Py_ssize_t
    PyThree(PyObject *op) { return PyFour(op); }
    PyAPI_DATA(int) PyFive;
    """
    names = list(api_table._functions(tokenize(text)))  # noqa: SLF001

    assert names == ["PyOne", "PyTwo", "PyThree"]


def test_removed_functions_are_known_with_their_successors() -> None:
    """From the headers: the first version without them. From What's New: what takes their place."""
    lock = gone_by("PyEval_AcquireLock", (3, 12))
    assert lock is not None
    assert (lock.removed, lock.instead) == ((3, 13), "PyEval_RestoreThread()")
    assert gone_by("PyGILState_Ensure", (3, 14)) is None
    assert gone_by("PyGILState_Ensure", (3, 15)) is not None
    assert gone_by("PyList_New", (3, 15)) is None
    macro = gone_by("PyEval_CallObject", (3, 10))
    assert macro is not None
    assert (macro.deprecated, macro.removed) == ((3, 9), (3, 13))


def test_the_table_reads_like_its_versions() -> None:
    """The short form of a row's versions says the same as the long one."""
    for row in load().values():
        assert re.fullmatch(
            r"3\.\d+(?:-3\.\d+)?(?:,3\.\d+(?:-3\.\d+)?)*", versions_text(row.versions)
        )
