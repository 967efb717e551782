"""A page is used by fingers, wheel and keys: two fingers zoom, one moves the picture or the page, a tap says what is there."""

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


def test_the_wheel_scrolls_the_page_and_zooms_with_ctrl(touched: Page) -> None:
    """Around the pointer; the picture is not in the way of a page that is scrolled."""
    left, top = touched.ask(BOX)
    time = touched.ask("timeAt(450)")
    touched.wheel(left + 450, top + 100, -120, ctrl=True)
    begin, end, now = touched.ask("[begin, end, timeAt(450)]")
    assert end - begin == pytest.approx(0.8 * 400 * MS)
    assert now == pytest.approx(time, abs=MS)
    assert touched.ask("[visualViewport.scale, scrollY]") == [1, 0]

    touched.wheel(left + 450, top + 100, 200)
    moved = "new Promise((done) => setInterval(() => scrollY && done(scrollY), 20))"
    assert touched.call("Runtime.evaluate", expression=moved, awaitPromise=True)["result"]["value"]
    assert touched.ask("[begin, end]") == [begin, end]


def test_tracks_are_sorted_by_name_or_time(tmp_path: Path) -> None:
    """A number within a name counts as one; what waited longest comes first."""
    turns = taking_turns(12, 400 * MS, 20 * MS)
    trace = made(dict(reversed(turns.items())), length=400 * MS)
    waited = {thread.name: thread.wait_total for thread in trace.threads}
    held = {thread.name: thread.hold_total for thread in trace.threads}
    wanted = {
        "name": [f"worker-{number}" for number in range(12)],
        "waited": sorted(waited, key=lambda name: -waited[name]),
        "held": sorted(held, key=lambda name: -held[name]),
        "seen": list(reversed(turns)),
    }
    html = tmp_path / "page.html"
    html.write_text(page(trace))
    with opened(html) as shown:
        for key, names in wanted.items():
            choose = (
                f"byId('order').value = '{key}', byId('order').onchange({{target: byId('order')}})"
            )
            shown.ask(choose)
            assert shown.ask("order.map((index) => DATA.threads[index].name)") == names
        assert shown.ask("byId('order').options.length") == len(wanted)


def test_equal_rows_are_one_with_their_number(tmp_path: Path) -> None:
    """Holds at one place: the longest one, and how many there were."""
    trace = made(taking_turns(12, 400 * MS, 5 * MS), length=400 * MS)
    holds = [hold.length for thread in trace.threads for hold in thread.holds]
    html = tmp_path / "page.html"
    html.write_text(page(trace))
    rows = (
        "[...byId('%s').rows].slice(1).map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    with opened(html) as shown:
        longest = shown.ask(rows % "longest")
        said = shown.ask(f"duration({max(holds)})")

    assert [[where, most, many] for where, _, most, many in longest] == [
        ["jobs.work main.cpp:12", said, str(len(holds))]
    ]


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
