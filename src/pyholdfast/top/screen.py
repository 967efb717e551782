"""The state of a host as lines for a terminal."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from pyholdfast.trace.verdict import time_text

if TYPE_CHECKING:
    import os

    from pyholdfast.top.change import Change, Row

__all__ = ["CLEAR", "HOME", "frame", "listing"]

HOME, CLEAR = "\x1b[H", "\x1b[J"
DIM, BOLD, WAIT, HOLD, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[33m", "\x1b[36m", "\x1b[0m"
BAR, LEAST_BAR = 20, 4
BESIDE_BARS = 68  # columns
LONGEST_NAME = 200
PARTS = " ▏▎▍▌▋▊▉█"


def frame(change: Change, *, colour: bool, size: os.terminal_size | None = None) -> list[str]:
    """The lines: facts, and a row for each thread, as many as fit.

    Args:
        change: the state to show.
        colour: whether to use colours.
        size: size of the terminal; None for all threads, and bars of full width.
    """
    trace, raw = change.trace, change.trace.raw
    paint = _painted if colour else _plain
    bar = BAR if size is None else min(BAR, max(LEAST_BAR, (size.columns - BESIDE_BARS) // 2))
    kind = "free-threaded" if raw.free_threaded else "with a GIL"
    name = PurePath(raw.command[0]).name if raw.command else "?"
    title = paint(BOLD, f"{name[:LONGEST_NAME]} (pid {raw.pid})")
    totals = (
        f"{len(change.rows)} threads: {change.attached} attached, {change.waiting} waiting;"
        f" {change.rate:.0f} attaches/s; longest wait {time_text(trace.waits.longest)},"
        f" hold {time_text(trace.holds.longest)}"
    )
    heads = (
        f"{'thread':<16}{'now':<9}{'for':>8} {'attaches/s':>11}  "
        f"{'waiting':<{bar + 6}}{'attached':<{bar + 6}}longest wait"
    )
    lines = [
        f"{title}  {trace.python} {kind}, {time_text(trace.duration)}",
        totals if size is None else totals[: size.columns],
        "",
        paint(DIM, heads if size is None else heads[: size.columns]),
    ]
    # One line stays free, otherwise the terminal scrolls.
    shown = change.rows if size is None else change.rows[: max(1, size.lines - len(lines) - 2)]
    lines += [_row(row, bar, colour=colour) for row in shown]
    if len(shown) < len(change.rows):
        lines.append(paint(DIM, f"and {len(change.rows) - len(shown)} more"))
    return lines


def listing(names: list[tuple[int, str]]) -> list[str]:
    """The list of hosts that can be watched."""
    return [f"{'pid':>8}  host", *(f"{pid:>8}  {name[:LONGEST_NAME]}" for pid, name in names)]


def _row(row: Row, bar: int, *, colour: bool) -> str:
    thread = row.thread
    paint = _painted if colour else _plain
    states = {"waiting": WAIT, "attached": HOLD}
    state = f"{thread.state:<9}"
    now = paint(states[thread.state], state) if thread.state in states else state
    return (
        f"{thread.name[:15]:<16}{now}{time_text(row.since):>8} {row.rate:>11.0f}  "
        f"{paint(WAIT, _bar(row.waited, bar))} {row.waited:>4.0%} "
        f"{paint(HOLD, _bar(row.held, bar))} {row.held:>4.0%} {time_text(thread.longest_wait)}"
    )


def _bar(share: float, width: int) -> str:
    """A fraction as a bar.

    >>> _bar(0.5, 8)
    '████    '
    """
    full, rest = divmod(round(share * width * 8), 8)
    return ("█" * full + (PARTS[rest] if rest else "")).ljust(width)


def _painted(style: str, text: str) -> str:
    return f"{style}{text}{PLAIN}"


def _plain(_style: str, text: str) -> str:
    return text
