"""What the page draws is what the trace says: its pixels are read in a browser."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import run_command
from made_traces import made, taking_turns
from pyholdfast.trace.file_layout import DRAIN
from pyholdfast.trace.html import page
from pyholdfast.trace.lanes import BLOCKED, DRAINS, RUNS, WAITS, YIELDED, lanes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyholdfast.trace.lanes import Stretch
    from pyholdfast.trace.model import Trace

PARTS = 12  # of the width: areas are compared in each
MS = 1_000_000

# Shows each span, and counts the pixels of each colour in each part of each track and strip.
READ = """
const counted = SPANS.map(([first, last]) => {
  show(first, last);
  const columns = Math.max(1, Math.round((width - tracksAt - MARGIN) * ratio));
  const count = (y, high) => {
    const image = paint.getImageData(Math.round(tracksAt * ratio), Math.round(y * ratio), columns, high);
    const pixels = new Uint32Array(image.data.buffer);
    return Array.from({ length: PARTS }, (_, part) => {
      const from = Math.round((columns * part) / PARTS);
      const to = Math.round((columns * (part + 1)) / PARTS);
      const found = {};
      for (let down = 0; down < high; ++down)
        for (let x = from; x < to; ++x) {
          const value = pixels[down * columns + x];
          found[value] = (found[value] || 0) + 1;
        }
      return { found, from: from / columns, to: to / columns, size: (to - from) * high };
    });
  };
  return {
    tracks: DATA.threads.map((_, row) => count(FIRST + row * ROW, Math.round(BAND * ratio))),
    strips: DATA.gils.map((_, gil) => count(TOP + gil * STRIP, Math.round((STRIP - 6) * ratio))),
  };
});
const names = { runs: "--hold", yields: "--yield", waits: "--wait", blocked: "--lock", drains: "--drain" };
const colours = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, rgb(colour(name))]));
colours.free = rgb(colour("--native"));
const labels = [...document.querySelectorAll("svg")].map((svg) => {
  const corners = ({ left, right, top, bottom }) => [left, right, top, bottom];
  const words = [...svg.querySelectorAll("text")].map((one) => corners(one.getBoundingClientRect()));
  return { box: corners(svg.getBoundingClientRect()), words };
});
const result = document.createElement("pre");
result.id = "result";
result.textContent = JSON.stringify({ counted, colours, labels });
document.body.append(result);
"""


@dataclass(frozen=True)
class Case:
    """A trace, and how far a merged stretch may be from its place."""

    name: str
    trace: Trace
    scale: int = 1


# finalize() waits twice: for threads that leave, and in vain.
DRAINING = [
    (10 * MS, 10 * MS, 150 * MS, 0, 3, DRAIN, 0, 0),
    (250 * MS, 250 * MS, 390 * MS, 0, 3, DRAIN, 0, 0),
]


def _cases() -> list[Case]:
    long_holds = taking_turns(2, 400 * MS, 20 * MS)
    overlapping = {  # the first stays attached while the others run
        "outer": [(1, 1, 90 * MS, 1, 2, 1, 0, 0)],
        "inner": [(10 * MS, 20 * MS, 60 * MS, 1, 2, 1, 0, 0)],
        "innermost": [(15 * MS, 30 * MS, 40 * MS, 1, 2, 1, 0, 0)],
    }
    return [
        Case("long", made(long_holds, length=400 * MS)),
        Case("short", made(taking_turns(8, 60 * MS, 5_000), length=60 * MS)),
        Case("merged", made(taking_turns(64, 100 * MS, 3_000), length=100 * MS)),
        Case(
            "dropped",
            made(taking_turns(8, 90 * MS, MS // 10), length=90 * MS, complete_from=40 * MS),
        ),
        Case(
            "interpreters",
            made(
                taking_turns(6, 50 * MS, MS // 20, interpreters=3), length=50 * MS, own_gils=(1, 2)
            ),
            scale=2,
        ),
        Case("mutex", made(taking_turns(3, 80 * MS, MS, blocked=MS), length=80 * MS)),
        Case("finalize", made({**long_holds, "main": DRAINING}, length=400 * MS)),
        Case("overlapping", made(overlapping, length=100 * MS)),
        Case("one GIL", made(taking_turns(6, 50 * MS, MS, interpreters=3), length=50 * MS)),
        Case("free-threaded", made(overlapping, length=100 * MS, free_threaded=True)),
    ]


CASES = _cases()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_areas_are_what_the_trace_says(case: Case, tmp_path: Path) -> None:
    """In each part of each track at three zooms; and with a GIL, one thread runs at a time."""
    trace = case.trace
    length = trace.duration
    spans = [(0, length), (length * 0.31, length * 0.42), (length * 0.502, length * 0.509)]
    text = page(trace)
    drawn = _read(text, spans, tmp_path, case.scale)
    grain = _longest_merged(text)
    stretches = lanes(trace)

    assert (grain > 0) == (case.name == "merged"), "so that both ways to draw are tested"
    for (first, last), counted in zip(spans, drawn["counted"], strict=True):
        for thread, parts in zip(trace.threads, counted["tracks"], strict=True):
            for part in parts:
                begin, end = (first + (last - first) * part[side] for side in ("from", "to"))
                slack = 0.01 + 2 * grain / (end - begin)
                shares = _shares(stretches[thread.index], begin, end)
                for name, state in STATES.items():
                    area = part["found"].get(str(drawn["colours"][name]), 0) / part["size"]
                    assert area == pytest.approx(shares[state], abs=slack), (thread.name, name)
        _check_one_at_a_time(trace, counted, drawn["colours"])
    _check_labels(drawn["labels"])


STATES = {"runs": RUNS, "yields": YIELDED, "waits": WAITS, "blocked": BLOCKED, "drains": DRAINS}


def _check_one_at_a_time(trace: Trace, counted: Any, colours: dict[str, int]) -> None:
    """The areas of all tracks fit into the time of the GILs, and the strips have the same area."""
    strips = counted["strips"]
    assert len(strips) == len(trace.gil_strips()) * (not trace.raw.free_threaded)
    for at in range(PARTS if strips else 0):
        parts = [track[at] for track in counted["tracks"]]
        run = sum(part["found"].get(str(colours["runs"]), 0) / part["size"] for part in parts)
        owned = sum(
            1 - strip[at]["found"].get(str(colours["free"]), 0) / strip[at]["size"]
            for strip in strips
        )
        assert run <= len(strips) + 0.01 * len(parts)
        assert owned == pytest.approx(run, abs=0.02 * len(parts))


def _check_labels(histograms: Any) -> None:
    """None is cut off, and none is on another one."""
    assert len(histograms) == 2 * bool(histograms)
    for histogram in histograms:
        left, right, top, bottom = histogram["box"]
        for word in histogram["words"]:
            assert left - 1 <= word[0] <= word[1] <= right + 1
            assert top - 1 <= word[2] <= word[3] <= bottom + 1
        for one, other in itertools.combinations(histogram["words"], 2):
            apart = one[1] <= other[0] or other[1] <= one[0]
            assert apart or one[3] <= other[2] + 1 or other[3] <= one[2] + 1, (one, other)


def test_stretches_have_no_overlaps_and_one_runs_at_a_time() -> None:
    """Whatever the schedule: an attached thread shows as yielding while another one runs."""
    for case in CASES:
        drawn = lanes(case.trace)
        for stretches in drawn.values():
            pairs = itertools.pairwise(stretches)
            assert all(one.end <= other.start for one, other in pairs), case.name
        if case.trace.raw.free_threaded:
            continue
        for numbers in {id(s): n for n, s in case.trace.strips.items()}.values():
            runs = sorted(
                (one.start, one.end)
                for lane in drawn.values()
                for one in lane
                if one.state == RUNS
                and case.trace.strips[one.interpreter] is case.trace.strips[numbers]
            )
            assert all(a[1] <= b[0] for a, b in itertools.pairwise(runs)), case.name


def _read(text: str, spans: list[tuple[float, float]], folder: Path, scale: int) -> Any:
    script = READ.replace("SPANS", json.dumps(spans)).replace("PARTS", str(PARTS))
    html = folder / "page.html"
    html.write_text(text.replace("</script>", f"{script}</script>"), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,900"]
    options += [f"--force-device-scale-factor={scale}", f"--user-data-dir={folder / 'user'}"]
    outcome = run_command(["chromium", *options, "--dump-dom", html.as_uri()], deadline_s=60)
    found = re.search(r'<pre id="result">(.*?)</pre>', outcome.out, re.DOTALL)
    assert found is not None, outcome.explain()
    return json.loads(found[1])


def _longest_merged(text: str) -> float:
    """The length of the longest stretch that is several: within it, only shares are known."""
    data = json.loads(re.search(r"const DATA = (.*);\n", text)[1])  # type: ignore[index]
    longest = 0
    for thread in data["threads"]:
        lane, at = thread["lane"], 0
        while at < len(lane):
            merged = lane[at + 2] % 8 == 5
            longest = max(longest, lane[at + 1] if merged else 0)
            at += 6 + 5 * merged
    return longest


def _shares(stretches: Sequence[Stretch], begin: float, end: float) -> list[float]:
    """The part of this time that each state has."""
    found = [0.0] * len(STATES)
    for at in range(bisect_right(stretches, begin, key=lambda one: one.end), len(stretches)):
        one = stretches[at]
        if one.start >= end:
            break
        found[one.state] += min(one.end, end) - max(one.start, begin)
    return [covered / (end - begin) for covered in found]
