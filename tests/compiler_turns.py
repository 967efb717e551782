"""Lets at most one compiler per CPU run, however many tests do.

Most programs of the tests wait rather than compute, so more of them than CPUs may run at the same
time. More compilers than CPUs only take memory, and slow down the programs beside them.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["turn"]


@contextmanager
def turn(folder: Path, most: int | None = None) -> Iterator[None]:
    """Wait for one of `most` turns, by default one per usable CPU, and keep it.

    A turn is a lock on a file in `folder`. The system releases it when the process ends, so a test
    that is killed takes no turn with it.
    """
    most = most or len(os.sched_getaffinity(0))
    folder.mkdir(parents=True, exist_ok=True)
    files = [(folder / str(number)).open("w", encoding="utf-8") for number in range(most)]
    try:
        if not any(_take(file.fileno(), fcntl.LOCK_NB) for file in files):
            # All are taken. Those that wait spread over the files by their process number.
            _take(files[os.getpid() % most].fileno())
        yield
    finally:
        for file in files:
            file.close()  # gives the lock back


def _take(handle: int, how: int = 0) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | how)
    except BlockingIOError:
        return False
    return True
