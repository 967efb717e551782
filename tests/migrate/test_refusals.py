"""What `holdfast migrate` leaves because a change would be wrong somewhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from check.support import needs_clang_tidy
from migrate.support import migrate

LOCK = """#include <Python.h>
class Lock {
public:
    Lock() : state(PyGILState_Ensure()) {}
    ~Lock() { PyGILState_Release(state); }
private:
    PyGILState_STATE state;
};
"""
PAIR = """    PyGILState_STATE state = PyGILState_Ensure();
    PyErr_Clear();
    PyGILState_Release(state);
"""
INLINE = f"#pragma once\n#include <Python.h>\nstatic inline void clear(void) {{\n{PAIR}}}\n"


@dataclass(frozen=True)
class Case:
    """Sources, and what the command says.

    Attributes:
        name: what it is about.
        files: text of each file.
        said: a part of stderr; empty if nothing may be left.
        unnamed: files that are not given to the command.
    """

    name: str
    files: dict[str, str]
    said: str
    unnamed: tuple[str, ...] = ()


CASES = (
    Case(
        "a class that contains the guard class",
        {"a.cpp": LOCK + "struct Call { Lock lock; int n; };\nvoid end() noexcept { Call call{}; }\n"},
        "HF647 Lock is used where what to do without Python is not known: line 10: end() must not",
    ),
    Case(
        "a class that derives from it",
        {"a.cpp": LOCK + 'struct Call : Lock {};\nextern "C" void end() { Call call; }\n'},
        "line 10: end() must not throw (C code may call that)",
    ),
    Case(
        "a template that constructs it",
        {"a.cpp": "#include <memory>\n#include <thread>\n" + LOCK
                  + "static void run() { auto lock = std::make_unique<Lock>(); }\n"
                         "void start() { std::thread(run).join(); }\n"},
        "line 11: run() must not throw (",
    ),
    Case(
        "a function that gives a number",
        {"a.cpp": LOCK + 'extern "C" int on_event(void *) { Lock lock; return 1; }\n'},
        "explicit Lock(std::nothrow_t) noexcept : state(holdfast::main_view(), std::nothrow) {}",
    ),
    Case(
        "a handler of something else on the way",
        {"a.cpp": "#include <new>\n" + LOCK + "void inner() { Lock lock; PyErr_Clear(); }\n"
                         "static int outer() noexcept { try { inner(); } catch (const std::bad_alloc &) {}\n"
                         "    return 0; }\nint use() { return outer(); }\n"
                         "int again() { Lock lock; return use(); }\n"
                         "static int third() noexcept { return again(); }\nint more() { return third(); }\n"},
        "line 14: again() must not throw (third() calls it, and that is noexcept)",
    ),
    Case(
        "a handler of everything on the way",
        {"a.cpp": LOCK + "int inner() { Lock lock; return PyErr_Occurred() != nullptr; }\n"
                         "int outer() noexcept { try { return inner(); } catch (...) { return -1; } }\n"},
        "",
    ),
    Case(
        "a handler of standard exceptions on the way",
        {"a.cpp": "#include <stdexcept>\n" + LOCK
                  + "int inner() { Lock lock; return PyErr_Occurred() != nullptr; }\n"
                         "int outer() noexcept {\n    try { return inner(); }\n"
                         "    catch (const std::exception &) { return -1; }\n}\n"},
        "",
    ),
    Case(
        "an override that a thread calls through its base",
        {"a.cpp": "#include <thread>\n" + LOCK + "struct Site { virtual ~Site() = default; virtual int ask() = 0; };\n"
                         "struct PySite : Site { int ask() override { Lock lock; return 1; } };\n"
                         "static void run(Site *site) { site->ask(); }\n"
                         "void start(Site *site) { std::thread(run, site).join(); }\n"},
        "line 11: PySite::ask() must not throw (run() calls it",
    ),
    Case(
        "a constructor that is noexcept",
        {"a.cpp": LOCK.replace("Lock() : state", "Lock() noexcept : state")
                  + "void use() { Lock lock; PyErr_Clear(); }\n"},
        "HF647 Lock::Lock() is noexcept, and an attach may be refused",
    ),
    Case(
        "a class whose state other code reads",
        {"a.cpp": LOCK.replace("private:\n", "") + "int peek(Lock &lock) { return lock.state; }\n"},
        "HF643 'state' is used outside of Lock, in line 8",
    ),
    Case(
        "a header that was not named",
        {"a.h": LOCK.replace("    Lock() : state(PyGILState_Ensure()) {}\n", "    Lock();\n"),
         "a.cpp": '#include "a.h"\nLock::Lock() : state(PyGILState_Ensure()) {}\n'},
        "HF643 Lock is also in '",
        unnamed=("a.h",),
    ),
    Case(
        "a header that C sources include, too",
        {"a.h": INLINE, "a.cpp": '#include "a.h"\nvoid one() { clear(); }\n',
         "b.c": '#include "a.h"\nvoid two(void) { clear(); }\n'},
        "HF641 holdfast's guards are C++, and 'b.c' includes this file as C",
    ),
    Case(
        "a header that is for C, too",
        {"a.h": '#ifdef __cplusplus\nextern "C" {\n#endif\nvoid two(void);\n'
                "#ifdef __cplusplus\n}\n#endif\n" + INLINE.removeprefix("#pragma once\n"),
         "a.cpp": '#include "a.h"\nvoid one() { clear(); }\n'},
        "HF641 holdfast's guards are C++, and this header is for C, too: it asks for __cplusplus",
    ),
    Case("a header that C++ sources include", {"a.h": INLINE, "a.cpp": '#include "a.h"\n'
         "void one() { clear(); }\n"}, ""),
    Case("a header in C, alone", {"a.h": INLINE}, "HF641 holdfast's guards are C++, and this is a C"),
    Case(
        "a macro with two meanings",
        {"a.cpp": "#include <Python.h>\n#ifdef ONE\n"
                  "#define ENTER PyGILState_STATE state = PyGILState_Ensure(); PyErr_Clear()\n#else\n"
                  "#define ENTER PyGILState_STATE state = PyGILState_Ensure()\n#endif\n"
                  "void one() {\n    ENTER;\n    PyErr_Clear();\n    PyGILState_Release(state);\n}\n"},
        "a.cpp:8:5: HF646",
    ),
)  # fmt: skip


# Each takes about a second; the others run with the long tests.
QUICK = {
    "a class that contains the guard class",
    "a function that gives a number",
    "a handler of everything on the way",
    "an override that a thread calls through its base",
    "a header that C sources include, too",
    "a header that was not named",
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=() if case.name in QUICK else (pytest.mark.long,))
        for case in CASES
    ],
)
def test_a_change_is_made_only_where_it_is_right(tmp_path: Path, case: Case) -> None:
    """What is left is as it was, and is named with its reason."""
    needs_clang_tidy()
    for name, text in case.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    named = [name for name in case.files if name not in case.unnamed]
    outcome = migrate(*named, "--write", cwd=tmp_path)
    texts = {name: (tmp_path / name).read_text(encoding="utf-8") for name in case.files}

    assert outcome.code == (1 if case.said else 0), outcome.explain()
    assert case.said in outcome.err
    if case.said:
        assert texts == case.files
    else:
        assert "holdfast::attach_guard" in "".join(texts.values())
