"""How a process ended, from the exit status that `subprocess` reports."""

from __future__ import annotations

import signal

__all__ = ["crash_of", "crash_or_status", "end_of", "own_status"]

# What is above this is negative for Windows' C library, which has an int for the status of exit().
INT_MAX = 0x7FFFFFFF
# Windows gives a process that crashed the number of the exception, an error of the system.
SYSTEM_ERROR = 0xC
BREAKPOINT = 0x80000003
EXCEPTIONS = {
    0xC0000005: "access violation",
    0xC00000FD: "stack overflow",
    0xC0000135: "a DLL was not found",
    0xC000013A: "Ctrl+C or closed console",
    0xC0000374: "heap corruption",
    0xC0000409: "abort or fast fail",
}


def crash_of(status: int) -> str | None:
    """The signal that ended a process, or on Windows its exception; None if it exited.

    Statuses of exits do not look like either: they are below 256, and on Windows those that programs choose
    are no errors of the system.
    """
    if status < 0:
        return f"signal {-status}{_in_brackets(_name_of_signal(-status))}"
    if status >> 28 == SYSTEM_ERROR or status == BREAKPOINT:
        return f"exception 0x{status:08X}{_in_brackets(EXCEPTIONS.get(status, ''))}"
    return None


def crash_or_status(status: int) -> str:
    """The reason, for messages that give it after a colon."""
    return crash_of(status) or f"exit status {status}"


def end_of(status: int) -> str:
    """How a process ended: the end of a sentence that begins with its name."""
    crash = crash_of(status)
    return f"ended with status {status}" if crash is None else f"was ended by {crash}"


def own_status(status: int) -> int:
    """The argument of `sys.exit()` with which this process ends as another one did on Windows.

    Before Python 3.13, `sys.exit()` ends with -1 if the number is too large for an int of C.
    """
    return status - 2 * (INT_MAX + 1) if status > INT_MAX else status


def _name_of_signal(number: int) -> str:
    """Its name; empty for real-time signals, which have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""


def _in_brackets(words: str) -> str:
    return f" ({words})" if words else ""
