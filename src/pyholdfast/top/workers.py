"""The worker processes of a host's isolated executors."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyholdfast.trace.model import Trace

__all__ = ["WorkerRow", "grouped_workers", "kind_of", "workers_of"]

_NUMBER = re.compile(r"[-_ ]?\d+$")


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker process, or all of an executor.

    Attributes:
        name: such as scoring-0.
        pid: its process ID.
        task: the function that it runs, or "" while it is idle; of several, one that they run.
        since: how long it has run that, or has been idle, in nanoseconds; of several, the longest
            time of those that run, or of all if none does.
        rate: tasks per second since the earlier reading, or since its start.
        memory: its resident memory in bytes, or None if the system does not say.
        several: how many they are; 0 for a single one.
        running: of several, how many run a task.
    """

    name: str
    pid: int
    task: str
    since: int
    rate: float
    memory: int | None
    several: int = 0
    running: int = 0


def kind_of(name: str) -> str:
    """What the names of a pool's threads or an executor's workers have in common.

    >>> kind_of("scoring-12"), kind_of("main"), kind_of("7")
    ('scoring', 'main', '7')
    """
    return _NUMBER.sub("", name) or name


def grouped_workers(workers: Sequence[WorkerRow]) -> list[WorkerRow]:
    """One row for all workers of an executor."""
    kinds: dict[str, list[WorkerRow]] = {}
    for worker in workers:
        kinds.setdefault(kind_of(worker.name), []).append(worker)
    return [many[0] if len(many) == 1 else _together(kind, many) for kind, many in kinds.items()]


def _together(kind: str, workers: Sequence[WorkerRow]) -> WorkerRow:
    running = [worker for worker in workers if worker.task]
    longest = max(running or workers, key=lambda worker: worker.since)
    known = [worker.memory for worker in workers if worker.memory is not None]
    return replace(
        longest,
        name=f"{kind}* ({len(workers)})",
        rate=sum(worker.rate for worker in workers),
        memory=sum(known) if known else None,
        several=len(workers),
        running=len(running),
    )


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
