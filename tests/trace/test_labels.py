"""What stands in a picture can be read: no label is cut off or on another one, and no two times look equal."""

from __future__ import annotations

import itertools
import re
import shutil
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from browser import opened
from made_traces import made, taking_turns
from pyholdfast.trace.building import build
from pyholdfast.trace.exporters import SUFFIXES, Wish, write
from pyholdfast.trace.file_layout import read_trace
from pyholdfast.trace.html import page
from pyholdfast.trace.svg import still

if TYPE_CHECKING:
    from pathlib import Path

    from pyholdfast.trace.model import Trace

MS = 1_000_000
LENGTH = 400 * MS
LATE = 100_000 * MS  # the same again, so much later
NAMES = (
    "decoder-pool-01", "decoder-pool-02", "W" * 15, "a & <b>", "\\x1b[31m", "x" * 40 + "-1",
    "x" * 40 + "-2", "\N{CJK UNIFIED IDEOGRAPH-7EBF}" * 15, "main", "http-worker-10", "same", "",
)  # fmt: skip

# The boxes of the words on the canvas, each with its words.
ON_CANVAS = """(() => {
  const boxes = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  paint.fillText = function (words, x, y, most) {
    const wide = Math.min(this.measureText(words).width, most || Infinity);
    boxes.push([words, x, x + wide, y - 6, y + 6]);
    write.call(this, ...arguments);
  };
  show(FIRST, LAST);
  delete paint.fillText;
  return [boxes, width, HEIGHT, tracksAt];
})()""".replace("FIRST", "%d").replace("LAST", "%d")
IN_SVG = """[...document.querySelectorAll("text")].map((one) => {
  const { left, right, top, bottom } = one.getBoundingClientRect();
  return [one.textContent, left, right, top + 2, bottom - 2];
})"""

needs_browser = pytest.mark.skipif(
    shutil.which("chromium") is None, reason="chromium is not installed"
)


def named() -> Trace:
    """Threads with names that are hard to place, in six interpreters."""
    turns = taking_turns(len(NAMES), LENGTH, 20 * MS, interpreters=6).values()
    later = ([(a + LATE, b + LATE, c + LATE, *rest) for a, b, c, *rest in each] for each in turns)
    events = dict(zip(NAMES, map(list, later), strict=True))
    return made(events, length=LATE + LENGTH, own_gils=(2, 4))  # type: ignore[arg-type]


def check_apart(boxes: list[Any], right: float, bottom: float) -> None:
    """Each within the picture, and none on another one."""
    for words, x1, x2, y1, y2 in boxes:
        assert -1 <= x1 <= x2 <= right + 1, words
        assert -1 <= y1 <= y2 <= bottom + 1, words
    for one, other in itertools.combinations([box for box in boxes if box[0]], 2):
        apart = one[1] >= other[2] or other[1] >= one[2] or one[3] >= other[4] or other[3] >= one[4]
        assert apart, (one, other)


def check_times(labels: list[str], least: int = 3) -> None:
    """They differ, and those of a part of a long trace are offsets from one that is exact."""
    assert len(labels) == len(set(labels)) >= least, labels
    assert labels[0] == "+0 ns" or labels[0] == "+0", labels
    assert all(re.fullmatch(r"\+[\d.]+( [mun]?s)?", label) for label in labels), labels


@needs_browser
def test_the_page_can_be_read_at_every_zoom_and_width(tmp_path: Path) -> None:
    """A name that is too long loses its middle; of a short one, nothing is missing."""
    html = tmp_path / "page.html"
    html.write_text(page(named()), encoding="utf-8")
    with opened(html, 1200) as shown:
        for width in (1200, 390):
            shown.call(
                "Emulation.setDeviceMetricsOverride",
                width=width, height=800, deviceScaleFactor=1, mobile=False,
            )  # fmt: skip
            for length in (LATE, LENGTH, 3 * MS, 7_777, 450):
                first = LATE + 5 * MS if length < LATE else 0
                boxes, right, bottom, start = shown.ask(ON_CANVAS % (first, first + length))
                check_apart(boxes, right, bottom)
                assert all(x2 <= start for _, x1, x2, *_ in boxes if x1 < start)
                if length < LENGTH:
                    assert boxes[0][0].startswith("from 100.00"), boxes[0]
                    times = [words for words, _, _, y, _ in boxes[1:] if y < 10]
                    check_times(times, width // 390)
            words = [box[0] for box in boxes]
            assert {"decoder-pool-01", "decoder-pool-02", "http-worker-10", "main"} <= set(words)
            assert any(re.fullmatch("x+\N{HORIZONTAL ELLIPSIS}x+-2", each) for each in words)
            assert width == 390 or "interpreter 0-1, 3, 5" in words


@needs_browser
def test_the_still_picture_can_be_read(tmp_path: Path) -> None:
    """All of it, and a part of a few milliseconds late in the trace."""
    svg = tmp_path / "picture.svg"
    trace = named()
    svg.write_text(still(trace, "W" * 300, (LATE + 10 * MS, LATE + 20 * MS)), encoding="utf-8")
    with opened(svg, 1200) as shown:
        part = shown.ask(IN_SVG)
        svg.write_text(still(trace), encoding="utf-8")
        shown.open(svg.as_uri())
        whole = shown.ask(IN_SVG)
    for boxes in (part, whole):
        check_apart(boxes, 960, 900)
        assert {"decoder-pool-01", "decoder-pool-02", "http-worker-10"} <= {box[0] for box in boxes}
    words = [box[0] for box in part]
    assert "from 100.01 s" in words
    assert any("; shown: 100.01 s to 100.02 s" in each for each in words)
    check_times([each for each in words if each.startswith("+")])


def test_pictures_have_colours_without_style_sheets() -> None:
    """Viewers that know no variables draw the light scheme: each shape has it in its attributes."""
    text = still(named())
    shapes = re.sub("<style>.*?</style>", "", text, flags=re.DOTALL)

    assert "var(" not in shapes
    for tag in re.findall("<(?:text|rect|path)[^>]*>", shapes):
        assert re.search(r' fill="(#[0-9a-f]{6}|url\(#s\d\))"', tag), tag
    for tag in re.findall("<line[^>]*>", shapes):
        assert re.search(' stroke="#[0-9a-f]{6}"', tag), tag


@pytest.mark.parametrize("name", [b"\x1b]0;<&\"'>", b"\xff\xed\xa0\x80]]>", b"\xef\xbf\xbf</b>"])
def test_any_name_is_written(recorded: Path, tmp_path: Path, name: bytes) -> None:
    """Of a thread, and as the title: also bytes that are no text, and what XML does not allow."""
    data = recorded.read_bytes()
    assert data.count(b"culprit\0") > 0
    changed = tmp_path / "named.trace"
    changed.write_bytes(data.replace(b"culprit\0", name[:7].ljust(7, b"\x01") + b"\0"))
    trace = build(read_trace(changed))
    files = {each: tmp_path / f"run{suffix}" for each, suffix in SUFFIXES.items()}
    write(trace, files, Wish(name.decode(errors="surrogateescape")))
    root = ET.fromstring(files["svg"].read_bytes())  # noqa: S314 - it is ours

    assert root.tag.endswith("svg")
    assert "culprit" not in [thread.name for thread in trace.threads]
    for each in ("svg", "html", "speedscope"):
        text = files[each].read_text(encoding="utf-8")
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]", text)
