"""Every program in tests/programs, on every Python it applies to.

A program passes if it ends with status 0. A raw twin is the same program without holdfast: it passes
if it hangs or crashes, as its first lines say.

The short run uses the machine's compiler. On the other Pythons, clang++ compiles the program if it
is installed, so that both compilers are tested; it also takes less time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness import run_built
from matrix import MatrixPython, quick_names, usable
from program_build import missing_needs, second_compiler
from program_text import Program, programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet


def cases() -> Iterator[ParameterSet]:
    """The table: programs by Pythons. Those outside the short run are marked long."""
    for program in programs():
        quick = quick_names(program.name, most=1)
        for python in usable():
            if program.applies_to(python):
                short = () if program.in_short_run else (pytest.mark.ci,)
                marks = short if python.name in quick else (pytest.mark.long,)
                yield pytest.param(program, python, id=f"{program.name}-{python.name}", marks=marks)


@pytest.mark.parametrize(("program", "python"), list(cases()))
def test_program_keeps_its_promise(program: Program, python: MatrixPython) -> None:
    """The program does what the first line of its source says."""
    if lacking := missing_needs(program):
        pytest.skip(f"{lacking} is not installed")

    quick = python.name in quick_names(program.name, most=1)
    outcome = run_built(program, python, compiler=None if quick else second_compiler())

    if program.raw_twin:
        assert outcome.ending in program.raw_twin, outcome.explain()
    else:
        assert outcome.code == 0, outcome.explain()
