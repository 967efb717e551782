"""The state of a host as lines for a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from textwrap import wrap
from typing import TYPE_CHECKING

from pyholdfast.top.change import grouped
from pyholdfast.top.workers import grouped_workers
from pyholdfast.trace.verdict import count, find, ranges, shortened, time_text

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from pyholdfast.top.change import Change, Row
    from pyholdfast.top.workers import WorkerRow

__all__ = ["CLEAR", "HOME", "frame", "listing"]

HOME, CLEAR = "\x1b[H", "\x1b[J"
DIM, BOLD, WAIT, HOLD, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[33m", "\x1b[36m", "\x1b[0m"
NAME = 17
BAR, LEAST_BAR = 20, 4
STATES = 17  # columns of `now` and `for`
BESIDE_BARS = 72  # columns
BESIDE_WORKERS = 2  # lines: the columns' names, and the one above
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
        group: whether threads of one kind share a row; None: if they do not fit otherwise. Then those
            of them that come first in the order have rows below, as far as there is room.
    """
    paint = _painted if colour else _plain
    columns = size.columns if size else None
    numbered = len(change.interpreters) > 1
    lines = [
        *_heading(change, size, paint),
        *_verdict(change, columns or LONGEST_NAME)[: size.lines // 3 if size else None],
        "",
    ]
    # One line stays free, otherwise the terminal scrolls; one has the keys, one the columns' names.
    room = None if size is None else max(1, size.lines - len(lines) - 3)
    rows, workers = change.rows, change.workers
    if group or (group is None and room is not None and len(workers) > _room_of_workers(room)):
        workers = grouped_workers(workers)
    shown_workers = workers if room is None else workers[: _room_of_workers(room)]
    if room is not None and shown_workers:
        room -= len(shown_workers) + BESIDE_WORKERS
    first: Sequence[Row] = ()
    left = 0
    if group or (group is None and room is not None and len(rows) > room):
        rows = grouped(change.rows, order)
        if not group and room is not None and len(rows) + 1 < room:
            of_pools = [row for row in change.rows if row not in rows]
            first = of_pools[: room - len(rows) - 1]
            left = len(of_pools) - len(first)
    shown = rows[:room]
    left += len(rows) - len(shown) + len(workers) - len(shown_workers)
    width = _Widths.of(shown, size)
    lines.append(paint(DIM, _cut(_heads(width, order, numbered=numbered), columns)))
    lines += [_row(row, width, colour=colour, numbered=numbered) for row in shown]
    if first:
        lines += ["", *(_row(row, width, colour=colour, numbered=numbered) for row in first)]
    if shown_workers:
        lines += ["", paint(DIM, _cut(WORKER_HEADS, columns))]
        lines += [_cut(_worker(row), columns) for row in shown_workers]
    if size is not None:
        more = f"and {left} more   " if left else ""
        lines.append(paint(DIM, _cut(more + KEYS, columns)))
    return lines


@dataclass(frozen=True, slots=True)
class _Widths:
    """Of the columns that depend on the terminal."""

    states: int
    bar: int

    @classmethod
    def of(cls, rows: Sequence[Row], size: os.terminal_size | None) -> _Widths:
        """The states of several threads get what they need, as long as the least bars fit beside them."""
        needed = max([STATES, *(len(_several(row)) for row in rows if row.several)])
        if size is None:
            return cls(needed, BAR)
        spare = size.columns - BESIDE_BARS - 2 * LEAST_BAR
        states = min(needed, STATES + max(0, spare))
        bar = min(BAR, (size.columns - BESIDE_BARS - (states - STATES)) // 2)
        return cls(states, bar if bar >= LEAST_BAR else 0)


def _room_of_workers(room: int) -> int:
    """At most half of it, with their heading and the line above."""
    return max(0, room // 2 - BESIDE_WORKERS)


def _heading(
    change: Change, size: os.terminal_size | None, paint: Callable[[str, str], str]
) -> list[str]:
    """What runs, and what its threads do; on a low terminal cut instead of in further lines."""
    raw = change.trace.raw
    name = PurePath(raw.command[0]).name if raw.command else "?"
    title = f"{name[:LONGEST_NAME]} (pid {raw.pid})"
    python = " ".join(filter(None, (change.trace.python, _kind(change))))
    facts = f"  {python}, {time_text(change.trace.duration)}"
    totals = _totals(change)
    if size is None:
        return [paint(BOLD, title) + facts, *totals]
    columns = size.columns
    wrapped = [part for line in totals for part in wrap(line, columns, subsequent_indent="  ")]
    split = [paint(BOLD, _cut(title, columns)), _cut(facts, columns)]
    head = ["".join(split)] if len(title + facts) <= columns else split
    if len(head) + len(wrapped) <= size.lines // 4:
        return head + wrapped
    beside = paint(BOLD, _cut(title, columns)) + _cut(facts, max(0, columns - len(title)))
    return [beside, *(_cut(line, columns) for line in totals)]


def _kind(change: Change) -> str:
    """E.g. ``with 2 GILs, 3 interpreters``."""
    kind = change.trace.kind
    if change.gils > 1 and not change.trace.raw.free_threaded:
        kind = f"with {change.gils} GILs"
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


def _heads(width: _Widths, order: str, *, numbered: bool) -> str:
    bar = width.bar
    marked = {key: f"{word}{'*' if key == order else ''}" for key, word in HEADS.items()}
    who = marked["name"] + (" @interp." if numbered else "")
    return (
        f"{who:<{NAME}}{'now':<9}{'for':>{width.states - 9}}{marked['calls']:>11}  "
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


def _several(row: Row) -> str:
    """E.g. ``1 run 3 wait 60 native``."""
    states = (*SHORT, *((state, state) for state in row.several if state not in dict(SHORT)))
    return " ".join(f"{row.several[key]} {word}" for key, word in states if row.several.get(key))


def _row(row: Row, width: _Widths, *, colour: bool, numbered: bool) -> str:
    paint = _painted if colour else _plain
    styles = {"waiting": WAIT, "queued": WAIT, "runs": HOLD, "holds": HOLD}
    if row.several:
        now = f"{_cut(_several(row), width.states):<{width.states}}"
    else:
        state = f"{row.state:<9}"
        now = paint(styles[row.state], state) if row.state in styles else state
        now += f"{time_text(row.since):>{width.states - 9}}"
    number = f" @{ranges(row.interpreters)}" if numbered and row.interpreters else ""
    number = _cut(number, NAME - 2)
    name = shortened(row.name, NAME - 1 - len(number)) + number
    longest = time_text(row.thread.longest_wait) if width.bar else ""
    return (
        f"{name:<{NAME}}{now}{row.rate:>11.0f}  "
        f"{paint(WAIT, _bar(row.waited, width.bar))} {row.waited:>4.0%} "
        f"{paint(HOLD, _bar(row.held, width.bar))} {row.held:>4.0%} {longest}".rstrip()
    )


def _worker(row: WorkerRow) -> str:
    memory = "" if row.memory is None else f"{row.memory / (1 << 20):.0f} MB"
    now = f"{'runs' if row.task else 'idle':<9}"
    if row.several:
        now = f"{row.running} of {row.several}"
    return (
        f"{shortened(row.name, NAME - 1):<{NAME}}{now:<9}"
        f"{time_text(row.since):>8}{row.rate:>11.0f}{memory:>10}  {'' if row.several else row.pid:<8} {row.task}"
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
