"""Reads regular files only, so that no FIFO or device blocks the reader.

The errors are OSErrors, so that each command reports them like any file that cannot be read.
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
    """What a file is, if it is not a regular one; else an empty string."""
    return KINDS.get(stat.S_IFMT(mode), "")


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """Open a file for reading.

    The file is checked before opening, because opening some devices has effects, and after opening,
    because the file may have been replaced meanwhile.

    Args:
        path: the file.
        follow: whether it may be a symbolic link.

    Raises:
        OSError: also if it is not a regular file; the text says what it is.
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
    """The contents of a regular file.

    Raises:
        OSError: as `open_regular`.
    """
    with open_regular(path) as file:
        return file.read()


def read_text(path: Path, *, errors: str = "strict") -> str:
    """The contents of a regular UTF-8 file, with line ends converted as for text files.

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
