"""Finds the libraries that the loader would not find in a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.bundle.binaries import binaries_in, is_of_drivers, is_of_libc, is_of_package
from pyholdfast.doctor.loader import loaded_by, resolve
from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.elf import ElfFile, is_elf, read_elf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["libraries_outside"]


def libraries_outside(folder: Path, program: str) -> Iterator[tuple[Path, str, str]]:
    """Each file that needs a library of the machine, the library's name, and where it is.

    A file is found by the loader's rules, whatever has the library's name in another folder.

    Args:
        folder: the bundle.
        program: the name of its program.
    """
    folder = folder.resolve()
    elves = {file: elf for file in binaries_in(folder) if (elf := _read(file)) is not None}
    inside = {file.name for file in elves}
    main = elves.get(folder / program)
    # What the program has loaded is there for all
    loaded = {
        name for name, found in (loaded_by(main.path, {}) if main else {}).items()
        if found.path is not None and found.path.resolve().is_relative_to(folder)
    }  # fmt: skip
    for file, elf in elves.items():
        place = file.relative_to(folder)
        users = [user for user in elves.values() if file.name in user.needed]
        for name in elf.needed:
            if is_of_libc(name) or name in loaded or _is_found(name, elf, users, main, folder):
                continue
            if name in inside:
                if not is_of_package(place):  # a package may load its own library before
                    yield place, name, "elsewhere in the bundle, where it is not looked for"
                continue
            found = resolve(name, elf, {}).path
            kind = "of the driver" if is_of_drivers(name) else "not in the bundle"
            where = f"here it is {found}" if found else "and not on this machine"
            yield place, name, f"{kind}; {where}" if found else f"{kind}, {where}"


def _is_found(
    name: str, elf: ElfFile, users: list[ElfFile], main: ElfFile | None, folder: Path
) -> bool:
    """Whether it is found in the bundle, by the run path of the file or of one that needs the file."""
    last = (main,) if main else ()
    for loaders in (last, *((user, *last) for user in users)):
        path = resolve(name, elf, {}, loaders).path
        if path is not None and path.resolve().is_relative_to(folder):
            return True
    return False


def _read(file: Path) -> ElfFile | None:
    try:
        return read_elf(file) if is_elf(file) else None
    except ToolchainError:  # a file that was damaged has a finding of its own
        return None
