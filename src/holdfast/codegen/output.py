"""The file: written only where its text changes, so that nothing is compiled again for nothing.

Layer 2 (writers). May import: inputs, outputs.
"""

from __future__ import annotations

from pathlib import Path

from holdfast.inputs import read_bytes
from holdfast.outputs import cannot_write_output, write_output

__all__ = ["is_current", "write_if_changed"]


def is_current(path: Path, text: str) -> bool:
    """Whether a file has this text."""
    try:
        return read_bytes(path) == text.encode(errors="surrogateescape")
    except OSError:
        return False


def write_if_changed(path: Path, text: str) -> bool:
    """Write a file, whole or not at all; whether it was necessary.

    Raises:
        HoldfastError: HF506 if it cannot be written.
    """
    if is_current(path, text):
        return False
    try:
        write_output(path, text.encode(errors="surrogateescape"))
    except OSError as error:
        remedy = "make the folder and permit writing there, or name another one with -o"
        raise cannot_write_output(path, error, code="HF506", remedy=remedy) from error
    return True
