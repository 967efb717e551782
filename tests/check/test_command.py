"""`holdfast check` as a command: what it is given, what it accepts, what it prints."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from check.support import check, found, needs_clang_tidy
from harness import environment_for, run_command
from matrix import default_python
from pyholdfast.cli import main
from pyholdfast.toolchain.flags import include_flags

WRONG = """\
#include <Python.h>
PyObject *wrong(PyObject *, PyObject *) {
    Py_BEGIN_ALLOW_THREADS
    PyErr_Clear();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
"""
RIGHT = "#include <Python.h>\nPyObject *right(PyObject *, PyObject *) { Py_RETURN_NONE; }\n"
UNPROVEN = "#include <Python.h>\nvoid unproven() { PyErr_Clear(); }\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with one file that is wrong and one that is right."""
    needs_clang_tidy()
    (tmp_path / ".holdfast.toml").write_text("", encoding="utf-8")
    (tmp_path / "wrong.cpp").write_text(WRONG, encoding="utf-8")
    (tmp_path / "right.cpp").write_text(RIGHT, encoding="utf-8")
    return tmp_path


def codes(report: dict[str, Any]) -> list[tuple[str, int, str]]:
    """File, line and code of each finding."""
    return [(Path(f["file"]).name, f["line"], f["code"]) for f in report["findings"]]


def database(folder: Path, *, listed: bool) -> Path:
    """A compile_commands.json for both files, in one of its two forms."""
    entries: list[dict[str, object]] = []
    for name in ("wrong.cpp", "right.cpp"):
        words = ["ccache", "g++", *include_flags(default_python().build), "-std=c++17", "-Werror",
                 "-MD", "-MF", "x.d", "-c", f"../{name}", "-o", "x.o"]  # fmt: skip
        entry: dict[str, object] = {"directory": str(folder / "build"), "file": f"../{name}"}
        entry |= {"arguments": words} if listed else {"command": shlex.join(words)}
        entries.append(entry)
    build = folder / "build"
    build.mkdir()
    (build / "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")
    return build


@pytest.mark.parametrize("listed", [True, False], ids=["arguments", "command"])
def test_a_compilation_database_says_what_is_checked(folder: Path, listed: bool) -> None:
    """All its files without names; only those named, otherwise."""
    build = database(folder, listed=listed)
    everything = check("-p", build, "--format", "json", cwd=folder)
    one = check("-p", build, "right.cpp", "--format", "json", cwd=folder)

    assert codes(found(everything)) == [("wrong.cpp", 4, "HF601")], everything.explain()
    assert (everything.code, found(everything)["files"]) == (1, 2)
    assert (one.code, found(one)["files"]) == (0, 1), one.explain()


def test_what_is_wrong_with_a_database_is_said(folder: Path) -> None:
    """None there, a file that it does not know, and options that make no sense with it."""
    build = database(folder, listed=True)
    nothing = check("-p", folder, cwd=folder)
    unknown = check("-p", build, "other.cpp", cwd=folder)
    doubled = check("-p", build, "--", "-DX", cwd=folder)

    assert [run.code for run in (nothing, unknown, doubled)] == [2, 2, 2]
    assert "HF627" in nothing.err
    assert "HF628" in unknown.err
    assert "HF116" in doubled.err


def test_a_baseline_accepts_what_is_there_and_nothing_new(folder: Path) -> None:
    """Also where lines are added before it."""
    written = check("wrong.cpp", "--write-baseline", cwd=folder)
    again = check("wrong.cpp", cwd=folder)
    more = WRONG.replace("PyErr_Clear();", "PyErr_Clear();\n    PyList_New(0);")
    (folder / "wrong.cpp").write_text(
        f"// a line\n{WRONG}\n{more.partition('PyObject')[1]}{more.partition('PyObject')[2]}".replace(
            "*wrong", "*other", 2).replace("*other", "*wrong", 1),
        encoding="utf-8",
    )  # fmt: skip
    later = check("wrong.cpp", "--format", "json", cwd=folder)

    assert written.code == 0, written.explain()
    assert again.code == 0, again.explain()
    assert "1 in the baseline" in again.out
    assert later.code == 1, later.explain()
    assert found(later)["accepted"] == 1
    assert {item["function"] for item in found(later)["findings"]} == {"other()"}


def test_a_baseline_that_cannot_be_read_is_wrong_use(folder: Path) -> None:
    """Not an empty one."""
    (folder / "old.json").write_text("{}", encoding="utf-8")
    outcome = check("wrong.cpp", "--baseline", "old.json", cwd=folder)

    assert outcome.code == 2
    assert "HF624" in outcome.err


def test_a_comment_with_a_reason_accepts(folder: Path) -> None:
    """On the line or above; without a reason it accepts nothing, and is a finding itself."""
    for comment, expected in (
        ("// holdfast: ignore[HF601] the loader holds the GIL", []),
        ("// holdfast: ignore[HF603] another code", ["HF601"]),
        ("// holdfast: ignore[HF601]", ["HF601", "HF626"]),
    ):
        for text in (f"    {comment}\n    PyErr_Clear();", f"    PyErr_Clear();  {comment}"):
            (folder / "wrong.cpp").write_text(
                WRONG.replace("    PyErr_Clear();", text), encoding="utf-8"
            )
            report = found(check("wrong.cpp", "--format", "json", cwd=folder))

            assert sorted(item["code"] for item in report["findings"]) == expected, text
            assert report["ignored"] == (0 if expected else 1)


@pytest.mark.parametrize(
    ("name", "head"), [(".holdfast.toml", "[check]"), ("pyproject.toml", "[tool.holdfast.check]")]
)
def test_the_configuration_says_what_cannot_be_seen(folder: Path, name: str, head: str) -> None:
    """Who is called detached, and what is left out; a key that is not known is refused."""
    (folder / ".holdfast.toml").unlink()
    (folder / "unproven.cpp").write_text(UNPROVEN, encoding="utf-8")
    file = folder / name
    file.write_text(f'{head}\ndetached = ["unproven"]\nexclude = ["wrong*"]\n', encoding="utf-8")
    report = found(check("unproven.cpp", "wrong.cpp", "--format", "json", cwd=folder))
    file.write_text(f'{head}\natached = ["f"]\n', encoding="utf-8")
    refused = check("unproven.cpp", cwd=folder)

    assert codes(report) == [("unproven.cpp", 2, "HF601")]
    assert report["files"] == 1
    assert refused.code == 2
    assert "HF625" in refused.err


def test_notes_count_when_asked_for(folder: Path) -> None:
    """What nothing proves is shown, and fails a strict check only."""
    (folder / "unproven.cpp").write_text(UNPROVEN, encoding="utf-8")
    usual = check("unproven.cpp", "--format", "json", cwd=folder)
    strict = check("unproven.cpp", "--strict", cwd=folder)

    assert codes(found(usual)) == [("unproven.cpp", 2, "HF602")]
    assert (usual.code, strict.code) == (0, 1)


def test_sarif_has_the_shape_that_code_hosts_read(folder: Path) -> None:
    """Version 2.1.0: rules, results that point at them, places, paths, fingerprints."""
    report = found(check("wrong.cpp", "right.cpp", "--format", "sarif", cwd=folder))
    (run,) = report["runs"]
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    place = result["locations"][0]["physicalLocation"]
    flow = result["codeFlows"][0]["threadFlows"][0]["locations"]

    assert report["version"] == "2.1.0"
    assert report["$schema"].endswith("sarif-2.1.0.json")
    assert run["tool"]["driver"]["name"] == "holdfast check"
    assert result["ruleId"] == rule["id"] == "HF601"
    assert rule["shortDescription"]["text"]
    assert result["level"] == "error"
    assert place["artifactLocation"]["uri"] == "wrong.cpp"
    assert place["region"] == {"startLine": 4, "startColumn": 5}
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in flow] == [3, 4]
    assert len(result["partialFingerprints"]["holdfast/v1"]) == 20
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_an_option_that_clang_does_not_know_is_left_out_and_named(folder: Path) -> None:
    """The file is analysed all the same; the status says that something was odd."""
    outcome = check("wrong.cpp", "--format", "json", "--", "-fconserve-stack", cwd=folder)
    report = found(outcome)

    assert codes(report) == [("wrong.cpp", 4, "HF601")], outcome.explain()
    assert [trouble["code"] for trouble in report["troubles"]] == ["HF622"]
    assert "-fconserve-stack" in report["troubles"][0]["problem"]
    assert outcome.code == 2


def test_a_file_that_does_not_compile_hides_no_other(folder: Path) -> None:
    """Its functions are named as unchecked: those with an error, and all after a missing header."""
    broken = RIGHT + "void half() { undeclared(); }\nPyObject *other(PyObject *o) { return o; }\n"
    (folder / "broken.cpp").write_text(broken, encoding="utf-8")
    (folder / "missing.cpp").write_text('#include "none.h"\nvoid lost() {}\n', encoding="utf-8")
    outcome = check("broken.cpp", "missing.cpp", "wrong.cpp", "--format", "json", cwd=folder)
    report = found(outcome)

    assert codes(report) == [("wrong.cpp", 4, "HF601")], outcome.explain()
    assert [trouble["code"] for trouble in report["troubles"]] == ["HF620", "HF620"]
    assert {item["function"] for item in report["unchecked"]} == {"half", "lost"}
    assert outcome.code == 2
    text = check("broken.cpp", cwd=folder)
    assert "broken.cpp:3:1: HF621 unchecked: half()" in text.out


def test_a_terminal_sees_how_far_it_is(folder: Path) -> None:
    """One line that changes, and is gone at the end; nothing of it elsewhere."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pyholdfast", "check", "wrong.cpp", "right.cpp", "--python",
               str(default_python().path), "--jobs", "2"]  # fmt: skip
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=theirs, timeout=120,
                          check=False)  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    quiet = check("wrong.cpp", "right.cpp", cwd=folder)

    assert done.returncode == 1
    assert "1 of 2: " in shown
    assert "2 of 2: " in shown
    assert shown.endswith("\r\x1b[K")
    assert quiet.err == ""


def test_a_clang_tidy_that_is_not_there_is_named(folder: Path) -> None:
    """HOLDFAST_CLANG_TIDY is taken at its word."""
    environ = {**environment_for(default_python()), "HOLDFAST_CLANG_TIDY": "/nowhere/clang-tidy"}
    command = [sys.executable, "-m", "pyholdfast", "check", "--python", str(default_python().path),
               str(folder / "wrong.cpp")]  # fmt: skip
    outcome = run_command(command, environ=environ, deadline_s=60)

    assert outcome.code == 2
    assert "HF608" in outcome.err
    assert "/nowhere/clang-tidy" in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize(
    ("tool", "code"),
    [(None, "HF600"), ("Unknown command line argument", "HF609"), ("ended by a signal", "HF609")],
)
def test_nothing_is_found_where_nothing_was_analysed(
    tool: str | None,
    code: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No clang-tidy, or one that does not work: status 2, and no count of findings, in any form."""
    file = tmp_path / "wrong.cpp"
    file.write_text(WRONG, encoding="utf-8")
    monkeypatch.delenv("HOLDFAST_CLANG_TIDY", raising=False)
    if tool is None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        program = tmp_path / "clang-tidy"
        program.write_text(
            f"#!/bin/sh\necho '{tool}' >&2\ncase '{tool}' in *signal) kill -9 $$;; esac\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("HOLDFAST_CLANG_TIDY", str(program))
    for form in ("text", "json", "sarif"):
        words = ["check", str(file), "--format", form, "--python", str(default_python().path)]
        status = main(words)
        said = capsys.readouterr()

        assert status == 2, said
        assert said.out == ""
        assert said.err.startswith(f"{code} ")
