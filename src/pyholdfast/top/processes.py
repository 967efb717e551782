"""What the system says about other processes: when they began, and whose they are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["born_ns", "lives", "users_of"]

SLACK_NS = 2_000_000_000  # Linux knows when it was started in whole seconds; clocks are adjusted


def lives(pid: int) -> bool:
    """Whether there is such a process."""
    return born_ns(pid) is not None


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    QUERY_LIMITED_INFORMATION = 0x1000
    ACCESS_DENIED = 5
    STILL_ACTIVE = 259
    UNIX_EPOCH = 116_444_736_000_000_000  # in units of 100 ns since 1601
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.OpenProcess.restype = wintypes.HANDLE
    _kernel.CloseHandle.argtypes = [wintypes.HANDLE]
    _kernel.GetExitCodeProcess.argtypes = [wintypes.HANDLE, ctypes.c_void_p]
    _kernel.GetProcessTimes.argtypes = [wintypes.HANDLE, *[ctypes.c_void_p] * 4]

    def users_of(pid: int) -> tuple[int, ...]:
        """None are known: a page lies in a folder that only its user may write to."""
        del pid
        return ()

    def born_ns(pid: int) -> int | None:
        """The start time of a process by the wall clock, possibly too early; None if there is none."""
        process = _kernel.OpenProcess(QUERY_LIMITED_INFORMATION, 0, pid)
        if not process:
            return 0 if ctypes.get_last_error() == ACCESS_DENIED else None
        try:
            status = wintypes.DWORD()
            times = [ctypes.c_uint64() for _ in range(4)]  # FILETIME: creation, end, kernel, user
            if not _kernel.GetExitCodeProcess(process, ctypes.byref(status)):
                return None
            if status.value != STILL_ACTIVE:  # it has ended, and another process keeps its handle
                return None
            if not _kernel.GetProcessTimes(process, *map(ctypes.byref, times)):
                return 0
        finally:
            _kernel.CloseHandle(process)
        return (times[0].value - UNIX_EPOCH) * 100 - SLACK_NS

else:

    def users_of(pid: int) -> tuple[int, ...]:
        """The users whose rights a process has or can regain; none if there is no such process."""
        try:
            said = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ()
        line = next((line for line in said.splitlines() if line.startswith("Uid:")), "")
        return tuple(map(int, line.split()[1:]))

    def born_ns(pid: int) -> int | None:
        """The start time of a process by the wall clock, possibly too early; None if there is none."""
        try:
            said = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
            boot = (
                Path("/proc/stat").read_text(encoding="ascii").partition("\nbtime ")[2].split()[0]
            )
        except (OSError, IndexError):
            return None
        fields = said.rpartition(")")[2].split()
        if fields[0] == "Z":  # a zombie
            return None
        ticks = int(fields[19])
        return round((int(boot) + ticks / os.sysconf("SC_CLK_TCK")) * 1e9) - SLACK_NS
