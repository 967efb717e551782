"""Files that the user names to be written: apart from what is read, and errors about them.

Layer 0 (ground). May import: errors.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.errors import HoldfastError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["cannot_write_output", "demand_apart"]

DISK_FAILS = frozenset({errno.ENOSPC, errno.EIO, errno.EFBIG, getattr(errno, "EDQUOT", 0)} - {0})


def demand_apart(outputs: Iterable[Path], inputs: Iterable[Path] = ()) -> None:
    """No output is a file that is read, or another output, under whatever name or link.

    To be called before anything is written. What is no regular file, e.g. ``/dev/stdout``, may be
    named as often as one likes.

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


def cannot_write_output(
    path: Path,
    error: OSError,
    *,
    code: str = "HF112",
    verb: str = "write",
    remedy: str = "name a file in a folder that exists and may be written to",
) -> HoldfastError:
    """The error for an output that cannot be made: wrong use, unless it is the disk that fails."""
    kind = HoldfastError if error.errno in DISK_FAILS else UsageError
    return kind(code, f"cannot {verb} '{path}': {error.strerror or error}", remedy)


def _same(one: Path, other: Path) -> bool:
    """Whether two names lead to one regular file, or will once it is written."""
    try:
        if one.exists() != other.exists():
            return False
        if one.exists():
            return one.is_file() and one.samefile(other)
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError):  # may not be looked at, or a circle of links
        return False
