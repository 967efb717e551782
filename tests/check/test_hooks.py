"""What other tools read: GitHub's problem matcher, and the hooks of pre-commit."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from check.support import check, needs_clang_tidy
from harness import run_command
from pyholdfast import paths
from pyholdfast.cli import main

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCE = """#include <Python.h>
PyObject *wrong(PyObject *, PyObject *) {
    PyThreadState *saved = PyEval_SaveThread();
    PyErr_Clear();
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}
void unproven() { PyErr_Clear(); }
"""


def test_the_problem_matcher_finds_what_a_check_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Findings as errors and notes as notices, each once, with file, line, column and code."""
    needs_clang_tidy()
    (tmp_path / "a b.cpp").write_text(SOURCE, encoding="utf-8")
    printed = check("a b.cpp", cwd=tmp_path).out
    assert main(["config", "--problem-matcher"]) == 0
    file = Path(capsys.readouterr().out.strip())
    matchers = json.loads(file.read_text(encoding="utf-8"))["problemMatcher"]

    found = []
    for matcher in matchers:
        (pattern,) = matcher["pattern"]
        for line in printed.splitlines():
            if match := re.search(pattern["regexp"], line):
                place = (match[pattern["file"]], match[pattern["line"]], match[pattern["column"]])
                found.append((matcher["severity"], *place, match[pattern["code"]]))
    assert sorted(found) == [
        ("error", "a b.cpp", "4", "5", "HF601"),
        ("notice", "a b.cpp", "8", "19", "HF602"),
    ]
    assert file == paths.problem_matcher()


def _hooks() -> dict[str, dict[str, str]]:
    """The hooks, by their id. The file has one key in a line, which needs no reader of YAML."""
    hooks: dict[str, dict[str, str]] = {}
    for line in (CHECKOUT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"(- |  )(\w+): (.*)", line)
        if match and match[1] == "- ":
            hooks[match[3]] = {}
        elif match:
            hooks[list(hooks)[-1]][match[2]] = match[3]
    return hooks


def test_a_hook_checks_the_files_it_is_given(tmp_path: Path) -> None:
    """Its command, with a file behind it as pre-commit does; findings fail it."""
    needs_clang_tidy()
    hook = _hooks()["holdfast-check"]
    (tmp_path / "wrong.cpp").write_text(SOURCE, encoding="utf-8")
    program, *words = shlex.split(hook["entry"])
    command = [sys.executable, "-m", "pyholdfast", *words, "wrong.cpp"]
    outcome = run_command(command, deadline_s=120, cwd=tmp_path)

    assert program == "holdfast"
    assert outcome.code == 1, outcome.explain()
    assert "HF601" in outcome.out


@pytest.mark.parametrize(
    ("name", "file", "taken"),
    [
        ("holdfast-check", "src/a.cpp", True),
        ("holdfast-check", "src/a.c", True),
        ("holdfast-check", "src/a.h", False),
        ("holdfast-check", "src/a.cpp.orig", False),
        ("holdfast-check-build", "src/a.h", True),
        ("holdfast-check-build", "setup.py", False),
    ],
)
def test_a_hook_takes_the_files_that_can_be_checked(name: str, file: str, taken: bool) -> None:
    """Sources; a header alone has no options, but it can make a whole build wrong."""
    assert bool(re.search(_hooks()[name]["files"], file)) is taken


def test_a_hook_installs_what_the_check_needs() -> None:
    """The packages that the extra `check` has, without the one for old Pythons."""
    text = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    extra = re.search(r'^check = \["([^"]+)"', text, re.MULTILINE)

    assert extra is not None
    for hook in _hooks().values():
        assert json.loads(hook["additional_dependencies"]) == [extra.group(1)]
