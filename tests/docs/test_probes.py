"""The programs that measured the tables in the docs."""

from __future__ import annotations

import pytest

from docs.pages import CHECKOUT
from docs.story import reader_python
from harness import Outcome, environment_for, run_command
from matrix import MatrixPython, usable
from program_build import build_program
from program_text import Program
from pyholdfast.toolchain.compile import find_compiler
from pyholdfast.toolchain.flags import flags_for

PROBES = CHECKOUT / "docs" / "explanation" / "probes"
HOLDFAST = ("-DPEER=2",)


def run_probe(name: str, *arguments: str) -> Outcome:
    """Build a probe for holdfast and run it."""
    program = Program(source=PROBES / name, promise=name, flags=HOLDFAST)
    python = reader_python()
    command = [str(build_program(program, python)), *arguments]
    return run_command(command, environ=environment_for(python), deadline_s=20)


@pytest.mark.long
@pytest.mark.parametrize("mode", ["late", "storm"])
def test_nobody_is_lost_with_holdfast(mode: str) -> None:
    """The tables' column for holdfast: threads that attach during or after the end survive."""
    outcome = run_probe("late_attach.cpp", mode)

    assert (outcome.code, outcome.out) == (0, "ok\n"), outcome.explain()


@pytest.mark.long
def test_the_end_comes_under_load_with_holdfast() -> None:
    """Eight threads that attach in a loop do not keep Python from ending."""
    outcome = run_probe("end_under_load.cpp", "8")

    assert outcome.code == 0, outcome.explain()


@pytest.mark.parametrize(
    ("name", "version"), [("late_attach.cpp", (3, 10)), ("end_under_load.cpp", (3, 15))]
)
def test_the_plain_side_compiles(name: str, version: tuple[int, int]) -> None:
    """Code that crashes and hangs by design at least compiles, so that readers can repeat it."""
    fitting = [python for python in usable() if python.build.version[:2] >= version]
    if not fitting:
        pytest.skip(f"no Python {version[0]}.{version[1]} here")

    outcome = syntax_check(name, fitting[-1])

    assert outcome.code == 0, outcome.explain()


def syntax_check(name: str, python: MatrixPython) -> Outcome:
    """Let the compiler read a probe's plain side."""
    options = [*flags_for(python.build).cflags, "-Wall", "-Wextra", "-Werror", "-DPEER=0"]
    command = [*find_compiler().command, *options, "-fsyntax-only", str(PROBES / name)]
    return run_command(command, environ=environment_for(python), deadline_s=60)
