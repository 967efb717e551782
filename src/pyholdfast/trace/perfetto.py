"""Writes a trace for Perfetto's viewer, ui.perfetto.dev: a `.pftrace` file.

Every thread has a track with its waits and holds, and one below for its calls, tasks and
collections. Every interpreter has a track that shows who held it. Times count from the start of the
recording.

Source:
    https://perfetto.dev/docs/reference/trace-packet-proto and track_event.proto; the constants have
    the names in these files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.trace.file_layout import CALL, COLLECTION, DRAIN, LOCK, TASK
from pyholdfast.trace.places import place, short
from pyholdfast.trace.protobuf import message, number, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyholdfast.trace.model import Hold, Owned, Span, Thread, Trace

__all__ = ["packets"]

# Trace, TracePacket
PACKET, TIMESTAMP, SEQUENCE_ID, TRACK_EVENT, INTERNED_DATA = 1, 8, 10, 11, 12
SEQUENCE_FLAGS, TRACK_DESCRIPTOR = 13, 60
STATE_CLEARED, NEEDS_STATE = 1, 2
# TrackDescriptor, ProcessDescriptor, ThreadDescriptor
UUID, TRACK_NAME, PROCESS, THREAD, PARENT_UUID = 1, 2, 3, 4, 5
PROCESS_PID, PROCESS_CMDLINE, PROCESS_NAME = 1, 2, 6
THREAD_PID, THREAD_TID, THREAD_NAME = 1, 2, 5
# TrackEvent, DebugAnnotation, InternedData
CATEGORY_IIDS, ANNOTATIONS, TYPE, NAME_IID, TRACK_UUID = 3, 4, 9, 10, 11
SLICE_BEGIN, SLICE_END, INSTANT = 1, 2, 3
ANNOTATION_STRING, ANNOTATION_NAME = 6, 10
INTERNED_CATEGORIES, INTERNED_NAMES, INTERNED_IID, INTERNED_NAME = 1, 2, 1, 2

SEQUENCE = 1
PROCESS_UUID, FIRST_TRACK = 1, 16
CATEGORIES = ("wait", "hold", "call", "task", "collection", "lock", "owner", "watchdog", "finalize")
WAIT, HELD, OWNER, WATCHDOG = 1, 2, 7, 8
CATEGORY_OF = {CALL: 3, TASK: 4, COLLECTION: 5, LOCK: 6, DRAIN: 9}


def packets(trace: Trace) -> bytes:
    """The contents of the file."""
    return b"".join(_Writer(trace).write())


class _Writer:
    """Keeps the names and tracks that were written. Packets of a sequence are ordered by time."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.names: dict[str, int] = {}
        self.events: dict[tuple[int, int, int, str, str], bytes] = {}  # shared by equal events
        self.sequence = number(SEQUENCE_ID, SEQUENCE) + number(SEQUENCE_FLAGS, NEEDS_STATE)

    def write(self) -> Iterator[bytes]:
        events: list[tuple[int, int, bytes]] = []
        descriptions = [self._process()]
        track = FIRST_TRACK
        for thread in self.trace.threads:
            descriptions += self._thread(thread, track)
            events += self._holds(thread.holds, track)
            events += self._nested(thread.spans, track + 1)
            track += 2
        names = {thread.index: thread.name for thread in self.trace.threads}
        for interpreter, strip in self.trace.strips.items():
            descriptions.append(_track(track, f"who held interpreter {interpreter}"))
            events += self._owners(strip, names, track)
            track += 1
        events += [
            (when, 1, self._event(PROCESS_UUID, INSTANT, WATCHDOG, note.partition("\n")[0], note))
            for when, note in self.trace.notes
        ]
        yield self._names()
        yield from descriptions
        # At the same time, a slice ends before the next one begins.
        for when, _, body in sorted(events, key=lambda event: event[:2]):
            yield message(PACKET, number(TIMESTAMP, when), self.sequence, body)

    def _process(self) -> bytes:
        raw = self.trace.raw
        words = [text(PROCESS_CMDLINE, word) for word in raw.command]
        name = short(raw.command[0]) if raw.command else "holdfast"
        body = message(
            PROCESS, number(PROCESS_PID, raw.pid), *words, text(PROCESS_NAME, name or "holdfast")
        )
        return _described(number(UUID, PROCESS_UUID), body)

    def _thread(self, thread: Thread, track: int) -> Iterator[bytes]:
        body = message(
            THREAD,
            number(THREAD_PID, self.trace.raw.pid),
            number(THREAD_TID, thread.native_id),
            text(THREAD_NAME, thread.name),
        )
        yield _described(number(UUID, track), number(PARENT_UUID, PROCESS_UUID), body)
        if thread.spans:
            yield _track(track + 1, "calls", parent=track)

    def _holds(self, holds: Iterable[Hold], track: int) -> Iterator[tuple[int, int, bytes]]:
        end = self._end(track)
        for hold in holds:
            if hold.wait:
                site = short(hold.site)
                yield (
                    hold.start,
                    1,
                    self._event(track, SLICE_BEGIN, WAIT, "waiting to attach", site),
                )
                yield hold.middle, 0, end
            if hold.length:
                name = place(hold.site, hold.function)
                yield (
                    hold.middle,
                    1,
                    self._event(track, SLICE_BEGIN, HELD, f"attached {name}".rstrip()),
                )
                yield hold.end, 0, end

    def _owners(
        self, strip: Iterable[Owned], names: dict[int, str], track: int
    ) -> Iterator[tuple[int, int, bytes]]:
        end = self._end(track)
        for piece in strip:
            yield piece.start, 1, self._event(track, SLICE_BEGIN, OWNER, names[piece.hold.thread])
            yield piece.end, 0, end

    def _nested(self, spans: Sequence[Span], track: int) -> Iterator[tuple[int, int, bytes]]:
        """Calls are inside tasks, and collections inside both: what ends last begins first."""
        end = self._end(track)
        for depth, span in enumerate(sorted(spans, key=lambda one: (one.start, -one.end))):
            if span.end > span.start:
                name, note = span.name or "task", ""
                if span.kind == LOCK:
                    name, note = "waiting for a mutex", short(span.name)
                elif span.kind == DRAIN:
                    name = "waiting in finalize()"
                body = self._event(track, SLICE_BEGIN, CATEGORY_OF[span.kind], name, note)
                yield span.start, depth + 1, body
                yield span.end, 0, end

    def _end(self, track: int) -> bytes:
        return message(TRACK_EVENT, number(TYPE, SLICE_END), number(TRACK_UUID, track))

    def _event(self, track: int, kind: int, category: int, name: str, note: str = "") -> bytes:
        key = (track, kind, category, name, note)
        known = self.events.get(key)
        if known is not None:
            return known
        iid = self.names.setdefault(name, len(self.names) + 1)
        fields = [
            number(CATEGORY_IIDS, category),
            number(TYPE, kind),
            number(NAME_IID, iid),
            number(TRACK_UUID, track),
        ]
        if note:
            annotation = text(ANNOTATION_NAME, "note") + text(ANNOTATION_STRING, note)
            fields.append(message(ANNOTATIONS, annotation))
        return self.events.setdefault(key, message(TRACK_EVENT, *fields))

    def _names(self) -> bytes:
        """The names that all other packets refer to; first in the file, but only known last."""
        categories = [
            message(INTERNED_CATEGORIES, number(INTERNED_IID, at), text(INTERNED_NAME, name))
            for at, name in enumerate(CATEGORIES, 1)
        ]
        names = [
            message(INTERNED_NAMES, number(INTERNED_IID, iid), text(INTERNED_NAME, name))
            for name, iid in self.names.items()
        ]
        return message(
            PACKET,
            number(SEQUENCE_ID, SEQUENCE),
            number(SEQUENCE_FLAGS, STATE_CLEARED),
            message(INTERNED_DATA, *categories, *names),
        )


def _described(*parts: bytes) -> bytes:
    return message(PACKET, number(SEQUENCE_ID, SEQUENCE), message(TRACK_DESCRIPTOR, *parts))


def _track(track: int, name: str, parent: int = PROCESS_UUID) -> bytes:
    return _described(number(UUID, track), number(PARENT_UUID, parent), text(TRACK_NAME, name))
