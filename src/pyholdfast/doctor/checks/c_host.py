"""Checks of a program that uses the C interface: its library, the Python it would find, the backend.

The search is the library's own, `c/library/find_python.hpp`: what the program itself sets in its
hf_config is not known here.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.doctor.loader import resolve
from pyholdfast.doctor.model import Finding, Room, bad, good, warning
from pyholdfast.errors import FindingError
from pyholdfast.inputs import read_bytes
from pyholdfast.toolchain.c_library import backend_name, backends_folder
from pyholdfast.toolchain.cache import cached_probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyholdfast.toolchain.elf import ElfFile
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["check_c_host", "is_c_host"]

ROOM = Room.BINARY
LIBRARY = "libholdfast.so"
NAME_ONE = "set HOLDFAST_PYTHON to a Python of 3.10 or later that has a shared libpython"


def is_c_host(elf: ElfFile) -> bool:
    """Whether it is linked with libholdfast, or contains it."""
    if LIBRARY in elf.needed:
        return True
    return not elf.defines("holdfast_backend_v1") and b"holdfast_backend_v1" in read_bytes(elf.path)


def check_c_host(elf: ElfFile, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The library, the Python, and its backend."""
    library = resolve(LIBRARY, elf, environ) if LIBRARY in elf.needed else None
    if library is None:
        yield good("HF177", ROOM, "libholdfast is inside: it finds a Python when it starts")
    elif library.path is not None:
        yield good("HF177", ROOM, f"{LIBRARY} is found", f"{library.path}, by {library.source}")
    else:
        yield bad(
            "HF177",
            ROOM,
            f"{LIBRARY} is not found: the program will not start",
            f"looked in: {library.source}",
            fix="link again with $(holdfast config --c --libs), which sets the run path",
        )
    folders = _backend_folders(elf.path, library.path if library else None, environ)
    if (bundle := elf.path.absolute().parent / "holdfast-bundle.json").is_file():
        yield good("HF179", ROOM, "it runs on the Python of its bundle", str(bundle.parent))
        return
    build, tried = _search(folders, environ)
    if build is None:
        yield bad("HF179", ROOM, "it finds no Python that it can use", *tried, fix=NAME_ONE)
        return
    yield good("HF179", ROOM, f"it finds Python {build.version_text}", *tried)
    yield _backend(build, folders)


def _search(
    folders: list[Path], environ: Mapping[str, str]
) -> tuple[PythonBuild | None, list[str]]:
    """The Python that it would find, and each candidate with what was found out about it.

    On PATH, the search goes on for one that has a backend.
    """
    tried = []
    first: PythonBuild | None = None
    for python, origin, is_named in _candidates(environ):
        build, why = _examined(python)
        has_backend = build is not None and _find_backend(build, folders) is not None
        no_backend = "" if has_backend else "it has no backend"
        tried.append(f"{python}, {origin}: {why or no_backend or 'it can be used'}")
        if build is not None and not why:
            if is_named or has_backend:
                return build, tried
            first = first or build
    return first, tried or ["no variable names one, and there is no python3 on PATH"]


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[Path, str, bool]]:
    path = environ.get("PATH", "")
    if named := environ.get("HOLDFAST_PYTHON"):
        found = named if "/" in named else shutil.which(named, path=path) or named
        yield Path(found), "named by HOLDFAST_PYTHON", True
    elif folder := environ.get("VIRTUAL_ENV"):
        python = Path(folder, "bin", "python3")
        named_by = python if python.is_file() else python.with_name("python")
        yield named_by, "named by VIRTUAL_ENV", True
    else:
        for place in dict.fromkeys(path.split(os.pathsep)):
            if place.startswith("/") and Path(place, "python3").is_file():
                yield Path(place, "python3"), "on PATH", False


def _examined(python: Path) -> tuple[PythonBuild | None, str]:
    """What is known of it, and why it cannot be used; an empty text if it can."""
    try:
        build = cached_probe(python)
    except FindingError as error:
        return None, error.problem
    if build.version < (3, 10):
        return build, f"it is Python {build.version_text}, and 3.10 is the oldest"
    if build.library is None:
        return build, "it has no shared libpython"
    return build, ""


def _backend_folders(program: Path, library: Path | None, environ: Mapping[str, str]) -> list[Path]:
    named = environ.get("HOLDFAST_BACKENDS")
    beside = [program.absolute().resolve(), *([library.resolve()] if library else [])]
    folders = [
        *([Path(named)] if named else []),
        *(file.parent / "holdfast-backends" for file in beside),
        backends_folder(environ),
    ]
    return list(dict.fromkeys(folders))


def _find_backend(build: PythonBuild, folders: list[Path]) -> Path | None:
    files = (folder / backend_name(build) for folder in folders)
    return next((file for file in files if file.is_file()), None)


def _backend(build: PythonBuild, folders: list[Path]) -> Finding:
    """Whether there is one, and the others that are there."""
    wanted = backend_name(build)
    found = _find_backend(build, folders)
    others = [
        f"also there: {file}"
        for folder in folders
        for file in sorted(folder.glob("holdfast-backend-*.so"))
        if file.name != wanted
    ]
    if found is not None:
        return good("HF184", ROOM, "there is a backend for it", str(found), *others)
    return warning(
        "HF184",
        ROOM,
        "there is no backend for it: hf_start() returns HF264, unless another folder is configured",
        *(f"looked for: {folder / wanted}" for folder in folders),
        *others,
        fix=f"holdfast backend --python {build.executable}",
    )
