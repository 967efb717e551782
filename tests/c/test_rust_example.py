"""examples/rust: what its README promises. Needs cargo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from c_builds import run_on
from harness import run_command
from matrix import quick_names, usable

if TYPE_CHECKING:
    from harness import Outcome
    from matrix import MatrixPython

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "rust"
COMPILE_LIMIT_S = 120
EXPECTED = """\
Float(25.5)
Float(26.0)
Float(26.5)
Float(27.0)
Float(27.5)
Float(28.0)
Float(28.5)
Float(29.0)
an exception: the Rust function panicked
late: true
"""
# What the compiler must refuse, and the number of its error.
REFUSED = {
    "another thread": (
        "E0277",
        "fn f(p: &Python) { let a = p.attach(); thread::spawn(|| drop(a)); }",
    ),
    "after its Python": (
        "E0597",
        "fn f() { let a; { let p = Python::start().unwrap(); a = p.attach().unwrap(); } drop(a); }",
    ),
}
QUICK = quick_names("c", most=1)
PYTHONS = [
    pytest.param(p, id=p.name, marks=() if p.name in QUICK else (pytest.mark.long,))
    for p in usable()
    if p.build.loader is None  # its libraries need a C library that cargo does not link
]


def _answers(cargo: str) -> bool:
    return subprocess.run([cargo, "-V"], capture_output=True, check=False).returncode == 0


def has_cargo() -> bool:
    """Whether there is one that works; rustup's needs a toolchain."""
    cargo = shutil.which("cargo")
    return cargo is not None and _answers(cargo)


pytestmark = pytest.mark.skipif(not has_cargo(), reason="cargo is not installed")


def cargo(project: Path, command: str) -> Outcome:
    """Run cargo in a copy of the example."""
    environ = {
        **os.environ,
        "CARGO_HOME": str(project / "cargo"),
        "HOLDFAST": f"'{sys.executable}' -m pyholdfast",
    }
    asked = [
        "cargo",
        command,
        "--offline",
        "--locked",
        "--manifest-path",
        str(project / "Cargo.toml"),
    ]
    return run_command(asked, environ=environ, deadline_s=COMPILE_LIMIT_S)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example, compiled once."""
    copy = tmp_path_factory.mktemp("rust") / "project"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("target"))
    built = cargo(copy, "build")
    assert built.code == 0, built.explain()
    return copy


@pytest.mark.parametrize("python", PYTHONS)
def test_calls_both_ways_panics_and_late_calls(project: Path, python: MatrixPython) -> None:
    """One binary prints the same on every Python."""
    outcome = run_on(project / "target/debug/scores", python)

    assert outcome.code == 0, outcome.explain()
    assert outcome.out == EXPECTED


@pytest.mark.long
@pytest.mark.parametrize("why", REFUSED)
def test_the_compiler_checks_how_long_a_guard_lives(project: Path, why: str) -> None:
    """A guard on another thread, or longer than its Python, does not compile."""
    number, function = REFUSED[why]
    source = project / "src" / "main.rs"
    right = source.read_text(encoding="utf-8")
    source.write_text(right + function + "\n", encoding="utf-8")
    try:
        checked = cargo(project, "check")
    finally:
        source.write_text(right, encoding="utf-8")

    assert checked.code != 0
    assert f"error[{number}]" in checked.err
