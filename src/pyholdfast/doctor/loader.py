"""Finds the file that the dynamic loader would load for a library name.

Follows the search order of ld.so(8) without starting the program: it may be broken, and `ldd`
would run it.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.doctor.run_tool import ask
from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.elf import is_elf, read_elf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyholdfast.toolchain.elf import ElfFile

__all__ = ["Resolution", "loaded_by", "resolve"]

LDCONFIG = Path("/sbin/ldconfig")
CACHED = re.compile(r"^\s+(\S+) \([^)]*\) => (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The result of a search for a library.

    Attributes:
        path: the file that would be loaded; None if it was not found.
        source: what led to the file, e.g. ``"RUNPATH"``; if not found, where the search looked.
    """

    path: Path | None
    source: str


def loaded_by(program: Path, environ: Mapping[str, str]) -> dict[str, Resolution]:
    """All libraries that a program needs, and that these need, by the names that they are needed by.

    Raises:
        ToolchainError: HF113 if the program is not one.
    """
    found: dict[str, Resolution] = {}
    waiting: list[tuple[ElfFile, tuple[ElfFile, ...]]] = [(read_elf(program), ())]
    while waiting:
        binary, loaders = waiting.pop(0)
        for name in binary.needed:
            if name in found:
                continue
            found[name] = resolve(name, binary, environ, loaders)
            path = found[name].path
            if path is not None and is_elf(path):
                with contextlib.suppress(ToolchainError):  # damaged: the loader will say so
                    waiting.append((read_elf(path), (binary, *loaders)))
    return found


def resolve(
    name: str, binary: ElfFile, environ: Mapping[str, str], loaders: Sequence[ElfFile] = ()
) -> Resolution:
    """Find the library `name` that `binary` needs.

    Args:
        name: as it is in the binary, e.g. ``"libpython3.12.so.1.0"``.
        binary: the file whose rpath applies.
        environ: gives LD_LIBRARY_PATH.
        loaders: the file that needs `binary`, the one that needs that, and so on to the program.
    """
    if "/" in name:  # then it is a path, and nothing is searched
        path = Path(name)
        return Resolution(path if path.is_file() else None, "its path")
    looked_in = []
    for folder, source in _folders(binary, environ, loaders):
        candidate = folder / name
        if candidate.is_file():
            return Resolution(candidate, source)
        looked_in.append(f"{source} {folder}")
    cached = _cached().get(name)
    if cached is not None and Path(cached).is_file():
        return Resolution(Path(cached), "the system's library cache")
    for folder in _system_folders():
        if (folder / name).is_file():
            return Resolution(folder / name, "a system folder")
    looked_in.append("the system's folders")
    return Resolution(None, ", ".join(looked_in))


def _folders(
    binary: ElfFile, environ: Mapping[str, str], loaders: Sequence[ElfFile]
) -> Iterator[tuple[Path, str]]:
    """The folders that are searched before the system's, in the loader's order."""
    origin = binary.path.resolve().parent
    # A RUNPATH makes the loader ignore RPATH: its file's own, and for what that file needs all others.
    for one in () if binary.runpath else (binary, *loaders):
        if not one.runpath:
            at = one.path.resolve().parent
            yield from ((_expanded(text, at), "RPATH") for text in one.rpath)
    for text in filter(None, environ.get("LD_LIBRARY_PATH", "").split(":")):
        yield _expanded(text, origin), "LD_LIBRARY_PATH"
    yield from ((_expanded(text, origin), "RUNPATH") for text in binary.runpath)


def _expanded(text: str, origin: Path) -> Path:
    return Path(re.sub(r"\$(?:ORIGIN\b|\{ORIGIN\})", lambda _: str(origin), text))


@cache
def _cached() -> dict[str, str]:
    """The loader's cache, a path for each name; empty if there is none, as with musl."""
    text = ask([LDCONFIG, "-p"], {}).out if LDCONFIG.exists() else ""
    return dict(reversed(CACHED.findall(text)))


def _system_folders() -> list[Path]:
    names = ("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib")
    return [Path(name) for name in names]
