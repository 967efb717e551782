"""The numbers of a trace's file, made into threads, holds and totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.errors import HoldfastError
from pyholdfast.trace import file_layout as raw
from pyholdfast.trace.model import Distribution, Hold, Site, Span, Thread, Trace
from pyholdfast.trace.places import place
from pyholdfast.trace.strips import strips_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyholdfast.trace.file_layout import RawLane, RawTrace

__all__ = ["build"]

FIRST_EXACT = 4  # classes of a histogram that hold one value each


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
        strips=strips_of(trace, threads),
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
