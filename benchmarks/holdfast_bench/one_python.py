"""Measures one Python: builds the contenders, runs them, and makes the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast_bench.contenders import Contender, Effort, Missing, Program
from holdfast_bench.peers import build_contender
from holdfast_bench.results import PythonReport
from holdfast_bench.rounds import measure
from holdfast_bench.rows import ROWS, Row, Target
from holdfast_bench.system_calls import count_system_calls
from pyholdfast.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyholdfast.toolchain.compiler import Compiler
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["measure_python", "rows_named"]

COUNTED = "small_call"  # the row whose system calls stand below the table


def rows_named(keys: Sequence[str] | None) -> tuple[Row, ...]:
    """The rows of these keys, in the order of the table; all of them for None.

    Raises:
        UsageError: HF116 if there is no such row.
    """
    if keys is None:
        return ROWS
    known = {row.key for row in ROWS}
    for key in keys:
        if key not in known:
            raise UsageError(
                "HF116",
                f"there is no row '{key}'",
                f"use some of {','.join(row.key for row in ROWS)}",
            )
    return tuple(row for row in ROWS if row.key in keys)


def measure_python(
    build: PythonBuild,
    compiler: Compiler,
    rows: Sequence[Row],
    *,
    rounds: int,
    effort: Effort,
    say: Callable[[str], None],
) -> PythonReport:
    """Build the contenders that the rows need, and measure.

    Raises:
        ToolchainError: HF105 or HF106 if nothing can be built for this Python.
    """
    target = Target(build.version[:2], build.free_threaded)
    sides = [side for row in rows for side in (row.ours, *(o.side for o in row.opponents))]
    contenders: dict[str, Contender | Missing] = {}
    for name in dict.fromkeys(side.contender for side in sides):
        say(f"building {name}")
        contenders[name] = build_contender(name, build, compiler)
    entries = measure(rows, contenders, target, rounds=rounds, effort=effort, say=say)
    counted: dict[str, float] = {}
    gap = ""
    row = next((row for row in rows if row.key == COUNTED), None)
    if row is not None:
        say("counting system calls")
        counted, gap = count_system_calls(_programs_of(row, contenders, target))
    return PythonReport(build.version_text, build.free_threaded, entries, counted, gap)


def _programs_of(
    row: Row, contenders: dict[str, Contender | Missing], target: Target
) -> dict[str, tuple[Program, str]]:
    sides = {"holdfast": row.ours}
    sides |= {o.label: o.side for o in row.opponents if o.unless(target) is None}
    programs = {label: (contenders[side.contender], side.measure) for label, side in sides.items()}
    return {
        label: (contender, name)
        for label, (contender, name) in programs.items()
        if isinstance(contender, Program)
    }
