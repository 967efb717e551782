"""The doctor's report, and its exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from doctor.support import BARE, REAL, compile_cpp, doctor, newest_plain
from pyholdfast import paths
from pyholdfast.codes import CODES
from pyholdfast.doctor.model import Finding, Room, Verdict, bad, good, skipped, warning
from pyholdfast.doctor.report import as_json, as_text, can_encode, exit_status

FINDINGS = [
    good("HF150", Room.PYTHON, "CPython 3.12.1", "/opt/python3"),
    bad("HF151", Room.PYTHON, "Python.h is not installed", "not in /a", "nor in /b", fix="apt"),
    warning("HF157", Room.ENVIRONMENT, "tools differ", "pip: Python 3.9", fix="use holdfast"),
    skipped("HF176", Room.CMAKE, "no cmake on PATH"),
]


def test_the_text_has_one_line_per_check_and_all_evidence_of_what_is_wrong() -> None:
    """The form for people."""
    assert as_text("this machine", FINDINGS).splitlines() == [
        "holdfast doctor: this machine",
        "python",
        "  ✓ HF150 CPython 3.12.1: /opt/python3",
        "  ✗ HF151 Python.h is not installed",
        "      not in /a",
        "      nor in /b",
        "      do: apt",
        "environment",
        "  ! HF157 tools differ",
        "      pip: Python 3.9",
        "      do: use holdfast",
        "cmake",
        "  - HF176 no cmake on PATH",
        "1 failure and 1 warning; 'holdfast explain HFnnn' explains a code",
    ]


def test_a_terminal_without_the_marks_gets_ascii() -> None:
    """No byte above 127, and no UnicodeEncodeError in the middle of a report."""
    text = as_text("/home/é", FINDINGS, unicode=False)

    assert text.isascii()
    assert "  + HF150" in text
    assert "  x HF151" in text


@pytest.mark.parametrize(
    ("encoding", "able"), [("utf-8", True), ("ascii", False), ("latin-1", False), (None, False)]
)
def test_what_a_terminal_can_show_is_asked_of_its_encoding(
    encoding: str | None, able: bool
) -> None:
    """An unknown encoding counts as ASCII."""
    assert can_encode(encoding) is able


def test_only_failures_make_the_exit_status_1() -> None:
    """A warning does not fail a build."""
    assert exit_status(FINDINGS) == 1
    assert exit_status([finding for finding in FINDINGS if finding.code != "HF151"]) == 0


def test_json_has_stable_keys() -> None:
    """The form for programs."""
    said = json.loads(as_json("this machine", FINDINGS))

    assert {name: said[name] for name in ("format", "subject", "exit_status")} == {
        "format": 1,
        "subject": "this machine",
        "exit_status": 1,
    }
    assert said["findings"][1] == {
        "code": "HF151",
        "room": "python",
        "verdict": "bad",
        "title": "Python.h is not installed",
        "evidence": ["not in /a", "nor in /b"],
        "fix": "apt",
    }
    assert said["findings"][0]["fix"] is None


@pytest.mark.parametrize(("verdict", "fix"), [(Verdict.BAD, ""), (Verdict.GOOD, "apt")])
def test_a_finding_has_a_fix_exactly_if_something_is_to_be_done(verdict: Verdict, fix: str) -> None:
    """A check without its fix fails in its first test."""
    with pytest.raises(ValueError, match="HF151"):
        Finding("HF151", Room.PYTHON, verdict, "title", fix=fix)


def test_every_code_of_the_doctor_is_explained() -> None:
    """`holdfast explain` knows all of them, and its table has no code that is never used.

    The headers refuse some of what the doctor looks for, by `#error`.
    """
    folder = paths.PACKAGE
    sources = [*(folder / "doctor").rglob("*.py"), folder / "commands" / "doctor.py"]
    sources += [folder / "commands" / "new.py", *paths.include_dir().rglob("*.hpp")]
    text = "".join(path.read_text() for path in sources)
    used = set(re.findall(r'"(HF1[5-8]\d)[" ]', text))

    assert used == {code for code in CODES if "HF150" <= code <= "HF189"}


def test_a_complete_machine_is_green() -> None:
    """The complete examination, with a host built and CMake configured, finds no failure."""
    status, findings = doctor(
        "--python", newest_plain().executable, environ={"PATH": os.environ["PATH"]}
    )

    assert status == 0, [finding for finding in findings if finding.verdict is Verdict.BAD]


def test_the_shell_sees_ascii_where_it_asks_for_it() -> None:
    """With PYTHONIOENCODING=ascii, the terminal cannot show the marks."""
    done = subprocess.run(
        [sys.executable, "-m", "pyholdfast", "doctor", "--quick", "--python", REAL.executable],
        cwd=paths.PACKAGE.parent,
        env={**BARE, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )

    assert done.stdout.isascii()
    assert b"  + HF150" in done.stdout


HOST = r"""
#include <Python.h>
int main(int, char **argv) {
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyConfig_SetBytesString(&config, &config.executable, argv[0]);
    PyConfig_SetBytesString(&config, &config.home, argv[1]);
    Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    return PyRun_SimpleString(argv[2]);
}
"""


def test_a_host_that_is_its_own_sys_executable_is_named_and_not_started_again(
    tmp_path: Path,
) -> None:
    """Row 9, with a real host: the doctor examines it without starting it again."""
    build = newest_plain()
    host = compile_cpp(tmp_path / "host", HOST, build=build)
    code = f"""
import sys
sys.path.insert(0, {str(paths.PACKAGE.parent)!r})
from pathlib import Path
from pyholdfast.doctor.examine import examine_machine
from pyholdfast.doctor.report import as_json
open({str(tmp_path)!r} + "/started", "a").write("x")
print(as_json("host", examine_machine(None, environ={{}}, start=Path("/"))), flush=True)
"""
    done = subprocess.run(
        [host, build.base_prefix, code], capture_output=True, text=True, check=True, timeout=60
    )
    (finding,) = json.loads(done.stdout)["findings"]

    assert (tmp_path / "started").read_text() == "x"
    assert finding["code"] == "HF159"
    assert finding["evidence"] == [f"{host}, from the interpreter that runs holdfast"]
    assert "interpreter_config::executable" in finding["fix"]
