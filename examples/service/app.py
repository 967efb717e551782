"""What the service answers with; SIGHUP loads it again."""

from __future__ import annotations

import time


def answer(line: str) -> str:
    """Upper case; and a few words with which to try the limits."""
    if line == "loop":  # Python code that does not end: interrupted
        while True:
            pass
    elif line == "sleep":  # C code that does not end soon: not interrupted
        time.sleep(3600)
    elif line == "fail":
        message = "no answer to that"
        raise ValueError(message)
    return line.upper()
