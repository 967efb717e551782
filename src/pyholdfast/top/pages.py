r"""The counter pages of this user's hosts.

A host creates ``/dev/shm/holdfast-UID-PID``, on Windows ``%TEMP%\\holdfast-PID``, and removes it when
it ends. Pages of killed hosts are removed here.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.top.processes import born_ns, users_of
from pyholdfast.trace.file_layout import read_trace

if TYPE_CHECKING:
    from pyholdfast.trace.file_layout import RawTrace

__all__ = ["Page", "clean", "find", "hosts"]

if sys.platform == "win32":
    FOLDER = Path(os.environ.get("TEMP", "."))
    NAME = re.compile(r"holdfast-()(\d+)")
else:
    FOLDER = Path("/dev/shm")  # noqa: S108 - the system's place for shared memory; pages are 0600 and O_EXCL
    NAME = re.compile(r"holdfast-(\d+)-(\d+)")
REMEDY = "start the host with HOLDFAST_COUNTERS=1; if it records a trace, name the trace file"


@dataclass(frozen=True, slots=True)
class Page:
    """A page, identified by its file name."""

    path: Path
    uid: int
    pid: int

    @property
    def is_ours(self) -> bool:
        """Whether we may read it: the file itself, not only its name, must belong to that user.

        Any user can create a file with such a name: a link, a FIFO, a page for another user.
        """
        try:
            status = self.path.lstat()
        except OSError:
            return False
        if not stat.S_ISREG(status.st_mode) or status.st_uid != self.uid:
            return False
        if sys.platform == "win32":
            return True
        users = users_of(self.pid)
        if users and self.uid not in (0, *users):  # 0: a host that has dropped root's rights
            return False
        return os.geteuid() in (0, self.uid)

    def read(self) -> RawTrace:
        """The contents of the page.

        Raises:
            HoldfastError: as `read_trace`; HF805 if the page names another process than its file.
        """
        trace = read_trace(self.path, follow=False)
        if trace.pid != self.pid:
            raise HoldfastError(
                "HF805",
                f"the page '{self.path}' claims to belong to process {trace.pid}",
                "start the host again",
            )
        return trace

    @property
    def is_stale(self) -> bool:
        """Whether its host is gone, or another process has its number now."""
        born = born_ns(self.pid)
        if born is None:
            return True
        try:
            return self.read().started_wall_ns < born
        except HoldfastError:  # it is being created or removed
            return False


def hosts() -> list[Page]:
    """The readable pages, ordered by process ID."""
    return sorted((page for page in _all() if page.is_ours), key=lambda page: page.pid)


def clean() -> None:
    """Remove the pages of hosts that were killed."""
    for page in hosts():
        if page.is_stale:
            page.path.unlink(missing_ok=True)


def find(pid: int) -> Page:
    """The page of a process.

    Raises:
        HoldfastError: HF820 no counters, HF821 they are another user's, HF822 no such process.
    """
    pages = [page for page in _all() if page.pid == pid]
    ours = [page for page in pages if page.is_ours and not page.is_stale]
    if ours:
        return ours[0]
    if born_ns(pid) is None:
        raise UsageError(
            "HF822",
            f"there is no process {pid}",
            "run holdfast top without a number to list the processes that it can watch",
        )
    if any(not page.is_ours for page in pages):
        raise UsageError(
            "HF821",
            f"the counters of process {pid} belong to another user",
            "run holdfast top as that user",
        )
    raise HoldfastError("HF820", f"process {pid} has no counters", REMEDY)


def _all() -> list[Page]:
    return [
        Page(path, int(name[1] or 0), int(name[2]))
        for path in FOLDER.glob("holdfast-*")
        if (name := NAME.fullmatch(path.name))
    ]
