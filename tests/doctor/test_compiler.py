"""No compiler, or a compiler whose hosts do not start."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doctor.support import (
    REAL,
    compiler,
    plain,
    script,
    subject_of,
    the_finding,
    two_minors,
    venv,
)
from pyholdfast.doctor.checks import compiler as compiler_checks
from pyholdfast.doctor.checks.compiler import check_compiler
from pyholdfast.doctor.model import Finding, Verdict
from pyholdfast.toolchain.compiler import Compiler

if TYPE_CHECKING:
    from pathlib import Path

    from pyholdfast.doctor.subject import Subject

NO_ZIG = pytest.mark.skipif(
    importlib.util.find_spec("ziglang") is not None, reason="ziglang is a compiler"
)


def built(subject: Subject) -> list[Finding]:
    """The room's findings, after building and starting a host."""
    return list(check_compiler(subject, build_a_host=True))


@NO_ZIG
def test_no_compiler_is_named_with_the_way_to_get_one(tmp_path: Path) -> None:
    """With an empty PATH, the fix names this system's package, and one that needs no administrator rights."""
    finding = the_finding(built(subject_of(REAL, {"PATH": str(tmp_path)})), "HF174")

    assert finding.title == "no C++ compiler found: tried c++, g++, clang++"
    assert "pip install 'pyholdfast[zig]'" in finding.fix


def test_a_cxx_that_is_not_there_is_named() -> None:
    """CXX is always obeyed: no other compiler replaces it."""
    finding = the_finding(built(subject_of(REAL, {"CXX": "g++-99"})), "HF174")

    assert "g++-99" in finding.title
    assert "unset CXX" in finding.fix


def test_a_host_is_built_and_starts() -> None:
    """The only conclusive check, on the Python that all other tests use."""
    compiler()
    findings = built(subject_of(REAL))

    assert [(f.code, f.verdict) for f in findings] == [
        ("HF174", Verdict.GOOD),
        ("HF175", Verdict.GOOD),
    ], findings


def test_a_host_of_an_environment_starts_inside_it(tmp_path: Path) -> None:
    """sys.prefix of the host is the environment."""
    compiler()
    inside = venv(tmp_path / "env", REAL.executable)
    findings = built(subject_of(replace(REAL, executable=inside)))

    assert findings[-1].verdict is Verdict.GOOD, findings
    assert findings[-1].evidence == (f"sys.prefix {tmp_path / 'env'}",)


def test_a_missing_header_is_recognised(tmp_path: Path) -> None:
    """Row 1: the compiler's message is recognised."""
    compiler()
    build = replace(REAL, include_dirs=(tmp_path,))
    finding = the_finding(built(subject_of(build)), "HF151")

    assert "Python.h: No such file" in finding.evidence[0] or "not found" in finding.evidence[0]
    assert "holdfast config --cflags" in finding.fix


def test_a_library_without_python_is_recognised(tmp_path: Path) -> None:
    """Row 2: the link line names a library without Python's functions."""
    empty = tmp_path / "libpython3.so"
    (tmp_path / "empty.cpp").touch()
    subprocess.run([compiler(), "-shared", tmp_path / "empty.cpp", "-o", empty], check=True)
    finding = the_finding(built(subject_of(replace(REAL, library=empty))), "HF152")

    assert "Py" in finding.evidence[0]
    assert finding.fix.startswith("c++ host.cpp $(holdfast config --cflags) $(holdfast config")


@pytest.mark.skipif(
    shutil.which("ar") is None or platform.machine() != "x86_64",
    reason="needs ar, and a machine whose compiler makes absolute addresses",
)
def test_a_static_library_for_fixed_addresses_is_recognised(tmp_path: Path) -> None:
    """Row 6: an archive compiled without -fPIC does not fit into a program with -pie."""
    source, code = tmp_path / "lib.cpp", tmp_path / "lib.o"
    functions = [
        *("PyConfig_InitPythonConfig", "PyConfig_SetBytesString", "PyConfig_Clear"),
        *("PyStatus_Exception", "Py_InitializeFromConfig", "Py_ExitStatusException"),
        *("PyRun_SimpleStringFlags", "Py_FinalizeEx", "Py_GetVersion"),
    ]
    body = "".join(f"const char *{name}(long i) {{ return table[i]; }}\n" for name in functions)
    source.write_text(f'extern "C" {{ const char *table[] = {{"x"}};\n{body} }}\n')
    subprocess.run(
        [compiler(), "-c", "-O2", "-fno-pic", "-fno-pie", source, "-o", code], check=True
    )
    archive = tmp_path / "libpython3.a"
    subprocess.run(["ar", "rcs", archive, code], check=True)
    build = replace(REAL, library=None, static_library=archive, loader=None, variables={})
    finding = the_finding(built(subject_of(build, {"CXX": f"{compiler()} -pie"})), "HF156")

    assert "recompile with -fPI" in finding.evidence[0]
    assert "--enable-shared" in finding.fix


def test_a_wrong_pythonhome_is_recognised_when_the_host_starts(tmp_path: Path) -> None:
    """Row 4: the host says what is missing: encodings, or before 3.12 the file system's encoding."""
    compiler()
    finding = the_finding(built(subject_of(REAL, {"PYTHONHOME": str(tmp_path)})), "HF154")

    assert "encoding" in finding.evidence[0]
    assert finding.fix.startswith("unset PYTHONHOME")


def test_headers_of_another_version_show_when_the_host_runs() -> None:
    """Row 10: it compiles, links and starts, and only the doctor reports it."""
    compiler()
    older, newer = two_minors()
    finding = the_finding(
        built(subject_of(replace(newer, include_dirs=older.include_dirs))), "HF160"
    )

    assert finding.evidence == (
        f"Python.h is of Python 3.{older.version[1]}",
        f"libpython is of Python {newer.version_text}",
    )
    assert finding.fix


def test_headers_of_the_other_threading_show_when_the_host_runs() -> None:
    """Row 11: compiled for a free-threaded Python, started on one with a GIL."""
    build = next((b for b in reversed(plain()) if b.version >= (3, 13)), None)
    if build is None:
        pytest.skip("needs a Python 3.13 or later with a GIL")
    subject = subject_of(build, {"CXX": f"{compiler()} -DPy_GIL_DISABLED=1"})
    finding = the_finding(built(subject), "HF161")

    assert finding.evidence == (
        "Python.h is compiled as free-threaded",
        "libpython is with a GIL",
    )


def test_a_compiler_that_fails_in_its_own_way_is_quoted(tmp_path: Path) -> None:
    """An unknown message is shown unchanged."""
    broken = script(tmp_path / "broken", "echo 'cc1plus: out of luck' >&2; exit 4")
    finding = the_finding(built(subject_of(REAL, {"CXX": str(broken)})), "HF175")

    assert finding.evidence == ("cc1plus: out of luck", "exit status 4")
    assert finding.fix.startswith("holdfast doctor --log")


def test_without_a_build_only_the_compiler_is_looked_for(tmp_path: Path) -> None:
    """--quick starts no compiler."""
    started = tmp_path / "started"
    spy = script(tmp_path / "spy", f"touch '{started}'")
    findings = list(check_compiler(subject_of(REAL, {"CXX": str(spy)}), build_a_host=False))

    assert [finding.code for finding in findings] == ["HF174"]
    assert not started.exists()


def test_zig_is_found_and_not_made_to_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 23: its first build takes minutes, too long for an examination."""
    zig = Compiler(("/no/ziglang/zig", "c++"), "ziglang", is_zig=True)
    monkeypatch.setattr(compiler_checks, "find_compiler", lambda _: zig)
    findings = built(subject_of(REAL))

    assert [finding.verdict for finding in findings] == [Verdict.GOOD, Verdict.SKIPPED]
    assert findings[1].evidence == ("zig's first build takes two minutes",)
