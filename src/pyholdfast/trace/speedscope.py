"""Writes the waits of a trace as a flame graph for speedscope.app: where waiting time went.

There is a profile of all threads and one of each. A stack consists of the place where the thread
waited, then who held the interpreter meanwhile, and where.

Source:
    https://www.speedscope.app/file-format-schema.json
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pyholdfast import paths
from pyholdfast.trace.places import place
from pyholdfast.trace.strips import owners_during

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyholdfast.trace.model import Thread, Trace

__all__ = ["waits"]

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
NOBODY = "no thread known to holdfast"

_Stack = tuple[str, ...]


def waits(trace: Trace, title: str | None = None) -> str:
    """The contents of the file. `title` is the profile's name; default: the command."""
    frames: dict[str, int] = {}
    everybody: defaultdict[_Stack, int] = defaultdict(int)
    by_thread = [
        (thread.name, _stacks(trace, thread))
        for thread in sorted(trace.threads, key=lambda one: -one.wait_total)
        if not thread.is_worker
    ]
    for name, stacks in by_thread:
        for stack, waited in stacks.items():
            whole: _Stack = (name, *stack)
            everybody[whole] += waited
    profiles = [
        _profile(name, stacks, frames) for name, stacks in [("all threads", everybody), *by_thread]
    ]
    command = " ".join(PurePath(word).name for word in trace.raw.command)
    return json.dumps(
        {
            "$schema": SCHEMA,
            "name": title or command or "holdfast trace",
            "exporter": f"holdfast@{paths.version()}",
            "activeProfileIndex": 0,
            "shared": {"frames": [{"name": frame} for frame in frames]},
            "profiles": profiles,
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _stacks(trace: Trace, thread: Thread) -> dict[_Stack, int]:
    """Nanoseconds waited, by place and by holder."""
    found: defaultdict[_Stack, int] = defaultdict(int)
    names = {other.index: other.name for other in trace.threads}
    for hold in thread.holds:
        if not hold.wait:
            continue
        where = place(hold.site, hold.function) or "attach"
        left = hold.wait
        strip = trace.strips.get(hold.interpreter, [])
        for piece, shared in owners_during(strip, hold.start, hold.middle):
            owner = piece.hold
            if owner.thread != thread.index:
                found[where, names[owner.thread], place(owner.site, owner.function)] += shared
                left -= shared
        if left > 0:
            found[where, NOBODY] += left
    return found


def _profile(name: str, stacks: Mapping[_Stack, int], frames: dict[str, int]) -> dict[str, Any]:
    ranked = sorted(stacks.items(), key=lambda pair: -pair[1])
    return {
        "type": "sampled",
        "name": name,
        "unit": "nanoseconds",
        "startValue": 0,
        "endValue": sum(stacks.values()),
        "samples": [
            [frames.setdefault(frame, len(frames)) for frame in stack if frame]
            for stack, _ in ranked
        ],
        "weights": [waited for _, waited in ranked],
    }
