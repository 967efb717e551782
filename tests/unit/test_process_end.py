"""How messages say that a process ended, and with what status another one passes it on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pyholdfast.process_end import crash_of, crash_or_status, end_of, own_status

# What `subprocess` reports, and what crashed; on Windows, its statuses are numbers of 32 bits without a sign.
ENDS = [
    (0, None),
    (7, None),
    (255, None),
    (-11, "signal 11 (SIGSEGV)"),
    (-6, "signal 6 (SIGABRT)"),
    (-40, "signal 40"),
    (0xC0000005, "exception 0xC0000005 (access violation)"),
    (3221225477, "exception 0xC0000005 (access violation)"),
    (0xC0000374, "exception 0xC0000374 (heap corruption)"),
    (0xC0000409, "exception 0xC0000409 (abort or fast fail)"),
    (0xC0000094, "exception 0xC0000094"),
    (0x80000003, "exception 0x80000003"),
    (0xFFFFFFFF, None),  # exit(-1)
    (0x80070005, None),  # an error of COM, with which a program chose to exit
]


@pytest.mark.parametrize(("status", "crash"), ENDS)
def test_a_crash_is_told_from_an_exit(status: int, crash: str | None) -> None:
    """With the name of the signal or of the exception, if it has one."""
    assert crash_of(status) == crash
    assert crash_or_status(status) == (crash or f"exit status {status}")
    assert end_of(status) == (f"was ended by {crash}" if crash else f"ended with status {status}")


@pytest.mark.parametrize(
    ("status", "own"),
    [(0, 0), (255, 255), (0x7FFFFFFF, 0x7FFFFFFF), (0x80000003, 3 - 2**31), (0xFFFFFFFF, -1),
     (0xC0000005, 0xC0000005 - 2**32)],
)  # fmt: skip
def test_a_status_of_windows_fits_into_an_int(status: int, own: int) -> None:
    """The same 32 bits: Windows makes the status from them again."""
    assert own_status(status) == own
    assert own % 2**32 == status


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_real_process_that_was_ended_by_a_signal() -> None:
    """As `subprocess` reports it here."""
    words = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    assert crash_of(subprocess.run(words, check=False).returncode) == "signal 9 (SIGKILL)"
