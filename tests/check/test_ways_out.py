"""A function that is left in several ways with a pair still open: one finding names them all."""

from __future__ import annotations

from pathlib import Path

from check.support import check, found, needs_clang_tidy

SEVERAL = """\
#include <Python.h>
extern int wanted(void);
int several(int count) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (wanted())
        return 1;
    for (int n = 0; n < count; ++n)
        if (wanted())
            return n;
    if (count > 9)
        return wanted();
    PyGILState_Release(state);
    return 0;
}
int two(void) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (wanted()) return wanted();
    if (wanted()) return 2;
    PyGILState_Release(state);
    return 0;
}
int one(void) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (wanted()) return 1;
    PyGILState_Release(state);
    return 0;
}
"""


def test_the_other_ways_out_are_counted_and_named(tmp_path: Path) -> None:
    """Also in the message that viewers show; one way out is not counted."""
    needs_clang_tidy()
    (tmp_path / ".holdfast.toml").write_text("", encoding="utf-8")
    (tmp_path / "several.c").write_text(SEVERAL, encoding="utf-8")
    lines = check("several.c", cwd=tmp_path).out.splitlines()
    shown = found(check("several.c", "--format", "json", cwd=tmp_path))
    (run,) = found(check("several.c", "--format", "sarif", cwd=tmp_path))["runs"]

    assert [line.strip() for line in lines if line.startswith("    and ")] == [
        "and 2 more ways out, lines 9, 11", "and 1 more way out, line 18",
    ]  # fmt: skip
    left_open = [item for item in shown["findings"] if item["code"] == "HF603"]
    assert [(item["line"], item["also"]) for item in left_open] == [
        (6, [9, 11]), (17, [18]), (24, []),
    ]  # fmt: skip
    messages = [result["message"]["text"].partition(". Do:")[0] for result in run["results"]
                if result["ruleId"] == "HF603"]  # fmt: skip
    assert messages[0].endswith("() of line 4, and 2 more ways out, lines 9, 11")
    assert messages[2].endswith("() of line 23")


ACCEPTED = """\
#include <Python.h>
extern int wanted(void);
int some(void) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (wanted())
        return 1;  // holdfast: ignore[HF603] the process ends with it

    if (wanted())
        return 2;
    PyGILState_Release(state);
    return 0;
}
int all(void) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (wanted())
        return 1;  // holdfast: ignore[HF603] the process ends with it
    PyGILState_Release(state);
    return 0;
}
"""


def test_a_way_out_that_is_accepted_does_not_hide_the_others(tmp_path: Path) -> None:
    """Only where all are accepted, the finding is."""
    needs_clang_tidy()
    (tmp_path / ".holdfast.toml").write_text("", encoding="utf-8")
    (tmp_path / "accepted.c").write_text(ACCEPTED, encoding="utf-8")
    shown = found(check("accepted.c", "--format", "json", cwd=tmp_path))

    left_open = [item for item in shown["findings"] if item["code"] == "HF603"]
    assert [(item["line"], item["also"]) for item in left_open] == [(9, [])]
    assert shown["ignored"] == 1
