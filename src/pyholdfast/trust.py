"""Decides whose files holdfast may execute, load or trust.

It trusts files of this user or of root that no other user can replace.
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
    """Why a file or folder is not trusted; None if only this user or root can change it.

    Args:
        path: links are followed.
        sticky_ok: for a parent folder: other users may create files in it, but not replace ours.

    Raises:
        OSError: it is not accessible.
    """
    if not hasattr(os, "getuid"):  # Windows has other rules, which the mode does not show
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
    """`distrust` for a path and all its parent folders, as far as they exist.

    In a chain of links, each link is checked: the folder it is in, and its target.
    """
    for place in _hops(path):
        for each in (place, *place.parents):
            try:
                fault = distrust(each, sticky_ok=each != place)
            except OSError:  # it does not exist or is not accessible, so nothing is read from it
                continue
            if fault is not None:
                return fault
    return None


def _hops(path: Path) -> Iterator[Path]:
    """A path, each link that it leads through, and the final target."""
    hop = path.absolute()
    seen: set[Path] = set()
    while hop not in seen:
        seen.add(hop)
        yield hop
        try:
            hop = hop.parent / hop.readlink()
        except OSError:  # not a link: the end of the chain
            break
    if (end := Path(os.path.realpath(path))) not in seen:
        yield end


@cache
def _number_of_root() -> int:
    """0; in a sandbox that has not mapped root, the number that root's files have there."""
    try:
        rows = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
        if any(int(row.split()[0]) == 0 for row in rows):
            return 0
        return int(Path("/proc/sys/kernel/overflowuid").read_text(encoding="ascii"))
    except (OSError, ValueError, IndexError):
        return 0


@cache
def _is_private(group: int, user: int) -> bool:
    """Whether the user is the only member of the group: root's group, or one named as the user."""
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
