"""Writes files that the user names: never over an input, and as a whole; makes their errors."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.inputs import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["cannot_write_output", "demand_apart", "put_output", "write_output"]

NAME_ANOTHER = "name a file in a folder that exists and may be written to"

DISK_FAILS = frozenset({errno.ENOSPC, errno.EIO, errno.EFBIG, getattr(errno, "EDQUOT", 0)} - {0})


def demand_apart(outputs: Iterable[Path], inputs: Iterable[Path] = ()) -> None:
    """Check that no output is an input or another output, under whatever name or link.

    Call this before anything is written. A file that is not regular, e.g. ``/dev/stdout``, may be
    named several times.

    Raises:
        UsageError: HF118 with both names.
    """
    read = tuple(inputs)
    written: list[Path] = []
    for output in outputs:
        for role, others in (("read", read), ("written", written)):
            for other in others:
                if _same(output, other):
                    raise UsageError(
                        "HF118",
                        f"cannot write '{output}': it is the same file as '{other}', which is {role}, too",
                        "name another file for the output",
                    )
        written.append(output)


def write_output(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write a file that the user named, whatever kind of file it is.

    A regular file is replaced as a whole or not at all and keeps its permissions; if it is a link,
    the link's target is replaced. A device, or a FIFO that has a reader, is written to.

    Args:
        path: the file; its folder must exist.
        data: the whole contents.
        mode: permissions of a new file; the umask is applied.

    Raises:
        OSError: it cannot be written: the FIFO has no reader, it is a folder or a socket, or the
            disk fails. A regular file then keeps its old contents.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        status = None
    if status is None or stat.S_ISREG(status.st_mode):
        fresh = mode & ~_mask()
        # A program stays executable, whatever the old file's permissions were.
        rights = fresh if status is None else stat.S_IMODE(status.st_mode) | fresh & 0o111
        _replace(Path(os.path.realpath(path)), data, rights)
    elif stat.S_ISCHR(status.st_mode) or stat.S_ISFIFO(status.st_mode):
        _write_into(path, data, status)
    else:
        raise OSError(errno.EINVAL, f"it is {kind_of(status.st_mode)}", str(path))


def put_output(
    path: Path,
    data: bytes,
    *,
    mode: int = 0o666,
    code: str = "HF112",
    remedy: str = NAME_ANOTHER,
) -> None:
    """Call `write_output`, and turn its error into one for the user.

    Raises:
        HoldfastError: `code`, with `remedy`, if it cannot be written.
    """
    try:
        write_output(path, data, mode=mode)
    except OSError as error:
        raise cannot_write_output(path, error, code=code, remedy=remedy) from error


def _replace(path: Path, data: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _write_into(path: Path, data: bytes, looked_at: os.stat_result) -> None:
    # Non-blocking: opening a FIFO without a reader would wait for ever; this way it is an error.
    waits = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    handle = os.open(path, os.O_WRONLY | waits)
    with os.fdopen(handle, "wb", buffering=0) as file:
        status = os.fstat(handle)
        if (status.st_dev, status.st_ino) != (looked_at.st_dev, looked_at.st_ino):
            raise OSError(errno.EINVAL, "it has just been replaced", str(path))
        if waits:
            os.set_blocking(handle, True)
        view = memoryview(data)
        while view:
            view = view[file.write(view) or 0 :]


def _mask() -> int:
    """The process's umask."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def cannot_write_output(
    path: Path,
    error: OSError,
    *,
    code: str = "HF112",
    verb: str = "write",
    remedy: str = NAME_ANOTHER,
) -> HoldfastError:
    """The error for an output that cannot be written: wrong use, unless the disk fails."""
    kind = HoldfastError if error.errno in DISK_FAILS else UsageError
    return kind(code, f"cannot {verb} '{path}': {error.strerror or error}", remedy)


def _same(one: Path, other: Path) -> bool:
    """Whether two names lead to the same regular file, or will once it is written."""
    try:
        if one.exists() != other.exists():
            return False
        if one.exists():
            return one.is_file() and one.samefile(other)
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError):  # not accessible, or a loop of links
        return False
