"""The file: written only where its text changes, so that nothing is compiled again for nothing.

Layer 2 (writers). May import: outputs.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from holdfast.outputs import cannot_write_output

__all__ = ["is_current", "write_if_changed"]


def is_current(path: Path, text: str) -> bool:
    """Whether a file has this text."""
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def write_if_changed(path: Path, text: str) -> bool:
    """Write a file, whole or not at all; whether it was necessary.

    Raises:
        HoldfastError: HF506 if it cannot be written.
    """
    if is_current(path, text):
        return False
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(text)
        Path(name).chmod(0o666 & ~_mask())
        Path(name).replace(path)
    except OSError as error:
        remedy = "make the folder and permit writing there, or name another one with -o"
        raise cannot_write_output(path, error, code="HF506", remedy=remedy) from error
    return True


def _mask() -> int:
    """What the user's new files may not permit."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
