"""The ratios as one picture: bars on a logarithmic scale, a panel per comparison.

Writes plain SVG, without fonts, scripts or other files. It is light or dark by the reader's
setting. Nothing is expressed by colour alone: position and number say the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast_bench.results import Comparison, PythonReport, Report
from holdfast_bench.style import STYLE
from holdfast_bench.table import figure_text, medians_of
from pyholdfast.errors import UsageError
from pyholdfast.svg import document, line, rect, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["draw"]

# Row and opponent, in reading order; the other rows are for the table.
PANELS = (
    ("small_call", "PyGILState"),
    ("eight_threads", "PyGILState"),
    ("small_call", "pybind11"),
    ("small_call", "nanobind"),
    ("small_call", "PyO3"),
    ("small_call", "PEP 788"),
    ("nested", "PyGILState"),
    ("outermost", "bare Restore/SaveThread"),
    ("typed_call", "hand-written vectorcall"),
    ("typed_call", "pybind11"),
    ("start", "plain C API"),
)

WIDTH = 850
MARGIN = 20
COLUMN = 395
GUTTER = WIDTH - 2 * MARGIN - 2 * COLUMN
LABELS = 46  # for the versions, left of the bars
VALUES = 88  # for the numbers, right of the longest bar
BARS = COLUMN - LABELS - VALUES
BAR = 10
PITCH = 15
TITLE = 38
AXIS = 24
HEAD = 66
FOOT = 50
TICKS = (0.1, 1, 5, 10, 50, 100, 500)


@dataclass(frozen=True, slots=True)
class _Bar:
    """One Python in one panel; all numbers are speeds, theirs / ours.

    Attributes:
        label: the Python.
        text: the figure as the table has it.
        speed: median.
        low: slowest round.
        high: fastest round.
        goal: the required speed, or None.
    """

    label: str
    text: str
    speed: float
    low: float
    high: float
    goal: float | None


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    against: str
    bars: tuple[_Bar, ...]

    @property
    def height(self) -> int:
        return TITLE + PITCH * len(self.bars) + AXIS


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a speed to a distance from the left end of the bars."""

    low: float
    high: float

    def at(self, speed: float) -> float:
        span = math.log(self.high / self.low)
        return BARS * math.log(min(max(speed, self.low), self.high) / self.low) / span

    @property
    def ticks(self) -> list[float]:
        return [tick for tick in TICKS if self.low <= tick <= self.high]


def draw(reports: Sequence[Report]) -> str:
    """Draw all Pythons of `reports`, as SVG text.

    Raises:
        UsageError: HF116 if they have none of the picture's rows.
    """
    pythons = sorted((p for report in reports for p in report.pythons), key=_order)
    panels = [panel for row, against in PANELS if (panel := _panel(pythons, row, against))]
    if not panels:
        raise UsageError(
            "HF116",
            "there is nothing to draw",
            f"measure some of {','.join(sorted({r for r, _ in PANELS}))}",
        )
    scale = _scale(panels)
    columns: tuple[list[str], list[str]] = ([], [])
    filled = [HEAD, HEAD]
    for panel in panels:
        column = 0 if filled[0] <= filled[1] else 1
        x = MARGIN + column * (COLUMN + GUTTER)
        columns[column].append(_draw_panel(panel, scale, x, filled[column]))
        filled[column] += panel.height
    height = max(filled) + FOOT
    return document(
        WIDTH,
        height,
        "How much faster holdfast is than other ways to run Python",
        _described(panels),
        STYLE,
        [*_head(), *columns[0], *columns[1], *_foot(reports, height)],
    )


def _order(python: PythonReport) -> tuple[list[int], bool]:
    digits = python.version.rstrip("abcdefghijklmnopqrstuvwxyz")
    return [int(part) for part in digits.split(".")], python.free_threaded


def _panel(pythons: Iterable[PythonReport], row: str, against: str) -> _Panel | None:
    found = [
        (python, entry)
        for python in pythons
        for entry in python.entries
        if isinstance(entry, Comparison) and (entry.row, entry.against) == (row, against)
    ]
    if not found:
        return None
    entry = found[0][1]
    return _Panel(
        "attach + small call + detach, 8 threads" if row == "eight_threads" else entry.title,
        f"against {against}",
        tuple(_bar(python, entry) for python, entry in found),
    )


def _bar(python: PythonReport, entry: Comparison) -> _Bar:
    minor = ".".join(python.version.split(".")[:2]) + ("t" if python.free_threaded else "")
    figure, goal = entry.figure, entry.goal
    words = figure_text(entry.reads, figure.middle)
    if entry.reads == "faster":
        wanted = goal.at_least if goal else None
        return _Bar(minor, words, figure.middle, figure.low, figure.high, wanted)
    wanted = 1 / goal.at_most if goal and goal.at_most else None
    return _Bar(minor, words, 1 / figure.middle, 1 / figure.high, 1 / figure.low, wanted)


def _scale(panels: Iterable[_Panel]) -> _Scale:
    """From 0.5, or lower if necessary, to just beyond the longest bar; the same for all panels."""
    bars = [bar for panel in panels for bar in panel.bars]
    low = min(0.5, *(bar.low * 0.9 for bar in bars))
    high = max(10.0, *(max(bar.high, bar.goal or 0) * 1.05 for bar in bars))
    return _Scale(low, high)


def _draw_panel(panel: _Panel, scale: _Scale, x: float, y: float) -> str:
    left = x + LABELS
    top, bottom = y + TITLE, y + TITLE + PITCH * len(panel.bars)
    parts = [
        text(x, y + 14, panel.title, "title"),
        text(x, y + 29, panel.against, "faint"),
    ]
    for tick in scale.ticks:
        at = left + scale.at(tick)
        parts.append(line(at, top - 2, at, bottom + 2, "one" if tick == 1 else "grid"))
        parts.append(text(at, bottom + 14, f"{tick:g}x", "faint small mid"))
    for number, bar in enumerate(panel.bars):
        parts.append(_draw_bar(bar, scale, left, top + number * PITCH))
    return "\n".join(parts)


def _draw_bar(bar: _Bar, scale: _Scale, left: float, y: float) -> str:
    one, end = left + scale.at(1), left + scale.at(bar.speed)
    low, high = left + scale.at(bar.low), left + scale.at(bar.high)
    middle = y + PITCH / 2
    top, base = middle - BAR / 2, middle + 4
    start, width = min(one, end), max(abs(end - one), 1)
    kind = "bar" if bar.speed >= 1 else "slow"
    parts = [
        text(left - 8, base, bar.label, "end"),
        rect(start, top, width, BAR, kind),
        line(low, middle, high, middle, "spread"),
    ]
    right = max(end, high, one)
    if bar.goal is not None:
        at = left + scale.at(bar.goal)
        parts += [line(at, top - 1, at, top + BAR + 1, kind) for kind in ("halo", "goal")]
        right = max(right, at)
    parts.append(text(right + 6, base, bar.text))
    return "".join(parts)


def _head() -> list[str]:
    y = 50
    words = "to the right of 1x holdfast is faster, to the left slower; logarithmic scale"
    return [
        text(MARGIN, 30, "holdfast against other ways to run Python from native threads", "head"),
        text(MARGIN, y, words, "faint"),
        line(MARGIN + 478, y - 10, MARGIN + 478, y + 2, "goal"),
        text(MARGIN + 484, y, "goal", "faint"),
        line(MARGIN + 530, y - 4, MARGIN + 552, y - 4, "spread"),
        text(MARGIN + 558, y, "slowest to fastest round", "faint"),
    ]


def _foot(reports: Sequence[Report], height: float) -> list[str]:
    first = reports[0]
    machines = list(dict.fromkeys(report.machine for report in reports))
    quick = "; quick run, nothing to quote" if any(report.quick for report in reports) else ""
    said = f"holdfast {first.holdfast}, {medians_of(first.rounds)}{quick}"
    return [
        text(MARGIN, height - 30, said, "faint small"),
        text(MARGIN, height - 14, "; ".join(machines), "faint small"),
    ]


def _described(panels: Iterable[_Panel]) -> str:
    return ". ".join(
        f"{panel.title} {panel.against}: "
        + ", ".join(f"Python {bar.label} {bar.text}" for bar in panel.bars)
        for panel in panels
    )
