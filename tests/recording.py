"""Traces for tests: of the incidents in examples/incidents, and of those in tests/trace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import Outcome, environment_for, run_command
from matrix import MatrixPython, quick_names, usable
from pyholdfast.toolchain.compile import cached_host, find_compiler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

__all__ = ["DEADLINE_S", "HOST", "INCIDENTS", "pythons", "record", "source_of", "with_gil"]

CHECKOUT = Path(__file__).resolve().parent.parent
INCIDENTS = CHECKOUT / "examples" / "incidents" / "main.cpp"
HOST = CHECKOUT / "tests" / "trace" / "host.cpp"
# Those that depend on the system's choices in the example; here they do not.
DETERMINISTIC = {"starving": CHECKOUT / "tests" / "trace" / "starving.cpp"}
# On a busy machine a thread, or the watchdog itself, may not run for a while.
LIMITS = {"starving": "600ms"}
DEADLINE_S = 20


def with_gil() -> MatrixPython:
    """A Python on which a thread can make the others wait."""
    return next(python for python in usable() if not python.build.free_threaded)


def pythons() -> Iterator[ParameterSet]:
    """The Pythons of the short run, and the others, marked long."""
    quick = quick_names("trace", most=1)
    for python in usable():
        marks = () if python.name in quick else (pytest.mark.long,)
        yield pytest.param(python, id=python.name, marks=marks)


def source_of(incident: str) -> Path:
    """The program that has an incident of examples/incidents."""
    return DETERMINISTIC.get(incident, INCIDENTS)


def record(
    python: MatrixPython, incident: str, folder: Path, *, source: Path | None = None, **more: str
) -> tuple[Outcome, Path]:
    """Run one incident with a trace and the watchdog."""
    host = cached_host(source or source_of(incident), python.build, find_compiler())
    trace = folder / f"{incident}.trace"
    limit = LIMITS.get(incident, "150ms")
    seen = {"HOLDFAST_TRACE": str(trace), "HOLDFAST_WATCHDOG": limit, **more}
    environ = {**environment_for(python), "HOLDFAST_PYTHON": str(python.path), **seen}
    return run_command([str(host), incident], environ=environ, deadline_s=DEADLINE_S), trace
