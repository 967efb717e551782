"""Whose files we may execute, load or believe.

Those of this user or root, where nobody else can put another in their place.
"""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["distrust", "distrust_all"]


def distrust(path: Path, *, sticky_ok: bool = False) -> str | None:
    """Why a file or folder is not to be trusted; None: it is ours, or root's, alone.

    Args:
        path: links are followed.
        sticky_ok: for a folder above: others may make files in it, but not replace ours.

    Raises:
        OSError: it cannot be looked at.
    """
    if not hasattr(os, "getuid"):  # Windows has other rules, and none that a mode would show
        return None
    status = path.stat()
    if status.st_uid not in (os.geteuid(), _number_of_root()):
        return f"'{path}' belongs to {_name(status.st_uid)}"
    if sticky_ok and status.st_mode & stat.S_ISVTX:
        return None
    if status.st_mode & stat.S_IWOTH:
        return f"everybody may write to '{path}'"
    if status.st_mode & stat.S_IWGRP and not _is_private(status.st_gid, status.st_uid):
        return f"other members of its group may write to '{path}'"
    return None


def distrust_all(path: Path) -> str | None:
    """As `distrust`, for a path and all folders above it, as far as they exist.

    Of a chain of links each one counts: where it lies, and where it leads.
    """
    for place in _hops(path):
        for each in (place, *place.parents):
            try:
                fault = distrust(each, sticky_ok=each != place)
            except OSError:  # it is not there, or not for us: nothing will come from it
                continue
            if fault is not None:
                return fault
    return None


def _hops(path: Path) -> Iterator[Path]:
    """A path, what it links to, what that links to, and where it all ends."""
    hop = path.absolute()
    seen: set[Path] = set()
    while hop not in seen:
        seen.add(hop)
        yield hop
        try:
            hop = hop.parent / hop.readlink()
        except OSError:  # it is the last
            break
    if (end := Path(os.path.realpath(path))) not in seen:
        yield end


@cache
def _number_of_root() -> int:
    """0; where a sandbox has not mapped root, the number that root's files have there."""
    try:
        rows = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
        if any(int(row.split()[0]) == 0 for row in rows):
            return 0
        return int(Path("/proc/sys/kernel/overflowuid").read_text(encoding="ascii"))
    except (OSError, ValueError, IndexError):
        return 0


@cache
def _is_private(group: int, user: int) -> bool:
    """Whether nobody but the user is in the group: root's own, or one named as the user."""
    if group == 0:
        return True
    import grp  # noqa: PLC0415 - not on Windows
    import pwd  # noqa: PLC0415

    try:
        row, name = grp.getgrgid(group), pwd.getpwuid(user).pw_name
    except KeyError:
        return False
    return row.gr_name == name and set(row.gr_mem) <= {name}


def _name(user: int) -> str:
    import pwd  # noqa: PLC0415 - not on Windows

    try:
        return f"user {pwd.getpwuid(user).pw_name}"
    except KeyError:
        return f"user {user}"
