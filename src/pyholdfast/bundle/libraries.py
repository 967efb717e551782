"""Finds and copies the shared libraries that the binaries of a bundle need."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyholdfast.bundle.binaries import binaries_in, is_of_drivers, is_of_libc, is_of_package
from pyholdfast.bundle.standard_library import copy_file
from pyholdfast.bundle.tools import replace_needed, set_run_path
from pyholdfast.doctor.loader import resolve
from pyholdfast.toolchain.elf import read_elf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pyholdfast.toolchain.elf import ElfFile

__all__ = ["Libraries"]


@dataclass
class Libraries:
    """The libraries of a bundle that is being made.

    Attributes:
        stage: the bundle's folder.
        patchelf: the tool.
        more_folders: where else to look: the folders of the Python's own libraries.
        environ: gives LD_LIBRARY_PATH.
        is_foreign: whether the Python has a C library of its own: then the system's libraries were
            built for another one, and `more_folders` come first.
        copied: the originals, by the name in ``lib``.
        missing: those that were not found, and one file that needs each.
        of_drivers: those that only the machine's driver can provide, with a file that needs each.
    """

    stage: Path
    patchelf: str
    more_folders: Sequence[Path]
    environ: Mapping[str, str]
    is_foreign: bool = False
    copied: dict[str, Path] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    of_drivers: dict[str, str] = field(default_factory=dict)

    def copy(self, original: Path, name: str) -> None:
        """Copy one library, and remember where it came from."""
        assert "/" not in name, name  # noqa: S101 - a path would lead out of the bundle
        self.copied[name] = original
        copy_file(original, self.stage / "lib" / name)

    def complete(self, origins: dict[Path, Path]) -> None:
        """Copy all that the bundle's binaries need, and set their run paths.

        Args:
            origins: for copied binaries, the file whose run path tells where its libraries are.
        """
        own = {file.name for file in binaries_in(self.stage)}
        waiting: list[tuple[Path, tuple[ElfFile, ...]]] = [
            (file, ()) for file in binaries_in(self.stage)
        ]
        while waiting:
            file, loaders = waiting.pop()
            is_ours = file.parent == self.stage / "lib"
            original = origins.get(file, self.copied.get(file.name, file) if is_ours else file)
            elf = read_elf(original if original.exists() else file)
            for written in elf.needed:
                name = posixpath.basename(written)
                if name != written:  # a library without a soname, which was linked by its path
                    replace_needed(self.patchelf, file, written, name)
                if name in self.copied or not self._is_wanted(name, file):
                    continue
                found = self._find(written, name, elf, loaders)
                if found is None:
                    # A package may load its own library before
                    if name not in own or not is_of_package(file.relative_to(self.stage)):
                        self.missing[name] = self._named(file)
                elif not found.resolve().is_relative_to(self.stage):
                    self.copy(found, name)
                    waiting.append((self.stage / "lib" / name, (elf, *loaders)))
        for file in binaries_in(self.stage):
            self._set_run_path(file)

    def _is_wanted(self, name: str, file: Path) -> bool:
        if is_of_drivers(name):
            self.of_drivers.setdefault(name, self._named(file))
            return False
        return not is_of_libc(name)

    def _find(
        self, written: str, name: str, elf: ElfFile, loaders: Sequence[ElfFile]
    ) -> Path | None:
        if name != written and (at := resolve(written, elf, self.environ).path) is not None:
            return at
        places = (folder / name for folder in self.more_folders)
        of_python = next((place for place in places if place.is_file()), None)
        if self.is_foreign and of_python is not None:
            return of_python
        return resolve(name, elf, self.environ, loaders).path or of_python

    def _set_run_path(self, file: Path) -> None:
        elf = read_elf(file)
        before = [*elf.rpath, *elf.runpath]
        after = [folder for folder in before if folder.startswith(("$ORIGIN", "${ORIGIN}"))]
        if file.parent == self.stage / "lib" or not file.is_relative_to(self.stage / "lib"):
            after = []  # of the machine that it was built on
        needs_ours = any(name in self.copied for name in elf.needed)
        if needs_ours:
            lib = os.path.relpath(self.stage / "lib", file.parent)
            after.append("$ORIGIN" if lib == "." else f"$ORIGIN/{lib}")
        wanted = list(dict.fromkeys(after))
        if wanted != before or (elf.runpath and needs_ours):
            set_run_path(self.patchelf, file, ":".join(wanted))

    def _named(self, file: Path) -> str:
        return file.relative_to(self.stage).as_posix()
