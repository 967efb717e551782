"""The results as text."""

from __future__ import annotations

import math
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from holdfast_bench.arithmetic import MIB
from holdfast_bench.results import Comparison, Gap, PythonReport, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast_bench.arithmetic import Goal, Reads

__all__ = ["duration", "figure_text", "goal_text", "medians_of", "render"]

HEADINGS = ("", "against", "holdfast", "theirs", "ratio", "low..high", "goal", "met")


def render(report: Report) -> str:
    """The whole report."""
    quick = ", quick: too short to quote" if report.quick else ""
    head = [
        f"holdfast {report.holdfast}; {medians_of(report.rounds)}{quick}",
        report.machine,
    ]
    return "\n\n".join(["\n".join(head), *map(_python, report.pythons)])


def medians_of(rounds: int) -> str:
    """How the numbers were made, in words."""
    return "one round" if rounds == 1 else f"medians of {rounds} interleaved rounds"


def duration(nanoseconds: float) -> str:
    """A time in a unit that suits it.

    >>> duration(4591.5), duration(78.46)
    ('4.59 us', '78.5 ns')
    """
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if nanoseconds >= size:
            return f"{_three_digits(nanoseconds / size)} {unit}"
    return f"{_three_digits(nanoseconds)} ns"


def figure_text(reads: Reads, figure: float) -> str:
    """A figure with its meaning.

    >>> figure_text("faster", 58.51), figure_text("cost", 1.084), figure_text("growth", 0.5)
    ('58.5x faster', '1.084x the time', '0.50 MiB')
    """
    if reads == "growth":
        return f"{figure:.2f} MiB"
    if reads == "added":
        return f"{figure:+.2f} ms"
    if reads == "cost":
        return f"{figure:.3f}x the time"  # goals are within hundredths of 1
    if reads == "size":
        return f"{figure:.2f}x the memory"
    return f"{_three_digits(figure)}x {'faster' if figure >= 1 else 'as fast'}"


def goal_text(reads: Reads, goal: Goal | None) -> str:
    """The goal, in the form of the figure."""
    if goal is None:
        return ""
    if goal.at_most_theirs:
        return "<= theirs"
    unit = {"growth": " MiB", "added": " ms"}.get(reads, "x")
    if goal.at_least is not None:
        return f">= {goal.at_least:g}{unit}"
    return f"<= {goal.at_most:g}{unit}"


def _python(report: PythonReport) -> str:
    free = " (free-threaded)" if report.free_threaded else ""
    lines: list[Sequence[str]] = [HEADINGS]
    for _, entries in groupby(report.entries, key=lambda entry: entry.row):
        for number, entry in enumerate(entries):
            title = "" if number else entry.title
            lines.append(
                _comparison(title, entry) if isinstance(entry, Comparison) else _gap(title, entry)
            )
    parts = [f"Python {report.version}{free}", *_aligned(lines)]
    return "\n".join([*parts, *_system_calls(report)])


def _comparison(title: str, entry: Comparison) -> Sequence[str]:
    unit = _mebibytes if entry.reads in ("growth", "size") else duration
    figure = entry.figure
    digits = {
        "faster": _three_digits,
        "cost": "{:.3f}".format,
        "growth": "{:.2f}".format,
        "size": "{:.2f}".format,
        "added": "{:+.2f}".format,
    }[entry.reads]
    return (
        title,
        f"{entry.against} {entry.version}".rstrip(),
        unit(median(entry.ours)),
        unit(median(entry.theirs)),
        figure_text(entry.reads, figure.middle),
        f"{digits(figure.low)}..{digits(figure.high)}",
        goal_text(entry.reads, entry.goal),
        {True: "yes", False: "no", None: ""}[figure.met],
    )


def _gap(title: str, entry: Gap) -> Sequence[str]:
    return title, entry.against, f"{'failed' if entry.failed else 'not measured'}: {entry.why}"


def _system_calls(report: PythonReport) -> list[str]:
    heading = "  system calls per attach + small call + detach: "
    if report.system_calls_gap:
        return [f"{heading}not measured: {report.system_calls_gap}"]
    if not report.system_calls:
        return []
    counts = [f"{label} {count:.2f}" for label, count in report.system_calls.items()]
    return [heading + ", ".join(counts)]


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as necessary; the last word of a short line may extend beyond its column."""
    full = [line for line in lines if len(line) == len(HEADINGS)]
    widths = [max(len(line[column]) for line in full) for column in range(len(HEADINGS))]
    widths[0] = max(len(line[0]) for line in lines)
    widths[1] = max(len(line[1]) for line in lines)
    aligned = []
    for line in lines:
        cells = [
            cell.rjust(width)
            if column in (2, 3) and len(line) == len(HEADINGS)
            else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=False))
        ]
        aligned.append(("  " + "  ".join(cells)).rstrip())
    return aligned


def _mebibytes(count: float) -> str:
    return f"{count / MIB:.2f} MiB"


def _three_digits(value: float) -> str:
    """Three significant digits, without an exponent."""
    decimals = max(0, 2 - math.floor(math.log10(max(value, 1))))
    return f"{value:.{decimals}f}"
