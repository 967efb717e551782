"""Draws the speed of Python code by the number of threads: one line for each way to run it.

Drawn from the best round of each row ``cores_N``: other load on the machine only slows a round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast_bench.curves import COLOURS, RIGHT, labels, path
from holdfast_bench.results import Comparison, PythonReport, Report
from holdfast_bench.rows import SCALING
from holdfast_bench.style import STYLE
from pyholdfast.errors import UsageError
from pyholdfast.svg import document, line, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["draw_scaling"]

WIDTH, HEIGHT = 850, 430
LEFT, TOP, BOTTOM = 70, 80, 350
STEPS = 4
PROCESSES = "as many processes"

CURVES = """
  path { fill: none; stroke-width: 2.5; } .ideal { stroke: var(--one); stroke-dasharray: 5 5; }
  .k0 { stroke: #0072b2; } .k1 { stroke: #d55e00; } .k2 { stroke: #009e73; }
  .k3 { stroke: #cc79a7; } .k4 { stroke: #b8860b; } .k5 { stroke: #7a7a7a; }
  circle { fill: var(--paper); stroke-width: 2.5; }
"""


@dataclass(frozen=True, slots=True)
class _Curve:
    """One way to run Python: its speed by the number of threads; one process has speed 1."""

    label: str
    points: Mapping[int, float]


def draw_scaling(reports: Sequence[Report]) -> str:
    """Draw all Pythons of `reports`, as SVG text.

    Raises:
        UsageError: HF116 if they have none of the picture's rows.
    """
    curves = [curve for report in reports for python in report.pythons for curve in _curves(python)]
    if not curves:
        raise UsageError(
            "HF116",
            "there is no scaling to draw",
            f"measure {','.join(f'cores_{threads}' for threads in SCALING)}, on 3.12 or later",
        )
    cores = _cores(reports[0])
    ideal = {threads: float(min(threads, cores)) for threads in SCALING}
    top = 1.1 * max(max(curve.points.values()) for curve in [*curves, _Curve("", ideal)])

    def at(threads: int, speed: float) -> tuple[float, float]:
        place = SCALING.index(threads) / (len(SCALING) - 1)
        return LEFT + place * (RIGHT - LEFT), BOTTOM - speed / top * (BOTTOM - TOP)

    parts = _axes(top, cores, at)
    parts.append(path([at(*point) for point in ideal.items()], "ideal"))
    _, y = at(*max(ideal.items()))
    parts.append(text(LEFT + 8, y - 6, "dashed: ideal, as many times as cores", "faint small"))
    ends: list[tuple[float, str, int]] = []
    for number, curve in enumerate(curves):
        places = [at(*point) for point in sorted(curve.points.items())]
        parts.append(path(places, f"k{number % COLOURS}"))
        parts += [
            f'<circle class="k{number % COLOURS}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
            for x, y in places
        ]
        ends.append((places[-1][1], curve.label, number))
    parts += labels(ends)
    return document(
        WIDTH,
        HEIGHT,
        "Calls of busy Python code per second, by the number of threads",
        _described(curves),
        STYLE + CURVES,
        [*_words(reports), *parts],
    )


def _curves(python: PythonReport) -> list[_Curve]:
    minor = ".".join(python.version.split(".")[:2]) + ("t" if python.free_threaded else "")
    ours = "free-threaded" if python.free_threaded else "a GIL each"
    points: dict[str, dict[int, float]] = {}
    for entry in python.entries:
        found = re.fullmatch(r"cores_(\d+)", entry.row)
        if found and isinstance(entry, Comparison):
            threads = int(found[1])
            names = {ours: entry.ours, entry.against: entry.theirs}
            for name, times in names.items():
                points.setdefault(name, {})[threads] = 1 / min(times)
    alone = points.get(PROCESSES, {}).get(1)
    if alone is None:
        return []
    return [
        _Curve(f"{minor}, {'processes' if name == PROCESSES else name}",
               {threads: speed / alone for threads, speed in curve.items()})
        for name, curve in points.items()
    ]  # fmt: skip


def _cores(report: Report) -> int:
    found = re.search(r"(\d+) cores", report.machine)
    return int(found[1]) if found else max(SCALING)


def _axes(top: float, cores: int, at: Callable[[int, float], tuple[float, float]]) -> list[str]:
    step = max(0.5, round(2 * top / STEPS) / 2)
    parts = []
    for number in range(int(top / step) + 1):
        _, y = at(1, number * step)
        parts.append(line(LEFT, y, RIGHT, y, "one" if number == 0 else "grid"))
        parts.append(text(LEFT - 8, y + 4, f"{number * step:g}", "faint small end"))
    for threads in SCALING:
        x, _ = at(threads, 0)
        said = f"{threads} thread{'' if threads == 1 else 's'}"
        more = "" if threads <= cores else f", {cores} cores"
        parts.append(text(x, BOTTOM + 18, said + more, "faint small mid"))
    return parts


def _words(reports: Sequence[Report]) -> list[str]:
    first = reports[0]
    machines = list(dict.fromkeys(report.machine for report in reports))
    quick = "; quick run, nothing to quote" if any(report.quick for report in reports) else ""
    return [
        text(20, 30, "Busy Python code on native threads", "head"),
        text(20, 50, "calls per second of all threads together; those of one process of the same Python are 1", "faint"),
        text(20, HEIGHT - 30, f"holdfast {first.holdfast}, best of {first.rounds} rounds{quick}",
             "faint small"),
        text(20, HEIGHT - 14, "; ".join(machines), "faint small"),
    ]  # fmt: skip


def _described(curves: Sequence[_Curve]) -> str:
    return ". ".join(
        f"Python {curve.label}: "
        + ", ".join(f"{speed:.2f} times with {n}" for n, speed in sorted(curve.points.items()))
        for curve in curves
    )
