"""How reports and pictures name a line of the host."""

from __future__ import annotations

import re

__all__ = ["place", "short", "short_paths"]

_FOLDER = re.compile(r'(?<=at )/(?:[^/\s"]+/)+(?=[^/\s:]+:\d)|(?<=")/(?:[^/"\n]+/)+(?=[^/"\n]+")')


def place(site: str, function: str) -> str:
    """E.g. ``app.work at host.cpp:12``; either part may be missing."""
    where = f"at {short(site)}" if site else ""
    return " ".join(word for word in (f"in {function}" if function else "", where) if word)


def short(site: str) -> str:
    """A call site without its folder."""
    return site.rpartition("/")[2]


def short_paths(report: str) -> str:
    """A report of the watchdog with files instead of paths.

    >>> short_paths('holds it at /srv/app/main.cpp:12')
    'holds it at main.cpp:12'
    >>> short_paths('File "/srv/app/jobs.py", line 7 in crunch')
    'File "jobs.py", line 7 in crunch'
    """
    return _FOLDER.sub("", report)
