"""Single keys of a terminal, while they are watched."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import termios
    import tty

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Keys", "watched"]


class Keys:
    """Waits for a key. Without a terminal there is none, and on Windows; then it only waits."""

    def __init__(self, terminal: int | None, resized: int | None) -> None:
        self._terminal = terminal
        self._resized = resized

    def wait(self, seconds: float) -> str:
        """The next key; empty after that time, or when the terminal has another size."""
        if self._resized is None:
            time.sleep(seconds)
            return ""
        sources = [self._resized] + ([] if self._terminal is None else [self._terminal])
        ready, _, _ = select.select(sources, [], [], seconds)
        if self._resized in ready:
            os.read(self._resized, 4096)
        if self._terminal is None or self._terminal not in ready:
            return ""
        pressed = os.read(self._terminal, 64)
        if not pressed:
            self._terminal = None  # it has been closed
        return pressed[:1].decode("ascii", "replace")


@contextlib.contextmanager
def watched() -> Iterator[Keys]:
    """Keys are read one by one and not shown; afterwards the terminal is as before."""
    if sys.platform == "win32":
        yield Keys(None, None)
        return
    terminal = sys.stdin.fileno() if sys.stdin.isatty() and sys.stdout.isatty() else None
    resized, wake = os.pipe()
    os.set_blocking(wake, False)
    before = termios.tcgetattr(terminal) if terminal is not None else None
    earlier = signal.signal(signal.SIGWINCH, lambda *_: None)
    earlier_wake = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    try:
        if terminal is not None:
            tty.setcbreak(terminal)
        yield Keys(terminal, resized)
    finally:
        signal.set_wakeup_fd(earlier_wake)
        signal.signal(signal.SIGWINCH, earlier)
        if terminal is not None and before is not None:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        os.close(resized)
        os.close(wake)
