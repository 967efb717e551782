"""What the doctor examines: a Python, its environment, and the environment variables."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import ToolchainError
from pyholdfast.inputs import read_text
from pyholdfast.toolchain.elf import is_elf, read_elf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyholdfast.find_python import FoundPython
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = [
    "Environment",
    "Subject",
    "environment_around",
    "is_python_program",
    "minor_text",
    "standard_library",
]


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment, as its `pyvenv.cfg` describes it.

    Attributes:
        folder: the folder that contains `pyvenv.cfg`.
        home: folder of the interpreter that it was made from; None if not recorded.
        minor: the version that it was made for, e.g. ``(3, 12)``; None if not recorded.
    """

    folder: Path
    home: Path | None
    minor: tuple[int, int] | None

    def site_packages(self, minor: tuple[int, int], *, free_threaded: bool) -> Path:
        """The folder in which a Python of this version looks for the environment's packages."""
        threads = "t" if free_threaded else ""
        return self.folder / "lib" / f"python{minor_text(minor)}{threads}" / "site-packages"


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that the checks may use.

    Attributes:
        environ: the variables of the process that would build and start the host.
        start: the folder of the user's project.
        found: the chosen Python, and why it was chosen.
        build: how it was built, by its own account.
        system: as `sys.platform`; a separate value, so that the checks for other systems can be
            tested on this one.
    """

    environ: Mapping[str, str]
    start: Path
    found: FoundPython
    build: PythonBuild
    system: str = sys.platform

    @property
    def minor(self) -> tuple[int, int]:
        """``(major, minor)``, which headers, library and packages must have in common."""
        return self.build.version[:2]

    @property
    def environment(self) -> Environment | None:
        """The virtual environment that the chosen Python belongs to."""
        return environment_around(self.build.executable)


def minor_text(version: tuple[int, ...]) -> str:
    """E.g. ``"3.12"``."""
    return f"{version[0]}.{version[1]}"


def standard_library(folder: Path, name: str) -> Path | None:
    """The standard library in a ``lib`` folder, as files or as one archive; None if missing.

    Args:
        folder: e.g. ``/usr/lib``.
        name: e.g. ``"python3.13t"``; the archive is then ``python313t.zip``.
    """
    files, archive = folder / name, folder / f"{name.replace('.', '')}.zip"
    if (files / "encodings").is_dir():
        return files
    return archive if archive.is_file() else None


def environment_around(python: Path) -> Environment | None:
    """The environment that `python` belongs to, or None; looks where CPython looks."""
    for folder in (python.parent, python.parent.parent):
        try:
            text = read_text(folder / "pyvenv.cfg", errors="replace")
        except OSError:
            continue
        return _described(folder, text)
    return None


def _described(folder: Path, text: str) -> Environment:
    values = {}
    for line in text.splitlines():
        key, _, value = line.partition("=")
        values[key.strip().lower()] = value.strip()
    # venv writes "version", virtualenv and uv write "version_info"
    version = (values.get("version_info") or values.get("version") or "").split(".")
    numbers = [int(part) for part in version[:2] if part.isdigit()]
    return Environment(
        folder=folder,
        home=Path(values["home"]) if values.get("home") else None,
        minor=(numbers[0], numbers[1]) if len(numbers) > 1 else None,
    )


def is_python_program(path: Path) -> bool:
    """False only for a program that is certainly not a Python interpreter.

    Does not start it: it may be the user's own application.
    """
    if not path.is_file():
        return False
    if not is_elf(path):  # a script, or a file in another system's format, may start a Python
        return True
    try:
        symbols = read_elf(path).symbols
    except ToolchainError:
        return False
    return "Py_BytesMain" in symbols or "Py_Main" in symbols
