"""The table and the picture of how long attaches wait."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from holdfast_bench.latency import Latency, table
from holdfast_bench.latency_plot import draw_latency

QUICK = Latency(1, 50, tuple(float(us) for us in range(50, 1051)), 0.954)
SLOW = Latency(1, 5000, (5000.0, 5100.0, 5200.0), 0.998)
CROWD = (Latency(16, 50, (100.0, 900.0), 0.9), Latency(16, 5000, (50_000.0, 1_200_000.0), 1.0))


def test_a_line_has_its_unit_and_leaves_out_what_so_few_waits_cannot_say() -> None:
    """The slowest of a thousand, of three."""
    lines = table([QUICK, replace(SLOW, urgent=True)])

    assert lines[2] == "| 1 | 50 us | ordinary | 550 us | 1.04 ms | 1.05 ms | 95% |"
    assert lines[3] == "| 1 | 5 ms | urgent | 5.1 ms | 5.2 ms |  | 100% |"


def test_the_picture_has_a_line_for_each_median_and_each_p99() -> None:
    """And says in words what it shows, and where it was measured."""
    urgent = replace(SLOW, waits=(60.0, 70.0), urgent=True)
    drawn = draw_latency([QUICK, SLOW, *CROWD, urgent], "CPython 3.12.1, a machine")
    tree = ET.fromstring(drawn)  # noqa: S314 - our own text

    assert len(tree.findall("{*}path")) == 4
    assert len(tree.findall("{*}circle")) == 1
    words = [node.text for node in tree.findall("{*}text")]
    assert "16 busy threads, p99" in words
    assert "1 busy thread, median" in words
    assert "CPython 3.12.1, a machine" in words
    described = tree.find("{*}desc")
    assert described is not None
    assert "16 busy at 5 ms: median 50 ms, p99 1.2 s" in (described.text or "")
