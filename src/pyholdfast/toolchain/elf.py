"""Reads ELF files: what they need from the loader, and which symbols they define and import.

Reads programs and shared libraries of either word size and byte order; runs nothing and
writes nothing.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from pyholdfast.errors import ToolchainError
from pyholdfast.inputs import open_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ElfFile", "Symbol", "is_elf", "read_elf"]

# Numbers of the ELF specification, "Tool Interface Standard (TIS) ELF", version 1.2,
# and its 64-bit form in the System V ABI.
IDENT_SIZE, CLASS_64 = 16, 2
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
SHT_DYNSYM = 11
DT_NEEDED, DT_STRTAB, DT_STRSZ, DT_SONAME, DT_RPATH, DT_RUNPATH = 1, 5, 10, 14, 15, 29
SHN_UNDEF = 0


@dataclass(frozen=True, slots=True)
class Symbol:
    """One entry of the dynamic symbol table.

    Attributes:
        defined: True if this file defines it, False if it imports it.
        address: its address when the file is loaded at address 0.
        size: bytes; 0 if unknown.
    """

    defined: bool
    address: int
    size: int


@dataclass(frozen=True, slots=True)
class ElfFile:
    """One program or shared library.

    Attributes:
        path: the file.
        interpreter: the loader that a program names (``PT_INTERP``).
        needed: names of the libraries it is linked with (``DT_NEEDED``).
        rpath: folders of ``DT_RPATH``; they also apply to the libraries that it loads.
        runpath: folders of ``DT_RUNPATH``; they apply to this file only.
        soname: the name by which other files refer to it.
        symbols: the dynamic symbol table by name, without versions.
    """

    path: Path
    interpreter: str | None
    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]
    soname: str | None
    symbols: Mapping[str, Symbol]
    little_endian: bool = True
    _segments: tuple[_Segment, ...] = field(default=(), repr=False)

    def defines(self, name: str) -> bool:
        """Whether the file exports this symbol."""
        symbol = self.symbols.get(name)
        return symbol is not None and symbol.defined

    def read_integer(self, name: str) -> int | None:
        """The initial value of an unsigned integer variable; None if it has none in this file.

        Raises:
            ToolchainError: HF113 if the file has changed since it was read.
        """
        symbol = self.symbols.get(name)
        if symbol is None or not symbol.defined or not 1 <= symbol.size <= struct.calcsize("Q"):
            return None
        offset = _offset(self._segments, symbol.address)
        if offset is None:
            return None
        with open_regular(self.path) as file:
            data = _read(file, offset, symbol.size, self.path)
        return int.from_bytes(data, "little" if self.little_endian else "big")


@dataclass(frozen=True, slots=True)
class _Segment:
    """A part of the file and the addresses it is loaded at."""

    kind: int
    offset: int
    address: int
    size: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """The record layouts for one word size and byte order."""

    header: struct.Struct
    segment: struct.Struct
    section: struct.Struct
    dynamic: struct.Struct
    symbol: struct.Struct
    wide: bool

    @classmethod
    def of(cls, *, wide: bool, little_endian: bool) -> _Layout:
        order = "<" if little_endian else ">"
        word = "Q" if wide else "I"
        return cls(
            header=struct.Struct(f"{order}HHI{word}{word}{word}IHHHHHH"),
            segment=struct.Struct(f"{order}IIQQQQQQ" if wide else f"{order}IIIIIIII"),
            section=struct.Struct(f"{order}II{word}{word}{word}{word}II{word}{word}"),
            dynamic=struct.Struct(f"{order}{word}{word}"),
            symbol=struct.Struct(f"{order}IBBHQQ" if wide else f"{order}IIIBBH"),
            wide=wide,
        )


def is_elf(path: Path) -> bool:
    """Whether the file can be read and begins like an ELF file."""
    try:
        with open_regular(path) as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def read_elf(path: Path) -> ElfFile:
    """Read a program or a shared library.

    Raises:
        ToolchainError: HF113 if it cannot be read, is not an ELF file, or is damaged.
    """
    try:
        with open_regular(path) as file:
            return _read_elf(file, path)
    except OSError as error:
        raise _not_elf(path, error.strerror or str(error)) from error
    except struct.error as error:
        raise _not_elf(path, "it is truncated or damaged") from error


def _read_elf(file: BinaryIO, path: Path) -> ElfFile:
    ident = file.read(IDENT_SIZE)
    if ident[:4] != b"\x7fELF" or len(ident) < IDENT_SIZE:
        raise _not_elf(path, "it does not begin with the ELF signature")
    little_endian = ident[5] == 1
    layout = _Layout.of(wide=ident[4] == CLASS_64, little_endian=little_endian)
    header = layout.header.unpack(_read(file, IDENT_SIZE, layout.header.size, path))
    _, _, _, _, segments_at, sections_at, _, _, _, segment_count, _, section_count, _ = header
    segments = _read_segments(file, path, layout, segments_at, segment_count)
    interpreter = next((s for s in segments if s.kind == PT_INTERP), None)
    entries = _read_dynamic(file, path, layout, segments)
    names = _read_names(file, path, segments, entries)

    def texts(tag: int) -> tuple[str, ...]:
        return tuple(_text(names, value, path) for key, value in entries if key == tag)

    def folders(tag: int) -> tuple[str, ...]:
        return tuple(folder for text in texts(tag) for folder in text.split(":") if folder)

    return ElfFile(
        path=path,
        interpreter=_text(_read(file, interpreter.offset, interpreter.size, path), 0, path)
        if interpreter
        else None,
        needed=texts(DT_NEEDED),
        rpath=folders(DT_RPATH),
        runpath=folders(DT_RUNPATH),
        soname=next(iter(texts(DT_SONAME)), None),
        symbols=_read_symbols(file, path, layout, sections_at, section_count),
        little_endian=little_endian,
        _segments=segments,
    )


def _read_segments(
    file: BinaryIO, path: Path, layout: _Layout, start: int, count: int
) -> tuple[_Segment, ...]:
    records = layout.segment.iter_unpack(_read(file, start, layout.segment.size * count, path))
    if layout.wide:
        return tuple(_Segment(kind, at, to, size) for kind, _, at, to, _, size, _, _ in records)
    return tuple(_Segment(kind, at, to, size) for kind, at, to, _, size, _, _, _ in records)


def _read_dynamic(
    file: BinaryIO, path: Path, layout: _Layout, segments: tuple[_Segment, ...]
) -> tuple[tuple[int, int], ...]:
    dynamic = next((segment for segment in segments if segment.kind == PT_DYNAMIC), None)
    if dynamic is None:  # a static program
        return ()
    data = _read(file, dynamic.offset, dynamic.size, path)
    return tuple((tag, value) for tag, value in layout.dynamic.iter_unpack(data))


def _read_names(
    file: BinaryIO,
    path: Path,
    segments: tuple[_Segment, ...],
    entries: tuple[tuple[int, int], ...],
) -> bytes:
    known = dict(entries)
    offset = _offset(segments, known.get(DT_STRTAB, -1))
    return b"" if offset is None else _read(file, offset, known.get(DT_STRSZ, 0), path)


def _read_symbols(
    file: BinaryIO, path: Path, layout: _Layout, start: int, count: int
) -> dict[str, Symbol]:
    sections = list(
        layout.section.iter_unpack(_read(file, start, layout.section.size * count, path))
    )
    table = next((section for section in sections if section[1] == SHT_DYNSYM), None)
    if table is None:
        return {}
    _, _, _, _, offset, size, link, _, _, _ = table
    if link >= len(sections):
        raise _not_elf(path, "its symbol table has no names")
    names = _read(file, sections[link][4], sections[link][5], path)
    symbols: dict[str, Symbol] = {}
    for record in layout.symbol.iter_unpack(_read(file, offset, size, path)):
        if layout.wide:
            at, _, _, section, address, length = record
        else:
            at, address, length, _, _, section = record
        name = _text(names, at, path)
        # A name may occur once per version; the definition counts.
        if name and (name not in symbols or section != SHN_UNDEF):
            symbols[name] = Symbol(section != SHN_UNDEF, address, length)
    return symbols


def _offset(segments: tuple[_Segment, ...], address: int) -> int | None:
    """The file offset of the byte that is loaded at `address`."""
    for segment in segments:
        if segment.kind == PT_LOAD and 0 <= address - segment.address < segment.size:
            return address - segment.address + segment.offset
    return None


def _read(file: BinaryIO, offset: int, size: int, path: Path) -> bytes:
    # Check first: a damaged header may claim a size larger than memory.
    if offset + size > os.fstat(file.fileno()).st_size:
        raise _not_elf(path, "it is truncated or damaged")
    file.seek(offset)
    return file.read(size)


def _text(names: bytes, start: int, path: Path) -> str:
    end = names.find(b"\0", start)
    if end < 0:
        raise _not_elf(path, "a name in it is not terminated")
    return names[start:end].decode(errors="surrogateescape")


def _not_elf(path: Path, reason: str) -> ToolchainError:
    return ToolchainError(
        "HF113",
        f"cannot read '{path}' as a program or shared library: {reason}",
        "name a file that a linker made for this kind of machine",
    )
