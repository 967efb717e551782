"""What each thread was doing at each moment: the stretches of time that a picture fills.

With a GIL, at most one thread runs Python at a time. A thread that stays attached while another one
runs has released the GIL in a call, or waits for its turn, and shows as YIELDED until it runs again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyholdfast.trace.file_layout import DRAIN, LOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyholdfast.trace.model import Hold, Owned, Thread, Trace

__all__ = ["BLOCKED", "DRAINS", "RUNS", "WAITS", "YIELDED", "Stretch", "lanes", "union"]

WAITS, RUNS, YIELDED, BLOCKED, DRAINS = range(5)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period in one state, which is one of the constants above.

    BLOCKED: waits for a mutex. DRAINS: waits in finalize() for other threads.

    Attributes:
        begins: whether it is the first stretch of an attach.
    """

    start: int
    end: int
    state: int
    interpreter: int = 0
    site: str = ""
    function: str = ""
    begins: bool = False


def lanes(trace: Trace) -> dict[int, list[Stretch]]:
    """The stretches of each thread by its index, ordered and without overlaps."""
    pieces: dict[int, list[Owned]] = {}
    for strip in () if trace.raw.free_threaded else trace.gil_strips():
        for piece in strip:
            pieces.setdefault(id(piece.hold), []).append(piece)
    return {thread.index: list(_lane(trace, thread, pieces)) for thread in trace.threads}


def union(periods: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same periods without overlaps: a call is inside its task."""
    kept: list[tuple[int, int]] = []
    for first, last in sorted(periods):
        if kept and first <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], last))
        else:
            kept.append((first, last))
    return kept


def _lane(trace: Trace, thread: Thread, pieces: dict[int, list[Owned]]) -> Iterator[Stretch]:
    found: list[Stretch] = []
    for hold in sorted(thread.holds, key=lambda one: one.start):
        owned = pieces.get(id(hold), ())
        found += _of_hold(hold, owned, shared=not trace.raw.free_threaded)
    for kind, state in ((LOCK, BLOCKED), (DRAIN, DRAINS)):
        waits = union((span.start, span.end) for span in thread.spans if span.kind == kind)
        found = _filled(found, waits, state)
    at = 0
    for stretch in found:
        first = max(stretch.start, at)
        if stretch.end > first:
            yield stretch if first == stretch.start else replace(stretch, start=first)
            at = stretch.end


def _of_hold(hold: Hold, owned: Sequence[Owned], *, shared: bool) -> Iterator[Stretch]:
    def stretch(start: int, end: int, state: int) -> Stretch:
        begins = start == hold.start
        return Stretch(start, end, state, hold.interpreter, hold.site, hold.function, begins)

    if hold.wait:
        yield stretch(hold.start, hold.middle, WAITS)
    at = hold.middle
    for piece in owned:
        if piece.start > at:
            yield stretch(at, piece.start, YIELDED)
        yield stretch(piece.start, piece.end, RUNS)
        at = piece.end
    if hold.end > at:
        yield stretch(at, hold.end, YIELDED if shared else RUNS)


def _filled(held: Sequence[Stretch], waits: Sequence[tuple[int, int]], state: int) -> list[Stretch]:
    """Both kinds: a thread is in `state` where it neither waits to attach nor is attached."""
    added: list[Stretch] = []
    at = 0
    for first, last in waits:
        while at < len(held) and held[at].end <= first:
            at += 1
        begin, look = first, at
        while look < len(held) and held[look].start < last:
            if held[look].start > begin:
                added.append(Stretch(begin, held[look].start, state))
            begin = max(begin, held[look].end)
            look += 1
        if last > begin:
            added.append(Stretch(begin, last, state))
    return sorted([*held, *added], key=lambda one: one.start)
