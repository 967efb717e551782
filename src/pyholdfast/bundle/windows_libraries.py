"""Finds and copies the DLLs that the programs and libraries of a bundle for Windows need."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.bundle.dlls import is_of_windows, pe_files_in
from pyholdfast.bundle.standard_library import copy_file
from pyholdfast.toolchain.pe import read_pe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["copy_dlls"]


def copy_dlls(
    stage: Path, folders: Sequence[Path], environ: Mapping[str, str]
) -> tuple[dict[str, Path], dict[str, str]]:
    """Copy the DLLs that are needed and not there yet, beside the program.

    Windows looks beside the program before all else. What is beside an extension module serves
    that module, not the program.

    Args:
        stage: the bundle.
        folders: where to look first.
        environ: gives PATH, where to look then, if this system is Windows.

    Returns:
        the originals of those that were copied; those that were not found, and a file that needs each.
    """
    copied: dict[str, Path] = {}
    missing: dict[str, str] = {}
    waiting = list(pe_files_in(stage))
    beside = {file.name.lower() for file in waiting if file.parent == stage}
    anywhere = {file.name.lower() for file in waiting}
    on_path = environ.get("PATH", "").split(os.pathsep) if sys.platform == "win32" else []
    places = [*folders, *(Path(folder) for folder in on_path if folder)]
    while waiting:
        file = waiting.pop()
        known = beside if file.parent == stage else anywhere
        for name in read_pe(file).needed:
            if is_of_windows(name) or name.lower() in known | beside:
                continue
            found = _find(name, places)
            if found is None:
                missing[name] = file.relative_to(stage).as_posix()
                continue
            copy_file(found, stage / name)
            copied[name] = found
            beside.add(name.lower())
            waiting.append(stage / name)
    return copied, missing


def _find(name: str, places: Sequence[Path]) -> Path | None:
    """The file, whose name may differ in case."""
    for place in places:
        if place.is_dir():
            for entry in os.scandir(place):
                if entry.name.lower() == name.lower():
                    return Path(entry.path)
    return None
