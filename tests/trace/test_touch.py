"""A page is used by fingers and keys: two fingers zoom, one moves the picture or the page, a tap says what is there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from browser import opened
from made_traces import made, taking_turns
from pyholdfast.trace.html import page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from browser import Page

MS = 1_000_000
STEPS = 8
BOX = "(({ left, top }) => [left, top])(canvas.getBoundingClientRect())"
TIP = "byId('tip').style.display == 'none' ? '' : byId('tip').textContent"

pytestmark = pytest.mark.skipif(
    shutil.which("chromium") is None, reason="chromium is not installed"
)


@pytest.fixture
def touched(tmp_path: Path) -> Iterator[Page]:
    """A page with more threads than fit on the screen."""
    html = tmp_path / "page.html"
    html.write_text(page(made(taking_turns(24, 400 * MS, 20 * MS), length=400 * MS)))
    with opened(html) as shown:
        yield shown


def test_two_fingers_zoom_and_one_moves(touched: Page) -> None:
    """What is under a finger stays under it; the page itself is not zoomed."""
    left, top = touched.ask(BOX)
    x, y = left + 450, top + 100
    time = touched.ask(f"timeAt({x - left})")
    spread = [20 + 100 * step / STEPS for step in range(STEPS + 1)]
    touched.touch([(x - 20, y)], *([(x - far, y), (x + far, y)] for far in spread))
    begin, end, now = touched.ask(f"[begin, end, timeAt({x - left})]")

    assert end - begin == pytest.approx(400 * MS / 6, rel=0.01)
    assert now == pytest.approx(time, abs=(end - begin) / 100)
    assert touched.ask("[visualViewport.scale, scrollY]") == [1, 0]

    time = touched.ask(f"timeAt({x - left})")
    touched.touch(*([(x - 160 * step / STEPS, y)] for step in range(STEPS + 1)))
    later, span, now = touched.ask(f"[begin, end - begin, timeAt({x - 160 - left})]")

    assert later > begin
    assert span == pytest.approx(end - begin)
    assert now == pytest.approx(time, abs=span / 100)
    assert touched.ask(TIP) == ""


def test_a_finger_that_moves_down_scrolls_the_page(touched: Page) -> None:
    """The picture is not in the way, and what a tap showed goes."""
    left, top = touched.ask(BOX)
    touched.touch([(left + 450, top + 100)])
    assert touched.ask(TIP) != ""
    touched.touch(*([(left + 450, top + 300 - 30 * step)] for step in range(STEPS + 1)))

    assert touched.ask("scrollY") > 100
    assert touched.ask("[begin, end]") == [0, 400 * MS]
    assert touched.ask("fingers.size") == 0
    assert touched.ask(TIP) == ""


def test_a_tap_says_what_is_there(touched: Page) -> None:
    """Until the next touch, also one beside the picture; where nothing is, nothing is said."""
    left, top = touched.ask(BOX)
    at = touched.ask("FIRST + BAND / 2")
    touched.touch([(left + 450, top + at)])
    assert touched.ask(TIP).startswith("worker-0\n")
    touched.touch([(left + 450, top + at + 2 * touched.ask("ROW"))], [(left + 452, top + at + 38)])
    assert touched.ask(TIP).startswith("worker-2\n")
    touched.touch([(left + 450, top - 20)])
    assert touched.ask(TIP) == ""


def test_keys_zoom_and_move(touched: Page) -> None:
    """Around the middle, by a part of what is shown; 0 shows all. Other keys scroll the page."""
    length = 400 * MS
    touched.ask("canvas.focus()")
    touched.press("+")
    assert touched.ask("[begin, end]") == pytest.approx([0.15 * length, 0.85 * length])
    touched.press("ArrowRight")
    assert touched.ask("[begin, end]") == pytest.approx([0.255 * length, 0.955 * length])
    touched.press("ArrowLeft")
    touched.press("-")
    assert touched.ask("[begin, end]") == pytest.approx([0.01 * length, 0.99 * length])
    touched.press("ArrowDown")
    assert touched.ask("end - begin") == pytest.approx(0.98 * length)
    touched.press("0")
    assert touched.ask("[begin, end]") == [0, length]


def test_a_narrow_screen_breaks_no_name(touched: Page) -> None:
    """A table that is too wide scrolls by itself, and the page does not."""
    touched.call(
        "Emulation.setDeviceMetricsOverride",
        width=390,
        height=844,
        deviceScaleFactor=2,
        mobile=True,
    )
    heights = touched.ask("[...byId('threads').rows].slice(1).map((row) => row.offsetHeight)")

    assert touched.ask("document.documentElement.scrollWidth <= innerWidth")
    assert len(heights) == 24
    assert max(heights) < 40, heights
