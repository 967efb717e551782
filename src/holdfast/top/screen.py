"""A look at a host as lines for a terminal.

Layer 2 (parts). May import: top.change, trace.summary.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from holdfast.trace.summary import time_text

if TYPE_CHECKING:
    from holdfast.top.change import Change, Row

__all__ = ["CLEAR", "HOME", "frame", "listing"]

HOME, CLEAR = "\x1b[H", "\x1b[J"
DIM, BOLD, WAIT, HOLD, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[33m", "\x1b[36m", "\x1b[0m"
BAR = 20
PARTS = " ▏▎▍▌▋▊▉█"


def frame(change: Change, *, colour: bool, rows: int | None = None) -> list[str]:
    """The lines: facts, a bar for who waits and who holds, and a row for each thread."""
    trace, raw = change.trace, change.trace.raw
    paint = _painted if colour else _plain
    kind = "free-threaded" if raw.free_threaded else "with a GIL"
    name = PurePath(raw.command[0]).name if raw.command else "?"
    totals = (
        f"{len(change.rows)} threads: {change.attached} attached, {change.waiting} waiting;"
        f" {change.rate:.0f} attaches/s; longest wait {time_text(trace.waits.longest)},"
        f" hold {time_text(trace.holds.longest)}"
    )
    title = paint(BOLD, f"{name} (pid {raw.pid})")
    lines = [
        f"{title}  {trace.python} {kind}, {time_text(trace.duration)}",
        totals,
        "",
        paint(
            DIM,
            f"{'thread':<16}{'now':<9}{'for':>8}  {'attaches/s':>10}  "
            f"{'waiting':<{BAR + 6}}{'attached':<{BAR + 6}}longest wait",
        ),
    ]
    shown = change.rows if rows is None else change.rows[: max(1, rows - len(lines) - 1)]
    lines += [_row(row, colour=colour) for row in shown]
    if len(shown) < len(change.rows):
        lines.append(paint(DIM, f"and {len(change.rows) - len(shown)} more"))
    return lines


def listing(names: list[tuple[int, str]]) -> list[str]:
    """Hosts that can be looked at."""
    return [f"{'pid':>8}  host", *(f"{pid:>8}  {name}" for pid, name in names)]


def _row(row: Row, *, colour: bool) -> str:
    thread = row.thread
    paint = _painted if colour else _plain
    states = {"waiting": WAIT, "attached": HOLD}
    state = f"{thread.state:<9}"
    return (
        f"{thread.name[:15]:<16}{paint(states[thread.state], state) if thread.state in states else state}"
        f"{time_text(row.since):>8}  {row.rate:>10.0f}  "
        f"{paint(WAIT, _bar(row.waited))} {row.waited:>4.0%} "
        f"{paint(HOLD, _bar(row.held))} {row.held:>4.0%} {time_text(thread.longest_wait)}"
    )


def _bar(share: float) -> str:
    """A share as a bar.

    >>> _bar(0.5)
    '██████████          '
    """
    eighths = round(share * BAR * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (PARTS[rest] if rest else "")).ljust(BAR)


def _painted(style: str, text: str) -> str:
    return f"{style}{text}{PLAIN}"


def _plain(_style: str, text: str) -> str:
    return text
