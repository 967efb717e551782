"""What happened between two looks at a host."""

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
        rate: attaches per second since the earlier look, or since the thread's beginning.
        waited: the share of that time that it waited.
        held: the share of it that it was attached.
        since: nanoseconds that it has been at what it is at.
    """

    thread: Thread
    rate: float
    waited: float
    held: float
    since: int


@dataclass(frozen=True, slots=True)
class Change:
    """A host, now."""

    trace: Trace
    rows: Sequence[Row]

    @property
    def waiting(self) -> int:
        """Threads that wait to attach."""
        return sum(row.thread.state == "waiting" for row in self.rows)

    @property
    def attached(self) -> int:
        """Threads that are attached."""
        return sum(row.thread.state == "attached" for row in self.rows)

    @property
    def rate(self) -> float:
        """Attaches per second of all threads."""
        return sum(row.rate for row in self.rows)


def compare(now: Trace, before: Trace | None) -> Change:
    """The threads that live, those that waited most first."""
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
    """Two looks are not of one instant, so it may come out a little above one, or below zero."""
    return min(1.0, max(0.0, part / whole))
