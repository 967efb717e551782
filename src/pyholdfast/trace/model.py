"""A trace as threads, what they waited for, and who held it.

Times are nanoseconds since the recording began.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyholdfast.errors import HoldfastError
from pyholdfast.trace import file_layout as raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyholdfast.trace.file_layout import RawLane, RawTrace

__all__ = ["Distribution", "Hold", "Owned", "Site", "Span", "Thread", "Trace", "build", "gil_of"]

FIRST_EXACT = 4  # classes of a histogram that hold one value each
_FOLDER = re.compile(r'(?<=at )/(?:[^/\s"]+/)+(?=[^/\s:]+:\d)|(?<=")/(?:[^/"\n]+/)+(?=[^/"\n]+")')


@dataclass(frozen=True, slots=True)
class Hold:
    """A wait and the hold that followed; `middle` is when the thread was attached.

    Attributes:
        open_end: what was going on when the trace ended: "wait", "hold", or an empty text.
        continued: whether a detach_guard comes directly before or after it.
        let_go: whether it did not run when the trace ended, although it was attached.
    """

    thread: int
    start: int
    middle: int
    end: int
    site: str
    function: str
    interpreter: int
    open_end: str = ""
    continued: bool = False
    let_go: bool = False

    @property
    def wait(self) -> int:
        """Nanoseconds from the start of the attach until attached."""
        return self.middle - self.start

    @property
    def length(self) -> int:
        """Nanoseconds attached."""
        return self.end - self.middle


@dataclass(frozen=True, slots=True)
class Span:
    """A call, a task, a collection, or a wait for a mutex or in finalize().

    Attributes:
        owner: the thread that had the mutex when the wait began, if that is known.
    """

    thread: int
    kind: int
    start: int
    end: int
    name: str
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Owned:
    """A period in which one thread held an interpreter, as far as is visible from outside Python.

    If several threads are attached, the last one to attach holds it, unless it is known not to run:
    the others must have released it inside Python.
    """

    start: int
    end: int
    hold: Hold


@dataclass(slots=True)
class Site:
    """Attaches of all threads at one call site, into one function."""

    site: str
    function: str
    count: int = 0
    wait_total: int = 0
    hold_total: int = 0
    longest_wait: int = 0
    longest_hold: int = 0


@dataclass(frozen=True, slots=True)
class Distribution:
    """Durations, grouped into classes.

    Attributes:
        classes: (upper end in nanoseconds, count), without the empty ones.
        longest: the exact longest duration, in nanoseconds.
    """

    classes: tuple[tuple[int, int], ...]
    longest: int

    @property
    def count(self) -> int:
        """The number of durations."""
        return sum(many for _, many in self.classes)

    def quantile(self, share: float) -> int:
        """The duration that `share` of all do not exceed, to a quarter of a power of two."""
        left = share * self.count
        for upper, many in self.classes:
            left -= many
            if left <= 0:
                return min(upper, self.longest)
        return self.longest


@dataclass(slots=True)
class Thread:
    """One native thread, or one worker process of an isolated executor.

    Attributes:
        is_worker: a worker process; it never attaches, and `native_id` is its process id.
        complete_from: earlier holds and spans were overwritten, except long ones; 0: none was.
    """

    index: int
    name: str
    native_id: int
    state: str
    started: int
    ended: int
    attaches: int
    wait_total: int
    hold_total: int
    longest_hold: int
    longest_hold_place: str
    longest_wait: int
    calls: int
    tasks: int
    collections: int
    collection_total: int
    dropped: int
    holds: list[Hold] = field(repr=False)
    spans: list[Span] = field(repr=False)
    complete_from: int = 0
    is_worker: bool = False

    @property
    def life(self) -> int:
        """Nanoseconds between its first attach and its end."""
        return max(1, self.ended - self.started)


@dataclass(slots=True)
class Trace:
    """A whole recording."""

    raw: RawTrace
    duration: int
    threads: list[Thread]
    sites: list[Site]
    waits: Distribution
    holds: Distribution
    strips: dict[int, list[Owned]]
    notes: list[tuple[int, str]]

    @property
    def python(self) -> str:
        """``Python 3.12.1``, or ``no Python`` if only the host's workers run one."""
        version = self.raw.python_version
        if version == 0:
            return "no Python"
        return f"Python {version >> 24}.{version >> 16 & 255}.{version >> 8 & 255}"

    @property
    def kind(self) -> str:
        """``with a GIL`` or ``free-threaded``; empty without a Python."""
        if self.raw.python_version == 0:
            return ""
        return "free-threaded" if self.raw.free_threaded else "with a GIL"

    @property
    def dropped(self) -> int:
        """Number of events that were overwritten, or lost with a reused track."""
        return sum(thread.dropped for thread in self.threads) + self.raw.past_events

    @property
    def attaches(self) -> int:
        """Attaches of all threads, including those whose track was reused."""
        return sum(thread.attaches for thread in self.threads) + self.raw.past_attaches

    def gil_strips(self) -> list[list[Owned]]:
        """Each strip once, although interpreters with one GIL share theirs."""
        return list({id(strip): strip for strip in self.strips.values()}.values())

    @property
    def gils(self) -> list[tuple[list[int], list[Owned]]]:
        """For each GIL, the interpreters that share it, and their strip; none if free-threaded."""
        return [
            ([number for number, its in self.strips.items() if its is strip], strip)
            for strip in ([] if self.raw.free_threaded else self.gil_strips())
        ]

    def thread(self, index: int) -> Thread:
        """The thread with the index that holds and spans contain."""
        return next(thread for thread in self.threads if thread.index == index)


def place(site: str, function: str) -> str:
    """E.g. ``app.work at host.cpp:12``; either part may be missing."""
    where = f"at {short(site)}" if site else ""
    return " ".join(word for word in (f"in {function}" if function else "", where) if word)


def short(site: str) -> str:
    """A call site without its folder."""
    return site.rpartition("/")[2]


def short_paths(report: str) -> str:
    """A report of the watchdog with files instead of paths.

    >>> short_paths('holds it at /srv/app/main.cpp:12')
    'holds it at main.cpp:12'
    >>> short_paths('File "/srv/app/jobs.py", line 7 in crunch')
    'File "jobs.py", line 7 in crunch'
    """
    return _FOLDER.sub("", report)


def build(trace: RawTrace) -> Trace:
    """Turn the numbers of a file into threads, holds and totals.

    Raises:
        HoldfastError: HF805 if they contradict each other.
    """
    try:
        return _build(trace)
    except (ArithmeticError, LookupError, ValueError) as error:
        raise HoldfastError(
            "HF805",
            f"'{trace.path}' is damaged: its numbers contradict each other",
            "record it again",
        ) from error


def _build(trace: RawTrace) -> Trace:
    latest = max([trace.last_ticks, *(_latest(track) for track in trace.tracks)])
    end = trace.clock.ns(latest)
    tracks = [track for track in trace.tracks if track.state != "unused"]
    threads = [_thread(trace, track, end) for track in tracks]
    return Trace(
        raw=trace,
        duration=max(1, end),
        threads=threads,
        sites=_sites(trace, tracks),
        waits=_distribution(
            trace, [track.waits for track in tracks], (t.longest_wait for t in threads)
        ),
        holds=_distribution(
            trace, [track.holds for track in tracks], (t.longest_hold for t in threads)
        ),
        strips=_strips(trace, threads),
        notes=[(trace.clock.ns(ticks), text) for ticks, text in trace.notes],
    )


def _latest(track: RawLane) -> int:
    return max([track.since, track.ended, *(event[2] for event in track.events[-8:])])


def _thread(trace: RawTrace, track: RawLane, end: int) -> Thread:
    clock, names = trace.clock, trace.names
    holds, spans = [], []
    for start, middle, stop, site, function, kind, flags, interpreter in track.events:
        if kind == raw.HOLD:
            holds.append(
                Hold(track.index, clock.ns(start), clock.ns(middle), clock.ns(stop),
                     names.get(site, ""), names.get(function, ""), interpreter, "", bool(flags & 1))
            )  # fmt: skip
        else:
            is_lock = kind == raw.LOCK
            name = names.get(site if is_lock else function, "").removesuffix(":0")
            owner = _owner(trace, function - 1, start) if is_lock else None
            spans.append(Span(track.index, kind, clock.ns(start), clock.ns(stop), name, owner))
    if track.wanted_lock and track.state != "ended":
        since = min(clock.ns(track.wanted_since), end)
        spans.append(Span(track.index, raw.LOCK, since, end, "a mutex"))
    if track.draining_since and track.state != "ended":
        since = min(clock.ns(track.draining_since), end)
        spans.append(Span(track.index, raw.DRAIN, since, end, "finalize()"))
    longest_hold, longest_wait = clock.span(track.longest_hold), clock.span(track.longest_wait)
    longest_place = place(
        names.get(track.longest_hold_site, ""), names.get(track.longest_hold_function, "")
    )
    waited, held = clock.span(track.wait_total), clock.span(track.hold_total)
    if track.state in ("waiting", "attached"):
        opened = _open(trace, track, end)
        holds.append(opened)
        waited += opened.wait
        held += opened.length
        longest_wait = max(longest_wait, opened.wait)
        if opened.length > longest_hold:
            longest_hold, longest_place = opened.length, place(opened.site, opened.function)
    kept = len(track.events)
    # A thread may wait in finalize() before it has a track.
    started = min([clock.ns(track.started), *(s.start for s in spans if s.kind == raw.DRAIN)])
    return Thread(
        track.index, track.name or f"thread {track.native_id}", track.native_id, track.state,
        started, clock.ns(track.ended) if track.ended else end,
        track.attaches, waited, held, longest_hold, longest_place, longest_wait, track.calls, track.tasks,
        track.collections, clock.span(track.collection_total), max(0, track.events_written - kept),
        holds, spans, clock.ns(track.complete_from) if track.complete_from else 0, track.is_worker,
    )  # fmt: skip


def _owner(trace: RawTrace, index: int, start: int) -> int | None:
    """The thread of a track, unless a later one has it now."""
    known = 0 <= index < len(trace.tracks) and trace.tracks[index].started <= start
    return index if known else None


def _open(trace: RawTrace, track: RawLane, end: int) -> Hold:
    """The hold or wait that was going on when the trace ended."""
    since = min(trace.clock.ns(track.since), end)
    waits = track.state == "waiting"
    return Hold(
        track.index, since, end if waits else since, end, trace.names.get(track.site, ""),
        trace.names.get(track.function, ""), track.interpreter, "wait" if waits else "hold",
        let_go=track.let_go,
    )  # fmt: skip


def _sites(trace: RawTrace, tracks: Iterable[RawLane]) -> list[Site]:
    found: dict[tuple[str, str], Site] = {}
    span = trace.clock.span
    for track in tracks:
        for row in track.sites:
            key = (trace.names.get(row.site, ""), trace.names.get(row.function, ""))
            site = found.setdefault(key, Site(*key))
            site.count += row.count
            site.wait_total += span(row.wait_total)
            site.hold_total += span(row.hold_total)
            site.longest_wait = max(site.longest_wait, span(row.longest_wait))
            site.longest_hold = max(site.longest_hold, span(row.longest_hold))
    return sorted(found.values(), key=lambda site: -site.hold_total)


def _distribution(
    trace: RawTrace, counts: Sequence[Sequence[int]], longest: Iterable[int]
) -> Distribution:
    totals = [sum(column) for column in zip(*counts, strict=True)]
    classes = tuple(
        (trace.clock.span(_upper_end(index)), many) for index, many in enumerate(totals) if many
    )
    return Distribution(classes, max(longest, default=0))


def _upper_end(index: int) -> int:
    """The upper end of a class in ticks; see histogram_class() in trace/event.hpp."""
    if index < FIRST_EXACT:
        return index
    power = index // 4 + 1
    return (4 + index % 4 + 1) << (power - 2)


def gil_of(trace: RawTrace, interpreter: int) -> int:
    """The number of the GIL that an interpreter uses; 0 is the main interpreter's."""
    return interpreter if trace.with_own_gil >> interpreter & 1 else 0


def _strips(trace: RawTrace, threads: Iterable[Thread]) -> dict[int, list[Owned]]:
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
