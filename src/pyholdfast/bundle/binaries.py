"""The binaries in a folder, and which libraries they must find on the machine instead."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.inputs import read_bytes
from pyholdfast.toolchain.elf import is_elf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["binaries_in", "is_of_drivers", "is_of_libc", "is_of_package", "needed_glibc"]

# Parts of the C library, which must all be of one version, that of the machine.
OF_GLIBC = re.compile(
    r"(ld-linux[\w.-]*|ld64|ld|libc|libm|libmvec|libpthread|libdl|librt|libutil|libresolv|libanl"
    r"|libBrokenLocale|libthread_db|libnss_\w+)\.so(\.\d+)?|libnsl\.so\.1"
)
OF_MUSL = re.compile(r"(ld-musl-|libc\.musl-).*")
OF_DRIVERS = re.compile(
    r"lib(cuda|nvidia[\w-]*|nvcuvid|GL|GLX|EGL|GLdispatch|OpenGL|GLESv2|OpenCL|vulkan|drm|gbm"
    r"|hsa-runtime64)\.so.*"
)
GLIBC_VERSION = re.compile(rb"\0GLIBC_2\.(\d+)\b")
# Abilities of the loader that a file demands by a name without a number: N of the 2.N that has them.
ABILITY = re.compile(rb"\0GLIBC_ABI_(\w+)")
ABILITIES = {b"DT_RELR": 36, b"GNU2_TLS": 42}
NOT_BINARY = (".py", ".pyc", ".txt", ".json")


def is_of_libc(name: str) -> bool:
    """Whether the library belongs to the machine's C library, which a bundle leaves out.

    >>> is_of_libc("libm.so.6"), is_of_libc("libcrypt.so.1"), is_of_libc("libstdc++.so.6")
    (True, False, False)
    """
    return OF_GLIBC.fullmatch(name) is not None or OF_MUSL.fullmatch(name) is not None


def is_of_drivers(name: str) -> bool:
    """Whether the library must fit the machine's kernel driver.

    >>> is_of_drivers("libcuda.so.1"), is_of_drivers("libcudart.so.12")
    (True, False)
    """
    return OF_DRIVERS.fullmatch(name) is not None


def is_of_package(file: Path) -> bool:
    """Whether the file is in a folder for packages.

    >>> is_of_package(Path("lib/python3.12/site-packages/a/b.so")), is_of_package(Path("lib/a.so"))
    (True, False)
    """
    return not {"site-packages", "dist-packages"}.isdisjoint(file.parts)


def binaries_in(folder: Path) -> Iterator[Path]:
    """All programs and shared libraries in a folder."""
    for at, _, files in os.walk(folder):
        for name in sorted(files):
            file = Path(at, name)
            if not name.endswith(NOT_BINARY) and is_elf(file):
                yield file


def needed_glibc(files: Iterable[Path]) -> str | None:
    """The oldest glibc on which all files load, e.g. ``"2.34"``; None if none needs it."""
    newest = max((_needed_minor(read_bytes(file)) for file in files), default=0)
    return f"2.{newest}" if newest else None


def _needed_minor(data: bytes) -> int:
    """N of the 2.N that a file needs; 0 if it needs no glibc."""
    minors = [int(found) for found in GLIBC_VERSION.findall(data)]
    # An ability that is not known came later than those that are: this machine has it.
    minors += [ABILITIES.get(ability) or _minor_here() for ability in ABILITY.findall(data)]
    return max(minors, default=0)


def _minor_here() -> int:
    name, version = platform.libc_ver()
    return int(version.split(".")[1]) if name == "glibc" else 0
