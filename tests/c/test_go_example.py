"""examples/go: what its README promises. Needs go and pkg-config."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from c_builds import DEADLINE_S, run_on
from harness import run_command, run_holdfast
from matrix import MatrixPython, quick_names, usable

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "go"
COMPILE_LIMIT_S = 240  # the first time, Go compiles its own library
EXPECTED = """\
[25.5 26 26.5 27 27.5 28 28.5 29]
attached: <nil>
an exception: the Go function panicked: runtime error: integer divide by zero
late: true
"""
QUICK = quick_names("c", most=1)
PYTHONS = [
    pytest.param(p, id=p.name, marks=() if p.name in QUICK else (pytest.mark.long,))
    for p in usable()
    if p.build.loader is None  # its libraries need a C library that go does not link
]

pytestmark = pytest.mark.skipif(
    shutil.which("go") is None or shutil.which("pkg-config") is None,
    reason="go or pkg-config is not installed",
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example, vetted and compiled once."""
    copy = tmp_path_factory.mktemp("go") / "project"
    shutil.copytree(EXAMPLE, copy)
    environ = {
        **os.environ,
        "GOPROXY": "off",  # it has no dependencies
        "GOFLAGS": "-mod=mod",
        "PKG_CONFIG_PATH": run_holdfast("config", "--pkgconfig-dir").out.strip(),
    }
    for command in (["go", "vet", "./..."], ["go", "build", "-o", "scores", "."]):
        done = run_command(command, environ=environ, deadline_s=COMPILE_LIMIT_S, cwd=copy)
        assert done.code == 0, done.explain()
    return copy / "scores"


@pytest.mark.parametrize("python", PYTHONS)
def test_calls_both_ways_panics_and_late_calls(program: Path, python: MatrixPython) -> None:
    """One binary prints the same on every Python."""
    outcome = run_on(program, python)

    assert outcome.code == 0, outcome.explain()
    assert outcome.out == EXPECTED


def test_it_is_formatted_as_go_has_it() -> None:
    """By gofmt, which has no options."""
    done = run_command(["gofmt", "-l", str(EXAMPLE)], deadline_s=DEADLINE_S)

    assert (done.code, done.out) == (0, "")
