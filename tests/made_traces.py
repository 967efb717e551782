"""Traces that no host recorded: threads that take turns, with known times."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.trace.building import build
from pyholdfast.trace.file_layout import HISTOGRAM, HOLD, LOCK, Clock, RawEvent, RawLane, RawTrace
from pyholdfast.trace.model import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["made", "taking_turns"]

PYTHON_312 = 0x030C01F0


def made(
    threads: Mapping[str, Sequence[RawEvent]],
    *,
    length: int,
    own_gils: Sequence[int] = (),
    free_threaded: bool = False,
    complete_from: int = 0,
    ended: bool = True,
    notes: Sequence[tuple[int, str]] = (),
    workers: Mapping[str, Sequence[RawEvent]] | None = None,
) -> Trace:
    """A trace of these threads and worker processes: a tick is a nanosecond, and it began at tick 1."""
    tracks = [
        _lane(index, name, events, length, complete_from)
        for index, (name, events) in enumerate(threads.items())
    ]
    tracks += [
        replace(
            _lane(len(tracks) + index, name, events, length, complete_from),
            is_worker=True,
            tasks=len(events),
        )
        for index, (name, events) in enumerate((workers or {}).items())
    ]
    raw = RawTrace(
        Path("made.trace"), 7, 0, Clock(1, 1.0), length + 1, ended, PYTHON_312, free_threaded, 5000, 10**6,
        0, 0, 0, 0, 0, 0, ("host",), {1: "/srv/app/main.cpp:12", 2: "jobs.work"}, notes, tracks,
        sum(1 << number for number in own_gils),
    )  # fmt: skip
    return build(raw)


def taking_turns(
    threads: int, length: int, hold: int, *, seed: int = 1, interpreters: int = 1, blocked: int = 0
) -> dict[str, list[RawEvent]]:
    """Threads that attach one after the other for about `hold`, and wait until it is their turn.

    With several interpreters, the threads of each take turns among themselves. With `blocked`, each
    also waits as long for a mutex after each hold.
    """
    chance = random.Random(seed)  # noqa: S311 - a schedule
    events: dict[str, list[RawEvent]] = {f"worker-{number}": [] for number in range(threads)}
    free_at = [1] * interpreters
    ready = [1 + chance.randrange(hold) for _ in range(threads)]
    while True:
        number = min(range(threads), key=lambda each: ready[each])
        gil = number % interpreters
        start, middle = ready[number], max(ready[number], free_at[gil])
        stop = middle + 1 + chance.randrange(2 * hold)
        if stop + blocked > length:
            return events
        mine = events[f"worker-{number}"]
        mine.append((start, middle, stop, 1, 2, HOLD, 0, gil))
        if blocked:
            mine.append((stop, stop + blocked, stop + blocked, 1, 0, LOCK, 0, gil))
        free_at[gil] = stop
        ready[number] = stop + blocked + chance.randrange(3 * hold)


def _lane(
    index: int, name: str, events: Sequence[RawEvent], length: int, complete_from: int
) -> RawLane:
    holds = [event for event in events if event[5] == HOLD]
    waited = sum(event[1] - event[0] for event in holds)
    held = sum(event[2] - event[1] for event in holds)
    waits = _classes(event[1] - event[0] for event in holds)
    lengths = _classes(event[2] - event[1] for event in holds)
    return RawLane(
        index, "ended", 1, 2, 0, length, len(events), 0, len(holds), waited, held,
        max((event[1] - event[0] for event in holds), default=0),
        max((event[2] - event[1] for event in holds), default=0),
        1, 1, 2, 0, 0, 0, 0, 0, 100 + index, 100 + index, 1, length, name, waits, lengths, (), tuple(events),
        complete_from,
    )  # fmt: skip


def _classes(durations: Iterable[int]) -> tuple[int, ...]:
    """The histogram, as histogram_class() in trace/event.hpp has it."""
    counts = [0] * HISTOGRAM
    for ticks in durations:
        power = ticks.bit_length() - 1
        counts[ticks if ticks < 4 else (power - 1) * 4 + (ticks >> (power - 2) & 3)] += 1
    return tuple(counts)
