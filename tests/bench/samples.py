"""Results such as a run could produce."""

from __future__ import annotations

from holdfast_bench.arithmetic import Goal, Reads, compare
from holdfast_bench.results import Comparison, Gap, PythonReport, Report

__all__ = ["comparison", "python", "report"]


def comparison(
    row: str = "small_call",
    *,
    reads: Reads = "faster",
    ours: tuple[float, ...] = (80.0, 80.0, 80.0),
    theirs: tuple[float, ...] = (4000.0, 4800.0, 8000.0),
    goal: Goal | None = None,
    against: str = "PyGILState",
    version: str = "",
) -> Comparison:
    """One measured row."""
    figure = compare(reads, ours, theirs, goal)
    title = f"title of {row}"
    return Comparison(row, title, against, version, reads, ours, theirs, figure, goal)


def python(*entries: Comparison | Gap, version: str = "3.13.0", free: bool = False) -> PythonReport:
    """All rows on one Python."""
    return PythonReport(version, free, entries, {"holdfast": 0.0, "PyGILState": 2.0})


def report(*pythons: PythonReport) -> Report:
    """One run."""
    return Report("0.1.0", "a processor, 2 cores", 3, quick=False, pythons=pythons)
