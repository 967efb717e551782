"""The state of a host as lines for a terminal."""

from __future__ import annotations

from pathlib import PurePath
from textwrap import wrap
from typing import TYPE_CHECKING

from pyholdfast.top.change import grouped
from pyholdfast.trace.verdict import count, find, time_text

if TYPE_CHECKING:
    import os

    from pyholdfast.top.change import Change, Row
    from pyholdfast.top.workers import WorkerRow

__all__ = ["CLEAR", "HOME", "frame", "listing"]

HOME, CLEAR = "\x1b[H", "\x1b[J"
DIM, BOLD, WAIT, HOLD, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[33m", "\x1b[36m", "\x1b[0m"
NAME = 17
BAR, LEAST_BAR = 20, 4
BESIDE_BARS = 72  # columns
LONGEST_NAME = 200
WORTH_SAYING_NS = 100_000_000  # a thread that waits for less may be served at any moment
PARTS = " ▏▎▍▌▋▊▉█"
KEYS = "w waiting  h holding  c calls  n name  g group  q quit"


def frame(
    change: Change,
    *,
    colour: bool,
    size: os.terminal_size | None = None,
    order: str = "waiting",
    group: bool | None = None,
) -> list[str]:
    """The lines: facts, who runs Python and what to do, and a row for each thread.

    Args:
        change: the state to show.
        colour: whether to use colours.
        size: size of the terminal; None for all threads, and bars of full width.
        order: of the rows, one of ORDERS.
        group: whether threads of one kind share a row; None: if they do not fit otherwise.
    """
    raw = change.trace.raw
    paint = _painted if colour else _plain
    columns = size.columns if size else None
    bar = BAR if size is None else min(BAR, (size.columns - BESIDE_BARS) // 2)
    bar = bar if bar >= LEAST_BAR else 0
    name = PurePath(raw.command[0]).name if raw.command else "?"
    title = f"{name[:LONGEST_NAME]} (pid {raw.pid})"
    facts = f"  {change.trace.python} {_kind(change)}, {time_text(change.trace.duration)}"
    lines = [
        paint(BOLD, _cut(title, columns)) + _cut(facts, columns and max(0, columns - len(title))),
        *(_cut(line, columns) for line in _totals(change)),
        *_verdict(change, columns or LONGEST_NAME)[: size.lines // 3 if size else None],
        "",
        paint(DIM, _cut(_heads(bar, order, numbered=len(change.interpreters) > 1), columns)),
    ]
    # One line stays free, otherwise the terminal scrolls; one has the keys.
    room = None if size is None else max(1, size.lines - len(lines) - 2)
    workers = len(change.workers)
    if room is not None:  # at most half of it, with their heading and the line above
        workers = max(0, min(workers, room // 2 - 2))
        room -= workers + 2 if workers else 0
    rows = change.rows
    if group or (group is None and room is not None and len(rows) > room):
        rows = grouped(rows, order)
    shown = rows[:room]
    numbered = len(change.interpreters) > 1
    lines += [_row(row, bar, colour=colour, numbered=numbered) for row in shown]
    if workers:
        lines += ["", paint(DIM, _cut(WORKER_HEADS, columns))]
        lines += [_cut(_worker(row), columns) for row in change.workers[:workers]]
    if size is not None:
        left = f"and {len(rows) - len(shown)} more   " if len(shown) < len(rows) else ""
        lines.append(paint(DIM, _cut(left + KEYS, columns)))
    return lines


def _kind(change: Change) -> str:
    """E.g. ``with 2 GILs, 3 interpreters``."""
    gils = count(change.gils, "GIL") if change.gils > 1 else "a GIL"
    kind = "free-threaded" if change.trace.raw.free_threaded else f"with {gils}"
    many = len(change.interpreters)
    return f"{kind}, {count(many, 'interpreter')}" if many > 1 else kind


def _totals(change: Change) -> list[str]:
    trace = change.trace
    running, asleep = change.number("runs"), change.number("holds")
    states = [f"{running} {'runs' if running == 1 else 'run'} Python", f"{change.waiting} waiting"]
    if asleep:
        states.insert(1, f"{asleep} {'holds' if asleep == 1 else 'hold'} it asleep")
    states += [
        f"{change.number(state)} {said}" for state, said in WITHOUT_LOCK if change.number(state)
    ]
    return [
        f"{count(len(change.rows), 'thread')}: {', '.join(states)}",
        (
            f"{change.rate:.0f} attaches/s; longest wait {time_text(trace.waits.longest)},"
            f" longest hold {time_text(trace.holds.longest)}"
        ),
    ]


def _verdict(change: Change, columns: int) -> list[str]:
    """Who has held Python, where and since when, and what to do; while threads wait for long."""
    longest = max((row.since for row in change.rows if row.state == "waiting"), default=0)
    tracks = change.trace.raw.tracks
    stuck = any(track.wanted_lock or track.draining_since for track in tracks)
    if longest < WORTH_SAYING_NS and not stuck:
        return []
    found = find(change.trace)
    if found.sentence.startswith("no attach"):
        return []
    told = found.sentence.replace(", to the end of the trace", "")
    return [
        *wrap(told, max(20, columns), subsequent_indent="  "),
        *wrap(f"  do: {found.remedy}", max(20, columns), subsequent_indent="      "),
    ]


def _heads(bar: int, order: str, *, numbered: bool) -> str:
    marked = {key: f"{word}{'*' if key == order else ''}" for key, word in HEADS.items()}
    who = marked["name"] + (" @interp." if numbered else "")
    return (
        f"{who:<{NAME}}{'now':<9}{'for':>8}{marked['calls']:>11}  "
        f"{marked['waiting']:<{bar + 6}}{marked['holding']:<{bar + 6}}{'longest wait' if bar else ''}"
    )


WITHOUT_LOCK = (
    ("queued", "queued"),
    ("in call", "in calls"),
    ("attached", "attached but not running"),
)
SHORT = (
    ("runs", "run"), ("holds", "hold"), ("waiting", "wait"),
    ("queued", "queue"), ("in call", "call"), ("attached", "rest"),
)  # fmt: skip
WORKER_HEADS = (
    f"{'worker':<{NAME}}{'now':<9}{'for':>8}{'tasks/s':>11}{'memory':>10}  {'pid':<8} task"
)
HEADS = {"name": "thread", "calls": "attaches/s", "waiting": "waiting", "holding": "attached"}


def _cut(text: str, columns: int | None) -> str:
    return text if columns is None or len(text) <= columns else text[: max(0, columns - 1)] + "…"


def listing(names: list[tuple[int, str]]) -> list[str]:
    """The list of hosts that can be watched."""
    return [f"{'pid':>8}  host", *(f"{pid:>8}  {name[:LONGEST_NAME]}" for pid, name in names)]


def _row(row: Row, bar: int, *, colour: bool, numbered: bool) -> str:
    paint = _painted if colour else _plain
    styles = {"waiting": WAIT, "queued": WAIT, "runs": HOLD, "holds": HOLD}
    if row.several:
        said = " ".join(
            f"{row.several[state]} {word}" for state, word in SHORT if row.several[state]
        )
        now = f"{_cut(said, 17):<17}"
    else:
        state = f"{row.state:<9}"
        now = paint(styles[row.state], state) if row.state in styles else state
        now += f"{time_text(row.since):>8}"
    number = f" @{row.interpreter}" if numbered and row.interpreter else ""
    name = _cut(row.name, NAME - 1 - len(number)) + number
    return (
        f"{name:<{NAME}}{now}{row.rate:>11.0f}  "
        f"{paint(WAIT, _bar(row.waited, bar))} {row.waited:>4.0%} "
        f"{paint(HOLD, _bar(row.held, bar))} {row.held:>4.0%} {time_text(row.thread.longest_wait) if bar else ''}".rstrip()
    )


def _worker(row: WorkerRow) -> str:
    memory = "" if row.memory is None else f"{row.memory / (1 << 20):.0f} MB"
    return (
        f"{_cut(row.name, NAME - 1):<{NAME}}{'runs' if row.task else 'idle':<9}"
        f"{time_text(row.since):>8}{row.rate:>11.0f}{memory:>10}  {row.pid:<8} {row.task}"
    ).rstrip()


def _bar(share: float, width: int) -> str:
    """A fraction as a bar.

    >>> _bar(0.5, 0)
    ''

    >>> _bar(0.5, 8)
    '████    '
    """
    full, rest = divmod(round(share * width * 8), 8)
    return ("█" * full + (PARTS[rest] if rest else "")).ljust(width)


def _painted(style: str, text: str) -> str:
    return f"{style}{text}{PLAIN}"


def _plain(_style: str, text: str) -> str:
    return text
