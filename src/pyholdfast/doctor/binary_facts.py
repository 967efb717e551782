"""What a built host's file contains: the Python it was compiled for, and what it loads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.doctor.loader import Resolution, resolve
from pyholdfast.errors import ToolchainError
from pyholdfast.inputs import read_bytes
from pyholdfast.toolchain.elf import ElfFile, read_elf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "LIBPYTHON",
    "BinaryFacts",
    "BuiltFor",
    "built_for_in",
    "newest_libstdcxx",
    "read_facts",
]

# The runtime puts this text into every host: the values that its Python.h had.
MARKER = re.compile(rb"holdfast-built-for:([0-9a-f]{8}):([gt]):([dr])")
LIBPYTHON = re.compile(r"libpython(\d+)\.(\d+)(t?)(d?)\.")
LIBSTDCXX_VERSION = re.compile(rb"GLIBCXX_3\.4\.(\d+)\b")


@dataclass(frozen=True, slots=True, order=True)
class BuiltFor:
    """The kind of Python that compiled code fits.

    Attributes:
        minor: ``(major, minor)``.
        free_threaded: True for a build without the GIL.
        debug: True for a build with reference counting checks.
    """

    minor: tuple[int, int]
    free_threaded: bool
    debug: bool

    def __str__(self) -> str:
        """E.g. ``"3.13 free-threaded debug"``."""
        return (
            f"{self.minor[0]}.{self.minor[1]}"
            + (" free-threaded" if self.free_threaded else " with a GIL")
            + (" debug" if self.debug else "")
        )


@dataclass(frozen=True, slots=True)
class BinaryFacts:
    """One program or shared library that uses Python.

    Attributes:
        elf: the file's ELF tables.
        built_for: the Pythons whose headers its parts were compiled with. More than one is a
            mistake; none means that it was not made with holdfast.
        libpython: the name of the libpython that it needs; None if it needs none.
        library: the file that the loader would use for that name.
        runs_on: the Python that this file contains; None if it was not found.
        has_interpreter_inside: True if a static libpython was linked into it.
    """

    elf: ElfFile
    built_for: tuple[BuiltFor, ...]
    libpython: str | None
    library: Resolution | None
    runs_on: BuiltFor | None
    has_interpreter_inside: bool

    @property
    def is_program(self) -> bool:
        """False for a shared library: only a program names a loader."""
        return self.elf.interpreter is not None

    @property
    def made_with_holdfast(self) -> bool:
        """True if it contains holdfast's runtime."""
        return bool(self.built_for) or self.elf.defines("holdfast_process_v1")


def read_facts(path: Path, environ: Mapping[str, str]) -> BinaryFacts:
    """Read the file without running it.

    Raises:
        ToolchainError: HF113 if it is not a program or shared library.
    """
    elf = read_elf(path)
    data = read_bytes(path)
    libpython = next((name for name in elf.needed if LIBPYTHON.match(name)), None)
    library = resolve(libpython, elf, environ) if libpython else None
    return BinaryFacts(
        elf=elf,
        built_for=built_for_in(data),
        libpython=libpython,
        library=library,
        runs_on=_runs_on(library.path) if library and library.path else None,
        # a string in Python/pylifecycle.c of every version
        has_interpreter_inside=libpython is None and b"Fatal Python error: " in data,
    )


def built_for_in(*files: bytes) -> tuple[BuiltFor, ...]:
    """The Pythons whose headers the parts of these files were compiled with, each once."""
    return tuple(sorted({_built_for(*found) for data in files for found in MARKER.findall(data)}))


def newest_libstdcxx(path: Path) -> int:
    """N of the newest ``GLIBCXX_3.4.N`` that the file mentions; 0 if it mentions none."""
    return max(map(int, LIBSTDCXX_VERSION.findall(read_bytes(path))), default=0)


def _built_for(hexversion: bytes, threads: bytes, debug: bytes) -> BuiltFor:
    number = int(hexversion, 16)
    return BuiltFor((number >> 24, number >> 16 & 0xFF), threads == b"t", debug == b"d")


def _runs_on(library: Path) -> BuiltFor | None:
    """The Python in the library: from its own record (3.11 on), otherwise from its name."""
    try:
        elf = read_elf(library)
    except ToolchainError:
        return None
    named = LIBPYTHON.match(elf.soname or library.name)
    if named is None:
        return None
    number = elf.read_integer("Py_Version")
    minor = (number >> 24, number >> 16 & 0xFF) if number else (int(named[1]), int(named[2]))
    return BuiltFor(minor, bool(named[3]), bool(named[4]))
