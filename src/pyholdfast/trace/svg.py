"""Draws a trace as a still picture: for a README, a report, a slide.

One SVG file without scripts or network access that follows the reader's light or dark scheme. The
time is divided into columns; in each, a track is filled by the fractions that the thread was
attached and waited. A thousand short holds look as busy as they were, and none hides the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from textwrap import wrap
from typing import TYPE_CHECKING, TypeVar

from pyholdfast.svg import document, fitted, line, rect, text
from pyholdfast.trace.colours import variables
from pyholdfast.trace.file_layout import COLLECTION, DRAIN, LOCK
from pyholdfast.trace.lanes import BLOCKED, DRAINS, RUNS, WAITS, YIELDED, lanes, union
from pyholdfast.trace.summary import facts
from pyholdfast.trace.svg_strips import STYLE as STRIPS
from pyholdfast.trace.svg_strips import patterns, strip_paths, swatch
from pyholdfast.trace.verdict import find, names, population, ranges, time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyholdfast.trace.lanes import Stretch
    from pyholdfast.trace.model import Owned, Thread, Trace

__all__ = ["still"]

_T = TypeVar("_T")

WIDTH, LEFT, RIGHT, ROW, BAR = 960, 160, 146, 27, 20
COLUMN = 2  # pixels
COLUMNS = (WIDTH - LEFT - RIGHT) // COLUMN
MOST_TRACKS = 24
SPANS = 5  # pixels
STRIP = 18
LEAST = 1.5  # minimum pixels for a share, so that a single short hold stays visible
TICKS = 7
SENTENCE = 108  # characters that fit
MARGIN, NAMES_AT, GAP = 24, 36, 6  # pixels: of the picture, before a track's name, and behind it
BOLD = 18  # of a title of 16 pixels: bold letters are wider
LAST_LABEL = 48  # pixels that it needs before the columns at the right
MOST_STEPS = 100  # beyond, the times of two labels would not differ in three digits

STYLE = f"""
  {variables("svg")}
  text {{ font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--fg); }}
  .head {{ font-size: 16px; font-weight: 600; }} .finding {{ font-size: 14.5px; }}
  .dim {{ fill: var(--dim); font-size: 12px; }} .end {{ text-anchor: end; }}
  .paper {{ fill: var(--bg); }} .card {{ fill: var(--card); stroke: var(--line); }}
  .line {{ stroke: var(--line); }} .lost {{ stroke: var(--dim); stroke-dasharray: 1 3; }}
  .native {{ fill: var(--native); }} .wait {{ fill: var(--wait); }} .hold {{ fill: var(--hold); }}
  .yield {{ fill: var(--yield); }} .lock {{ fill: var(--lock); }} .drain {{ fill: var(--drain); }}
  .task {{ fill: var(--task); }} .gc {{ fill: var(--gc); }} .said {{ fill: var(--dim); }}
  {STRIPS}"""
LEGEND = (
    ("native", "native work", 76),
    ("wait", "waiting to attach", 110),
    ("lock", "for a mutex", 70),
    ("drain", "in finalize()", 72),
    ("hold", "runs Python", 76),
    ("yield", "attached, another runs", 138),
    ("task", "call or task", 74),
    ("gc", "garbage collection", 110),
    ("lost", "not recorded", 76),
)
ALWAYS = ("native", "wait", "hold")  # the legend explains the other kinds only if they occur
BESIDE_WORDS = 37  # the colour before them, and the gap behind them
# From the bottom of a track.
STACKED = (
    (RUNS, "hold"),
    (YIELDED, "yield"),
    (WAITS, "wait"),
    (BLOCKED, "lock"),
    (DRAINS, "drain"),
)


@dataclass(frozen=True, slots=True)
class _Window:
    """The time shown, in nanoseconds."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    def x(self, time: int) -> float:
        inside = min(max(time, self.start), self.end) - self.start
        return LEFT + inside * COLUMNS * COLUMN / self.length

    def shares(self, stretches: Iterable[tuple[int, int]]) -> list[float]:
        """The fraction of each column that the stretches cover: 0 to 1, if they do not overlap."""
        covered = [0.0] * COLUMNS
        width = self.length / COLUMNS
        for first, last in stretches:
            begin, end = max(first, self.start), min(last, self.end)
            if begin > end or first == last:
                continue
            at, stop = (begin - self.start) / width, (end - self.start) / width
            low, high = min(int(at), COLUMNS - 1), min(int(stop), COLUMNS - 1)
            if low == high:
                covered[low] += stop - at
                continue
            covered[low] += low + 1 - at
            for column in range(low + 1, high):
                covered[column] += 1
            covered[high] += stop - high
        return covered


def still(trace: Trace, title: str | None = None, span: tuple[int, int] | None = None) -> str:
    """The picture's text.

    Args:
        trace: what to show.
        title: its first line; by default the command, without folders.
        span: the nanoseconds to show, since the beginning of the recording; all by default.
    """
    start, end = span or (0, trace.duration)
    window = _Window(start, max(end, start + COLUMNS))
    there = [
        thread for thread in trace.threads if thread.started < window.end and thread.ended > start
    ]
    threads = sorted(there, key=lambda thread: _natural(thread.name))[:MOST_TRACKS]
    order = {thread.index: at for at, thread in enumerate(trace.threads)}  # colours follow it
    found = find(trace)
    drawn, called = lanes(trace), names(trace)
    title = title or _command(trace)
    parts = [
        text(MARGIN, 34, fitted(title, WIDTH - 2 * MARGIN, BOLD), "head"),
        text(24, 54, _facts(trace, window, there), "dim"),
    ]
    lines = [(line, "finding") for line in wrap(found.sentence, SENTENCE)]
    lines += [(line, "dim") for line in wrap(f"do: {found.remedy}", SENTENCE + 20)]
    card = 14 + 20 * len(lines)
    parts += [rect(24, 68, WIDTH - 48, card, "card", 6), rect(24, 68, 5, card, "said", 2)]
    parts += [text(42, 90 + 20 * at, line, kind) for at, (line, kind) in enumerate(lines)]
    strips = trace.gils
    parts += patterns(len(order))
    legend = _legend(card + 92, _kinds(threads, drawn, window))
    parts += legend[0]
    top = legend[1] + 40
    first_track = top + (STRIP + 2) * len(strips) + (12 if strips else 6)
    bottom = first_track + ROW * len(threads) + 2
    parts += _axis(window, top - 8, bottom)
    for row, (interpreters, strip) in enumerate(strips):
        y = top + row * (STRIP + 2)
        name = f"interp. {ranges(interpreters)}" if len(strips) > 1 else "who ran Python"
        name = fitted(name, LEFT - MARGIN - GAP, 12)
        parts += [text(MARGIN, y + 14, name, "dim"), _strip(strip, window, order, y)]
    for row, thread in enumerate(threads):
        y = first_track + row * ROW
        parts.append(
            _track(
                thread, called[thread.index], drawn[thread.index], window, order[thread.index], y
            )
        )
    height = bottom + 16
    return document(WIDTH, height, title, found.sentence, STYLE, parts)


def _natural(name: str) -> list[tuple[int, str]]:
    """A sort key that puts reader-10 after reader-9.

    >>> sorted(["reader-10", "reader-9", "main"], key=_natural)
    ['main', 'reader-9', 'reader-10']
    """
    return [(int(word) if word.isdecimal() else -1, word) for word in re.split(r"(\d+)", name)]


def _facts(trace: Trace, window: _Window, there: Sequence[Thread]) -> str:
    said = facts(trace)
    if window.length < trace.duration:
        said += f"; shown: {_seconds(window.start)} to {_seconds(window.end)}"
    if len(there) > MOST_TRACKS:
        said += f"; {MOST_TRACKS} of its {population(there)}"
    return said


def _command(trace: Trace) -> str:
    return " ".join(PurePath(word).name for word in trace.raw.command) or "holdfast trace"


def _kinds(threads: Iterable[Thread], drawn: dict[int, list[Stretch]], window: _Window) -> set[str]:
    """What occurs in these tracks, as the legend calls it."""
    of_state = dict(STACKED)
    kinds = {*ALWAYS}
    for thread in threads:
        kinds |= {of_state[one.state] for one in drawn[thread.index]}
        others = {span.kind for span in thread.spans} - {DRAIN, LOCK}
        kinds |= {"gc" if kind == COLLECTION else "task" for kind in others}
        if thread.complete_from > max(thread.started, window.start):
            kinds.add("lost")
    return kinds


def _legend(y: int, kinds: set[str]) -> tuple[list[str], int]:
    """The shapes, and the height of the last line."""
    parts, x = [], 24
    for kind, words, width in LEGEND:
        if kind not in kinds:
            continue
        if x + width + BESIDE_WORDS > WIDTH:
            x, y = 24, y + 18
        is_line = kind == "lost"
        parts.append(
            line(x, y - 4, x + 20, y - 4, kind) if is_line else rect(x, y - 9, 20, 10, kind, 2)
        )
        parts.append(text(x + 26, y, words, "dim"))
        x += width + BESIDE_WORDS
    return parts, y


def _axis(window: _Window, y: int, bottom: int) -> list[str]:
    rough = window.length / TICKS
    power = 10 ** (len(str(int(rough))) - 1)
    step = next(power * many for many in (1, 2, 5, 10) if power * many >= rough)
    parts = []
    first = -(-window.start // step) * step
    base = first if window.start > MOST_STEPS * step else 0
    if base:
        parts.append(text(MARGIN, y + 1, f"from {_seconds(base)}", "dim"))
    for time in range(first, window.end + 1, step):
        x = window.x(time)
        parts.append(line(x, y, x, bottom, "line"))
        if x < WIDTH - RIGHT - LAST_LABEL:
            label = time_text(time - base) if time > base else "0"
            parts.append(text(x + 4, y + 1, f"+{label}" if base else label, "dim"))
    parts.append(text(WIDTH - 84, y + 1, "waiting", "dim end"))
    parts.append(text(WIDTH - 24, y + 1, "attached", "dim end"))
    return parts


def _seconds(ns: int) -> str:
    """Exact, for what lies in a part of a long trace.

    >>> _seconds(100_010_000_000)
    '100.01 s'
    """
    return f"{ns / 1e9:.9f}".rstrip("0").rstrip(".") + " s"


def _strip(strip: Sequence[Owned], window: _Window, order: dict[int, int], y: int) -> str:
    def box(first: int, last: int, share: float) -> str:
        height = _height(share, STRIP)
        return _box(first, last, y + STRIP - height, height)

    track = rect(LEFT, y + 7, COLUMNS * COLUMN, 4, "native")
    return track + strip_paths(strip, order, window.shares, box)


def _track(
    thread: Thread, name: str, lane: Sequence[Stretch], window: _Window, number: int, y: int
) -> str:
    gone = window.shares((s.start, s.end) for s in thread.spans if s.kind == COLLECTION)
    busy = window.shares(
        union((s.start, s.end) for s in thread.spans if s.kind not in (COLLECTION, DRAIN, LOCK))
    )
    base = y + BAR
    left, right = window.x(thread.started), window.x(thread.ended)
    known = window.x(max(thread.started, min(thread.complete_from, thread.ended)))
    parts = [
        swatch(24, y + 6, number),
        text(NAMES_AT, y + 15, fitted(name, LEFT - NAMES_AT - GAP, 13)),
        line(left, y + 10.5, max(left, known), y + 10.5, "lost"),
        rect(known, y + 8, max(0.0, right - known), 5, "native"),
    ]
    below = [0.0] * COLUMNS
    total = {}
    for state, kind in STACKED:
        shares = window.shares((one.start, one.end) for one in lane if one.state == state)
        heights = [
            min(_height(share, BAR), BAR - filled)
            for share, filled in zip(shares, below, strict=True)
        ]
        parts.append(
            _bars(kind, [(base - up, high) for up, high in zip(below, heights, strict=True)])
        )
        below = [up + high for up, high in zip(below, heights, strict=True)]
        total[state] = sum(shares)
    life = max(1, min(thread.ended, window.end) - max(thread.started, window.start))
    part = window.length / COLUMNS / life
    parts += [
        _bars("task", [(base, _height(share, SPANS)) for share in busy]),
        _bars("gc", [(base, _height(share, SPANS)) for share in gone]),
        text(WIDTH - 84, y + 15, f"{total[WAITS] * part:.0%}", "dim end"),
        text(WIDTH - 24, y + 15, f"{(total[RUNS] + total[YIELDED]) * part:.0%}", "dim end"),
    ]
    return "".join(parts)


def _height(share: float, whole: float) -> float:
    return 0 if share <= 0 else max(LEAST, round(min(share, 1) * whole * 2) / 2)


def _bars(kind: str, columns: Sequence[tuple[float, float]]) -> str:
    boxes = [
        _box(first, last, base - height, height)
        for first, last, (base, height) in _runs(columns)
        if height > 0
    ]
    return f'<path class="{kind}" d="{"".join(boxes)}"/>' if boxes else ""


def _runs(columns: Sequence[_T]) -> Iterable[tuple[int, int, _T]]:
    """(first, one after the last, value) of runs of equal neighbours."""
    first = 0
    for at in range(1, len(columns) + 1):
        if at == len(columns) or columns[at] != columns[first]:
            yield first, at, columns[first]
            first = at


def _box(first: int, last: int, y: float, height: float) -> str:
    width = (last - first) * COLUMN
    return f"M{LEFT + first * COLUMN} {y:g}h{width}v{height:g}h-{width}z"
