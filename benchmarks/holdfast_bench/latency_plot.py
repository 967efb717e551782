"""Draws how long an attach waits by the switch interval: a line for each number of busy threads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from holdfast_bench.curves import RIGHT, labels, path
from holdfast_bench.latency import Latency, microseconds_text
from holdfast_bench.style import STYLE
from pyholdfast.svg import document, line, text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["draw_latency"]

WIDTH, HEIGHT = 850, 430
LEFT, TOP, BOTTOM = 78, 80, 350

CURVES = """
  path { fill: none; stroke-width: 2.5; } .rare { stroke-dasharray: 5 5; }
  .k0 { stroke: #0072b2; } .k1 { stroke: #d55e00; } .k2 { stroke: #009e73; }
  circle { fill: var(--paper); stroke-width: 2.5; }
"""


def draw_latency(measured: Sequence[Latency], foot: str) -> str:
    """Draw the medians as solid lines and p99 as dashed ones, both axes logarithmic, as SVG text.

    Medians of urgent attaches are circles.

    Args:
        measured: three numbers of busy threads at most, each at the same intervals.
        foot: what was measured where.
    """
    intervals = sorted({one.interval_us for one in measured})
    busy = sorted({one.busy for one in measured})
    shown = [one.slowest(share) for one in measured for share in (0.5, 0.99)]
    low = 10.0 ** math.floor(math.log10(min(shown)))
    high = 10.0 ** math.ceil(math.log10(max(shown)))

    def at(interval: int, wait: float) -> tuple[float, float]:
        across = math.log(interval / intervals[0]) / math.log(intervals[-1] / intervals[0])
        up = math.log(wait / low) / math.log(high / low)
        return LEFT + across * (RIGHT - LEFT), BOTTOM - up * (BOTTOM - TOP)

    parts = []
    for power in range(round(math.log10(high / low)) + 1):
        _, y = at(intervals[0], low * 10**power)
        parts.append(line(LEFT, y, RIGHT, y, "grid"))
        parts.append(text(LEFT - 8, y + 4, microseconds_text(low * 10**power), "faint small end"))
    for interval in intervals:
        x, _ = at(interval, low)
        parts.append(line(x, TOP, x, BOTTOM, "grid"))
        parts.append(text(x, BOTTOM + 18, microseconds_text(interval), "faint small mid"))
    parts.append(text((LEFT + RIGHT) / 2, BOTTOM + 38, "switch interval", "faint small mid"))

    ends: list[tuple[float, str, int]] = []
    for number, threads in enumerate(busy):
        mine = [one for one in measured if one.busy == threads and not one.urgent]
        mine.sort(key=lambda one: one.interval_us)
        for share, kind, name in ((0.5, "", "median"), (0.99, " rare", "p99")):
            places = [at(one.interval_us, one.slowest(share)) for one in mine]
            parts.append(path(places, f"k{number}{kind}"))
            behind = f"{threads} busy thread{'' if threads == 1 else 's'}, {name}"
            ends.append((places[-1][1], behind, number))
        for one in measured:
            if one.busy == threads and one.urgent:
                x, y = at(one.interval_us, one.slowest(0.5))
                parts.append(f'<circle class="k{number}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
    parts += labels(ends)
    words = [
        text(20, 30, "How long an attach waits behind busy Python threads", "head"),
        text(20, 50, "solid: half of the attaches wait no longer; dashed: 99 of 100; circles: half of the urgent attaches", "faint"),
        text(20, HEIGHT - 14, foot, "faint small"),
    ]  # fmt: skip
    return document(
        WIDTH,
        HEIGHT,
        "How long an attach waits behind busy Python threads, by the switch interval",
        _described(measured),
        STYLE + CURVES,
        [*words, *parts],
    )


def _described(measured: Sequence[Latency]) -> str:
    return ". ".join(
        f"{one.busy} busy at {microseconds_text(one.interval_us)}{', urgent' if one.urgent else ''}: median {microseconds_text(one.slowest(0.5))},"
        f" p99 {microseconds_text(one.slowest(0.99))}"
        for one in measured
    )
