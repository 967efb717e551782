"""Reads programs and libraries for Windows: which DLLs they need, and for which processor they are.

Reads the headers and the two tables of imports; runs nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.errors import ToolchainError
from pyholdfast.inputs import open_regular, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["PeFile", "is_pe", "read_pe"]

# Numbers of "PE Format", Microsoft's specification.
AT_SIGNATURE = 0x3C
HEADER_SIZE, SECTION_SIZE = 24, 40
MAGIC_64 = 0x20B
TABLES = {False: 96, True: 112}  # where the optional header has its directories, 32 and 64 bits
# Directory, size of an entry, and where an entry has the address of the name
IMPORTS, DELAYED = (1, 20, 12), (13, 32, 4)
MACHINES = {0x8664: "AMD64", 0xAA64: "ARM64", 0x14C: "x86"}


@dataclass(frozen=True, slots=True)
class PeFile:
    """One program or DLL.

    Attributes:
        machine: the processor, as Python's ``platform.machine()`` names it there.
        needed: names of the DLLs that it needs, those that are loaded later included.
    """

    machine: str
    needed: tuple[str, ...]


def is_pe(path: Path) -> bool:
    """Whether a file is a program or a library for Windows."""
    try:
        with open_regular(path) as file:
            head = file.read(AT_SIGNATURE + 4)
            if head[:2] != b"MZ" or len(head) < AT_SIGNATURE + 4:
                return False
            file.seek(struct.unpack_from("<I", head, AT_SIGNATURE)[0])
            return file.read(4) == b"PE\0\0"
    except OSError:
        return False


def read_pe(path: Path) -> PeFile:
    """Read a program or a DLL.

    Raises:
        ToolchainError: HF113 if it cannot be read, is of another kind, or is damaged.
    """
    try:
        image = _Image(read_bytes(path))
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except (struct.error, ValueError) as error:
        raise _unreadable(path, "it is damaged, or not for Windows") from error
    return PeFile(image.machine, tuple(dict.fromkeys(image.names)))


class _Image:
    """The bytes of a file, and where a loaded program would have them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        at = self._number(AT_SIGNATURE)
        if data[:2] != b"MZ" or data[at : at + 4] != b"PE\0\0":
            raise ValueError
        machine, sections = struct.unpack_from("<HH", data, at + 4)
        size_of_optional = struct.unpack_from("<H", data, at + 20)[0]
        optional = at + HEADER_SIZE
        is_64 = struct.unpack_from("<H", data, optional)[0] == MAGIC_64
        self._sections = [
            struct.unpack_from("<III", data, optional + size_of_optional + i * SECTION_SIZE + 12)
            for i in range(sections)
        ]
        self.machine = MACHINES.get(machine, hex(machine))
        self.names = [
            name
            for kind in (IMPORTS, DELAYED)
            for name in self._imports(optional + TABLES[is_64], *kind)
        ]

    def _imports(self, tables: int, directory: int, size: int, at_name: int) -> Iterator[str]:
        address = self._number(tables + directory * 8)
        if not address or directory >= self._number(tables - 4):
            return
        entry = self._offset(address)
        while name := self._number(entry + at_name):
            start = self._offset(name)
            yield self._data[start : self._data.index(b"\0", start)].decode("ascii")
            entry += size

    def _number(self, at: int) -> int:
        return int(struct.unpack_from("<I", self._data, at)[0])

    def _offset(self, address: int) -> int:
        """Where in the file something is that a loaded program has at an address."""
        for start, size, place in self._sections:
            if start <= address < start + size:
                return int(address - start + place)
        raise ValueError


def _unreadable(path: Path, reason: str) -> ToolchainError:
    return ToolchainError(
        "HF113", f"cannot read '{path}': {reason}", "name a program or a DLL for Windows"
    )
