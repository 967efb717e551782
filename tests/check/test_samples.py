"""What `holdfast check` finds, and what it lets pass: samples that announce it in comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from check.support import ENDS, SAMPLES, check, expected, found, needs_clang_tidy
from matrix import MatrixPython

DEPRECATED = "HF611"  # depends on the Python; samples name those that hold for all
ALSO = {"HF616"}  # notes about slow calls, which have a test of their own


@pytest.mark.parametrize("python", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize(
    "name",
    [
        "pairs.cpp", "threads.cpp", "extension.c", "host.cpp", "mutexes.cpp", "attaches.c",
        "callbacks.c", "ends.c", "lifetimes.cpp", "asserts.cpp", "scopes.c", "waits.c", "stored.cpp",
        "starts.cpp", "handed_on.cpp", "macro_scopes.cpp", "statements.cpp", "throwing.cpp", "kept.c",
        "conditional_macros.c", "same_names.cpp", "exported.c", "swaps.c",
        "declared_together.cpp", "library_tables.c", "awaited.c", "not_awaited.c",
        "lock_alone.c", "deleters.cpp", "long_calls.cpp", "timers.c",
    ],
)  # fmt: skip
def test_a_sample_has_the_findings_that_it_announces(name: str, python: MatrixPython) -> None:
    """Neither more nor less: each line that is wrong, and no line that is right.

    With the oldest headers and the newest: what is a macro in some is a function in others.
    """
    needs_clang_tidy()
    file = SAMPLES / name
    outcome = check(file, "--format", "json", "--target", "3.13", python=python)
    report = found(outcome)

    assert _lines(report, file) == expected(file), outcome.explain()
    assert report["troubles"] == report["unchecked"] == []
    errors = [item for item in report["findings"] if item["level"] == "error"]
    assert outcome.code == (1 if errors else 0)


def _lines(report: dict[str, object], file: Path) -> set[tuple[int, str]]:
    findings = report["findings"]
    assert isinstance(findings, list)
    assert {item["file"] for item in findings} <= {str(file), str(file.relative_to(Path.cwd()))}
    return {
        (line, item["code"])
        for item in findings
        if item["code"] not in ALSO
        for line in (item["line"], *item["also"])
    }


def test_a_table_of_functions_may_be_filled_in_another_file() -> None:
    """By position or by name; where an initialiser does not tell, nothing is assumed."""
    needs_clang_tidy()
    file = SAMPLES / "tables_used.c"
    outcome = check(SAMPLES / "tables_filled.c", file, "--format", "json", "--target", "3.13")

    assert _lines(found(outcome), file) == expected(file), outcome.explain()


@pytest.mark.parametrize("name", ["binding.cpp", "embedding.cpp", "kept_objects.cpp"])
def test_code_of_pybind11_is_understood(name: str) -> None:
    """Its guards, its objects, call_guard, lambdas that Python calls, and hosts."""
    needs_clang_tidy()
    pybind11 = pytest.importorskip("pybind11")
    file = SAMPLES / name
    options = ("--", "-isystem", pybind11.get_include())
    outcome = check(file, "--format", "json", "--target", "3.13", *options)
    report = found(outcome)

    assert _lines(report, file) == expected(file), outcome.explain()
    assert report["troubles"] == report["unchecked"] == []


def test_a_constructor_that_waits_is_called_by_its_name() -> None:
    """Not by that of the variable, which stands where the compiler sees the call."""
    needs_clang_tidy()
    file = SAMPLES / "long_calls.cpp"
    report = found(check(file, "--format", "json", "--target", "3.13"))
    problems = [item["problem"] for item in report["findings"] if item["function"] == "connects()"]

    assert len(problems) == 1
    assert problems[0].startswith("DeviceProxy::DeviceProxy() may block")


TWO_WAYS_IN = """\
#include <Python.h>
extern int wanted(void);
int attaches(int how) {
    PyGILState_STATE one, other;
    if (how == 1) one = PyGILState_Ensure(); else other = PyGILState_Ensure();
    if (wanted()) return 1;
    if (how == 1) PyGILState_Release(one); else PyGILState_Release(other);
    return 0;
}
int attaches_to_one(int how) {
    PyGILState_STATE state;
    if (how == 1)
        state = PyGILState_Ensure();
    else
        state = PyGILState_Ensure();
    if (wanted())
        return 1;
    PyGILState_Release(state);
    return 0;
}
"""


@pytest.mark.ci
def test_a_report_is_the_same_in_each_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where several paths lead to the same finding: the order of a set changes from run to run."""
    needs_clang_tidy()
    (tmp_path / ".holdfast.toml").write_text("", encoding="utf-8")
    file = tmp_path / "two_ways_in.c"
    file.write_text(TWO_WAYS_IN, encoding="utf-8")
    reports = set()
    for seed in "12345678":
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        reports.add(check(SAMPLES / "pairs.cpp", file).out)

    assert len(reports) == 1
    (report,) = reports
    assert "HF601" in report
    assert report.count("two_ways_in.c:17:9: HF603") == 2
