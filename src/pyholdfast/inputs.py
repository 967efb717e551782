"""Files that are read: regular ones only, so that no FIFO or device makes the reader wait.

The errors are OSErrors, so each command reports them as any file that cannot be read.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

__all__ = ["kind_of", "open_regular", "read_bytes", "read_text"]

KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
}


def kind_of(mode: int) -> str:
    """What a file is, if it is not a regular one; else an empty text."""
    return KINDS.get(stat.S_IFMT(mode), "")


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """Open a file to read.

    It is looked at before, because to open some devices does something, and after, because
    somebody may have put another thing there meanwhile.

    Args:
        path: what to open.
        follow: whether it may be a link.

    Raises:
        OSError: also if it is not a regular file; its text says what it is.
    """
    _demand_regular(path, path.stat(follow_symlinks=follow))
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    flags |= getattr(os, "O_BINARY", 0) | (0 if follow else getattr(os, "O_NOFOLLOW", 0))
    handle = os.open(path, flags)
    try:
        _demand_regular(path, os.fstat(handle))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_bytes(path: Path) -> bytes:
    """All of a regular file.

    Raises:
        OSError: as `open_regular`.
    """
    with open_regular(path) as file:
        return file.read()


def read_text(path: Path, *, errors: str = "strict") -> str:
    """All of a regular file in UTF-8, with line ends as text files have them.

    Raises:
        OSError: as `open_regular`.
        UnicodeDecodeError: it is not UTF-8, and `errors` is "strict".
    """
    text = read_bytes(path).decode("utf-8", errors)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _demand_regular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = kind_of(status.st_mode) or "not a regular file"
        raise OSError(errno.EINVAL, f"it is {kind}", str(path))
