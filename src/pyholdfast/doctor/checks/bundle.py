"""Checks that a bundle has the files that its manifest lists, and fits this machine."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from pyholdfast.bundle.dlls import is_of_windows, pe_files_in
from pyholdfast.bundle.manifest import compare, read_manifest
from pyholdfast.bundle.outside import lines_leading_out
from pyholdfast.doctor.bundled_libraries import libraries_outside
from pyholdfast.doctor.model import Finding, Room, bad, good, skipped, warning
from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.pe import read_pe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["check_bundle"]

ROOM = Room.BUNDLE
SHOWN = 20
SITES = ("site-packages", "dist-packages")
AGAIN = "make it again: holdfast bundle"


def check_bundle(folder: Path) -> Iterator[Finding]:
    """All checks of a bundle.

    Raises:
        UsageError: HF190 if it has no manifest that can be read.
    """
    manifest = read_manifest(folder)
    yield good(
        "HF190",
        ROOM,
        "it has a manifest",
        f"Python {manifest.get('python')}",
        f"{len(manifest['files'])} files",
    )
    found = compare(folder, manifest)
    yield _files("HF191", found.missing, "missing", AGAIN)
    yield _files("HF192", found.changed, "changed", "copy them from the original bundle")
    yield _files("HF193", found.added, "added", "remove them, or make the bundle again with them")
    yield _paths(folder)
    if manifest.get("system") == "Windows":
        yield skipped("HF194", ROOM, f"it is for Windows on {manifest.get('machine')}")
        yield _dlls(folder)
    else:
        yield _machine(manifest)
        yield _libraries(folder, str(manifest.get("program")))


def _files(code: str, names: tuple[str, ...], what: str, fix: str) -> Finding:
    if not names:
        return good(code, ROOM, f"no file is {what}")
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    noun = "file is" if len(names) == 1 else "files are"
    return bad(code, ROOM, f"{len(names)} {noun} {what}", *names[:SHOWN], *more, fix=fix)


def _paths(folder: Path) -> Finding:
    """Whether a file of the packages adds folders outside of the bundle to sys.path."""
    sites = {file.parent for file in folder.rglob("*.pth") if file.parent.name in SITES}
    leading_out = [
        f"{file.relative_to(folder).as_posix()}: {line}"
        for site in sorted(sites)
        for file, line in lines_leading_out(site)
    ]
    if not leading_out:
        return good("HF196", ROOM, "its packages are in it as a whole")
    return bad(
        "HF196",
        ROOM,
        "a file of its packages leads Python out of it",
        *leading_out[:SHOWN],
        fix="install the package without -e, and make the bundle again",
    )


def _machine(manifest: Mapping[str, Any]) -> Finding:
    """Whether it can start on this machine."""
    made_for, here = manifest.get("machine"), platform.machine()
    if made_for != here:
        return skipped("HF194", ROOM, f"it is for {made_for}, and this machine is {here}")
    needed = manifest.get("needs_glibc")
    name, version = platform.libc_ver()
    if not needed or name != "glibc":
        return skipped("HF194", ROOM, "the C library's version is not known")
    if _numbers(version) >= _numbers(needed):
        return good("HF194", ROOM, f"it needs glibc {needed}", f"this machine has {version}")
    return bad(
        "HF194",
        ROOM,
        f"it needs glibc {needed}, and this machine has {version}",
        fix="make the bundle on a system that is as old as the oldest it is to run on",
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).split(".") if part.isdigit())


def _libraries(folder: Path, program: str) -> Finding:
    """Whether the loader finds each library that is needed in the bundle, but the C library."""
    outside = [
        f"{name}, for {file}: {where}" for file, name, where in libraries_outside(folder, program)
    ]
    if not outside:
        return good("HF195", ROOM, "it has all libraries that it needs, but the C library")
    return warning(
        "HF195",
        ROOM,
        "it needs libraries of the machine",
        *outside[:SHOWN],
        fix="install them where the bundle was made, and make it again; drivers must be installed",
    )


def _dlls(folder: Path) -> Finding:
    """Whether each DLL that is needed is in the bundle or comes with Windows."""
    files = list(pe_files_in(folder))
    inside = {file.name.lower() for file in files}
    outside = [
        f"{name}, for {file.relative_to(folder).as_posix()}: not in the bundle"
        for file in files
        for name in _needed(file)
        if name.lower() not in inside and not is_of_windows(name)
    ]
    if not outside:
        return good("HF195", ROOM, "it has all DLLs that it needs, but those of Windows")
    return warning(
        "HF195",
        ROOM,
        "it needs DLLs of the machine",
        *outside[:SHOWN],
        fix="put them beside the program, and make the bundle again",
    )


def _needed(file: Path) -> tuple[str, ...]:
    try:
        return read_pe(file).needed
    except ToolchainError:  # a file that was damaged has a finding of its own
        return ()
