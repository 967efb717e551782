"""What happened between two readings of a host."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyholdfast.top.workers import WorkerRow, kind_of, workers_of
from pyholdfast.trace.strips import gil_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyholdfast.trace.file_layout import RawLane, RawTrace
    from pyholdfast.trace.model import Thread, Trace

__all__ = ["ORDERS", "Change", "Row", "compare", "grouped"]

ORDERS: Mapping[str, Callable[[Row], tuple[object, ...]]] = {
    "waiting": lambda row: (-row.waited, -row.held),
    "holding": lambda row: (-row.held, -row.waited),
    "calls": lambda row: (-row.rate,),
    "name": lambda row: (_natural(row.name),),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thread, or several of one kind.

    Attributes:
        thread: the thread; of several, the one that waits longest.
        runs: whether it has Python's lock now.
        rests: whether it is attached but does not have it: it has released the GIL in a call, or
            waits for its turn. Where neither is sure, the thread has probably just detached.
        rate: attaches per second since the earlier reading, or since the thread's start.
        waited: the fraction of that time that the thread waited.
        held: the fraction of that time that it was attached.
        since: how long it has been in its current state, in nanoseconds.
        name: of the thread, or of the kind.
        sleep: of an attached thread, for what it sleeps: one of SLEEPS.
        interpreters: the numbers of those that it attached to last: one, or none; several of a kind.
        several: the states of all threads of the kind; empty for a single thread.
    """

    thread: Thread
    runs: bool
    rests: bool
    rate: float
    waited: float
    held: float
    since: int
    name: str
    sleep: str = ""
    interpreters: Sequence[int] = ()
    several: Mapping[str, int] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """What it does now: the words that the help of `holdfast top` explains."""
        if self.thread.state != "attached":
            return self.thread.state
        if self.runs:
            return "holds" if self.sleep == "in call" else "runs"
        if not self.rests:
            return "native"
        return {"for its turn": "queued", "in call": "in call"}.get(self.sleep, "attached")


@dataclass(frozen=True, slots=True)
class Change:
    """The current state of a host."""

    trace: Trace
    rows: Sequence[Row]
    workers: Sequence[WorkerRow] = ()

    @property
    def waiting(self) -> int:
        """Number of threads that wait to attach."""
        return sum(row.thread.state == "waiting" for row in self.rows)

    @property
    def attached(self) -> int:
        """Number of threads that are attached, those included that do not run."""
        return sum(row.thread.state == "attached" for row in self.rows)

    def number(self, state: str) -> int:
        """Of threads in a state."""
        return sum(row.state == state for row in self.rows)

    @property
    def interpreters(self) -> set[int]:
        """The numbers of those to which threads have attached."""
        return {number for row in self.rows for number in row.interpreters}

    @property
    def gils(self) -> int:
        """Number of GILs that these have."""
        raw = self.trace.raw
        return 0 if raw.free_threaded else len({gil_of(raw, each) for each in self.interpreters})

    @property
    def rate(self) -> float:
        """Attaches per second of all threads."""
        return sum(row.rate for row in self.rows)


def compare(now: Trace, before: Trace | None, order: str = "waiting") -> Change:
    """The living threads, in one of the ORDERS."""
    earlier = {(t.index, t.started): t for t in before.threads} if before else {}
    runs, rest = _attached(now)
    rows = [
        _row(
            now,
            thread,
            earlier.get((thread.index, thread.started)),
            before,
            runs=thread.index in runs,
            rests=thread.index in rest,
        )
        for thread in now.threads
        if thread.state != "ended" and not now.raw.tracks[thread.index].is_worker
    ]
    return Change(now, _sorted(rows, order), workers_of(now, before))


def grouped(rows: Sequence[Row], order: str = "waiting") -> list[Row]:
    """One row for all threads whose names differ only in a number at the end, as in a pool."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kinds.setdefault(kind_of(row.name), []).append(row)
    made = [many[0] if len(many) == 1 else _together(kind, many) for kind, many in kinds.items()]
    return _sorted(made, order)


def _together(kind: str, rows: Sequence[Row]) -> Row:
    worst = max(rows, key=lambda row: row.since if row.state == "waiting" else -1)
    return Row(
        worst.thread,
        runs=False,
        rests=False,
        rate=sum(row.rate for row in rows),
        waited=sum(row.waited for row in rows) / len(rows),
        held=sum(row.held for row in rows) / len(rows),
        since=worst.since,
        name=f"{kind}* ({len(rows)})",
        interpreters=sorted({number for row in rows for number in row.interpreters}),
        several=Counter(row.state for row in rows),
    )


def _sorted(rows: Sequence[Row], order: str) -> list[Row]:
    return sorted(rows, key=lambda row: (*ORDERS[order](row), row.thread.index))


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(word) if word.isdecimal() else -1, word) for word in re.split(r"(\d+)", name)]


def _attached(now: Trace) -> tuple[set[int], set[int]]:
    """Of the attached threads, those that run Python, and those that surely do not.

    With a GIL one runs: of those that the host has not seen resting, the last one to attach. The
    tracks are not copied at the same instant. If the last one attached after the copying began, the
    others may have detached before that.
    """
    of_gil: defaultdict[int, list[RawLane]] = defaultdict(list)
    for thread in now.threads:
        if thread.state == "attached":
            track = now.raw.tracks[thread.index]
            of_gil[_gil(now.raw, track)].append(track)
    runs: set[int] = set()
    rest: set[int] = set()
    for tracks in of_gil.values():
        rest |= {track.index for track in tracks if track.let_go}
        awake = sorted((t for t in tracks if not t.let_go), key=lambda track: track.since)
        if awake:
            runs.add(awake[-1].index)
            if awake[-1].since <= now.raw.last_ticks:
                rest |= {track.index for track in awake[:-1]}
    return runs, rest


def _gil(raw: RawTrace, track: RawLane) -> int:
    if raw.free_threaded:
        return -1 - track.index
    return gil_of(raw, track.interpreter)


def _row(
    now: Trace,
    thread: Thread,
    before: Thread | None,
    earlier: Trace | None,
    *,
    runs: bool,
    rests: bool,
) -> Row:
    track = now.raw.tracks[thread.index]
    since = now.duration - now.raw.clock.ns(track.since)
    attaches, waited, held, span = (
        thread.attaches, thread.wait_total, thread.hold_total, thread.life
    )  # fmt: skip
    if before is not None and earlier is not None and now.duration > earlier.duration:
        attaches -= before.attaches
        waited -= before.wait_total
        held -= before.hold_total
        span = now.duration - earlier.duration
    return Row(
        thread, runs, rests, attaches * 1e9 / span, _share(waited, span),
        _share(held, span), max(0, since), thread.name, track.sleep,
        (track.interpreter,) if track.interpreter else (),
    )  # fmt: skip


def _share(part: int, whole: int) -> float:
    """Clamp to 0..1: a reading is not instantaneous, so the fraction may lie slightly outside."""
    return min(1.0, max(0.0, part / whole))
