"""Who held each GIL, ordered by time."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

from pyholdfast.trace.model import Owned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyholdfast.trace.file_layout import RawTrace
    from pyholdfast.trace.model import Hold, Thread

__all__ = ["gil_of", "owners_during", "strips_of"]


def gil_of(trace: RawTrace, interpreter: int) -> int:
    """The number of the GIL that an interpreter uses; 0 is the main interpreter's."""
    return interpreter if trace.with_own_gil >> interpreter & 1 else 0


def strips_of(trace: RawTrace, threads: Iterable[Thread]) -> dict[int, list[Owned]]:
    """Who held each interpreter, ordered by time; those that share a GIL have the same strip."""
    by_gil: defaultdict[int, list[Hold]] = defaultdict(list)
    for thread in threads:
        for hold in thread.holds:
            if hold.end > hold.middle:
                by_gil[gil_of(trace, hold.interpreter)].append(hold)
    strips = {gil: _strip(holds) for gil, holds in by_gil.items()}
    interpreters = {hold.interpreter for holds in by_gil.values() for hold in holds}
    return {number: strips[gil_of(trace, number)] for number in sorted(interpreters)}


def _strip(holds: Sequence[Hold]) -> list[Owned]:
    changes = sorted(
        [(hold.middle, 1, number) for number, hold in enumerate(holds)]
        + [(hold.end, 0, number) for number, hold in enumerate(holds)]
    )
    strip: list[Owned] = []
    inside: list[int] = []
    since = 0
    for now, begins, number in changes:
        if inside and now > since:
            runs = next((at for at in reversed(inside) if not holds[at].let_go), inside[-1])
            strip.append(Owned(since, now, holds[runs]))
        if begins:
            inside.append(number)
        else:
            inside.remove(number)
        since = now
    return strip


def owners_during(strip: Sequence[Owned], start: int, end: int) -> Iterable[tuple[Owned, int]]:
    """Who held it between two times, and for how many nanoseconds."""
    at = max(0, bisect_right(strip, start, key=lambda piece: piece.start) - 1)
    while at < len(strip) and strip[at].start < end:
        piece = strip[at]
        shared = min(end, piece.end) - max(start, piece.start)
        if shared > 0:
            yield piece, shared
        at += 1
