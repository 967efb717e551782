"""What a project names in its configuration: functions, macros, pointers, and what blocks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from check.support import check, found, needs_clang_tidy
from pyholdfast.check.blocking import blocking_calls

WAITS = """\
#include <Python.h>
struct Box { int (*wait)(struct Box *, int seconds); };
extern struct Box *box;
extern int app_wait(int seconds);
extern int lower(int seconds);
#define WAIT_FOR(seconds) lower(seconds)
PyObject *by_pointer(PyObject *self, PyObject *args) {
    return PyLong_FromLong(box->wait(box, 30));
}
PyObject *by_function(PyObject *self, PyObject *args) {
    return PyLong_FromLong(app_wait(30));
}
PyObject *by_macro(PyObject *self, PyObject *args) {
    return PyLong_FromLong(WAIT_FOR(30));
}
PyObject *right(PyObject *self, PyObject *args) {
    int got;
    Py_BEGIN_ALLOW_THREADS
    got = box->wait(box, app_wait(1)) + WAIT_FOR(2);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(got);
}
"""
PAIRS = """\
#include <Python.h>
struct Hooks { void (*take)(void); void (*give)(void); };
extern struct Hooks *hooks;
extern void app_take(void);
extern void app_give(void);
extern void lower(int);
#define TAKE lower(1)
#define GIVE lower(0)
PyObject *wrong(PyObject *self, PyObject *args) {
    %(give)s;
    PyErr_Clear();
    if (lower_is(1))
        return NULL;
    %(take)s;
    Py_RETURN_NONE;
}
PyObject *right(PyObject *self, PyObject *args) {
    %(give)s;
    lower(2);
    %(take)s;
    Py_RETURN_NONE;
}
int attaches(void) {
    %(take)s;
    PyErr_Clear();
    if (lower_is(1))
        return 1;
    %(give)s;
    return 0;
}
""".replace("extern void app_take", "extern int lower_is(int);\nextern void app_take")
NAMES = {
    "function": ("app_take()", "app_give()", "app_take", "app_give"),
    "macro": ("TAKE", "GIVE", "TAKE", "GIVE"),
    "member": ("hooks->take()", "hooks->give()", "Hooks::take", "Hooks::give"),
    "member as written": ("hooks->take()", "hooks->give()", "hooks->take", "hooks->give"),
}
SLOW = """\
#include <Python.h>
#include <stdio.h>
#include <unistd.h>
PyObject *reads(PyObject *self, PyObject *args) {
    char text[9];
    fread(text, 1, sizeof text, stdin);
    sleep(1);
    return PyLong_FromLong(text[0]);
}
"""


def codes(folder: Path, name: str) -> list[tuple[int, str]]:
    """Line and code of each finding."""
    report = found(check(name, "--format", "json", cwd=folder))
    assert report["troubles"] == [], report
    return [(item["line"], item["code"]) for item in report["findings"]]


@pytest.mark.parametrize("file", ["w.c", "w.cpp"])
def test_what_may_block_is_named(file: str, tmp_path: Path) -> None:
    """A function, a macro, or a member that is a function pointer; silent where it is detached."""
    needs_clang_tidy()
    (tmp_path / file).write_text(WAITS)
    before = codes(tmp_path, file)
    (tmp_path / ".holdfast.toml").write_text(
        '[check]\nblocking = ["Box::wait", "app_wait", "WAIT_FOR"]\n'
    )

    assert before == []
    assert codes(tmp_path, file) == [(8, "HF613"), (11, "HF613"), (14, "HF613")]


@pytest.mark.parametrize("form", NAMES)
def test_a_pair_is_named(form: str, tmp_path: Path) -> None:
    """Whatever form it has, both ways round; without the names, nothing can be said."""
    needs_clang_tidy()
    take, give, taking, giving = NAMES[form]
    (tmp_path / "w.c").write_text(PAIRS % {"take": take, "give": give})
    before = [code for _, code in codes(tmp_path, "w.c") if code != "HF602"]
    lists = f"attaching = {json.dumps([taking])}\ndetaching = {json.dumps([giving])}\n"
    (tmp_path / ".holdfast.toml").write_text(f"[check]\n{lists}")

    assert before == []
    assert codes(tmp_path, "w.c") == [(12, "HF601"), (14, "HF603"), (28, "HF603")]


def test_a_call_that_is_often_slow_is_a_note(tmp_path: Path) -> None:
    """And one that waits is a finding; both from the table that comes with the check."""
    needs_clang_tidy()
    (tmp_path / "w.c").write_text(SLOW)

    assert codes(tmp_path, "w.c") == [(6, "HF616"), (7, "HF613")]


def test_the_table_of_what_blocks_is_whole() -> None:
    """Each name once, with a level and a source; and every family that is promised is there."""
    rows = blocking_calls()
    names = [row.name for row in rows]
    families = (
        "recv", "PQexec", "sqlite3_step", "curl_easy_perform", "deflate", "SSL_read",
        "grpc_completion_queue_next", "cudaDeviceSynchronize", "hipDeviceSynchronize",
        "ncclCommInitRank", "MPI_Barrier", "g_main_loop_run", "QThread::wait",
        "boost::asio::io_context::run", "tbb::task_group::wait", "omp_set_lock",
    )  # fmt: skip

    assert len(names) == len(set(names))
    assert {row.level for row in rows} == {"finding", "lock", "note"}
    assert all(len(row.source) > 8 for row in rows)
    assert set(families) <= set(names)
