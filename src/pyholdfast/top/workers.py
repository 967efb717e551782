"""The worker processes of a host's isolated executors."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyholdfast.trace.model import Trace

__all__ = ["WorkerRow", "workers_of"]


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker process.

    Attributes:
        name: such as scoring-0.
        pid: its process ID.
        task: the function that it runs, or "" while it is idle.
        since: how long it has run that, or has been idle, in nanoseconds.
        rate: tasks per second since the earlier reading, or since its start.
        memory: its resident memory in bytes, or None if the system does not say.
    """

    name: str
    pid: int
    task: str
    since: int
    rate: float
    memory: int | None


def workers_of(now: Trace, before: Trace | None) -> list[WorkerRow]:
    """The workers that live now, in the order of their names."""
    earlier = {(t.index, t.started): t for t in before.threads} if before else {}
    rows = []
    for thread in now.threads:
        track = now.raw.tracks[thread.index]
        if thread.state == "ended" or not track.is_worker:
            continue
        tasks, span = thread.tasks, thread.life
        known = earlier.get((thread.index, thread.started))
        if known is not None and before is not None and now.duration > before.duration:
            tasks, span = tasks - known.tasks, now.duration - before.duration
        rows.append(
            WorkerRow(
                thread.name,
                thread.native_id,
                now.raw.names.get(track.function, ""),
                max(0, now.duration - now.raw.clock.ns(track.since)),
                tasks * 1e9 / span,
                _resident(thread.native_id),
            )
        )
    return sorted(rows, key=lambda row: (len(row.name), row.name))


def _resident(pid: int) -> int | None:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGESIZE")
