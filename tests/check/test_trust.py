"""A check that saw nothing says so: its silence is never taken for a proof."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from check.support import check, found, needs_clang_tidy
from matrix import default_python
from pyholdfast.cli import main

WRONG = "#include <Python.h>\nvoid g(void) { PyGILState_STATE s = PyGILState_Ensure(); (void)s; }\n"
# What a clang-tidy that cannot run does: nothing, with each kind of status.
BLIND = {
    "a library is missing": "echo 'clang-tidy: error while loading shared libraries: libz.so.1' >&2; exit 127",
    "silent and content": "exit 0",
    "silent and failed": "exit 1",
    "other diagnostics only": 'echo "$0:1:1: warning: unused [misc-unused]"; exit 0',
    "every line but ours": 'echo "Suppressed 3 warnings"; exit 0',
}
# Files in which there is text, and of which nothing is read.
UNREAD = {
    "left out by #if": (
        "#include <Python.h>\n#ifdef NEVER\nvoid a(void) { PyErr_Clear(); }\n#endif\n",
        "the compiler did not see its a(): an #if leaves out what is there",
    ),
    "several left out": (
        "#if 0\nint a(void) { return 1; }\nint b(void) { return 2; }\n#endif\n",
        "the compiler did not see any of its 2 functions: an #if leaves out what is there",
    ),
    "only libraries": (
        "#include <Python.h>\n",
        "it holds nothing but #include of libraries, which are not checked",
    ),
    "only data": ("int table[] = {1, 2, 3};\n", "no function was found in it"),
}


@pytest.mark.parametrize("script", BLIND.values(), ids=BLIND)
def test_a_clang_tidy_that_sees_nothing_is_refused(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2 and no count of findings, whatever its own status is."""
    (tmp_path / "w.c").write_text(WRONG)
    program = tmp_path / "clang-tidy"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOLDFAST_CLANG_TIDY", str(program))
    status = main(["check", str(tmp_path / "w.c"), "--python", str(default_python().path)])
    said = capsys.readouterr()

    assert status == 2, said
    assert said.out == ""
    assert said.err.startswith("HF609")


@pytest.mark.parametrize("case", UNREAD)
def test_a_file_of_which_nothing_is_read_is_named(case: str, tmp_path: Path) -> None:
    """With the reason, and status 2; a file without text is not one of them."""
    needs_clang_tidy()
    text, why = UNREAD[case]
    (tmp_path / "w.c").write_text(text)
    outcome = check("w.c", "--format", "json", cwd=tmp_path)
    report = found(outcome)

    assert [(t["code"], t["problem"]) for t in report["troubles"]] == [("HF629", why)]
    assert outcome.code == 2


def test_an_empty_file_is_no_trouble(tmp_path: Path) -> None:
    """Nor one with comments alone: there is nothing that could be missed."""
    needs_clang_tidy()
    (tmp_path / "w.c").write_text("/* later */\n")
    outcome = check("w.c", cwd=tmp_path)

    assert outcome.code == 0, outcome.explain()


def test_a_file_that_vanished_is_named(tmp_path: Path) -> None:
    """The compilation database still has it; the others are checked."""
    needs_clang_tidy()
    (tmp_path / "here.c").write_text("int here(void) { return 1; }\n")
    entries = [
        {"directory": str(tmp_path), "file": name, "arguments": ["cc", "-c", name]}
        for name in ("gone.c", "here.c")
    ]
    (tmp_path / "compile_commands.json").write_text(json.dumps(entries))
    report = found(check("-p", ".", "--format", "json", cwd=tmp_path))

    assert [(t["code"], Path(t["file"]).name) for t in report["troubles"]] == [("HF629", "gone.c")]
    assert (report["functions"], report["status"]) == (1, 2)


def test_a_configuration_that_leaves_nothing_is_named(tmp_path: Path) -> None:
    """It excludes every file."""
    needs_clang_tidy()
    (tmp_path / ".holdfast.toml").write_text('[check]\nexclude = ["*"]\n')
    (tmp_path / "w.c").write_text(WRONG)
    outcome = check("w.c", cwd=tmp_path)

    assert outcome.code == 2, outcome.explain()
    assert "HF629 no file is left to check" in outcome.out


def test_a_part_of_another_file_is_named_as_one(tmp_path: Path) -> None:
    """In one line instead of the errors that it has alone; its functions are read where it is included."""
    needs_clang_tidy()
    (tmp_path / "part.c").write_text("static void part(void) { CLEAR; CLEAR; NO_MORE }\n")
    (tmp_path / "whole.c").write_text(
        "#include <Python.h>\n#define CLEAR PyErr_Clear()\n#define NO_MORE\n"
        '#include "part.c"\nPyObject *f(PyObject *s) { part(); return s; }\n'
    )
    outcome = check("part.c", "whole.c", cwd=tmp_path)

    assert outcome.code == 2, outcome.explain()
    assert outcome.out.count("HF6") == 1
    assert "part.c: HF629 it is a part of 'whole.c'" in outcome.out
    assert "2 functions in 2 files" in outcome.out


def test_equal_lines_become_one(tmp_path: Path) -> None:
    """A missing header in thirty files is one message, as is the reason of thirty functions."""
    needs_clang_tidy()
    names = [f"f{number}.c" for number in range(5)]
    for name in names:
        (tmp_path / name).write_text(
            '#include "config.h"\nvoid a(void) {}\nvoid b(void) {}\nvoid c(void) {}\n'
            "void d(void) {}\nvoid e(void) {}\n"
        )
    old = "PyObject *{}(PyObject *o) {{ PyErr_Fetch(&o, &o, &o); return o; }}\n"
    (tmp_path / "old.c").write_text(
        "#include <Python.h>\n" + "".join(old.format(name) for name in "abcde")
    )
    lines = check(*names, "old.c", "--target", "3.13", cwd=tmp_path).out.splitlines()

    assert [line for line in lines if "HF620" in line] == [
        "f0.c:1:10: HF620 'config.h' file not found"
    ]
    assert "    also f1.c:1:10, f2.c:1:10, f3.c:1:10, 1 more" in lines
    unchecked = [line for line in lines if "HF621" in line]
    assert len(unchecked) == len(names)
    assert unchecked[0].startswith(
        "f0.c:2:1: HF621 unchecked: a(), b(), c() and 2 more functions: "
    )
    assert len([line for line in lines if "HF611" in line]) == 1
    assert "    also old.c:3:28, old.c:4:28, old.c:5:28, 1 more" in lines


def test_a_function_that_a_macro_makes_is_unchecked(tmp_path: Path) -> None:
    """All of it stands at one place, so its paths are not known: it is named, and not accused."""
    needs_clang_tidy()
    (tmp_path / "w.c").write_text(
        "#include <Python.h>\n"
        "#define EMIT(name) void *get_##name(void) { static void *kept; if (kept == NULL) { "
        "PyGILState_STATE s = PyGILState_Ensure(); kept = PyImport_ImportModule(#name); "
        "PyGILState_Release(s); } return kept; }\nEMIT(dgemm)\n"
    )
    outcome = check("w.c", "--target", "3.13", cwd=tmp_path)

    assert "w.c:3:1: HF621 unchecked: EMIT(dgemm): " in outcome.out, outcome.explain()
    assert "0 findings, 1 function unchecked" in outcome.out
    assert outcome.code == 2


def test_a_function_that_a_macro_makes_does_not_end_the_check(tmp_path: Path) -> None:
    """It has no bracket of its own, and stands in a file that gives a callback to a library."""
    needs_clang_tidy()
    text = """\
#include <Python.h>
#define LETS_OTHERS_IN(name) void name(void) { PyEval_RestoreThread(PyEval_SaveThread()); }
LETS_OTHERS_IN(let_others_in)
extern void bus_on_close(void *bus, void (*call)(void *));
static void on_close(void *closure) { Py_DECREF((PyObject *)closure); }
void begin(void *bus) { bus_on_close(bus, on_close); }
"""
    (tmp_path / "made.c").write_text(text)
    outcome = check("made.c", "--format", "json", cwd=tmp_path)

    assert outcome.code == 2, outcome.explain()
    assert [item["function"] for item in found(outcome)["unchecked"]] == [
        "LETS_OTHERS_IN(let_others_in)"
    ]


def test_a_name_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    """The compiler refuses it; what stands beside it is checked."""
    needs_clang_tidy()
    (tmp_path / "latin.c").write_bytes(
        b"#include <Python.h>\nvoid caf\xe9(void) {}\n"
        b"void f(PyObject *o) { Py_BEGIN_ALLOW_THREADS Py_DECREF(o); Py_END_ALLOW_THREADS }\n"
    )
    outcome = check("latin.c", cwd=tmp_path)

    assert outcome.code == 2, outcome.explain()
    assert "latin.c:2:9: HF620 source file is not valid UTF-8" in outcome.out
    assert "HF601 Py_DECREF()" in outcome.out
