"""The measured programs: their output, their failures, and the environment that they get."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast_bench import pyo3
from holdfast_bench.contenders import Compilation, Effort, Program
from holdfast_bench.peers import clean_environment
from holdfast_bench.rows import Side
from matrix import default_python
from pyholdfast.errors import HoldfastError

EFFORT = Effort(sample_ms=1.5, samples=2, crowd=3)
ENVIRON = {"PATH": "/usr/bin:/bin"}


def program(folder: Path, text: str) -> Program:
    """A program that is a shell script."""
    path = folder / "some_side"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return Program(path, ENVIRON)


def test_a_program_is_told_what_to_measure_and_how_long(tmp_path: Path) -> None:
    """Its samples are returned, and its version is known afterwards."""
    asked = tmp_path / "asked"
    some = program(
        tmp_path, f'echo "$@" > {asked}; echo \'{{"version": "3.1", "samples": [5.0, 7.5]}}\''
    )

    assert some.take(Side("some", "nested", 2), EFFORT) == [5.0, 7.5]
    assert some.version == "3.1"
    wanted = "--measure nested --threads 2 --sample-ms 1.5 --samples 2 --crowd 3\n"
    assert asked.read_text() == wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo it broke >&2; exit 3", "exit status 3: it broke"),
        ("printf 'a.cpp:1: error: no\\nnote\\n' >&2; exit 1", "exit status 1: a.cpp:1: error: no"),
        ("kill -9 $$", "exit status -9: it printed nothing"),
        ("echo hello", "it printed 'hello"),
        ("echo '{}'", "it printed '{}"),
    ],
)
def test_a_program_that_fails_says_so(tmp_path: Path, text: str, reason: str) -> None:
    """The error has its name, its measurement, and the line that gives the cause."""
    with pytest.raises(HoldfastError) as caught:
        program(tmp_path, text).take(Side("some", "nested"), EFFORT)

    assert caught.value.code == "HF146"
    assert caught.value.problem.startswith(f"some_side --measure nested failed: {reason}")


def test_a_compiler_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    """It is an error with a code, not a traceback."""
    gone = Compilation([str(tmp_path / "c++")], tmp_path)

    with pytest.raises(HoldfastError, match=r"HF146 host\.cpp failed: No such file"):
        gone.take(Side("compiler", "host"), EFFORT)


def test_contenders_see_no_other_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an active environment nor PYTHONPATH has an effect."""
    python = default_python()
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "HOLDFAST_TRACE"):
        monkeypatch.setenv(name, "/somewhere")
    environ = clean_environment(python.build)

    assert "/somewhere" not in environ.values()
    assert environ["HOLDFAST_PYTHON"] == str(python.path)


@pytest.mark.parametrize(
    ("said", "why", "failed"),
    [
        ("is newer than PyO3's maximum supported version (3.14)", "Python up to 3.14", False),
        (
            "error: no matching package named `pyo3` found",
            "cargo fetch in benchmarks/programs",
            False,
        ),
        ("error[E0432]: unresolved import", "cargo failed: error[E0432]", True),
    ],
)
def test_cargo_s_complaints_are_told_apart(said: str, why: str, failed: bool) -> None:
    """A missing crate is not a failure; a program that does not compile is one."""
    missing = pyo3.reason_of(said, Path("pyo3"))

    assert why in missing.why
    assert missing.failed is failed
