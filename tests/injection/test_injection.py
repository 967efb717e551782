"""Refused threads, memory and file descriptors, at every moment.

``scenarios.cpp`` does what hosts do, in a child process for each k, and the k-th thread, allocation or
file is refused: once, or from then on. The result must be an error, or a service that continues
with less. A hang, a crash or a leak is a failure. The short run tries every thread of the pools and some of the
other refusals on one Python, the long run all of them on all Pythons.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import run_built
from matrix import MatrixPython, quick_names, usable
from program_text import read_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

PROGRAM = read_program(Path(__file__).with_name("scenarios.cpp"))
SCENARIOS = (
    "start", "watched_start", "counted_start", "attach", "calls", "subinterpreter", "executor",
    "subinterpreter_pool", "remote_executor", "within", "async_call", "output", "finalize",
    "finalize_attached",
)  # fmt: skip
# What asks for none is left out.
ASKED = {
    "thread": (
        "watched_start", "counted_start", "executor", "subinterpreter_pool", "remote_executor",
        "within", "async_call", "finalize",
    ),
    "memory": SCENARIOS,
    "file": ("watched_start", "counted_start", "finalize"),
}  # fmt: skip
QUICK = {
    ("thread", "executor"): (),  # every k
    ("thread", "subinterpreter_pool"): (),
    ("thread", "watched_start"): (),
    ("memory", "start"): ("1", "5", "23"),
    ("memory", "executor"): ("1", "9", "17", "21"),
    ("memory", "subinterpreter"): ("1", "2"),
    ("file", "watched_start"): (),
}
DEADLINE_S = 900.0


def cases() -> Iterator[ParameterSet]:
    """Pythons by resources by scenarios; those of the short run also have their k."""
    quick = quick_names("injection", most=1)
    for python in usable():
        for resource, names in ASKED.items():
            for name in names:
                chosen = QUICK.get((resource, name)) if python.name in quick else None
                label = f"{name}-{resource}-{python.name}"
                if chosen is not None:
                    yield pytest.param(python, resource, name, "on", chosen, id=f"{label}-some")
                for manner in ("once", "on"):
                    yield pytest.param(
                        python, resource, name, manner, (), id=f"{label}-{manner}",
                        marks=pytest.mark.long,
                    )  # fmt: skip


@pytest.mark.parametrize(("python", "resource", "name", "manner", "chosen"), list(cases()))
def test_a_refusal_ends_in_an_error_or_with_less(
    python: MatrixPython,
    resource: str,
    name: str,
    manner: str,
    chosen: tuple[str, ...],
    tmp_path: Path,
) -> None:
    """No hang, no crash, and no thread or memory is left."""
    outcome = run_built(
        PROGRAM,
        python,
        arguments=[name, resource, manner, *chosen],
        environ={"TEST_FOLDER": str(tmp_path)},
        deadline_s=DEADLINE_S,
    )

    assert outcome.code == 0, outcome.explain()


def test_the_table_is_the_programs() -> None:
    """A new scenario in the program is also tried."""
    quick = quick_names("injection", most=1)
    python = next(one for one in usable() if one.name in quick)
    outcome = run_built(PROGRAM, python, deadline_s=20)

    assert tuple(outcome.out.split()) == SCENARIOS
