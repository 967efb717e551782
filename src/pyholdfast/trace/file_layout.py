"""Reads the file that a host records into.

trace/event.hpp defines it in C++: a header of 4096 bytes, names, notes, and a track for each
thread. Numbers are little-endian on every machine that holdfast runs on. Characters that would act
on a terminal are escaped, so that every picture and summary is safe to show.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.inputs import open_regular
from pyholdfast.visible import visible, visible_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "CALL",
    "COLLECTION",
    "DRAIN",
    "HOLD",
    "LOCK",
    "SLEEPS",
    "STATES",
    "TASK",
    "Clock",
    "RawEvent",
    "RawLane",
    "RawSite",
    "RawTrace",
    "read_trace",
]

MAGIC = b"holdfast-trace\n\0"
VERSION = 1
HEADER_SIZE = 4096
MOST_BYTES = 2 << 30  # 512 tracks of the largest useful size
# Smaller files are copied: another process may truncate a file while it is read, and reading a
# mapped part that is gone kills the process.
COPIED_BYTES = 64 << 20
STATES = ("unused", "native", "waiting", "attached", "ended")
SLEEPS = ("", "in call", "for its turn")  # of attached threads
HOLD, CALL, TASK, COLLECTION, LOCK, DRAIN = 1, 2, 3, 4, 5, 6
LONGEST_KIND = DRAIN

_HEADER = struct.Struct("<16s8I3Q10I4Q5Q1024s")
_GILS = struct.Struct("<256s")
_NAME = struct.Struct("<HHI")
_NOTE = struct.Struct("<QII")
_EVENT = struct.Struct("<QQQHHBBH")
_NOW = struct.Struct("<4I6Q")
_TOTALS = struct.Struct("<5Q4I5Q")
_WHO = struct.Struct("<4Q32s")
_LOCKS = struct.Struct("<3Q16Q3Q")
_SITE = struct.Struct("<HHI5Q")
_TOTALS_AT, _WHO_AT, _LOCKS_AT, _WAITS_AT = 64, 192, 256, 448
HISTOGRAM = 192
_HOLDS_AT = _WAITS_AT + 4 * HISTOGRAM
_SITES_AT = _HOLDS_AT + 4 * HISTOGRAM
_SITE_ROWS = 64
TRACK_PAGE_SIZE = _SITES_AT + _SITE.size * _SITE_ROWS

RawEvent = tuple[int, int, int, int, int, int, int, int]
"""start, middle, end, site, function, kind, flags, interpreter."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns ticks into nanoseconds since the recording began."""

    first_ticks: int
    ns_per_tick: float

    def ns(self, ticks: int) -> int:
        """Nanoseconds since the beginning; never negative."""
        return max(0, round((ticks - self.first_ticks) * self.ns_per_tick))

    def span(self, ticks: int) -> int:
        """The length of a duration in nanoseconds."""
        return round(ticks * self.ns_per_tick)


@dataclass(frozen=True, slots=True)
class RawSite:
    """Totals of one call site and function. Durations in ticks."""

    site: int
    function: int
    count: int
    wait_total: int
    hold_total: int
    longest_wait: int
    longest_hold: int


@dataclass(frozen=True, slots=True)
class RawLane:
    """One thread, as in the file. Times and durations in ticks."""

    index: int
    state: str
    site: int
    function: int
    interpreter: int
    since: int
    events_written: int
    long_events_written: int
    attaches: int
    wait_total: int
    hold_total: int
    longest_wait: int
    longest_hold: int
    longest_wait_site: int
    longest_hold_site: int
    longest_hold_function: int
    calls: int
    call_total: int
    collections: int
    collection_total: int
    tasks: int
    native_id: int
    thread_id: int
    started: int
    ended: int
    name: str
    waits: tuple[int, ...]
    holds: tuple[int, ...]
    sites: tuple[RawSite, ...]
    events: tuple[RawEvent, ...] = field(repr=False)
    complete_from: int = 0  # earlier events were overwritten, except long ones; 0: none was
    wanted_lock: int = 0  # the address of the holdfast::mutex that it waits for; 0: none
    wanted_since: int = 0
    held_locks: tuple[int, ...] = ()  # addresses
    is_worker: bool = False  # a worker process: native_id is its process id, function its task
    let_go: bool = False  # attached, but does not run: it released the GIL, or waits for its turn
    draining_since: int = 0  # it waits in finalize(); 0: it does not
    sleep: str = ""  # if attached, one of SLEEPS, with or without Python's lock; "": not known


@dataclass(frozen=True, slots=True)
class RawTrace:
    """A whole file."""

    path: Path
    pid: int
    started_wall_ns: int
    clock: Clock
    last_ticks: int
    ended: bool
    python_version: int
    free_threaded: bool
    switch_interval_us: int
    long_ticks: int
    threads_without_track: int
    past_threads: int
    past_attaches: int
    past_wait_total: int
    past_hold_total: int
    past_events: int
    command: tuple[str, ...]
    names: Mapping[int, str]
    notes: Sequence[tuple[int, str]]
    tracks: Sequence[RawLane]
    with_own_gil: int = 0  # a bit for each interpreter's number: it is known to have its own GIL


def read_trace(path: Path, *, follow: bool = True) -> RawTrace:
    """Read the trace of a host that has ended, was killed, or is still running.

    Args:
        path: the file.
        follow: whether it may be a link.

    Raises:
        HoldfastError: HF803 not a trace, HF804 another format, HF805 damaged.
    """
    try:
        with open_regular(path, follow=follow) as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                raise _foreign(path, "it is empty")
            if size > MOST_BYTES:
                raise _foreign(path, f"{size >> 20} MiB are more than any trace has")
            if size <= COPIED_BYTES:
                return _read(path, file.read())
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                return _read(path, mapped)
    except struct.error as error:  # a size in the file points beyond its end
        raise _damaged(path, "it is truncated") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _foreign(path, str(reason or error)) from error


def _read(path: Path, data: bytes | mmap.mmap) -> RawTrace:
    if data[: len(MAGIC)] != MAGIC:
        raise _foreign(path, "it does not begin like one")
    if len(data) < HEADER_SIZE:
        raise _damaged(path, f"{len(data)} bytes are less than its header")
    (_, version, header_size, names_size, notes_size, track_size, page_size, ring, long_ring,
     long_ticks, pid, wall, by_counter, names_used, notes_used, tracks_used, _reused, without,
     ended, python_version, free_threaded, interval, first_ticks, first_ns, last_ticks, last_ns,
     past_threads, past_attaches, past_wait, past_hold, past_events,
     command) = _HEADER.unpack_from(data)  # fmt: skip
    if version != VERSION:
        raise HoldfastError(
            "HF804",
            f"'{path}' is a trace of format {version}, and this holdfast reads {VERSION}",
            "use the holdfast that the host was built with",
        )
    wanted = header_size + names_size + notes_size + tracks_used * track_size
    smallest = page_size + _EVENT.size * (ring + long_ring)
    if header_size != HEADER_SIZE or page_size != TRACK_PAGE_SIZE or track_size < smallest:
        raise _damaged(path, "its header contradicts itself")
    if names_used > names_size or notes_used > notes_size:
        raise _damaged(path, "its header contradicts itself")
    if len(data) < wanted:
        raise _damaged(path, f"{len(data)} of its {wanted} bytes are there")
    ticks, ns = last_ticks - first_ticks, last_ns - first_ns
    clock = Clock(first_ticks, ns / ticks if by_counter and ticks > 0 else 1.0)
    at = header_size + names_size + notes_size
    words = [visible(_text(word)) for word in command.rstrip(b"\0").split(b"\0")]
    return RawTrace(
        path, pid, wall, clock, last_ticks, bool(ended), python_version, bool(free_threaded), interval,
        long_ticks, without, past_threads, past_attaches, past_wait, past_hold, past_events,
        tuple(words),
        _names(path, data[header_size : header_size + names_used]),
        _notes(path, data[header_size + names_size : header_size + names_size + notes_used]),
        tuple(_track(data, index, at + index * track_size, ring, long_ring) for index in range(tracks_used)),
        int.from_bytes(_GILS.unpack_from(data, _HEADER.size)[0], "little"),
    )  # fmt: skip


def _names(path: Path, area: bytes) -> dict[int, str]:
    names: dict[int, str] = {}
    at = 0
    while at + _NAME.size <= len(area):
        number, _, size = _NAME.unpack_from(area, at)
        text = area[at + _NAME.size : at + _NAME.size + size]
        if len(text) != size:
            raise _damaged(path, "a name is cut off")
        names[number] = visible(_text(text))
        at += _NAME.size + (size + 7) // 8 * 8
    return names


def _notes(path: Path, area: bytes) -> list[tuple[int, str]]:
    notes: list[tuple[int, str]] = []
    at = 0
    while at + _NOTE.size <= len(area):
        ticks, size, _ = _NOTE.unpack_from(area, at)
        text = area[at + _NOTE.size : at + _NOTE.size + size]
        if len(text) != size:
            raise _damaged(path, "a note is truncated")
        notes.append((ticks, visible_lines(_text(text))))
        at += _NOTE.size + (size + 7) // 8 * 8
    return notes


def _track(data: bytes | mmap.mmap, index: int, at: int, ring: int, long_ring: int) -> RawLane:
    (state, site, function, interpreter, since, _, events, long_events, _,
     let_go) = _NOW.unpack_from(data, at)  # fmt: skip
    (attaches, wait_total, hold_total, longest_wait, longest_hold, wait_site, hold_site, hold_function,
     is_worker, calls, call_total, collections, collection_total, tasks) = _TOTALS.unpack_from(
        data, at + _TOTALS_AT)  # fmt: skip
    native_id, thread_id, started, ended, name = _WHO.unpack_from(data, at + _WHO_AT)
    wanted_lock, _, wanted_since, *held, draining, sleep, sleep_since = _LOCKS.unpack_from(
        data, at + _LOCKS_AT
    )
    counts = f"<{HISTOGRAM}I"
    rows = (
        RawSite(*row[:2], *row[3:])
        for row in _SITE.iter_unpack(data[at + _SITES_AT : at + TRACK_PAGE_SIZE])
        if row[3]
    )
    first = at + TRACK_PAGE_SIZE
    found = _ring(data, first, ring, events)
    long_ones = _ring(data, first + ring * _EVENT.size, long_ring, long_events)
    return RawLane(
        index,
        STATES[state] if state < len(STATES) else "unused",
        site, function, interpreter, since, events, long_events,
        attaches, wait_total, hold_total, longest_wait, longest_hold, wait_site, hold_site,
        hold_function, calls, call_total, collections, collection_total, tasks,
        native_id, thread_id, started, ended,
        visible(_text(name.partition(b"\0")[0])),
        struct.unpack_from(counts, data, at + _WAITS_AT),
        struct.unpack_from(counts, data, at + _HOLDS_AT),
        tuple(rows),
        # A long event is in both rings until the first one overwrites it.
        tuple(sorted({*found, *long_ones})),
        min((_known_from(event) for event in found), default=0) if events > ring else 0,
        wanted_lock, wanted_since, tuple(address for address in held[::2] if address),
        is_worker == 1, let_go != 0 and let_go == since, draining,
        SLEEPS[sleep] if sleep_since == since and sleep < len(SLEEPS) else "",
    )  # fmt: skip


def _known_from(event: RawEvent) -> int:
    """An event is written when it ends, and holds of one thread do not overlap."""
    return event[0] if event[5] == HOLD else event[2]


def _ring(data: bytes | mmap.mmap, at: int, size: int, written: int) -> list[RawEvent]:
    """The events in a ring: all that were written, or the last `size`; invalid ones are left out.

    The host may be writing, so the oldest event of a full ring may be partly overwritten.
    """
    count = min(size, written)
    events = _EVENT.iter_unpack(data[at : at + count * _EVENT.size])
    return [
        event
        for event in events
        if event[0] <= event[1] <= event[2] and 0 < event[5] <= LONGEST_KIND
    ]


def _text(data: bytes) -> str:
    """A text from the host, escaped: thread names, functions, a command."""
    return data.decode("utf-8", "surrogateescape")


def _foreign(path: Path, why: str) -> UsageError:
    return UsageError(
        "HF803", f"cannot read '{path}' as a trace: {why}", "name a file that HOLDFAST_TRACE made"
    )


def _damaged(path: Path, why: str) -> HoldfastError:
    return HoldfastError(
        "HF805", f"the trace '{path}' is damaged: {why}", "record it again, or copy the whole file"
    )
