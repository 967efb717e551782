"""What happened between two readings of a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyholdfast.trace.model import Thread, Trace

__all__ = ["Change", "Row", "compare"]


@dataclass(frozen=True, slots=True)
class Row:
    """One thread.

    Attributes:
        rate: attaches per second since the earlier reading, or since the thread's start.
        waited: the fraction of that time that the thread waited.
        held: the fraction of that time that it was attached.
        since: how long it has been in its current state, in nanoseconds.
    """

    thread: Thread
    rate: float
    waited: float
    held: float
    since: int


@dataclass(frozen=True, slots=True)
class Change:
    """The current state of a host."""

    trace: Trace
    rows: Sequence[Row]

    @property
    def waiting(self) -> int:
        """Number of threads that wait to attach."""
        return sum(row.thread.state == "waiting" for row in self.rows)

    @property
    def attached(self) -> int:
        """Number of threads that are attached."""
        return sum(row.thread.state == "attached" for row in self.rows)

    @property
    def rate(self) -> float:
        """Attaches per second of all threads."""
        return sum(row.rate for row in self.rows)


def compare(now: Trace, before: Trace | None) -> Change:
    """The living threads, those that waited most first."""
    earlier = {(t.index, t.started): t for t in before.threads} if before else {}
    rows = [
        _row(now, thread, earlier.get((thread.index, thread.started)), before)
        for thread in now.threads
        if thread.state != "ended"
    ]
    return Change(now, sorted(rows, key=lambda row: (-row.waited, -row.held, row.thread.index)))


def _row(now: Trace, thread: Thread, before: Thread | None, earlier: Trace | None) -> Row:
    since = now.duration - now.raw.clock.ns(now.raw.tracks[thread.index].since)
    attaches, waited, held, span = (
        thread.attaches, thread.wait_total, thread.hold_total, thread.life
    )  # fmt: skip
    if before is not None and earlier is not None and now.duration > earlier.duration:
        attaches -= before.attaches
        waited -= before.wait_total
        held -= before.hold_total
        span = now.duration - earlier.duration
    return Row(
        thread, attaches * 1e9 / span, _share(waited, span), _share(held, span), max(0, since)
    )


def _share(part: int, whole: int) -> float:
    """Clamp to 0..1: a reading is not instantaneous, so the fraction may lie slightly outside."""
    return min(1.0, max(0.0, part / whole))
