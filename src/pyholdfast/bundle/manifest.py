"""The file that marks a bundle: what is in it, with hashes; and what differs from that."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.errors import UsageError
from pyholdfast.inputs import open_regular, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "FORMAT",
    "MARKER",
    "Differences",
    "compare",
    "hash_files",
    "is_bundle",
    "names_added",
    "read_manifest",
]

MARKER = "holdfast-bundle.json"
FORMAT = 1
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Differences:
    """How a folder differs from its manifest; names of files, relative to the folder.

    Attributes:
        missing: listed, but not there.
        changed: there, with other contents, as something that is not a plain file, or no longer
            executable.
        added: there, but not listed.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]


def is_bundle(folder: Path) -> bool:
    """Whether `holdfast bundle` made the folder."""
    return (folder / MARKER).is_file()


def hash_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file in the folder but the manifest, and whether it is executable."""
    return {
        name: {
            "size": (folder / name).stat().st_size,
            "sha256": _digest(folder / name),
            **({"executable": True} if os.access(folder / name, os.X_OK) else {}),
        }
        for name in sorted(_names(folder))
        if name != MARKER
    }


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest of a bundle.

    Raises:
        UsageError: HF190 if it is missing, damaged, or of an unknown format.
    """
    file = folder / MARKER
    try:
        read = json.loads(read_text(file, errors="surrogateescape"))
        if not isinstance(read, dict) or read.get("format") != FORMAT:
            raise _unreadable(folder, f"{MARKER} has a format that this version does not know")
        for entry in read["files"].values():
            int(entry["size"])
            str(entry["sha256"])
    except OSError as error:
        raise _unreadable(folder, f"{MARKER}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(folder, f"{MARKER} is damaged") from error
    return read


def names_added(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """The files that the manifest does not list, but what Python compiles by itself."""
    return sorted(
        name
        for name in set(_names(folder)) - manifest["files"].keys() - {MARKER}
        if "__pycache__" not in name.split("/")
    )


def compare(folder: Path, manifest: Mapping[str, Any]) -> Differences:
    """Compare all files with the manifest."""
    listed = manifest["files"]
    # Files have no such mode on Windows, and lose it on the way there.
    with_modes = manifest.get("system") != "Windows"
    there = set(_names(folder)) - {MARKER}
    changed = [
        name
        for name in sorted(there & listed.keys())
        if _differs(folder / name, listed[name], with_modes=with_modes)
    ]
    return Differences(
        missing=tuple(sorted(listed.keys() - there)),
        changed=tuple(changed),
        added=tuple(sorted(there - listed.keys())),
    )


def _names(folder: Path) -> Iterator[str]:
    """Everything in the folder that is not a folder; links are not followed."""
    for at, folders, files in os.walk(folder):
        links = [name for name in folders if Path(at, name).is_symlink()]
        for name in [*files, *links]:
            yield Path(at, name).relative_to(folder).as_posix()


def _differs(file: Path, entry: Mapping[str, Any], *, with_modes: bool) -> bool:
    try:
        if with_modes and entry.get("executable") and not os.access(file, os.X_OK):
            return True
        if file.is_symlink() or file.stat().st_size != int(entry["size"]):
            return True
        return _digest(file) != str(entry["sha256"])
    except OSError:
        return True


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with open_regular(file) as data:
        while block := data.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _unreadable(folder: Path, reason: str) -> UsageError:
    return UsageError(
        "HF190",
        f"'{folder}' is not a bundle that can be checked: {reason}",
        "name a folder that holdfast bundle made, or make it again",
    )
