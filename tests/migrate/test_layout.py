"""How the changed lines look: the file's own line ends, and code that shares a line."""

from __future__ import annotations

from pathlib import Path

from check.support import needs_clang_tidy
from migrate.support import migrate

ONE_LINE = """#include <Python.h>
class Lock { public: Lock() : state(PyGILState_Ensure()) {} ~Lock() { PyGILState_Release(state); }
private: PyGILState_STATE state; };
struct Ref { PyObject *object; ~Ref() { Lock lock; Py_XDECREF(object); } };
extern "C" void on_event(void *) { PyGILState_STATE s = PyGILState_Ensure(); PyErr_Clear(); PyGILState_Release(s); }
"""


def test_code_on_one_line_stays_on_it(tmp_path: Path) -> None:
    """A test of the guard does not tear a line apart."""
    needs_clang_tidy()
    file = tmp_path / "a.cpp"
    file.write_text(ONE_LINE, encoding="utf-8")
    outcome = migrate(file, "--write")
    lines = file.read_text(encoding="utf-8").splitlines()

    assert outcome.code == 0, outcome.explain()
    assert (
        "~Ref() { Lock lock(std::nothrow); if (!lock) return; Py_XDECREF(object); } };" in lines[4]
    )
    assert lines[5].endswith(
        "{ const holdfast::attach_guard attached(holdfast::main_view(), std::nothrow);"
        " if (!attached) return; PyErr_Clear(); }"
    )


def test_a_file_of_windows_stays_one(tmp_path: Path) -> None:
    """Each line ends as the others do, and columns of text that is not ASCII are right."""
    needs_clang_tidy()
    file = tmp_path / "a.cpp"
    text = (
        "#include <Python.h>\n\nvoid one(bool ready) {\n"
        "\tPyGILState_STATE s = PyGILState_Ensure(); // äöü\n"
        '\t/* ä */ PySys_WriteStdout("ä");\n\tPyGILState_Release(s);\n\tif (ready)\n\t\treturn;\n}\n'
    )
    file.write_bytes(text.replace("\n", "\r\n").encode())
    outcome = migrate(file, "--write")
    changed = file.read_bytes()

    assert outcome.code == 0, outcome.explain()
    assert b"holdfast::attach_guard attached;" in changed
    assert changed.count(b"\n") == changed.count(b"\r\n")
