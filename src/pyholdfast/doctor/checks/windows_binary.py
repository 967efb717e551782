"""Checks that a host for Windows will find the Python that it was built for.

Reads the file and the DLLs beside it, on any system; starts nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.bundle.contents import uses_backend
from pyholdfast.bundle.dlls import is_of_windows
from pyholdfast.doctor.binary_facts import BuiltFor, built_for_in
from pyholdfast.doctor.checks.binary import compare_built_for
from pyholdfast.doctor.model import Finding, Room, bad, good, skipped, warning
from pyholdfast.errors import ToolchainError
from pyholdfast.inputs import read_bytes
from pyholdfast.toolchain.pe import read_pe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["check_windows_binary"]

ROOM = Room.BINARY
# Not python3.dll, which has what is the same in all versions, and leads to one of these
PYTHON = re.compile(r"python3(\d+)(t?)(_d)?\.dll", re.IGNORECASE)
# The DLLs beside python.exe
OF_PYTHON = ("python3", "vcruntime")
WITH_ITS_DLLS = "put them beside it, or make a folder with all that it needs: holdfast bundle PROGRAM.exe -o DIST"


def check_windows_binary(path: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """All checks of a program or DLL for Windows.

    Args:
        path: the file.
        environ: gives PATH, where Windows looks after the program's folder, if this is Windows.

    Raises:
        ToolchainError: HF113 if it is damaged.
    """
    own, found, missing = _needs(path, _folders(path, environ))
    pythons = [name for name in (*found, *missing) if PYTHON.fullmatch(name)]
    if path.suffix.lower() == ".pyd":
        yield good(
            "HF158", ROOM, "an extension module: Python is already loaded when it is imported"
        )
        missing = {name: user for name, user in missing.items() if not name.startswith(OF_PYTHON)}
    if not pythons and any(uses_backend(file) for file in own):
        yield good("HF155", ROOM, "it is linked with no Python, and finds one when it starts")
    elif not pythons and path.suffix.lower() != ".pyd":
        yield skipped("HF155", ROOM, "it is not linked with Python", "nothing more to examine")
        return
    for name in pythons:
        if name in found:
            yield good("HF155", ROOM, f"{name} is found", str(found[name]))
        yield from compare_built_for(built_for_in(*map(read_bytes, own)), _kind_of(name), name)
    if missing:
        yield _not_found(missing)


def _needs(path: Path, folders: list[Path]) -> tuple[list[Path], dict[str, Path], dict[str, str]]:
    """The file and the DLLs that are not Python's; all DLLs that were found; those that were not.

    The latter with the name of a file that needs each.
    """
    own, found, missing = [path], dict[str, Path](), dict[str, str]()
    for file in own:  # which grows
        try:
            needed = read_pe(file).needed
        except ToolchainError:
            if file == path:
                raise
            continue  # Windows will say so
        for name in map(str.lower, needed):
            if is_of_windows(name) or name in found or name in missing:
                continue
            at = _find(name, folders)
            if at is None:
                missing[name] = file.name
                continue
            found[name] = at
            if not name.startswith(OF_PYTHON):
                own.append(at)
    return own, found, missing


def _folders(path: Path, environ: Mapping[str, str]) -> list[Path]:
    on_path = environ.get("PATH", "").split(os.pathsep) if sys.platform == "win32" else []
    return [path.absolute().parent, *(Path(folder) for folder in on_path if folder)]


def _find(name: str, folders: list[Path]) -> Path | None:
    """The file, whose name may differ in case."""
    for folder in folders:
        with contextlib.suppress(OSError):  # one of PATH that is not there, or not for us
            for entry in folder.iterdir():
                if entry.name.lower() == name:
                    return entry
    return None


def _kind_of(name: str) -> BuiltFor | None:
    match = PYTHON.fullmatch(name)
    return BuiltFor((3, int(match[1])), bool(match[2]), bool(match[3])) if match else None


def _not_found(missing: Mapping[str, str]) -> Finding:
    """Elsewhere, the PATH that the program will have is not known."""
    rows = [f"{name}, for {user}" for name, user in sorted(missing.items())]
    count = "a DLL is" if len(rows) == 1 else f"{len(rows)} DLLs are"
    if sys.platform == "win32":
        title = f"{count} neither beside it nor on PATH: the program will not start"
        return bad("HF155", ROOM, title, *rows, fix=WITH_ITS_DLLS)
    title = f"{count} not beside it: Windows then looks in the folders of PATH"
    return warning("HF155", ROOM, title, *rows, fix=WITH_ITS_DLLS)
