"""The pages of counters of this user's hosts, in shared memory.

A host makes ``/dev/shm/holdfast-UID-PID`` and removes it when it ends; what a killed one leaves is
removed here.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.trace.file_layout import read_trace

if TYPE_CHECKING:
    from pyholdfast.trace.file_layout import RawTrace

__all__ = ["Page", "clean", "find", "hosts"]

FOLDER = Path("/dev/shm")  # noqa: S108 - the system's place for shared memory; pages are 0600 and O_EXCL
NAME = re.compile(r"holdfast-(\d+)-(\d+)")
REMEDY = (
    "start the host with HOLDFAST_COUNTERS=1; of one that records a trace, name the trace's file"
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page, by its file's name."""

    path: Path
    uid: int
    pid: int

    @property
    def is_ours(self) -> bool:
        """Whether we may read it: its file itself, not only its name, must be that user's.

        Anybody may put anything under a name of this form: a link, a FIFO, a page for another user.
        """
        try:
            status = self.path.lstat()
        except OSError:
            return False
        if not stat.S_ISREG(status.st_mode) or status.st_uid != self.uid:
            return False
        users = _users_of(self.pid)
        if users and self.uid not in (0, *users):  # 0: a host that has given up root's rights
            return False
        return os.geteuid() in (0, self.uid)

    def read(self) -> RawTrace:
        """What it says.

        Raises:
            HoldfastError: as `read_trace`; HF805 if it is the page of another process than its name says.
        """
        trace = read_trace(self.path, follow=False)
        if trace.pid != self.pid:
            raise HoldfastError(
                "HF805",
                f"the page '{self.path}' says that it is of process {trace.pid}",
                "start the host again",
            )
        return trace

    @property
    def is_stale(self) -> bool:
        """Whether its host is gone, or another process has its number now."""
        born = _born_ns(self.pid)
        if born is None:
            return True
        try:
            return self.read().started_wall_ns < born
        except HoldfastError:  # it is being made, or removed
            return False


def hosts() -> list[Page]:
    """Those that can be looked at, by number."""
    return sorted((page for page in _all() if page.is_ours), key=lambda page: page.pid)


def clean() -> None:
    """Remove what hosts left that did not come to their end."""
    for page in hosts():
        if page.is_stale:
            page.path.unlink(missing_ok=True)


def find(pid: int) -> Page:
    """The page of a process.

    Raises:
        HoldfastError: HF820 it has none, HF821 it is another user's, HF822 there is no such process.
    """
    pages = [page for page in _all() if page.pid == pid]
    ours = [page for page in pages if page.is_ours and not page.is_stale]
    if ours:
        return ours[0]
    if _born_ns(pid) is None:
        raise UsageError(
            "HF822",
            f"there is no process {pid}",
            "see holdfast top for those that can be looked at",
        )
    if any(not page.is_ours for page in pages):
        raise UsageError(
            "HF821",
            f"the counters of process {pid} are another user's",
            "run holdfast top as that user",
        )
    raise HoldfastError("HF820", f"process {pid} has no counters", REMEDY)


def _all() -> list[Page]:
    return [
        Page(path, int(name[1]), int(name[2]))
        for path in FOLDER.glob("holdfast-*")
        if (name := NAME.fullmatch(path.name))
    ]


def _users_of(pid: int) -> tuple[int, ...]:
    """The users whose rights a process has, or can take back; none if there is no such process."""
    try:
        said = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    line = next((line for line in said.splitlines() if line.startswith("Uid:")), "")
    return tuple(map(int, line.split()[1:]))


def _born_ns(pid: int) -> int | None:
    """When a process began, by the wall clock and rather too early; None: there is none."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        boot = Path("/proc/stat").read_text(encoding="ascii").partition("\nbtime ")[2].split()[0]
    except (OSError, IndexError):
        return None
    fields = said.rpartition(")")[2].split()
    if fields[0] == "Z":  # it has ended, and nobody has asked how
        return None
    slack_s = 2  # the boot's time is whole seconds, and clocks are set
    ticks = int(fields[19])
    return round((int(boot) - slack_s + ticks / os.sysconf("SC_CLK_TCK")) * 1e9)
