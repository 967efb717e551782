"""CMake that is missing, too old, or takes another Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from doctor.support import MINOR, REAL, newest_plain, script, subject_of, the_finding, two_minors
from pyholdfast import paths
from pyholdfast.doctor.checks.cmake import check_cmake
from pyholdfast.doctor.model import Finding, Room, Verdict
from pyholdfast.doctor.subject import Subject
from pyholdfast.doctor.symptoms import recognise

CMAKE = shutil.which("cmake")
OTHER = f"3.{REAL.version[1] - 1}.7"
NEEDS_CMAKE = pytest.mark.skipif(CMAKE is None, reason="needs cmake")


def configured(subject: Subject) -> list[Finding]:
    """The room's findings, after configuring a project."""
    return list(check_cmake(subject, configure=True))


def saying(folder: Path, version: str = "3.25.1", **said: str) -> dict[str, str]:
    """A PATH with a cmake that prints prepared answers."""
    answers = {
        "Python version": MINOR + ".0",
        "Python executable": str(REAL.executable),
        "Python library": str(REAL.library),
        "Python3 version": MINOR + ".0",
        "Python3 executable": str(REAL.executable),
        "Python3 library": str(REAL.library),
        "plain package": "",
        "hinted package": "/package/holdfastConfig.cmake",
    } | {name.replace("_", " "): value for name, value in said.items()}
    lines = "\n".join(f"-- doctor {name}={value}" for name, value in answers.items())
    (folder / "answers").write_text(lines + "\n")
    script(
        folder / "cmake",
        f'case "$1" in --version) echo cmake version {version};; *) cat "{folder}/answers";; esac',
    )
    return {"PATH": f"{folder}:/usr/bin:/bin"}


@NEEDS_CMAKE
def test_cmake_takes_the_python_that_it_is_told() -> None:
    """The real CMake finds this Python's library, and holdfast's package."""
    findings = configured(subject_of(newest_plain(), {"PATH": str(Path(CMAKE or "").parent)}))
    green = {finding.code for finding in findings if finding.verdict is Verdict.GOOD}

    assert green >= {"HF163", "HF165", "HF176"}, findings


@NEEDS_CMAKE
def test_cmake_that_would_take_another_python_is_named() -> None:
    """Row 7: the real CMake, with another Python first on PATH."""
    older, newer = two_minors()
    path = f"{older.executable.parent}:{Path(CMAKE or '').parent}"
    environ = {"PATH": path, "Python_ROOT_DIR": str(older.base_prefix)}
    finding = the_finding(configured(subject_of(newer, environ)), "HF157")

    assert finding.verdict is Verdict.WARNING
    assert finding.evidence[0].startswith(f"CMake: Python 3.{older.version[1]}")
    assert str(newer.executable) in finding.evidence[1]
    assert finding.fix == f"cmake -B build -DPython_EXECUTABLE={newer.executable}"


@NEEDS_CMAKE
def test_plain_cmake_does_not_find_the_package(tmp_path: Path) -> None:
    """Row 15: CMake really fails, its message is recognised, and the printed fix works."""
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(p LANGUAGES NONE)\n"
        "find_package(holdfast 999999 QUIET CONFIG)\n"
        'message(STATUS "found ${holdfast_CONSIDERED_CONFIGS}")\n'
        "find_package(holdfast REQUIRED)\n"
    )
    environ = {name: value for name, value in os.environ.items() if name != "CMAKE_PREFIX_PATH"}
    command = [CMAKE or "", "-S", str(tmp_path), "-B", str(tmp_path / "build")]
    plain_run = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    finding = the_finding(recognise(plain_run.stderr, Room.LOG), "HF165")
    hint = f"-Dholdfast_ROOT={paths.cmake_dir()}"
    hinted = subprocess.run(
        [*command, hint], env=environ, capture_output=True, text=True, check=False
    )

    assert plain_run.returncode != 0
    assert "configuration file provided by" in finding.evidence[0]
    assert finding.fix == 'cmake -B build "-Dholdfast_ROOT=$(holdfast config --cmake-dir)"'
    assert f"found {paths.cmake_dir()}" in hinted.stdout


def test_a_package_that_is_not_where_it_should_be_is_named(tmp_path: Path) -> None:
    """Row 15: CMake does not find it even with the hint."""
    finding = the_finding(
        configured(subject_of(REAL, saying(tmp_path, hinted_package=""))), "HF165"
    )

    assert finding.evidence == (f"-Dholdfast_ROOT={paths.cmake_dir()}: no holdfastConfig.cmake",)
    assert finding.fix == "install holdfast again, from where you installed it"


def test_a_missing_embed_component_is_named(tmp_path: Path) -> None:
    """Row 13: FindPython finds an interpreter, but no library."""
    findings = configured(subject_of(REAL, saying(tmp_path, Python3_library="")))
    finding = the_finding(findings, "HF163")

    assert finding.evidence == (
        f"Python_EXECUTABLE={REAL.executable}",
        f"libpython is {REAL.library}",
    )
    assert f"-DPython_LIBRARY={REAL.library}" in finding.fix


def test_a_library_of_another_python_is_named(tmp_path: Path) -> None:
    """Row 7: given the interpreter, CMake takes another installation's library."""
    findings = configured(
        subject_of(REAL, saying(tmp_path, Python3_library="/other/libpython3.so"))
    )
    finding = the_finding(findings, "HF157")

    assert finding.verdict is Verdict.BAD
    assert finding.evidence == ("libpython: /other/libpython3.so", f"expected: {REAL.library}")


def test_a_free_threaded_python_that_is_passed_over_is_named(tmp_path: Path) -> None:
    """Row 12: CMake 4.4 takes one with a GIL instead; the fourth word of the ABI fixes that."""
    environ = saying(tmp_path, "4.4.4", Python_version=OTHER, Python_executable="/shims/python3")
    build = replace(REAL, free_threaded=True, abiflags="t")
    finding = the_finding(configured(subject_of(build, environ)), "HF162")

    assert finding.evidence[0] == f"CMake: Python {OTHER}, /shims/python3"
    assert finding.fix.endswith('"-DPython_FIND_ABI=ANY;ANY;ANY;ON"')


def test_an_older_cmake_is_not_told_what_it_does_not_know(tmp_path: Path) -> None:
    """Before 3.30, CMake rejects the fourth word, and does not prefer a GIL."""
    environ = saying(tmp_path, "3.25.1", Python_version=OTHER)
    build = replace(REAL, free_threaded=True, abiflags="t")
    finding = the_finding(configured(subject_of(build, environ)), "HF157")

    assert finding.fix == f"cmake -B build -DPython_EXECUTABLE={REAL.executable}"


def test_an_old_cmake_is_named(tmp_path: Path) -> None:
    """3.17 is too old."""
    finding = the_finding(configured(subject_of(REAL, saying(tmp_path, "3.17.3"))), "HF176")

    assert finding.evidence == (f"{tmp_path / 'cmake'} is 3.17",)
    assert finding.fix == "pip install cmake"


def test_a_cmake_that_cannot_configure_is_named(tmp_path: Path) -> None:
    """Its own last line is the evidence."""
    script(
        tmp_path / "cmake",
        'case "$1" in --version) echo cmake version 3.25.1;; *) echo no generator >&2; exit 1;; esac',
    )
    finding = the_finding(configured(subject_of(REAL, {"PATH": f"{tmp_path}:/bin"})), "HF176")

    assert finding.evidence == ("no generator",)


def test_no_cmake_is_no_failure(tmp_path: Path) -> None:
    """A host can be built and run without CMake."""
    findings = configured(subject_of(REAL, {"PATH": str(tmp_path)}))

    assert [finding.verdict for finding in findings] == [Verdict.SKIPPED]
