"""A digest of the headers, so that figures say of which ones they are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pyholdfast import paths

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["digest"]


def digest(folder: Path | None = None) -> str:
    """Sixteen hexadecimal digits of the names and texts of all headers and bodies in `folder`.

    By default they are holdfast's own.
    """
    folder = folder or paths.include_dir()
    found = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(f"{file.relative_to(folder).as_posix()}\n".encode())
        found.update(file.read_bytes())
    return found.hexdigest()[:16]
