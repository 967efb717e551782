"""Private folders in the cache, and removal of those that killed builds have left.

A build locks its folder for as long as it runs. A folder that can be locked is therefore abandoned.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PASSING", "make_private", "sweep", "workplace"]

BUILDING, MAKING, PASSING = ".build-", ".making-", ".new-"
LONGEST_PASSING_S = 3600


def make_private(folder: Path) -> None:
    """Create a folder and its missing parents, for this user only.

    Raises:
        OSError: it cannot be made.
    """
    if not folder.is_dir():
        if folder.parent != folder:
            make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def workplace(root: Path) -> Iterator[Path]:
    """A folder in `root` to build in; it is removed at the end of the block.

    Raises:
        OSError: it cannot be made.
    """
    make_private(root)
    sweep(root)
    made = Path(tempfile.mkdtemp(dir=root, prefix=MAKING))
    handle = _locked(made)
    try:
        # Locked before it gets its final name, so that no other process finds it unlocked.
        folder = made.rename(root / made.name.replace(MAKING, BUILDING, 1))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        if handle is not None:
            os.close(handle)


def sweep(root: Path) -> None:
    """Remove the folders of builds that were killed."""
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(root)):
            if entry.name.startswith(BUILDING):
                handle = _locked(Path(entry.path))
                if handle is not None:
                    shutil.rmtree(entry.path, ignore_errors=True)
                    os.close(handle)
            elif entry.name.startswith((MAKING, PASSING)):
                _remove_if_old(entry)


def _remove_if_old(entry: os.DirEntry[str]) -> None:
    """Remove an entry that normally lives for an instant: its maker was killed."""
    with contextlib.suppress(OSError):
        if time.time() - entry.stat(follow_symlinks=False).st_mtime > LONGEST_PASSING_S:
            Path(entry.path).rmdir() if entry.is_dir() else Path(entry.path).unlink()


def _locked(folder: Path) -> int | None:
    """The folder's handle, locked; None if another process has the lock, or on Windows."""
    if os.name == "nt":
        return None
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
