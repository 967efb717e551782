"""Writes a header only if its text changes, so that nothing is recompiled needlessly."""

from __future__ import annotations

from pathlib import Path

from pyholdfast.inputs import read_bytes
from pyholdfast.outputs import put_output, write_output
from pyholdfast.toolchain.cache import cannot_write
from pyholdfast.toolchain.cache_folders import make_private

__all__ = ["is_current", "keep_in_cache", "write_if_changed"]


def is_current(path: Path, text: str) -> bool:
    """Whether a file has this text."""
    try:
        return read_bytes(path) == text.encode(errors="surrogateescape")
    except OSError:
        return False


def write_if_changed(path: Path, text: str) -> bool:
    """Write a file that the user named, as a whole or not at all; True if it had to be written.

    Raises:
        HoldfastError: HF506 if it cannot be written.
    """
    if is_current(path, text):
        return False
    put_output(
        path,
        text.encode(errors="surrogateescape"),
        code="HF506",
        remedy="make the folder and permit writing there, or name another one with -o",
    )
    return True


def keep_in_cache(path: Path, text: str) -> None:
    """Write a file to the cache, in a folder for this user only.

    Raises:
        ToolchainError: HF112 if the cache cannot be written.
    """
    try:
        make_private(path.parent)
        if not is_current(path, text):
            write_output(path, text.encode(errors="surrogateescape"))
    except OSError as error:
        raise cannot_write(path, error) from error
